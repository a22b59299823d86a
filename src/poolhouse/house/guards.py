"""
The one rule that keeps the door from being locked from inside: whatever is changed, an enabled administrator must be
left who can sign in by a method that is on.

Being able to means having done so: for a provider, that an administrator's account is connected to its present
issuer.
"""

from collections.abc import Collection, Iterable

import msgspec

from poolhouse.house.model import Document
from poolhouse.house.provider import enabled, find_enabled, remove_provider, rival, title
from poolhouse.house.roles import GRANTED, covers, powers_of
from poolhouse.house.store import accounts, documents, leases
from poolhouse.house.store.standing import standing_of
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.seal import KeyRing


class Refused(Exception):
    """A change that would lock the administrators out; the message is for the page."""


LAST_METHOD = "This is the last login method, so it cannot be removed."
NOBODY_BY_OIDC = (
    "No administrator has signed in with OIDC yet. Sign in with it once: open Your account, press Connect, "
    "then turn form login off."
)
NOBODY_BY_FORM = (
    "No administrator has a password, so nobody could sign in by form login. "
    "Give an account with a password the administrator's right first."
)
NOBODY_BY_OTHERS = (
    "Form login is off, and no administrator has signed in with another provider yet. "
    "Turn form login on first, or connect an administrator's account with another provider."
)
ONE_EACH = "people are known by issuer, so each has one provider."
OTHER_ISSUER = (
    "Form login is off, and no administrator has signed in with this issuer yet. "
    "Turn form login on first, then change the provider."
)
NOBODY_LEFT = (
    "After this change no administrator could sign in. Leave form login on for an administrator who has a password, "
    "or a provider by which an administrator has signed in."
)
ABOVE_YOU = "This needs a right that you do not have. An instance administrator can do it."
NO_ROLE = "There is no such role to give."
LAST_ADMINISTRATOR = "This is the last administrator who can sign in."
_ONE_AT_A_TIME = "administrators"
"""
Units of every kind here wait for each other, and look only then: two administrators who take the right from each other
would both find the other one left, and so would one who turns off the way in of another who is just the last.
"""


async def check_form_login_off(tx: Tx, document: Document) -> None:
    """Before form login is turned off."""
    await leases.hold(tx, _ONE_AT_A_TIME)
    if not enabled(document.providers):
        raise Refused(LAST_METHOD)
    if not await _by_provider(tx, document):
        raise Refused(NOBODY_BY_OIDC)


async def check_provider_off(tx: Tx, document: Document, provider_id: str) -> None:
    """Before a provider is disabled or disconnected."""
    await leases.hold(tx, _ONE_AT_A_TIME)
    if find_enabled(document.providers, provider_id) is None:
        return
    left = msgspec.structs.replace(document, providers=remove_provider(document.providers, provider_id))
    if not document.form_login.is_enabled and not enabled(left.providers):
        raise Refused(LAST_METHOD)
    if not await _administrators(tx, left):
        raise Refused(NOBODY_BY_FORM if document.form_login.is_enabled else NOBODY_BY_OTHERS)


async def check_document(tx: Tx, document: Document) -> None:
    """Before other settings of a provider come into force."""
    await leases.hold(tx, _ONE_AT_A_TIME)
    for provider in document.providers:
        other = rival(document.providers, provider)
        if other is not None:
            raise Refused(f"{title(other)} has this issuer already; {ONE_EACH}")
    if not await _administrators(tx, document):
        raise Refused(OTHER_ISSUER)


async def check_any(tx: Tx, document: Document) -> None:
    """Before any other document comes into force: an older version, one from a file or from the command line."""
    await leases.hold(tx, _ONE_AT_A_TIME)
    if not await _administrators(tx, document):
        raise Refused(NOBODY_LEFT)


async def check_left(tx: Tx, ring: KeyRing) -> None:
    """
    After an account was disabled, deleted, disconnected or has lost the administrator's right, in the same unit.

    The settings are read here, by *ring*: those that this process holds may be a moment old.
    """
    await leases.hold(tx, _ONE_AT_A_TIME)
    if not await _administrators(tx, await documents.newest_document(tx, ring)):
        raise Refused(LAST_ADMINISTRATOR)


async def check_may_give(tx: ReadTx, actor_id: str, roles: Collection[str]) -> None:
    """Before roles are given or taken, or a group that has them gets or loses a member: whoever does it has them."""
    if not set(roles) <= {role.id for role in GRANTED}:
        raise Refused(NO_ROLE)
    await _check_covers(tx, actor_id, roles)


async def check_may_touch(tx: ReadTx, actor_id: str, account_id: str) -> None:
    """Before an account is changed: it may do nothing that *actor_id* may not do."""
    _, roles = await standing_of(tx, account_id)
    await _check_covers(tx, actor_id, roles)


async def _check_covers(tx: ReadTx, actor_id: str, roles: Iterable[str]) -> None:
    _, own = await standing_of(tx, actor_id)
    if not covers(powers_of(own), roles):
        raise Refused(ABOVE_YOU)


async def _administrators(tx: ReadTx, document: Document) -> set[str]:
    able: set[str] = set()
    if document.form_login.is_enabled:
        able |= await accounts.admins_with_password(tx)
    return able | await _by_provider(tx, document)


async def _by_provider(tx: ReadTx, document: Document) -> set[str]:
    able: set[str] = set()
    for provider in enabled(document.providers):
        able |= await accounts.admins_of_issuer(tx, provider.settings.issuer)
    return able
