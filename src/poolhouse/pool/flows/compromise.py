"""
Passwords that are known from a breach (AWS API: CompromisedCredentialsRiskConfigurationType).

A sign-in that shows one is refused and the user must reset it; a new one is refused.  A proof by SRP shows no
password, so there is nothing to look up (developer guide, "Working with compromised-credentials detection").
"""

import msgspec

from poolhouse.pool.core.risk import rules
from poolhouse.pool.flows import auth_events, people
from poolhouse.pool.flows.attempt import Door
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.model.user import Status, User
from poolhouse.pool.spec.errors import Reason


async def check_new(flow: Flow, door: Door, password: str, event: str) -> bool | None:
    """
    Refuse a new password that is known; whether it is, None where nobody looked.

    *event* is the filter: SIGN_UP, PASSWORD_CHANGE.
    """
    protection = door.protection
    if not rules.checks_passwords(protection, event):
        return None
    found = await flow.breached.contains(password)
    if found and rules.blocks_passwords(protection):
        raise Refused(Reason.PASSWORD_COMPROMISED)
    return found


async def check_sign_in(flow: Flow, door: Door, user: User, password: str) -> None:
    """
    Refuse a right password that is known, and have the user reset it.

    Whoever is not confirmed yet, or must change the password anyway, goes on to that.
    """
    protection = door.protection
    if not rules.checks_passwords(protection, rules.SIGN_IN):
        return
    found = await flow.breached.contains(password)
    blocked = found and rules.blocks_passwords(protection) and user.status is Status.CONFIRMED
    if not blocked:
        auth_events.mark(flow, door, compromised=found)
        return
    shown = user.credentials.password_hash

    def decide(current: User) -> User:
        if current.credentials.password_hash != shown or current.status is not Status.CONFIRMED:
            return current
        return msgspec.structs.replace(current, status=Status.RESET_REQUIRED)

    await people.change(flow, door.pool, user, decide)
    auth_events.advance(flow, door, auth_events.FAIL, blocked=True, compromised=True)
    door.refuse(Reason.RESET_REQUIRED)
