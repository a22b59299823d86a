"""
An authorization request, and the three verdicts on it.

``BadClient`` ends on an error page, ``BadRequest`` is told to the app, ``Valid`` is what the app may have.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

import msgspec

from poolhouse.pool.model.pool import Client

FORM: Final = "form_post"
MODES: Final = {"code": ("query", "fragment", FORM), "token": ("fragment", FORM)}
"""Response type -> how its answer may travel, the default first.  Tokens never go into a query: it is in every log."""
_KEPT: Final = "".join(map(chr, range(33, 127)))


Fault = tuple[str, str]
"""An error code and its description."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """
    An authorization request and what it is judged by.

    *values* lacks parameters without a value, which count as omitted (RFC 6749 section 3.1); *repeated* names those
    that came more than once, *resources* are all values of ``resource``.  *client* is the one of this pool that
    ``client_id`` names.  *is_custom_scope* tells what the pool's *resource_servers* have; *providers* are the names of
    its identity providers, *provider_of* their other identifiers.  *is_unknown_app*: the client registered itself and
    nobody vouched for it.  *hinted* is the user of the ID token in ``id_token_hint``, empty when that is none of ours.
    *is_pushed* and *is_signed* tell how the request came, *pushed* by which handle, *fault* what is wrong with
    its object.
    """

    values: Mapping[str, str]
    repeated: frozenset[str]
    client: Client | None
    is_custom_scope: Callable[[str], bool]
    resources: tuple[str, ...] = ()
    resource_servers: frozenset[str] = frozenset()
    providers: frozenset[str] = frozenset()
    provider_of: Mapping[str, str] = {}
    is_public: bool = False
    is_unknown_app: bool = False
    hinted: str | None = None
    strict: bool = False
    pushed: bytes | None = None
    is_pushed: bool = False
    is_signed: bool = False
    fault: Fault | None = None

    def value(self, name: str) -> str | None:
        return self.values.get(name)

    @property
    def known_client(self) -> Client:
        """The client, once a check has seen that there is one."""
        if self.client is None:
            raise AssertionError("unreachable: the client is checked first")
        return self.client

    @property
    def mode(self) -> str:
        """How the answer travels; what cannot be is answered as if it had not been asked for."""
        wanted, kind = self.value("response_mode"), self.value("response_type")
        if "response_type" in self.repeated or kind not in MODES:
            return "query"
        usable = "response_mode" not in self.repeated and wanted in MODES[kind] and not (self.strict and wanted == FORM)
        return wanted if usable and wanted is not None else MODES[kind][0]

    @property
    def is_openid(self) -> bool:
        """Whether the client speaks the standards' dialect."""
        return self.client is not None and self.client.extended.dialect == "openid"

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
    mode: str = "query"


class Valid(msgspec.Struct, frozen=True, kw_only=True):
    """
    What the app may have, once the user has signed in; *scope* is what is granted.

    *subject* is the one user that it may be about, None for any; *acr* the classes of sign-in that are asked for, in
    the order of preference, and *acr_essential* whether it must be of one; *jkt* the DPoP key that its
    code is bound to, *pushed* the handle that is spent with the answer.  *ui_locales* is as it was sent, unread.
    """

    client: Client
    redirect_uri: str
    response_type: str
    scope: str
    state: str | None = None
    nonce: str | None = None
    code_challenge: str | None = None
    resources: tuple[str, ...] = ()
    prompt: frozenset[str] = frozenset()
    max_age: int | None = None
    login_hint: str = ""
    ui_locales: str = ""
    is_unknown_app: bool = False
    mode: str = "query"
    claims: dict[str, dict[str, Any]] | None = None
    subject: str | None = None
    acr: tuple[str, ...] = ()
    acr_essential: bool = False
    jkt: str | None = None
    pushed: bytes | None = None


Verdict = Valid | BadClient | BadRequest


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent to an app, and how: ``mode`` is ``query``, ``fragment`` or ``form_post``."""

    redirect_uri: str
    mode: str
    values: Mapping[str, str]

    @property
    def url(self) -> str:
        """Where the browser goes; with ``form_post`` where it posts to."""
        if self.mode == FORM:
            return answer_url(self.redirect_uri, {})
        return answer_url(self.redirect_uri, self.values, in_fragment=self.mode == "fragment")

    def __repr__(self) -> str:
        return f"Answer({self.mode})"


def an_answer(redirect_uri: str, mode: str, **values: str | None) -> Answer:
    """An answer of the parameters that have a value."""
    present = {name: value for name, value in values.items() if value is not None}
    return Answer(redirect_uri=redirect_uri, mode=mode, values=present)


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
