"""
Whether an event was the user's: said by an administrator, or by whoever got the mail about it.

A feedback token is good for one event, for this purpose and for a week; what it says is sealed.
"""

from typing import Final

import msgspec

from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.jose import b64url, b64url_decode
from poolhouse.kit.seal import SealBroken
from poolhouse.pool.core.risk import lines
from poolhouse.pool.core.risk.rules import is_protected
from poolhouse.pool.flows import logs, people
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.model.risk import AuthEvent, Feedback
from poolhouse.pool.model.user import User
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.store import events as store

ADMIN: Final = "Admin"
USER: Final = "User"
SECONDS: Final = 7 * 86_400
_PURPOSE: Final = "auth event feedback"


class _Claim(msgspec.Struct, frozen=True):
    event_id: str
    sub: str
    expires_at: int


def mint(flow: Flow, event: AuthEvent) -> str:
    """The FeedbackToken of *event*."""
    claim = _Claim(event.id, event.sub, flow.clock.now() + SECONDS)
    return b64url(flow.ring.seal(msgspec.json.encode(claim), purpose=_PURPOSE, row=event.pool_id)).decode("ascii")


def require_on(pool: Pool) -> None:
    """Refuse where the pool has no threat protection: UserPoolAddOnNotEnabledException."""
    if not is_protected(pool):
        raise Refused(Reason.PROTECTION_OFF, pool=pool.id)


async def list_events(flow: Flow, entry: PoolEntry, user: User, before: str, limit: int) -> list[AuthEvent]:
    """Newest first; with what this process has recorded until now."""
    await flow.journal.flush(flow.database)
    return await flow.database.read(
        lambda tx: store.list_events(tx, entry.pool.id, user.username, user.sub, before or store.LAST, limit)
    )


async def by_admin(flow: Flow, entry: PoolEntry, username: str, event_id: str, value: str) -> None:
    """AWS API: AdminUpdateAuthEventFeedback."""
    require_on(entry.pool)
    user = await people.get(flow, entry.pool, username)
    await _give(flow, entry, user.sub, event_id, value, ADMIN)


async def by_token(flow: Flow, entry: PoolEntry, username: str, event_id: str, token: str, value: str) -> None:
    """
    AWS API: UpdateAuthEventFeedback.

    The token is looked at first: without a good one nothing can be learned of who exists.
    """
    require_on(entry.pool)
    claim = _open(flow, entry, token)
    user = await people.get(flow, entry.pool, username)
    if claim.event_id != event_id or claim.sub != user.sub:
        raise Refused(Reason.FEEDBACK_TOKEN_INVALID)
    await _give(flow, entry, claim.sub, event_id, value, USER)


async def find_by_link(flow: Flow, entry: PoolEntry, token: str) -> AuthEvent:
    """The event that the link of a mail is about."""
    require_on(entry.pool)
    claim = _open(flow, entry, token)
    await flow.journal.flush(flow.database)
    event = await flow.database.read(lambda tx: store.find_event(tx, claim.event_id))
    if event is None or event.pool_id != entry.pool.id or event.sub != claim.sub:
        raise Refused(Reason.FEEDBACK_TOKEN_INVALID)
    return event


async def by_link(flow: Flow, entry: PoolEntry, token: str, value: str) -> None:
    """The same by the link of a mail."""
    event = await find_by_link(flow, entry, token)
    await _give(flow, entry, event.sub, event.id, value, USER)


async def _give(flow: Flow, entry: PoolEntry, sub: str, event_id: str, value: str, provider: str) -> None:
    await flow.journal.flush(flow.database)
    given = Feedback(value=value, provider=provider, at=flow.clock.now())

    async def unit(tx: Tx) -> None:
        event = await store.find_event(tx, event_id)
        if event is None or event.pool_id != entry.pool.id or event.sub != sub:
            raise Refused(Reason.AUTH_EVENT_NOT_FOUND, event=event_id)
        changed = msgspec.structs.replace(event, feedback=given)
        await store.replace_event(tx, changed)
        line = lines.auth_event(changed, flow.clock.now_ms())
        await logs.put_line(flow, entry, tx, logs.AUTH_EVENTS, line)

    await flow.database.write(unit)


def _open(flow: Flow, entry: PoolEntry, token: str) -> _Claim:
    try:
        opened = flow.ring.open(b64url_decode(token), purpose=_PURPOSE, row=entry.pool.id)
        claim = msgspec.json.decode(opened, type=_Claim)
    except (ValueError, SealBroken, msgspec.MsgspecError) as wrong:
        raise Refused(Reason.FEEDBACK_TOKEN_INVALID) from wrong
    if claim.expires_at <= flow.clock.now():
        raise Refused(Reason.FEEDBACK_TOKEN_INVALID)
    return claim
