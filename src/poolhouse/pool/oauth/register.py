"""``/oauth2/register``: apps register (RFC 7591) and manage what they registered (RFC 7592)."""

from typing import Any

from poolhouse.kit import unambiguous
from poolhouse.kit.edge import Raw, Reply
from poolhouse.pool.core.registration import Rejected, said
from poolhouse.pool.core.settings import dcr
from poolhouse.pool.flows import registration
from poolhouse.pool.flows.applying import TooMany
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.registration import NotPermitted, Registered
from poolhouse.pool.flows.site import Site
from poolhouse.pool.oauth.answers import Problem, json_body

PATH = "/oauth2/register"


async def answer(flow: Flow, site: Site, raw: Raw) -> Reply:
    """A new client: 201, with its secret and the token by which it manages itself."""
    _check_on(site)
    metadata = _document(raw)
    try:
        made = await registration.register(flow, site.entry, metadata, bearer=_bearer(raw), address=raw.peer)
    except (Rejected, NotPermitted, TooMany) as no:
        raise _problem(no) from no
    return json_body(_view(site, made), status=201)


async def manage(flow: Flow, site: Site, raw: Raw) -> Reply:
    """Read, replace or delete one client, by its registration access token alone."""
    _check_on(site)
    client_id = raw.params["client_id"]
    token = _bearer(raw)
    if token is None:
        raise _problem(NotPermitted(shown=False))
    try:
        if raw.method == "DELETE":
            await registration.delete(flow, site.entry, client_id, token)
            return Reply(204)
        if raw.method == "PUT":
            changed = await registration.update(flow, site.entry, client_id, token, _document(raw))
            return json_body(_view(site, changed))
        return json_body(_view(site, await registration.read(flow, site.entry, client_id, token)))
    except (Rejected, NotPermitted, TooMany) as no:
        raise _problem(no) from no


def _check_on(site: Site) -> None:
    if not dcr.is_on(site.entry.pool.settings):
        raise Problem("invalid_request", "Dynamic client registration is not enabled.", status=404)


def _problem(no: Exception) -> Problem:
    if isinstance(no, Rejected):
        return Problem(no.error, no.description)
    if isinstance(no, NotPermitted):
        # RFC 6750 section 3.1: who has shown no token is told no error.
        challenge = 'Bearer error="invalid_token"' if no.shown else "Bearer"
        return Problem("invalid_token", status=401, headers=(("www-authenticate", challenge),))
    later = (("retry-after", "3600"),)
    return Problem("temporarily_unavailable", "Too many app clients were registered.", status=429, headers=later)


def _bearer(raw: Raw) -> str | None:
    """The token of the header; None without a header. Any other scheme is a token that permits nothing."""
    header = raw.header("authorization")
    if not header:
        return None
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _document(raw: Raw) -> dict[str, Any]:
    """A JSON object in which no name comes twice: two readers must not see two documents (CVE-2026-9689)."""
    if raw.media_type != "application/json":
        raise Problem("invalid_client_metadata", "The content type must be application/json.")
    try:
        document = unambiguous.read(raw.body)
    except (ValueError, RecursionError) as wrong:
        raise Problem("invalid_client_metadata", "The body is not a JSON object, or has a name twice.") from wrong
    if not isinstance(document, dict):
        raise Problem("invalid_client_metadata", "The body is not a JSON object.")
    return document


def _view(site: Site, made: Registered) -> dict[str, Any]:
    """The client information response (RFC 7591 section 3.2.1, RFC 7592 section 3)."""
    settings, client_id = made.client.settings, made.client.id
    is_machine = settings.allowed_o_auth_flows == ["client_credentials"]
    view: dict[str, Any] = {
        "client_id": client_id,
        "client_id_issued_at": made.client.created_ms // 1000,
        "registration_access_token": made.token,
        "registration_client_uri": f"{site.url}{PATH}/{client_id}",
        "client_name": settings.client_name,
        "application_type": made.registration.application_type,
        "token_endpoint_auth_method": made.registration.auth_method,
        "grant_types": ["client_credentials"] if is_machine else ["authorization_code", "refresh_token"],
        "response_types": [] if is_machine else ["code"],
        "scope": " ".join(settings.allowed_o_auth_scopes or ()),
        "id_token_signed_response_alg": "RS256",
        "subject_type": "public",
        **said(made.client.extended),
    }
    if made.secret is not None:
        view |= {"client_secret": made.secret, "client_secret_expires_at": 0}
    if settings.callback_urls:
        view["redirect_uris"] = settings.callback_urls
    if settings.logout_urls:
        view["post_logout_redirect_uris"] = settings.logout_urls
    return view
