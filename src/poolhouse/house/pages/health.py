"""For load balancers and start scripts: is the process there, can it read, can it write."""

from poolhouse.house.context import Context
from poolhouse.house.store import documents
from poolhouse.kit.db.protocol import DatabaseError, ReadTx
from poolhouse.kit.edge import Raw, Reply, text

_NO_STORE = (("cache-control", "no-store"),)


async def live(_ctx: Context, _raw: Raw) -> Reply:
    """The process answers."""
    return text("live\n", headers=_NO_STORE)


async def ready(ctx: Context, _raw: Raw) -> Reply:
    """A durable commit succeeds now."""
    if await ctx.db.is_writable():
        return text("ready\n", headers=_NO_STORE)
    return text("cannot write\n", 503, _NO_STORE)


async def read(ctx: Context, _raw: Raw) -> Reply:
    """Rows can be read, which is enough for pages that change nothing."""

    async def unit(tx: ReadTx) -> int:
        return await documents.newest_version(tx)

    try:
        await ctx.db.read(unit)
    except (DatabaseError, OSError):
        return text("cannot read\n", 503, _NO_STORE)
    return text("can read\n", headers=_NO_STORE)
