"""
What looks wrong about settings without asking anybody: hosts that do not belong together, an address that the
provider's people will not come back to.

These are warnings: a provider behind a gateway of one's own may look like this and be right.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from poolhouse.house.provider import OidcSettings
from poolhouse.house.rp import failures
from poolhouse.house.rp.discovery import Metadata
from poolhouse.kit.urls import is_loopback_host

Remark = tuple[str, str]
"""The label of a field, and a sentence about it."""

_COGNITO_ISSUER = re.compile(r"(?:issuer-)?cognito-idp(?:-fips)?\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?")
_TOGETHER = MappingProxyType(
    {
        "accounts.google.com": ("oauth2.googleapis.com", "openidconnect.googleapis.com", "www.googleapis.com"),
        "login.microsoftonline.com": ("graph.microsoft.com",),
    }
)


def disagreements(settings: OidcSettings, metadata: Metadata | None) -> tuple[Remark, ...]:
    """
    URLs that do not seem to be the issuer's: by its own document where there is one, by their hosts otherwise.

    Cognito's endpoints are at the pool's domain and its keys at the issuer's host; that pair is known.
    """
    urls = {
        failures.AUTHORIZATION_URL: settings.authorization_url,
        failures.TOKEN_URL: settings.token_url,
        failures.USERINFO_URL: settings.userinfo_url,
        failures.JWKS_URL: settings.jwks_url,
    }
    if metadata is not None:
        return _against_document(urls, metadata)
    issuer = _host(settings.issuer)
    if _COGNITO_ISSUER.fullmatch(issuer):
        domain = _host(settings.authorization_url)
        expected = {label: issuer if label == failures.JWKS_URL else domain for label in urls}
    else:
        expected = dict.fromkeys(urls, issuer)
    return tuple(
        (label, f"Its host is {_host(url)}, and that of the issuer's other addresses is {expected[label]}.")
        for label, url in urls.items()
        if _host(url) != expected[label] and _host(url) not in _TOGETHER.get(issuer, ())
    )


def _against_document(urls: Mapping[str, str], metadata: Metadata) -> tuple[Remark, ...]:
    named = {
        failures.AUTHORIZATION_URL: metadata.authorization_endpoint,
        failures.TOKEN_URL: metadata.token_endpoint,
        failures.USERINFO_URL: metadata.userinfo_endpoint,
        failures.JWKS_URL: metadata.jwks_uri,
    }
    return tuple(
        (label, f"The provider's own document says {named[label]}.")
        for label, url in urls.items()
        if named[label] and url != named[label]
    )


def unusual_address(own_url: str, seen_host: str) -> str:
    """
    What is unfortunate about the house's public address, as the browser of the administrator shows it; or ``""``.

    *seen_host* is the Host that the request came with.
    """
    parts = urlsplit(own_url)
    if seen_host and seen_host.lower() != parts.netloc.lower():
        return (
            f"You have opened this page at {seen_host}, and the house is set to {parts.netloc}. The provider sends "
            "people to the second one: if that is not how they reach the house, correct base_url first."
        )
    if parts.scheme == "http" and not is_loopback_host(parts.hostname or ""):
        return "The house is set to plain http. Providers refuse such a Redirect URL; put TLS in front first."
    return ""


def _host(url: str) -> str:
    return urlsplit(url).netloc.lower()
