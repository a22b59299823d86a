"""What an app's assertion says of a person, and which of their groups the app hears of."""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from poolhouse.house.gate import Gate
from poolhouse.house.gateway.table import Entry
from poolhouse.kit.jose import b64url

if TYPE_CHECKING:
    from poolhouse.house.gateway.seen import Seen

PASSWORD_METHOD = "form"  # noqa: S105 - a method's name
TOKEN_METHODS = frozenset({"token", "access token"})
"""Nobody has signed in for these: they say nothing of when and how."""
_SID_BYTES = 16


def told_groups(gate: Gate, groups: Sequence[str]) -> tuple[str, ...]:
    """
    Those that the app is to hear of, in their order; all of them, if it does not say.

    ``wiki-*`` stands for every group that begins so.  A person of a thousand groups makes a header that apps refuse.
    """
    if not gate.told_groups:
        return tuple(groups)
    exact = {each for each in gate.told_groups if not each.endswith("*")}
    begins = tuple(each[:-1] for each in gate.told_groups if each.endswith("*"))
    return tuple(each for each in groups if each in exact or (begins and each.startswith(begins)))


def about(entry: Entry, seen: "Seen", groups: Sequence[str]) -> dict[str, Any]:
    """
    The claims beside those of every JWT.

    ``sid`` is another one at each app, so that no two can compare (OIDC Core section 8.1 has the idea); ``auth_time``
    and ``amr`` are the provider's word where it gave one.
    """
    account = seen.account
    said: dict[str, Any] = {"preferred_username": account.username, "groups": list(groups)}
    if account.email:
        said |= {"email": account.email, "email_verified": account.is_email_holder}
    if account.name:
        said["name"] = account.name
    mark = hashlib.sha256(b"sid\x00" + entry.app.id.encode() + b"\x00" + seen.key).digest()
    said["sid"] = b64url(mark[:_SID_BYTES]).decode("ascii")
    if seen.method not in TOKEN_METHODS:
        said["auth_time"] = _at(seen)
        amr = ["pwd"] if seen.method == PASSWORD_METHOD else seen.claims.get("amr")
        if isinstance(amr, list) and amr:
            said["amr"] = amr
    if entry.gate is not None:
        # What is chosen never replaces what the house itself vouches for.
        said = {name: seen.claims[name] for name in entry.gate.told_claims if name in seen.claims} | said
    return said


def _at(seen: "Seen") -> int:
    """When the person proved who it is; a provider's ``auth_time`` may be before the sign-in here, never after."""
    said = seen.claims.get("auth_time")
    if isinstance(said, int) and not isinstance(said, bool) and 0 < said < seen.signed_in_at:
        return said
    return seen.signed_in_at
