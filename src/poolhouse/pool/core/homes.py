"""
Where else people may come from: the identity providers that a sign-in page shows, and whose a name is.

The service's pages show a button for each provider of the app client, and take an identifier of a provider that is
the domain of an e-mail address for the home of everybody there (developer guide, "IdP identifiers").  Only kinds that
can be used are shown or chosen: a button that leads nowhere is worse than none.
"""

from collections.abc import Collection, Sequence
from typing import Final

import msgspec

from poolhouse.pool.model.provider import ProviderName

LOCAL: Final = "COGNITO"
_SOCIAL: Final = {
    "Google": "Google",
    "Facebook": "Facebook",
    "LoginWithAmazon": "Amazon",
    "SignInWithApple": "Apple",
}
"""Kinds of which a pool has one, by the name that people know."""


class Button(msgspec.Struct, frozen=True, kw_only=True):
    """One provider: ``name`` is what a request names it by, ``label`` what people read, ``kind`` its sign."""

    name: str
    label: str
    kind: str


def buttons(supported: Sequence[str], providers: Sequence[ProviderName], usable: Collection[str]) -> tuple[Button, ...]:
    """Those of *supported* (SupportedIdentityProviders) that the pool has and that can be used, in that order."""
    by_name = {each.name: each for each in providers if each.type in usable}
    found = (by_name[name] for name in supported if name in by_name)
    return tuple(Button(name=each.name, label=_SOCIAL.get(each.type, each.name), kind=each.type) for each in found)


def home_of(
    name: str, supported: Sequence[str], providers: Sequence[ProviderName], usable: Collection[str]
) -> str | None:
    """
    The provider at which whoever calls himself *name* signs in: one of its identifiers is the domain of the address.

    The whole domain decides, in any case of letters; ``notexample.com`` and ``example.com.evil.org`` are not
    ``example.com``.
    """
    local, at, domain = name.rpartition("@")
    if not at or not local or not domain:
        return None
    wanted = domain.casefold().rstrip(".")
    for each in providers:
        fits = each.name in supported and each.type in usable
        if fits and wanted in {identifier.casefold() for identifier in each.identifiers}:
            return each.name
    return None
