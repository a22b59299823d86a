"""
A client's metadata document (draft-ietf-oauth-client-id-metadata-document): which address may be one, what it may say.

A document is written for every server there is, so that what it offers beyond what is possible here is left out; what
would make it another app's is refused.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from poolhouse.pool.core.registration import Application, Rejected, judge
from poolhouse.pool.core.settings.dcr import Terms
from poolhouse.pool.model.openid import OpenIdSettings

LENGTH: Final = 512
SIZE: Final = 10_240
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_ABOUT: Final = ("client_uri", "policy_uri", "tos_uri")
_NAMELESS: Final = "client_name"


def is_address(client_id: str) -> bool:
    """Section 3: https with a path, without dot segments, fragment or user; ours: without a query, and not long."""
    parts = _split(client_id)
    if parts is None or parts.scheme != "https" or parts.path in {"", "/"} or "?" in client_id:
        return False
    return not {".", ".."} & set(parts.path.split("/"))


def host_of(client_id: str) -> str:
    """What is known of the app: who serves its document."""
    parts = _split(client_id)
    return "" if parts is None else parts.netloc


def read(client_id: str, document: Mapping[str, Any], terms: Terms, ours: OpenIdSettings) -> Application:
    """
    What the document at *client_id* describes; raises ``Rejected``.

    Sections 4 and 6: it names its own address, and nothing that a secret would be in.  Ours: a public client; the
    browser goes back to the document's own origin, or to this machine.
    """
    if document.get("client_id") != client_id:
        raise _bad("client_id is not the address of the document")
    if "client_secret" in document or "client_secret_expires_at" in document:
        raise _bad("a document that anybody can read has no secret")
    if document.get("token_endpoint_auth_method", "none") != "none":
        raise _bad("token_endpoint_auth_method is not supported")
    given = document.get("redirect_uris")
    own = [uri for uri in given if isinstance(uri, str) and _is_own(uri, client_id)] if isinstance(given, list) else []
    if not own:
        raise _bad("redirect_uris has none of the document's origin, and none of this machine")
    said: dict[str, Any] = {name: document[name] for name in _ABOUT if _is_own(document.get(name), client_id, far=True)}
    said |= {
        "redirect_uris": list(dict.fromkeys(own)),
        "token_endpoint_auth_method": "none",
        "application_type": "native",
        "scope": " ".join(terms.scopes),
    }
    try:
        return judge({**said, _NAMELESS: document.get(_NAMELESS)}, terms, ours)
    except Rejected:
        # A name that cannot be shown: the host stands for it.
        return judge(said, terms, ours)


def unread(terms: Terms, ours: OpenIdSettings) -> Application:
    """What is known of such an app without its document: enough for the tokens that it holds."""
    return Application(
        name=None, redirect_uris=(), logout_uris=(), flow="code", scopes=terms.scopes, auth_method="none",
        application_type="native", extended=ours,
    )  # fmt: skip


def _is_own(uri: object, client_id: str, *, far: bool = False) -> bool:
    """Of the document's origin or, unless *far*, of the person's own machine (RFC 8252 section 7.3)."""
    parts, here = _split(uri), _split(client_id)
    if parts is None or here is None:
        return False
    if parts.scheme == "https":
        return parts.netloc == here.netloc
    return not far and parts.scheme == "http" and parts.hostname in _LOOPBACK


def _split(url: object) -> SplitResult | None:
    """The parts of an address that every reader reads alike."""
    if not isinstance(url, str) or not url.isascii() or not url.isprintable() or len(url) > LENGTH:
        return None
    if any(each in url for each in " \\#@%"):
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.hostname and parts.netloc == parts.netloc.lower() else None


def _bad(description: str) -> Rejected:
    return Rejected("invalid_client_metadata", description)
