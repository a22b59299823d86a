"""What ``poolhouse house proxy-config`` and ``check-proxy`` do."""

import ssl
from urllib.parse import urlsplit

import click
import msgspec

from poolhouse.house.app import build
from poolhouse.house.chain.check import IDENTITY, Plan, Result, check
from poolhouse.house.chain.config import CARRIED, chain_of, config
from poolhouse.house.chain.wire import Where
from poolhouse.house.config import HouseSettings
from poolhouse.house.gate import Gate
from poolhouse.house.model import App
from poolhouse.house.store import apps
from poolhouse.kit.settings import SettingError
from poolhouse.kit.urls import split_url

_PORTS = {"http": 80, "https": 443}


async def print_config(settings: HouseSettings, kind: str, name: str, *, house: str, upstream: str) -> None:
    """The configuration alone on standard output."""
    running = await build(settings, makes_first_admin=False)
    try:
        found = [each for each in await running.ctx.db.read(apps.list_apps) if _is_called(each, name)]
    finally:
        await running.close()
    if len(found) != 1:
        raise click.ClickException(f"{'several apps are' if found else 'no app is'} called {name!r}; give its URL")
    gate = found[0].gate
    if gate is None:
        raise click.ClickException(f"{found[0].name} is a link: it is not behind the gateway")
    there = _upstream(kind, found[0].name, gate, upstream)
    click.echo(config(kind, chain_of(found[0].url, gate, house=house, upstream=there)), nl=False)


def _upstream(kind: str, name: str, gate: Gate, given: str) -> str:
    """Where the bytes go in the end; the house serves an app, or another proxy does, and never both."""
    if kind == CARRIED:
        if not gate.upstream:
            raise click.ClickException(f"{name} has no Upstream in the house, and Apache passes all on to the gateway")
        return gate.upstream
    if gate.upstream:
        raise click.ClickException(
            f"the gateway serves {name} itself: empty its Upstream in Admin Settings > Apps, and give --upstream here"
        )
    if split_url(given) is None:
        raise click.ClickException(f"say where the proxy reaches {name}, such as --upstream http://10.0.0.5:3000")
    return given


def _is_called(app: App, name: str) -> bool:
    return name.rstrip("/") in {app.url.rstrip("/"), urlsplit(app.url).netloc} or name.casefold() == app.name.casefold()


def plan_of(url: str, *, connect: str, canary: str, cookie: str, names: tuple[str, ...], insecure: bool) -> Plan:
    """What is to be checked; ``SettingError`` for what cannot be."""
    parts = split_url(url)
    if parts is None or parts.query or parts.fragment:
        raise SettingError(f"{url!r}: give the URL of an app, such as https://wiki.apps.example.com/")
    if any(not text.isprintable() or not text.isascii() for text in (cookie, *names, parts.path)):
        raise SettingError("cookies, names of headers and paths are plain ASCII")
    address, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    if connect:
        address, mark, number = connect.rpartition(":")
        if not mark or not number.isdigit() or int(number) > 65_535:
            raise SettingError(f"--connect {connect!r}: a host and a port, such as 127.0.0.1:8443")
        address, port = address.strip("[]"), int(number)
    context = None
    if parts.scheme == "https":
        context = ssl.create_default_context()
        context.set_alpn_protocols(["http/1.1"])
        if insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
    where = Where(address=address, port=port, server_name=parts.hostname or "", context=context)
    return Plan(url=url, where=where, canary=canary, cookie=cookie, names=names or IDENTITY)


async def print_check(plan: Plan, *, as_json: bool) -> None:
    """One line for each case as it is there, then the score; exits with 1 when one fails."""
    results: list[Result] = []
    try:
        async for result in check(plan):
            results.append(result)
            if not as_json:
                click.echo(_line(result))
    except OSError as wrong:
        raise click.ClickException(f"no connection to {plan.where.address}:{plan.where.port}: {wrong}") from wrong
    skipped = sum(each.is_skipped for each in results)
    failed = [each for each in results if not each.holds]
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(results), indent=2).decode())
    else:
        held = len(results) - skipped - len(failed)
        more = f", {skipped} could not be shown" if skipped else ""
        click.echo(f"\n{held} of {len(results) - skipped} held{more}.")
        if not plan.canary:
            click.echo("Without --canary, an error page of the app itself counts as a refusal.", err=True)
    if failed:
        raise SystemExit(1)


def _line(result: Result) -> str:
    word = "skip" if result.is_skipped else "ok  " if result.holds else "FAIL"
    return f"{word} {result.rule:<4} {result.name}{f': {result.got}' if result.got else ''}"
