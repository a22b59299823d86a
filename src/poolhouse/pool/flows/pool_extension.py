"""The extended settings of pools (``model.hosted``), which the service's API does not have."""

from collections.abc import Mapping
from typing import Any

import msgspec

from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.core.settings import hosted as core
from poolhouse.pool.flows import pools
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.model.hosted import PLAIN_PAGES, HostedSettings
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.store import pools as store


async def find(flow: Flow, pool_id: str) -> HostedSettings:
    """What the pool has; refuses with POOL_NOT_FOUND."""
    pool = await flow.database.read(lambda tx: pools.get_in(tx, _region(pool_id), pool_id))
    return pool.extended


async def change(flow: Flow, pool_id: str, changes: Mapping[str, Any]) -> HostedSettings:
    """
    Change some of the settings: a value of None returns one to its default.

    Raises ``WrongSetting``; of two changes at once the later one is refused with BUSY.
    """
    now_ms = flow.clock.now_ms()

    async def unit(tx: Tx) -> Pool:
        pool = await pools.get_in(tx, _region(pool_id), pool_id)
        held = msgspec.to_builtins(pool.extended)
        wanted = core.read({name: value for name, value in {**held, **changes}.items() if value is not None})
        changed = msgspec.structs.replace(
            pool,
            hosted=None if wanted == PLAIN_PAGES else wanted,
            modified_ms=now_ms,
            version=pool.version + 1,
        )
        if not await store.replace_pool(tx, changed, old_version=pool.version):
            raise Refused(Reason.BUSY)
        return changed

    return (await flow.database.write(unit)).extended


def _region(pool_id: str) -> str:
    return pool_id.partition("_")[0]
