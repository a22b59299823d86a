"""Each process writes its counts down, so that any of them can tell of all: a scrape meets one of them, any one."""

import os
import socket

import msgspec

from poolhouse.house.context import Context
from poolhouse.house.metrics.tally import Counts, Upstream, frozen
from poolhouse.house.store import tallies
from poolhouse.kit.db.protocol import ReadTx, Tx

SECONDS = 10
GONE_SECONDS = 60
"""A process that was not heard of for so long is gone, and its counts with it."""


async def tell(ctx: Context) -> None:
    """Write down what this process has counted; nothing where nobody may ask."""
    if ctx.settings.metrics_token is None:
        return
    counts = msgspec.json.encode(counts_of(ctx)).decode()

    async def unit(tx: Tx) -> None:
        await tallies.put_counts(tx, ctx.tally.id, counts, ctx.clock.now())

    await ctx.db.write(unit)


def counts_of(ctx: Context) -> Counts:
    """This process, now."""
    connections, open_ = ctx.tally.gauges()
    return Counts(
        process=f"{socket.gethostname()} ({os.getpid()})",
        started_at=ctx.tally.started_at,
        version=ctx.live.document.version,
        apps=frozen(ctx.tally),
        events=[(event, is_refusal, count) for (event, is_refusal), count in ctx.tally.events.items()],
        upstreams=[
            Upstream(app=app_id, address=each.address, is_up=each.is_up) for app_id, each in ctx.reach.everything()
        ],
        connections=connections,
        open=open_,
    )


async def all_counts(ctx: Context) -> list[Counts]:
    """Of every process that was heard of lately."""
    after = ctx.clock.now() - GONE_SECONDS

    async def unit(tx: ReadTx) -> list[str]:
        return await tallies.list_counts(tx, after=after)

    return [msgspec.json.decode(each, type=Counts) for each in await ctx.db.read(unit)]
