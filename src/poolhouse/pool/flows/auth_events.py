"""
The record of authentication events (AWS API: AuthEventType), kept while threat protection is on.

Nothing here is waited for: units go to the journal.  An event of a name that nobody has is not recorded.
"""

from typing import Final

import msgspec

from poolhouse.kit.ambient import uuid4
from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.core.risk import lines
from poolhouse.pool.core.risk.level import Levels
from poolhouse.pool.flows import logs
from poolhouse.pool.flows.attempt import Door
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.model.risk import Answered, AuthEvent, Level, Seen
from poolhouse.pool.model.user import User
from poolhouse.pool.store import events as store

SIGN_IN: Final = "SignIn"
SIGN_UP: Final = "SignUp"
FORGOT_PASSWORD: Final = "ForgotPassword"  # noqa: S105 (the name of an event)
PASSWORD_CHANGE: Final = "PasswordChange"  # noqa: S105
RESEND_CODE: Final = "ResendCode"
PASS: Final = "Pass"  # noqa: S105
FAIL: Final = "Fail"
IN_PROGRESS: Final = "InProgress"
BLOCK: Final = "Block"
PASSWORD_RIGHT: Final = Answered("Password", "Success")
PASSWORD_WRONG: Final = Answered("Password", "Failure")
MFA_RIGHT: Final = Answered("Mfa", "Success")
MFA_WRONG: Final = Answered("Mfa", "Failure")
_NO_RISK: Final = Levels()


def note(
    flow: Flow, door: Door, user: User | None, kind: str, response: str, *answered: Answered,
    levels: Levels = _NO_RISK, blocked: bool = False, compromised: bool | None = None,
) -> None:  # fmt: skip
    """Record an event that is over."""
    if user is None or not door.protection.is_on:
        return
    event = new_event(flow, door, user, kind, response, *answered, level=levels.own, blocked=blocked,
                      compromised=compromised)  # fmt: skip
    put(flow, door, event, tells=True)


def new_event(
    flow: Flow, door: Door, user: User, kind: str, response: str, *answered: Answered,
    level: Level | None, blocked: bool = False, compromised: bool | None = None,
) -> AuthEvent:  # fmt: skip
    """An event of now, to be put."""
    identity, now_ms = uuid4(flow.entropy), flow.clock.now_ms()
    return AuthEvent(
        id=identity,
        pool_id=door.pool.id,
        sub=user.sub,
        username=user.username,
        client_id=door.client.id,
        position=f"{now_ms:015d}/{flow.journal.next_number():08d}/{identity}",
        kind=kind,
        response=response,
        created_ms=now_ms,
        level="" if level is None else level.value,
        decision=_decision(level, blocked=blocked),
        compromised=compromised,
        challenges=answered,
        seen=_kept(door),
    )


def put(flow: Flow, door: Door, event: AuthEvent, *, tells: bool) -> None:
    """Have *event* written; with *tells* it goes to the pool's log, too."""

    async def unit(tx: Tx) -> None:
        await store.put_event(tx, event)
        if tells:
            await _tell(flow, door, tx, event)

    flow.journal.put(unit)


def advance(
    flow: Flow, door: Door, response: str, *answered: Answered, blocked: bool = False, compromised: bool | None = None
) -> None:
    """The event of the sign-in that *door* is about has come to *response*."""
    if door.judged is None:
        return
    identity = door.judged.event_id

    async def unit(tx: Tx) -> None:
        event = await store.find_event(tx, identity)
        if event is None:
            return
        changed = msgspec.structs.replace(
            event,
            response=response,
            challenges=(*event.challenges, *answered),
            decision=BLOCK if blocked else event.decision,
            compromised=event.compromised if compromised is None else compromised,
        )
        await store.replace_event(tx, changed)
        await _tell(flow, door, tx, changed)

    flow.journal.put(unit)


def mark(flow: Flow, door: Door, *, compromised: bool) -> None:
    """The password of the sign-in that *door* is about was looked up."""
    if door.judged is None:
        return
    identity = door.judged.event_id

    async def unit(tx: Tx) -> None:
        event = await store.find_event(tx, identity)
        if event is not None:
            await store.replace_event(tx, msgspec.structs.replace(event, compromised=compromised))

    flow.journal.put(unit)


def _kept(door: Door) -> Seen:
    """An endpoint is recorded only where the client has an analytics project to which it could belong."""
    analytics = door.client.settings.analytics_configuration
    seen = msgspec.structs.replace(door.seen, familiar={})
    return seen if analytics is not None else msgspec.structs.replace(seen, endpoint_id="")


def _decision(level: Level | None, *, blocked: bool) -> str:
    if blocked:
        return BLOCK
    return "NoRisk" if level is None else "AccountTakeover"


async def _tell(flow: Flow, door: Door, tx: Tx, event: AuthEvent) -> None:
    await logs.put_line(flow, door.entry, tx, logs.AUTH_EVENTS, lines.auth_event(event, flow.clock.now_ms()))
