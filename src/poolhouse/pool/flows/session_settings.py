"""The session configuration of a pool and of its app clients."""

from typing import Final

import msgspec

from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.core import sessions as core
from poolhouse.pool.core.settings import tiers
from poolhouse.pool.flows import clients, pools
from poolhouse.pool.flows.context import Flow, Refused, stop
from poolhouse.pool.flows.sessions import require_tracking
from poolhouse.pool.model.pool import Client, Pool
from poolhouse.pool.model.session import SessionTracking
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.store import clients as client_store
from poolhouse.pool.store import pools as store

_TRIES: Final = 8


async def set_pool(flow: Flow, region: str, pool_id: str, wanted: SessionTracking) -> Pool:
    """AWS API: SetUserPoolSessionConfiguration.  What clients have set stays while tracking is off."""
    now_ms = flow.clock.now_ms()

    async def unit(tx: Tx) -> Pool:
        for _ in range(_TRIES):
            pool = await pools.get_in(tx, region, pool_id)
            _check_tier(flow, pool)
            changed = msgspec.structs.replace(pool, sessions=wanted, modified_ms=now_ms, version=pool.version + 1)
            if await store.replace_pool(tx, changed, old_version=pool.version):
                return changed
        raise Refused(Reason.BUSY)

    return await flow.database.write(unit)


async def set_client(flow: Flow, region: str, pool_id: str, client_id: str, minutes: int) -> Client:
    """AWS API: SetUserPoolClientSessionConfiguration."""
    now_ms = flow.clock.now_ms()

    async def unit(tx: Tx) -> Client:
        for _ in range(_TRIES):
            pool = await pools.get_in(tx, region, pool_id)
            client = await clients.get_in(tx, pool.id, client_id)
            _check_tier(flow, pool)
            require_tracking(pool)
            changed = msgspec.structs.replace(
                client, sso_minutes=minutes, modified_ms=now_ms, version=client.version + 1
            )
            if await client_store.replace_client(tx, changed, old_version=client.version):
                return changed
        raise Refused(Reason.BUSY)

    return await flow.database.write(unit)


def minutes_of(client: Client) -> int:
    """What the client has set, whether or not tracking is on; an hour if nothing."""
    return core.REUSE_MINUTES if client.sso_minutes is None else client.sso_minutes


def _check_tier(flow: Flow, pool: Pool) -> None:
    if not flow.config.strict or pool.settings.user_pool_tier != tiers.LITE:
        return
    refusal = tiers.unavailable(tiers.LITE, ["User Session Tracking"])
    if refusal is not None:
        stop(refusal)
