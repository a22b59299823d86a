"""
Second factors and passkeys of a user who looks after them at the account page.

What the API lets a user do and no more, but for two things that keep people from locking themselves out. A factor is
switched on by its first code, never by a word alone; and where the pool requires a second factor, or none but a code
lets the user in, the last way in stays.
"""

from types import MappingProxyType
from typing import Final

import msgspec

from poolhouse.kit import seal
from poolhouse.kit.db.protocol import ReadTx
from poolhouse.pool.core import first_factors
from poolhouse.pool.core.sign_in import SECOND, active_factors, first_choices
from poolhouse.pool.flows import mfa, notices, passkeys, people, profile, relying_party
from poolhouse.pool.flows.caller import AccountUser
from poolhouse.pool.flows.codes import Delivery
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.flows.facts import allowed_first, facts
from poolhouse.pool.flows.mfa import Switch
from poolhouse.pool.flows.notices import Scene
from poolhouse.pool.model.passkey import Passkey
from poolhouse.pool.model.sign_in import Done
from poolhouse.pool.model.user import Status, User
from poolhouse.pool.spec.errors import CognitoError, resource_not_found
from poolhouse.pool.store import passkeys as passkey_store

TOTP: Final = mfa.TOTP
SMS: Final = "SMS_MFA"
EMAIL: Final = "EMAIL_OTP"
#: Factor -> the contact that its codes go to.
CONTACT: Final = MappingProxyType({SMS: "phone_number", EMAIL: "email"})
_DONE: Final = MappingProxyType({TOTP: Done.TOTP, SMS: Done.SMS, EMAIL: Done.EMAIL})
_NAME: Final = MappingProxyType({done: name for name, done in _DONE.items()})


class LastWay(Exception):
    """It cannot be removed: it is the last second factor, or the last way to sign in."""


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """
    The second factors that the pool allows, those that are asked for, and the preferred one.

    ``can_add``: the user could still begin a sign-in with one more: codes that are first factors are so alone.
    ``can_remove``: those whose removal leaves enough.  ``implied`` ones were never set up, and so cannot be removed.
    """

    allowed: tuple[str, ...]
    active: tuple[str, ...]
    implied: frozenset[str]
    preferred: str
    can_add: bool
    can_remove: frozenset[str]


def held(flow: Flow, entry: PoolEntry, user: User) -> Held:
    """What the user has."""
    party = relying_party.id_of(flow.config, entry)
    known = facts(entry.pool, user, frozenset(), flow.clock.now(), relying_party=party)
    allowed = () if known.pool_mfa == "OFF" else tuple(_NAME[each] for each in SECOND if each in known.pool_factors)
    active = tuple(_NAME[each] for each in active_factors(known))
    factors = user.credentials.factors
    set_up = {TOTP: factors.totp, SMS: factors.sms, EMAIL: factors.email}
    implied = frozenset(each for each in active if not set_up[each])
    return Held(
        allowed=allowed,
        active=active,
        implied=implied,
        preferred=factors.preferred if factors.preferred in active else "",
        can_add=bool(first_factors.usable(known, needs_second=True)),
        can_remove=frozenset(
            each for each in active if each not in implied and _is_enough(flow, entry, _without(user, each))
        ),
    )


def mark(user: User) -> str:
    """A name for the secret that is being set up, so that a form speaks of the one that its page has shown."""
    pending = user.credentials.totp_pending
    return "" if pending is None else seal.digest(pending.hex()).hex()


async def verify_app(flow: Flow, caller: AccountUser, *, code: str, shown: str, scene: Scene | None = None) -> User:
    """Switch the authenticator app on whose secret was *shown*; refuses with CognitoError as the API does."""
    _check_addable(flow, caller, TOTP)
    if mark(caller.user) != shown or not shown:
        raise CognitoError("SoftwareTokenMFANotFoundException", "No software token was associated.")
    return await mfa.verify(flow, caller, code=code, name="", switches_on=True, scene=scene)


def shown_secret(flow: Flow, user: User, shown: str) -> bytes | None:
    """The secret that a page has shown, to be shown again; None once it is another."""
    return mfa.open_pending(flow, user) if shown and mark(user) == shown else None


