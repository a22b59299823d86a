"""
What the first factor of a sign-in by choice shows, and sends.

A name that nobody has gets the same, where that must not be told: a decoy that is the same each time, whose code is
never sent and whose answer cannot be right.
"""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

from poolhouse.kit.ambient import digits
from poolhouse.pool.core import first_factors as core
from poolhouse.pool.core import one_time
from poolhouse.pool.core.masking import mask, simulated_destination
from poolhouse.pool.flows import lockout, messages
from poolhouse.pool.flows.attempt import Challenge, Door, Memory
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.lockout import Hourly
from poolhouse.pool.model.message import Message
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.model.sign_in import Ask
from poolhouse.pool.model.user import User

CONTACTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {core.EMAIL_OTP: ("email", "EMAIL"), core.SMS_OTP: ("phone_number", "SMS")}
)
"""The challenges that send a code: the attribute it goes to, and the medium."""
DIGITS: Final = 8
"""More than a second factor has: nothing was proved before."""


async def challenge(flow: Flow, door: Door, user: User | None, ask: Ask, *, name: str, real: bool = True) -> Challenge:
    """
    What *ask* shows to the user who called himself *name*; not *real*: it looks so, and cannot be answered.

    Codes are sent so many times an hour only, and a decoy's are counted alike.
    """
    if ask.challenge in CONTACTS:
        await lockout.use(flow, Hourly.SIGN_IN_CODE, lockout.owner(flow, door.pool, user, name))
        return _code(flow, door.pool, user, ask, name=name, real=real)
    return Challenge(name=ask.challenge, parameters={}, memory=Memory(name=name), choices=ask.choices)


def code_digest(flow: Flow, pool: Pool, username: str, code: str) -> bytes:
    """The keyed digest of a code in the place of a password; no code for another purpose has the same."""
    mac = partial(flow.ring.mac, purpose="one-time code")
    return one_time.code_digest(mac, purpose="first factor", pool_id=pool.id, username=username, code=code)


def _code(flow: Flow, pool: Pool, user: User | None, ask: Ask, *, name: str, real: bool) -> Challenge:
    contact, medium = CONTACTS[ask.challenge]
    value = "" if user is None else user.attributes.get(contact, "")
    digest, message = (
        _sent(flow, pool, user, value, medium) if user is not None and real else _unsent(flow, pool, medium)
    )
    if value:
        shown = mask(medium, value)
    else:
        mac = partial(flow.ring.mac, purpose="simulated destination")
        shown = simulated_destination(mac, medium=medium, username=pool.key_of(name))
    return Challenge(
        name=ask.challenge,
        parameters={"CODE_DELIVERY_DELIVERY_MEDIUM": medium, "CODE_DELIVERY_DESTINATION": shown},
        memory=Memory(name=name, code=digest, contact=contact, value=value, first=True),
        message=message,
        choices=ask.choices,
    )


def _sent(flow: Flow, pool: Pool, user: User, value: str, medium: str) -> tuple[bytes, Message]:
    code = digits(flow.entropy, DIGITS)
    message = messages.compose(
        flow, pool, kind=messages.AUTHENTICATION, medium=medium, destination=value, username=user.username, code=code
    )
    return code_digest(flow, pool, user.username, code), message


def _unsent(flow: Flow, pool: Pool, medium: str) -> tuple[bytes, None]:
    messages.check_no_trigger(pool, medium)
    return flow.entropy.token(32), None
