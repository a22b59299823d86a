"""
An authorization request, and the three verdicts on it.

``BadClient`` ends on an error page, ``BadRequest`` is told to the app, ``Valid`` is what the app may have.
"""

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote, urlencode

import msgspec

from poolhouse.pool.model.pool import Client

_KEPT: Final = "".join(map(chr, range(33, 127)))


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """
    An authorization request and what it is judged by.

    *values* lacks parameters without a value, which count as omitted (RFC 6749 section 3.1); *repeated* names those
    that came more than once.  *client* is the one of this pool that ``client_id`` names.  *is_custom_scope* and
    *is_resource_server* tell what the pool's resource servers have; *providers* are the names of its identity
    providers, *provider_of* their other identifiers.  *is_unknown_app*: the client registered itself and
    nobody vouched for it.
    """

    values: Mapping[str, str]
    repeated: frozenset[str]
    client: Client | None
    is_custom_scope: Callable[[str], bool]
    is_resource_server: Callable[[str], bool]
    providers: frozenset[str] = frozenset()
    provider_of: Mapping[str, str] = {}
    is_public: bool = False
    is_unknown_app: bool = False

    def value(self, name: str) -> str | None:
        return self.values.get(name)

    @property
    def known_client(self) -> Client:
        """The client, once a check has seen that there is one."""
        if self.client is None:
            raise AssertionError("unreachable: the client is checked first")
        return self.client

    @property
    def redirect_uri(self) -> str:
        """Where the answer goes, once a check has seen that it is registered."""
        return self.value("redirect_uri") or self.known_client.settings.default_redirect_uri or ""


class BadClient(msgspec.Struct, frozen=True):
    """Nothing may be sent to the redirect URI; *error* is what the error page is told."""

    error: str
    client_id: str = ""


class BadRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The app asked for something wrong, and is told so at its redirect URI."""

    error: str
    description: str = ""
    redirect_uri: str
    state: str | None
    in_fragment: bool = False


class Valid(msgspec.Struct, frozen=True, kw_only=True):
    """What the app may have, once the user has signed in; *scope* is what is granted."""

    client: Client
    redirect_uri: str
    response_type: str
    scope: str
    state: str | None = None
    nonce: str | None = None
    code_challenge: str | None = None
    resource: str | None = None
    prompt: frozenset[str] = frozenset()
    max_age: int | None = None
    login_hint: str = ""
    is_unknown_app: bool = False

    @property
    def in_fragment(self) -> bool:
        """Tokens go into the fragment, which browsers keep from servers and from the Referer header."""
        return self.response_type == "token"


Verdict = Valid | BadClient | BadRequest


def answer_url(redirect_uri: str, values: Mapping[str, str | None], *, in_fragment: bool = False) -> str:
    """
    The redirect URI with the answer's parameters added; what it has already stays as it is.

    Characters beyond ASCII, which a registered URI may have, are percent-encoded for the header.
    """
    query = urlencode({name: value for name, value in values.items() if value is not None}, quote_via=quote)
    base = quote(redirect_uri, safe=_KEPT)
    if not query:
        return base
    if in_fragment:
        return f"{base}#{query}"
    if "?" not in base:
        return f"{base}?{query}"
    return f"{base}{'' if base.endswith(('?', '&')) else '&'}{query}"