async def send_code(flow: Flow, caller: AccountUser, factor: str) -> Delivery:
    """A code to the contact of *factor*, whose return switches it on."""
    _check_addable(flow, caller, factor)
    return await profile.send_verification_code(flow, caller, CONTACT[factor])


async def switch_on(flow: Flow, caller: AccountUser, factor: str, code: str, *, scene: Scene | None = None) -> User:
    """The code has come back: the contact is verified and *factor* in use."""
    _check_addable(flow, caller, factor)
    await profile.verify_attribute(flow, caller, CONTACT[factor], code, scene=scene)
    return await notices.change(
        flow, caller.entry.pool, caller.user, lambda user: mfa.switched(user, {factor: Switch(enabled=True)}), scene
    )


async def prefer(flow: Flow, caller: AccountUser, factor: str) -> User:
    """Ask for *factor* first; it is one that is in use."""

    def decide(user: User) -> User:
        if factor not in held(flow, caller.entry, user).active:
            raise resource_not_found("The factor is not in use.")
        return mfa.switched(user, {factor: Switch(enabled=True, preferred=True)})

    return await people.change(flow, caller.entry.pool, caller.user, decide)


async def remove(flow: Flow, caller: AccountUser, factor: str, *, scene: Scene | None = None) -> User:
    """Stop asking for *factor*; refuses with ``LastWay``, judged on the row that is written."""
    if factor not in _DONE:
        raise resource_not_found("There is no such factor.")

    def decide(user: User) -> User:
        present = held(flow, caller.entry, user)
        if factor not in present.active:
            raise resource_not_found("The factor is not in use.")
        if factor not in present.can_remove:
            raise LastWay
        return _without(user, factor)

    return await notices.change(flow, caller.entry.pool, caller.user, decide, scene)


async def list_passkeys(flow: Flow, user: User) -> list[Passkey]:
    """The oldest first."""

    async def read(tx: ReadTx) -> list[Passkey]:
        return await passkey_store.list_of(tx, user.pool_id, user.username)

    return sorted(await flow.database.read(read), key=lambda each: (each.created_ms, each.id))


async def remove_passkey(flow: Flow, caller: AccountUser, credential: str, *, scene: Scene | None = None) -> None:
    """Refuses with ``LastWay`` where the user has no other way to begin a sign-in."""

    def check(without: User) -> None:
        if not _can_begin(flow, caller.entry, without):
            raise LastWay

    await passkeys.delete(flow, caller.entry.pool, caller.user, credential, check=check, scene=scene)


def check_unused(flow: Flow, caller: AccountUser, contact: str) -> None:
    """Refuse with ``LastWay`` to take a contact away to which the codes of a factor go."""
    if any(CONTACT.get(each) == contact for each in held(flow, caller.entry, caller.user).active):
        raise LastWay


def may_have_password(entry: PoolEntry, user: User) -> bool:
    """Whether a password is a way in for this user: not for one whom another provider vouches for."""
    return "PASSWORD" in allowed_first(entry.pool) and user.status is not Status.EXTERNAL_PROVIDER


def _check_addable(flow: Flow, caller: AccountUser, factor: str) -> None:
    present = held(flow, caller.entry, caller.user)
    if factor not in present.allowed:
        raise resource_not_found("There is no such factor.")
    if not present.can_add:
        raise LastWay


def _without(user: User, factor: str) -> User:
    if factor == TOTP:
        return mfa.without_totp(user)
    return mfa.switched(user, {factor: Switch(enabled=False)})


def _is_enough(flow: Flow, entry: PoolEntry, user: User) -> bool:
    known = facts(entry.pool, user, frozenset(), flow.clock.now())
    return known.pool_mfa != "ON" or bool(active_factors(known))


def _can_begin(flow: Flow, entry: PoolEntry, user: User) -> bool:
    party = relying_party.id_of(flow.config, entry)
    return bool(first_choices(facts(entry.pool, user, frozenset(), flow.clock.now(), relying_party=party)))
