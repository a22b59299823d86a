"""
Telling apps that a session has ended (OpenID Connect Back-Channel Logout 1.0): claim, mint, send, delete.

A logout token is minted when it is sent, so that one sent again is not out of date.  Apps that do not take it are tried
again with growing pauses, for some five hours.  Any number of processes may run this: a delivery is claimed by its
count of tries.  A crash between sending and deleting tells twice, never not at all.

The address is one that whoever may change the app has typed: the guarded client calls nothing on this machine or on a
private network, whatever a name resolves to, and follows no redirect (CVE-2026-4874).
"""

import asyncio
from typing import Any, Final

from poolhouse.kit.ambient import uuid4
from poolhouse.kit.cpu import Busy
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.log import get_logger
from poolhouse.kit.outgoing import Unreachable
from poolhouse.pool.core import subjects
from poolhouse.pool.flows import keys
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.openid import LogoutDelivery
from poolhouse.pool.store import logouts as store

BATCH: Final = 20
TYP: Final = "logout+jwt"
EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
TOKEN_SECONDS: Final = 120
"""A logout token is short-lived (Back-Channel Logout section 2.4)."""
CALL_SECONDS: Final = 5.0
_REFUSED: Final = "status 4"
"""What an app says of one token, and not of itself."""
_REST: Final = 10
"""Seconds for which an app that cannot be reached is left alone: no longer than before the second try."""
_PAUSES: Final = (10, 60, 600, 3600, 4 * 3600)


async def deliver_due(flow: Flow) -> int:
    """One batch, side by side: an app that is slow holds up nobody else; how many it took up."""
    now = flow.clock.now()
    due = await flow.database.read(lambda tx: store.list_due(tx, now, BATCH))
    silent = set(await asyncio.gather(*(_deliver(flow, each, now) for each in due))) - {None}
    if silent:
        # All others for the same app would wait as long, and hold up everybody's.
        await flow.database.write(lambda tx: store.postpone(tx, sorted(map(str, silent)), now + _REST))
    return len(due)


async def _deliver(flow: Flow, delivery: LogoutDelivery, now: int) -> str | None:
    """One try; answers the app client if that could not be reached."""
    last = delivery.tries >= len(_PAUSES)
    pause = _PAUSES[min(delivery.tries, len(_PAUSES) - 1)]

    async def claim(tx: Tx) -> bool:
        return await store.claim(tx, delivery, now + pause)

    if not await flow.database.write(claim):
        return None
    log = get_logger().bind(client_id=delivery.client_id, pool_id=delivery.pool_id)
    try:
        trouble = await _tell(flow, delivery)
    except Exception:
        # One delivery that cannot be made must not end all others.
        log.exception("logout delivery failed")
        trouble = "failure"
    if trouble is not None:
        log.warning("app not told of a logout", reason=trouble, given_up=last)
    if trouble is None or last:
        await flow.database.write(lambda tx: store.end(tx, delivery.id))
    return None if trouble is None or trouble.startswith(_REFUSED) else delivery.client_id


async def _tell(flow: Flow, delivery: LogoutDelivery) -> str | None:
    """What went wrong; None once the app has taken it, or is not to be told any more."""
    entry = await flow.directory.find_pool(delivery.pool_id)
    found = await flow.directory.find_client(delivery.client_id)
    address = None if found is None else found.client.extended.backchannel_logout_uri
    if entry is None or found is None or address is None:
        return None
    try:
        token = await mint(flow, entry, found, delivery)
        answer = await flow.http.post_form(address, {"logout_token": token}, authorization=None, seconds=CALL_SECONDS)
    except Busy:
        return "busy"
    except Unreachable as failed:
        return failed.trouble
    return None if 200 <= answer.status < 300 else f"status {answer.status}"


async def mint(flow: Flow, entry: PoolEntry, client: ClientEntry, delivery: LogoutDelivery) -> str:
    """The logout token (section 2.4): never with a nonce, so that none can pass for an ID token."""
    now = flow.clock.now()
    claims: dict[str, Any] = {
        "iss": flow.config.issuer(entry.pool.id),
        "aud": client.client.id,
        "iat": now,
        "exp": now + TOKEN_SECONDS,
        "jti": uuid4(flow.entropy),
        "sub": subjects.name_for(client.client, delivery.sub, entry.salt),
        "events": {EVENT: {}},
    }
    if delivery.sid is not None:
        claims["sid"] = subjects.session_for(client.client, delivery.sid, entry.salt)
    key = await keys.identity(flow, entry, client.client.extended.id_token_signed_response_alg)
    return await flow.signer.run(key.sign, claims, TYP)
