"""The extended settings of pools (``model.hosted``), which the service's API does not have."""

from collections.abc import Mapping
from typing import Any

import msgspec

from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.core import account
from poolhouse.pool.core.settings import hosted as core
from poolhouse.pool.core.settings.openid import WrongSetting
from poolhouse.pool.flows import bots, pools
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.model.hosted import PLAIN_PAGES, SECRETS, HostedSettings
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.store import clients as client_store
from poolhouse.pool.store import pools as store
from poolhouse.pool.store import registrations as registration_store


async def find(flow: Flow, pool_id: str) -> HostedSettings:
    """What the pool has; refuses with POOL_NOT_FOUND."""
    pool = await flow.database.read(lambda tx: pools.get_in(tx, _region(pool_id), pool_id))
    return pool.extended


async def change(flow: Flow, pool_id: str, changes: Mapping[str, Any]) -> HostedSettings:
    """
    Change some of the settings: a value of None returns one to its default.

    Raises ``WrongSetting``, also for an app client that cannot serve the account page.
    Of two changes at once the later one is refused with BUSY.
    """
    now_ms = flow.clock.now_ms()
    changes = {name: _kept(flow, pool_id, name, value) for name, value in changes.items()}

    async def unit(tx: Tx) -> Pool:
        pool = await pools.get_in(tx, _region(pool_id), pool_id)
        held = msgspec.to_builtins(pool.extended)
        wanted = core.read({name: value for name, value in {**held, **changes}.items() if value is not None})
        if wanted.account_client not in {None, pool.extended.account_client}:
            await _check_account_client(tx, pool_id, wanted.account_client or "")
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


async def _check_account_client(tx: Tx, pool_id: str, client_id: str) -> None:
    """One that is named can serve: else there would be no account page, and nobody would be told why."""
    client = await client_store.find_client(tx, client_id)
    if client is None or client.pool_id != pool_id:
        raise WrongSetting(f"account_client: this user pool has no app client {client_id}")
    registration = await registration_store.find_registration(tx, client_id)
    if not account.can_act(client) or (registration is not None and registration.is_open):
        raise WrongSetting("account_client is an app client of your own with hosted sign-in and an identity provider")


def _kept(flow: Flow, pool_id: str, name: str, value: Any) -> Any:
    return bots.seal_secret(flow, pool_id, value) if name in SECRETS and isinstance(value, str) else value


def _region(pool_id: str) -> str:
    return pool_id.partition("_")[0]
