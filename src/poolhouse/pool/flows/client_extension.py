"""The extended settings of app clients (``model.openid``), which the service's API does not have."""

from collections.abc import Mapping
from typing import Any, get_args

import msgspec

from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.core.settings import openid as core
from poolhouse.pool.flows import client_keys, keys
from poolhouse.pool.flows.clients import get_in
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.model.openid import NOTHING_EXTRA, OpenIdSettings, SigningAlg
from poolhouse.pool.model.pool import Client, PoolId
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.store import clients as store

_SIGNED = ("id_token_signed_response_alg", "userinfo_signed_response_alg", "access_token_signed_response_alg")
"""For these the pool has to have a key."""


async def find(flow: Flow, pool_id: PoolId, client_id: str) -> OpenIdSettings:
    """What the client has; refuses with CLIENT_NOT_FOUND."""
    client = await flow.database.read(lambda tx: get_in(tx, pool_id, client_id))
    return client.extended


async def change(flow: Flow, pool_id: PoolId, client_id: str, changes: Mapping[str, Any]) -> OpenIdSettings:
    """
    Change some of the settings: a value of None returns one to its default.

    Raises ``core.WrongSetting``; of two changes at once the later one is refused with BUSY.
    """
    now_ms = flow.clock.now_ms()
    for name in _SIGNED:
        if changes.get(name) in get_args(SigningAlg):
            await keys.provide(flow, pool_id, changes[name])

    async def unit(tx: Tx) -> Client:
        client = await get_in(tx, pool_id, client_id)
        held = msgspec.to_builtins(client.extended)
        wanted = core.read({name: value for name, value in {**held, **changes}.items() if value is not None})
        client_keys.check(wanted)
        core.check_secret(wanted, has_secret=bool(await store.list_secrets(tx, client.id)))
        core.check_origin(wanted, client.settings.callback_urls or ())
        changed = msgspec.structs.replace(
            client,
            openid=None if wanted == NOTHING_EXTRA else wanted,
            modified_ms=now_ms,
            version=client.version + 1,
        )
        if not await store.replace_client(tx, changed, old_version=client.version):
            raise Refused(Reason.BUSY)
        return changed

    return (await flow.database.write(unit)).extended
