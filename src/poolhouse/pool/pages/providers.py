"""The identity providers on the sign-in page, and the way to one of them."""

from typing import Final
from urllib.parse import parse_qsl, urlencode

from poolhouse.kit.edge import Reply, redirect
from poolhouse.pool.core import homes
from poolhouse.pool.core.authorization_request import Valid
from poolhouse.pool.pages.sign_in_views import ProviderButton
from poolhouse.pool.pages.visit import Visit

USABLE: Final[frozenset[str]] = frozenset()
"""
The kinds of providers by which people can sign in here.

None yet: what a pool has of them is kept for the API, and a request that names one is told so (``core.authorize``).
"""


def buttons(visit: Visit, valid: Valid) -> tuple[ProviderButton, ...]:
    """One for each provider of the app client that can be used."""
    supported = valid.client.settings.supported_identity_providers or ()
    found = homes.buttons(supported, visit.site.entry.providers, USABLE)
    return tuple(
        ProviderButton(
            label=visit.say("Continue with %(provider)s", provider=each.label),
            kind=each.kind,
            href=_href(visit, each.name),
        )
        for each in found
    )


def home_of(visit: Visit, valid: Valid, username: str) -> str | None:
    """The provider to which the address in *username* belongs."""
    supported = valid.client.settings.supported_identity_providers or ()
    return homes.home_of(username, supported, visit.site.entry.providers, USABLE)


def to_provider(visit: Visit, name: str) -> Reply:
    """On to the provider, as a request that names it from the start."""
    return redirect(_href(visit, name))


def _href(visit: Visit, name: str) -> str:
    kept = [
        (key, value)
        for key, value in parse_qsl(visit.query, keep_blank_values=True)
        if key not in {"identity_provider", "idp_identifier"}
    ]
    return visit.site.href("/oauth2/authorize", urlencode([*kept, ("identity_provider", name)]))
