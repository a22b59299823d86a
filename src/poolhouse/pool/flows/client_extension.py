"""The extended settings of app clients (``model.openid``), which the service's API does not have."""

from collections.abc import Mapping
from typing import Any, get_args

import msgspec

from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.core.settings import openid as core
from poolhouse.pool.core.settings import sector
from poolhouse.pool.flows import client_keys, client_logo, keys, sectors
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
    seen = await _checked_sector(flow, pool_id, client_id, changes)
    picture = await _picture(flow, pool_id, client_id, changes)
    for name in _SIGNED:
        if changes.get(name) in get_args(SigningAlg):
            await keys.provide(flow, pool_id, changes[name])

    async def unit(tx: Tx) -> Client:
        client = await get_in(tx, pool_id, client_id)
        wanted = _changed(client.extended, changes)
        client_keys.check(wanted)
        core.check_secret(wanted, has_secret=bool(await store.list_secrets(tx, client.id)))
        callbacks = tuple(client.settings.callback_urls or ())
        core.check_origin(wanted, callbacks)
        core.check_client(wanted, client.settings)
        if seen is not None and seen != (callbacks, wanted.sector_identifier_uri):
            raise Refused(Reason.BUSY)
        wanted = sector.settled(wanted, callbacks)
        changed = msgspec.structs.replace(
            client,
            openid=None if wanted == NOTHING_EXTRA else wanted,
            modified_ms=now_ms,
            version=client.version + 1,
        )
        if not await store.replace_client(tx, changed, old_version=client.version):
            raise Refused(Reason.BUSY)
        if "logo_uri" in changes:
            await client_logo.keep_in(tx, changed, picture)
        return changed

    return (await flow.database.write(unit)).extended


def _changed(held: OpenIdSettings, changes: Mapping[str, Any]) -> OpenIdSettings:
    both = {**msgspec.to_builtins(held), **changes}
    return core.read({name: value for name, value in both.items() if value is not None})


async def _checked_sector(
    flow: Flow, pool_id: PoolId, client_id: str, changes: Mapping[str, Any]
) -> tuple[tuple[str, ...], str | None] | None:
    """
    What pairwise subjects need before the change is written: a salt, and a look at the document of the sector.

    Answers for which callback URLs and document that was; None where the change has nothing to do with it.
    """
    client = await flow.database.read(lambda tx: get_in(tx, pool_id, client_id))
    wanted = _changed(client.extended, changes)
    if wanted.subject_type != "pairwise":
        return None
    callbacks = tuple(client.settings.callback_urls or ())
    former = client.extended
    if (wanted.subject_type, wanted.sector_identifier_uri) == (former.subject_type, former.sector_identifier_uri):
        return None
    await sectors.check(flow, wanted, callbacks)
    await sectors.provide(flow, pool_id, wanted)
    return callbacks, wanted.sector_identifier_uri


async def _picture(flow: Flow, pool_id: PoolId, client_id: str, changes: Mapping[str, Any]) -> bytes | None:
    """What a ``logo_uri`` among the changes serves now; None without one, and for the one that there is already."""
    wanted = changes.get("logo_uri")
    if wanted is None:
        return None
    client = await flow.database.read(lambda tx: get_in(tx, pool_id, client_id))
    url = _changed(client.extended, changes).logo_uri
    return None if url is None or url == client.extended.logo_uri else await client_logo.fetch(flow, url)
