"""
What the first factor of a sign-in by choice shows, and sends.

A name that nobody has gets the same, where that must not be told: a decoy that is the same each time, whose code is
never sent and whose answer cannot be right.
"""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

import msgspec

from poolhouse.kit.ambient import digits
from poolhouse.kit.db.protocol import ReadTx
from poolhouse.pool.core import first_factors as core
from poolhouse.pool.core import one_time, passkeys
from poolhouse.pool.core.masking import mask, simulated_destination
from poolhouse.pool.core.sign_in import SELECT
from poolhouse.pool.flows import lockout, messages, relying_party
from poolhouse.pool.flows.attempt import Challenge, Door, Memory
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.facts import counts_passkeys_twice
from poolhouse.pool.flows.lockout import Hourly
from poolhouse.pool.flows.reader import reader_of
from poolhouse.pool.model.message import Message
from poolhouse.pool.model.passkey import Passkey
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.model.sign_in import Ask
from poolhouse.pool.model.user import User
from poolhouse.pool.store import passkeys as passkey_store

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
        await lockout.use(flow, Hourly.SIGN_IN_CODE, lockout.owner(flow, door.pool, user, name, door.seen))
        return _code(flow, door, user, ask, name=name, real=real)
    if user is not None and core.WEB_AUTHN in ask.choices and ask.challenge in {core.WEB_AUTHN, SELECT}:
        return await _passkey(flow, door, user, ask, name)
    return Challenge(name=ask.challenge, parameters={}, memory=Memory(name=name), choices=ask.choices)


async def passkeys_at(tx: ReadTx, user: User, party: str) -> list[Passkey]:
    """The user's passkeys at this relying party."""
    held = await passkey_store.list_of(tx, user.pool_id, user.username)
    return [each for each in held if each.relying_party == party]


def verification_of(pool: Pool, user: User) -> str:
    """Whether passkeys must verify their user: where the pool says so, and where they stand for two factors."""
    configured = pool.mfa.web_authn_configuration
    if user.credentials.factors.passkey and counts_passkeys_twice(pool):
        return "required"
    return (configured and configured.user_verification) or "preferred"


async def _passkey(flow: Flow, door: Door, user: User, ask: Ask, name: str) -> Challenge:
    """The request for a passkey, which may be answered along with the choice."""
    party = relying_party.id_of(flow.config, door.entry) or ""
    held = await flow.database.read(lambda tx: passkeys_at(tx, user, party))
    challenge = flow.entropy.token(passkeys.CHALLENGE_BYTES)
    options = passkeys.request_options(
        relying_party=party,
        challenge=challenge,
        verification=verification_of(door.pool, user),
        held=held,
        seconds=60 * (door.client.settings.auth_session_validity or 3),
    )
    return Challenge(
        name=ask.challenge,
        parameters={"CREDENTIAL_REQUEST_OPTIONS": msgspec.json.encode(options).decode()},
        memory=Memory(name=name, passkey=challenge),
        choices=ask.choices,
    )


def code_digest(flow: Flow, pool: Pool, username: str, code: str) -> bytes:
    """The keyed digest of a code in the place of a password; no code for another purpose has the same."""
    mac = partial(flow.ring.mac, purpose="one-time code")
    return one_time.code_digest(mac, purpose="first factor", pool_id=pool.id, username=username, code=code)


def _code(flow: Flow, door: Door, user: User | None, ask: Ask, *, name: str, real: bool) -> Challenge:
    pool = door.pool
    contact, medium = CONTACTS[ask.challenge]
    value = "" if user is None else user.attributes.get(contact, "")
    digest, message = (
        _sent(flow, door, user, value, medium) if user is not None and real else _unsent(flow, pool, medium)
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


def _sent(flow: Flow, door: Door, user: User, value: str, medium: str) -> tuple[bytes, Message]:
    code = digits(flow.entropy, DIGITS)
    message = messages.compose(
        flow, door.pool, kind=messages.AUTHENTICATION, medium=medium, destination=value, username=user.username,
        code=code, reader=reader_of(user, door.entry, door.client, door.seen),
    )  # fmt: skip
    return code_digest(flow, door.pool, user.username, code), message


def _unsent(flow: Flow, pool: Pool, medium: str) -> tuple[bytes, None]:
    messages.check_no_trigger(pool, medium)
    return flow.entropy.token(32), None
