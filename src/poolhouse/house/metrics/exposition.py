"""``GET /metrics``: the counts of all processes, and what the store says, in Prometheus' text format."""

import hmac
from collections.abc import Iterator
from importlib.metadata import version as version_of
from typing import Any

import msgspec
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector

from poolhouse.house.context import Context
from poolhouse.house.metrics.sharing import all_counts, tell
from poolhouse.house.metrics.tally import CLASSES, Counts
from poolhouse.house.model import App
from poolhouse.house.store import tallies
from poolhouse.house.store.apps import list_apps
from poolhouse.kit.db.protocol import DatabaseError, ReadTx
from poolhouse.kit.edge import Raw, Reply, text

PREFIX = "poolhouse_house_"
_MEDIA = "text/plain; version=0.0.4; charset=utf-8"
_NO_STORE = ("cache-control", "no-store")


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """What the store says."""

    sessions: int
    accounts: dict[bool, int]
    mails_waiting: int
    mails_failed: int
    apps: list[App]


async def answer(ctx: Context, raw: Raw) -> Reply:
    """For whoever has the token; without one set, there is nothing here."""
    token = ctx.settings.metrics_token
    if token is None:
        return text("Not found.\n", 404, (_NO_STORE,))
    scheme, _, given = raw.header("authorization").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), token.reveal().encode()):
        return text("Give the token.\n", 401, (("www-authenticate", 'Bearer realm="metrics"'), _NO_STORE))
    try:
        await tell(ctx)
        counts, stored = await all_counts(ctx), await ctx.db.read(lambda tx: _read(tx, ctx))
    except (DatabaseError, OSError):
        return text("The database does not answer.\n", 503, (_NO_STORE,))
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Everything(counts, stored))
    return Reply(200, generate_latest(registry), (("content-type", _MEDIA), _NO_STORE))


async def _read(tx: ReadTx, ctx: Context) -> Stored:
    return Stored(
        sessions=await tallies.count_sessions(tx, ctx.clock.now()),
        accounts=await tallies.count_accounts(tx),
        mails_waiting=await tallies.count_mails(tx, "waiting"),
        mails_failed=await tallies.count_mails(tx, "failed"),
        apps=await list_apps(tx),
    )


class _Everything(Collector):
    def __init__(self, counts: list[Counts], stored: Stored) -> None:
        self._counts = counts
        self._stored = stored

    def collect(self) -> Iterator[Metric]:
        yield from _of_the_store(self._stored)
        yield from _of_processes(self._counts)
        yield from _of_apps(self._counts)


def _of_the_store(stored: Stored) -> Iterator[Metric]:
    about = _gauge("info", "Which program this is.", "version")
    about.add_metric([version_of("poolhouse")], 1)
    apps = _gauge("app_info", "What the apps are called.", "app", "name", "url")
    for app in stored.apps:
        apps.add_metric([app.id, app.name, app.url], 1)
    accounts = _gauge("accounts", "Accounts.", "enabled")
    for is_enabled in (True, False):
        accounts.add_metric([str(is_enabled).lower()], stored.accounts.get(is_enabled, 0))
    mails = _gauge("mails", "E-mails of the outbox that are not sent.", "state")
    mails.add_metric(["waiting"], stored.mails_waiting)
    mails.add_metric(["failed"], stored.mails_failed)
    sessions = GaugeMetricFamily(f"{PREFIX}sessions", "Browsers that are signed in.", value=stored.sessions)
    yield from (about, apps, accounts, mails, sessions)


def _of_processes(counts: list[Counts]) -> Iterator[Metric]:
    started = _gauge("start_time_seconds", "When the process was started.", "process")
    version = _gauge("settings_version", "The version of the settings that it runs.", "process")
    connections = _gauge("connections", "Connections of clients.", "process")
    open_ = _gauge("gateway_open", "Requests, streams and websockets that are open to apps.", "process")
    events = _counter("events", "What the audit log tells of.", "process", "event", "refused")
    for each in counts:
        for family, value in (
            (started, each.started_at),
            (version, each.version),
            (connections, each.connections),
            (open_, each.open),
        ):
            family.add_metric([each.process], value)
        for event, is_refusal, count in each.events:
            events.add_metric([each.process, event, str(is_refusal).lower()], count)
    yield from (started, version, connections, open_, events)


def _of_apps(counts: list[Counts]) -> Iterator[Metric]:
    decisions = _counter("gateway_decisions", "Requests for apps, by what became of them.", "process", "app", "outcome")
    answers = _counter("gateway_answers", "Answers of apps.", "process", "app", "code")
    seconds = SummaryMetricFamily(
        f"{PREFIX}gateway_answer_seconds", "Until an app began to answer.", labels=["process", "app"]
    )
    failures = _counter("gateway_failures", "Answers in an app's stead.", "process", "app", "status")
    up = _gauge("gateway_upstream_up", "Whether an upstream can be reached.", "process", "app", "upstream")
    for each in counts:
        for app, found in each.apps.items():
            at = [each.process, app]
            for outcome, count in found.decisions.items():
                decisions.add_metric([*at, outcome], count)
            for code, count in zip(CLASSES, found.answers, strict=True):
                answers.add_metric([*at, code], count)
            seconds.add_metric(at, sum(found.answers), found.seconds)
            for status, count in found.failures.items():
                failures.add_metric([*at, status], count)
        for upstream in each.upstreams:
            up.add_metric([each.process, upstream.app, upstream.address], upstream.is_up)
    yield from (decisions, answers, seconds, failures, up)


def _gauge(name: str, help_: str, *labels: str) -> Any:
    return GaugeMetricFamily(PREFIX + name, help_, labels=list(labels))


def _counter(name: str, help_: str, *labels: str) -> Any:
    return CounterMetricFamily(PREFIX + name, help_, labels=list(labels))
