"""
The three forms of the username, and the aliases by which a user is found.

  plain               the username is what was given; nothing else signs in
  AliasAttributes     the username is what was given, and must not look like an alias; besides it a verified e-mail
                      address, a verified phone number or the preferred username signs in
  UsernameAttributes  the e-mail address or phone number was given; the stored username is a UUID, equal to ``sub``
"""

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from poolhouse.pool.core.attributes.formats import is_email, is_phone
from poolhouse.pool.core.refusal import Refusal, invalid_parameter, refused
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.spec.errors import Reason

PREFERRED: Final = "preferred_username"
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_NOT_THAT = {
    frozenset({"email"}): Reason.USERNAME_NOT_EMAIL,
    frozenset({"phone_number"}): Reason.USERNAME_NOT_PHONE,
    frozenset({"email", "phone_number"}): Reason.USERNAME_NOT_CONTACT,
}


class NewUsername(msgspec.Struct, frozen=True):
    """
    What to store for a new user.

    *username* is None where the service makes it: mint a UUID and use it as ``sub`` too. *attributes* are the given
    ones with the contact that was the username.
    """

    username: str | None
    attributes: dict[str, str]


def new_username(pool: Pool, given: str, attributes: Mapping[str, str]) -> NewUsername | Refusal:
    """Decide what becomes of the Username of SignUp and AdminCreateUser (section "Username forms" of the service)."""
    settings = pool.settings
    if settings.username_attributes:
        return _from_contact(pool, frozenset(settings.username_attributes), given, attributes)
    aliases = settings.alias_attributes or []
    if "email" in aliases and is_email(given):
        return refused(Reason.USERNAME_LOOKS_LIKE_EMAIL)
    if "phone_number" in aliases and is_phone(given):
        return refused(Reason.USERNAME_LOOKS_LIKE_PHONE)
    if PREFERRED in aliases and attributes.get(PREFERRED):
        return invalid_parameter("preferred_username is an alias and can be set only once the user is confirmed.")
    return NewUsername(given, dict(attributes))


def _from_contact(
    pool: Pool, kinds: frozenset[str], given: str, attributes: Mapping[str, str]
) -> NewUsername | Refusal:
    kind = contact_kind(given)
    if kind is None or kind not in kinds:
        return refused(_NOT_THAT[kinds])
    stated = attributes.get(kind)
    if stated and pool.key_of(stated) != pool.key_of(given):
        return refused(Reason.CONTACT_DIFFERS_FROM_USERNAME, attribute=kind)
    return NewUsername(None, {**attributes, kind: given})


def contact_kind(text: str) -> str | None:
    """``email``, ``phone_number``, or None for a text that is neither."""
    if is_email(text):
        return "email"
    return "phone_number" if is_phone(text) else None


def alias_kinds(pool: Pool, name: str) -> tuple[str, ...]:
    """
    The kinds of alias by which *name* may find a user of this pool, after username and ``sub`` found none.

    A kind is tried only when the text has its form, so that a preferred username cannot pose as an address.
    """
    settings = pool.settings
    enabled = [*(settings.username_attributes or []), *(settings.alias_attributes or [])]
    kind = contact_kind(name)
    wanted = PREFERRED if kind is None else kind
    return (wanted,) if wanted in enabled else ()


def active_aliases(pool: Pool, attributes: Mapping[str, str], *, confirmed: bool) -> dict[str, str]:
    """
    The aliases under which a user with these attributes is found: kind to value, folded as the pool compares.

    With UsernameAttributes every contact counts at once; with AliasAttributes only a verified one does, and the
    preferred username once the user is *confirmed*.
    """
    settings = pool.settings
    found = {kind: attributes.get(kind, "") for kind in settings.username_attributes or []}
    for kind in settings.alias_attributes or []:
        if confirmed if kind == PREFERRED else attributes.get(f"{kind}_verified") == "true":
            found[kind] = attributes.get(kind, "")
    return {kind: pool.key_of(value) for kind, value in found.items() if value}


def check_keeps_a_name(pool: Pool, attributes: Mapping[str, str]) -> Refusal | None:
    """Refuse a change that takes away the last e-mail address or phone number by which a user signs in."""
    kinds = pool.settings.username_attributes
    if not kinds or any(attributes.get(kind) for kind in kinds):
        return None
    return invalid_parameter(f"A user of this pool must keep a value for {' or '.join(sorted(kinds))}.")


def is_opaque(pool: Pool, name: str) -> bool:
    """
    Tell whether someone who signs in as *name* has a stored username of another text: what a decoy must imitate.

    A user whose username is a UUID may give that UUID itself, and is answered with it.
    """
    if pool.settings.username_attributes:
        return _UUID.fullmatch(name) is None
    return contact_kind(name) in (pool.settings.alias_attributes or [])
