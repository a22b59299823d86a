"""
The round that orders and renews certificates: one for each host, so that one that fails holds up no other.

A host is claimed for one try in a single statement; a failure is tried again after ten minutes, then after twice as
long each time, at most a day, and never before the authority wants to hear of us again.
"""

import asyncio

from poolhouse.house.context import Context
from poolhouse.house.model import App
from poolhouse.house.store import apps
from poolhouse.house.store import certificates as store
from poolhouse.house.tls.hosts import needed
from poolhouse.house.tls.keeper import PURPOSE, Source
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.log import get_logger

CLAIM_SECONDS = 600
FIRST_WAIT = 600
LONGEST_WAIT = 86_400
TAKE_OVER_SECONDS = 10 * 86_400
"""A certificate of somebody else's that ends so soon is not relied on."""
AT_A_TIME_SECONDS = 60.0


async def renew(ctx: Context) -> None:
    """Order what is due."""
    if ctx.keeper is None or not ctx.live.document.tls.acme.is_enabled:
        return
    hosts = await hosts_needed(ctx)
    await _tidy(ctx, hosts)
    wanted = [host for host in hosts if not is_provided(ctx, host)]
    loop = asyncio.get_running_loop()
    begun = loop.time()
    for host in wanted:
        if loop.time() - begun > AT_A_TIME_SECONDS:
            return
        if await _claim(ctx, host):
            await order(ctx, host)


async def hosts_needed(ctx: Context) -> list[str]:
    """The hosts that need a certificate, the house's own first."""

    async def unit(tx: ReadTx) -> list[App]:
        return await apps.list_apps(tx)

    return needed(ctx.origin.url, ctx.settings.former_base_urls, await ctx.db.read(unit))


def is_provided(ctx: Context, host: str) -> bool:
    """Whether a certificate that is not from ACME is there for the host, and for a while."""
    until = Epoch(ctx.clock.now() + TAKE_OVER_SECONDS)
    return ctx.keeper is not None and any(
        kept.source in {Source.FILE, Source.OWN} and kept.pair.covers(host) and kept.pair.is_valid(until)
        for kept in ctx.keeper.served
    )


async def order(ctx: Context, host: str) -> None:
    """One try, by whoever has claimed the host."""
    from poolhouse.house.tls import acme  # noqa: PLC0415 - it is large, and nobody else needs it

    try:
        pair = await acme.obtain(ctx, host)
    except acme.NotIssued as wrong:
        await _failed(ctx, host, str(wrong), wrong.wait)
        return
    sealed = ctx.ring.seal(pair.key.reveal().encode(), purpose=PURPOSE, row=host)
    row = store.Certificate(
        host=host,
        chain=pair.chain,
        sealed_key=sealed,
        issued_at=ctx.clock.now(),
        expires_at=pair.not_after,
        next_at=acme.renewal(pair),
    )

    async def unit(tx: Tx) -> None:
        await store.put_certificate(tx, row)

    await ctx.db.write(unit)
    get_logger().info("certificate issued", program="house", host=host)


async def _failed(ctx: Context, host: str, why: str, wait: int) -> None:
    async def unit(tx: Tx) -> None:
        found = await store.find_certificate(tx, host)
        failures = found.failures if found is not None else 0
        pause = max(wait, min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(failures, 10)))
        await store.note_failure(tx, host, next_at=Epoch(ctx.clock.now() + pause), error=why)

    await ctx.db.write(unit)
    get_logger().warning("certificate not issued", program="house", host=host, reason=why)


async def _claim(ctx: Context, host: str) -> bool:
    now = ctx.clock.now()

    async def unit(tx: Tx) -> bool:
        await store.make_certificate(tx, store.Certificate(host=host))
        return await store.claim(tx, host, now=now, until=Epoch(now + CLAIM_SECONDS))

    return await ctx.db.write(unit)


async def _tidy(ctx: Context, hosts: list[str]) -> None:
    """Hosts that are not ours any more are forgotten."""

    async def unit(tx: Tx) -> None:
        for row in await store.list_certificates(tx):
            if row.host not in hosts and row.host != store.TEMPORARY:
                await store.delete_certificate(tx, row.host)

    await ctx.db.write(unit)
