"""
Asks each app around the gateway: with no identity, with a made-up one, and with assertions that the house did not sign.

A gateway is worth what its upstreams are: an app that answers whoever reaches it, or believes a header, has none
(ALBeast; row D39).  Only configured upstreams are asked, over the gateway's own connections, with ``GET`` of the first
page; addresses that hand out a machine's credentials are never called (``gateway.place``).
"""

import asyncio

import msgspec

from poolhouse.house.audit import ITSELF, Event, write_unattended
from poolhouse.house.context import Context
from poolhouse.house.gateway.head import Header
from poolhouse.house.gateway.place import Place, Unreached
from poolhouse.house.gateway.question import ask
from poolhouse.house.gateway.table import Entry, entry_of
from poolhouse.house.gateway.upstream import Pool
from poolhouse.house.model import App
from poolhouse.house.portal.findings import Answers, Finding, Found, judge
from poolhouse.house.store import apps, probes
from poolhouse.kit.ambient import urlsafe
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.jose import b64url

ROUND_SECONDS = 3_600.0
DAY_SECONDS = 86_400
ANSWER_SECONDS = 5.0
NOBODY = "poolhouse-prober"
"""Whom the made-up identity names."""


async def probe_due(ctx: Context) -> None:
    """The round: every app once a day."""
    now = ctx.clock.now()

    async def unit(tx: ReadTx) -> tuple[list[App], dict[str, Found]]:
        return await apps.list_apps(tx), await probes.all_found(tx)

    everything, before = await ctx.db.read(unit)
    for app in everything:
        former = before.get(app.id)
        if not can_be_probed(app) or (former is not None and now - former.at < DAY_SECONDS):
            continue
        found = await probe(ctx, app)

        async def write(tx: Tx, app: App = app, found: Found = found, former: Found | None = former) -> None:
            if await apps.find_app(tx, app.id) is None:
                return
            await probes.put_found(tx, app.id, found)
            if former is None or former.mark is not found.mark:
                await write_unattended(
                    tx, ctx, Event.APP_PROBED, actor=ITSELF, subject=app.name, detail=found.mark.value,
                    is_refusal=found.is_bypassable,
                )  # fmt: skip

        await ctx.db.write(write)


def can_be_probed(app: App) -> bool:
    """An app that another proxy serves has an upstream that the house does not know."""
    return app.gate is not None and bool(app.gate.upstream)


async def probe(ctx: Context, app: App) -> Found:
    """Ask every upstream; as long as the slowest takes, and that is bounded."""
    entry = entry_of(app, ctx.origin, ctx.live.document.tls.authorities)
    findings = await asyncio.gather(*(_probe(ctx, entry, place) for place in entry.places))
    return Found(ctx.clock.now(), tuple(findings))


async def _probe(ctx: Context, entry: Entry, place: Place) -> Finding:
    claims = {**_claims(ctx, entry)}
    signature = urlsafe(ctx.entropy, 64)
    forged = _token({"alg": "ES256", "kid": urlsafe(ctx.entropy, 8), "typ": "JWT"}, claims, signature)
    unsigned = _token({"alg": "none", "typ": "JWT"}, claims, "")
    made_up = _identity(entry)
    name = entry.gate.names.assertion.encode("ascii") if entry.gate is not None else b""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            nobody, headers, as_forged, as_unsigned = await asyncio.gather(
                _ask(entry, place, []),
                _ask(entry, place, made_up),
                _ask(entry, place, [*made_up, (name, forged)] if name else made_up),
                _ask(entry, place, [*made_up, (name, unsigned)] if name else made_up),
            )
        answers = Answers(nobody=nobody, headers=headers, forged=as_forged, unsigned=as_unsigned)
    except TimeoutError:
        answers = Answers(error=f"it did not answer within {ANSWER_SECONDS:g} seconds")
    except (Unreached, OSError) as wrong:
        answers = Answers(error=str(wrong))
    return judge(place.url, answers, is_public=entry.is_public(entry.prefix))


def _identity(entry: Entry) -> list[Header]:
    if entry.gate is None:
        return []
    names = entry.gate.names
    pairs = (
        (names.user, NOBODY), (names.email, f"{NOBODY}@example.invalid"), (names.name, NOBODY),
        (names.groups, ",".join(entry.gate.policy.groups) or NOBODY),
    )  # fmt: skip
    return [(name.encode("ascii"), value.encode()) for name, value in pairs if name]


def _claims(ctx: Context, entry: Entry) -> dict[str, object]:
    now = ctx.clock.now()
    audience = entry.origin + entry.prefix.decode("ascii")
    return {
        "iss": ctx.origin.url, "aud": audience, "sub": NOBODY, "iat": now, "nbf": now, "exp": now + 300,
        "jti": urlsafe(ctx.entropy, 12), "preferred_username": NOBODY,
    }  # fmt: skip


def _token(header: dict[str, str], claims: dict[str, object], signature: str) -> bytes:
    return b".".join((b64url(msgspec.json.encode(header)), b64url(msgspec.json.encode(claims)), signature.encode()))


async def _ask(entry: Entry, place: Place, headers: list[Header]) -> int:
    pool = Pool(place)
    lines = [
        (b"host", entry.host_header), (b"user-agent", b"poolhouse-prober"), (b"accept", b"text/html, */*"),
        (b"connection", b"close"), *headers,
    ]  # fmt: skip
    target = entry.replacement or entry.prefix
    head = b"GET %s HTTP/1.1\r\n" % target + b"".join(b"%s: %s\r\n" % each for each in lines) + b"\r\n"
    try:
        return await ask(pool, head)
    finally:
        pool.close()
