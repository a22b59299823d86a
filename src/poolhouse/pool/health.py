"""
Three questions that a supervisor asks.

``live``: does the process answer.  ``ready``: can it commit.  ``read``: can it read, as a replica does that serves
keys and pages while its database cannot be written.
"""

from starlette.routing import BaseRoute, Route

from poolhouse.kit.db.protocol import Database, DatabaseError, ReadTx
from poolhouse.kit.edge import Raw, Reply, endpoint, text
from poolhouse.pool.store.pools import count_pools


def routes(database: Database) -> list[BaseRoute]:
    """``/health/live``, ``/health/ready``, ``/health/read``."""

    async def live(_: Raw) -> Reply:
        return text("ok\n")

    async def ready(_: Raw) -> Reply:
        return _verdict(await database.is_writable())

    async def read(_: Raw) -> Reply:
        async def unit(tx: ReadTx) -> int:
            return await count_pools(tx)

        try:
            await database.read(unit)
        except (DatabaseError, OSError):
            return _verdict(False)
        return _verdict(True)

    return [
        Route("/health/live", endpoint(live)),
        Route("/health/ready", endpoint(ready)),
        Route("/health/read", endpoint(read)),
    ]


def _verdict(good: bool) -> Reply:
    return text("ok\n", 200) if good else text("unavailable\n", 503)
