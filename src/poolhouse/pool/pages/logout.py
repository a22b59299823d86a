"""``/logout``: ends the browser's session and goes on (developer guide, logout endpoint); tokens stay."""

from urllib.parse import urlencode

from poolhouse.kit import forms
from poolhouse.kit.edge import HeaderPair, Reply, redirect
from poolhouse.pool.core.authorization_request import answer_url
from poolhouse.pool.flows import hints
from poolhouse.pool.flows.browser import SESSION_COOKIE, THREAD_COOKIE, end_session
from poolhouse.pool.model.pool import Client
from poolhouse.pool.pages.error import to_error
from poolhouse.pool.pages.visit import Visit, drop_cookie

_MISSING = "Required String parameter '{}' is not present"


async def get(visit: Visit) -> Reply:
    """
    Three forms: ``logout_uri``; ``redirect_uri`` with ``response_type``, to sign in again; and that of OpenID Connect.

    DEVIATION: ``post_logout_redirect_uri`` with ``id_token_hint`` and ``state`` (RP-Initiated Logout section 2) is
    refused by the service, although its discovery document names this endpoint for it. So does strict mode.
    """
    try:
        given = {name: value for name, value in forms.single(visit.query).items() if value}
    except forms.FormError:
        return to_error(visit, "invalid_request")
    if visit.flow.config.strict:
        given.pop("id_token_hint", None)
    client = await _client(visit, given)
    if client is None:
        named = "client_id" in given or "id_token_hint" in given
        return to_error(visit, "Client does not exist" if named else _MISSING.format("client_id"))
    if "logout_uri" in given:
        return await _leave(visit, client, given["logout_uri"], state=None)
    if "post_logout_redirect_uri" in given and not visit.flow.config.strict:
        return await _leave(visit, client, given["post_logout_redirect_uri"], state=given.get("state"))
    if "redirect_uri" in given and "response_type" in given:
        return await _sign_in_again(visit, client, given)
    return to_error(visit, _MISSING.format("redirect_uri"), client.id)


async def _leave(visit: Visit, client: Client, target: str, *, state: str | None) -> Reply:
    """To a registered sign-out URL only, compared as strings; the service's form never hands ``state`` back."""
    registered = client.settings.logout_urls if client.settings.allowed_o_auth_flows_user_pool_client else None
    if "#" in target or target not in (registered or ()):
        return to_error(visit, _MISSING.format("redirect_uri"), client.id, "logout_mismatch")
    ended = await _end(visit)
    return redirect(answer_url(target, {"state": state}), 302, ended)


async def _sign_in_again(visit: Visit, client: Client, given: dict[str, str]) -> Reply:
    """To the sign-in page, which judges the rest; without a scope all of the client's are asked for."""
    if given["redirect_uri"] not in (client.settings.callback_urls or ()):
        return to_error(visit, "redirect_mismatch", client.id)
    ended = await _end(visit)
    return redirect(visit.site.href("/login", urlencode({**given, "client_id": client.id})), 302, ended)


async def _end(visit: Visit) -> tuple[HeaderPair, ...]:
    await end_session(visit.flow, visit.site.entry, visit.cookie(SESSION_COOKIE))
    return drop_cookie(visit, SESSION_COOKIE), drop_cookie(visit, THREAD_COOKIE)


async def _client(visit: Visit, given: dict[str, str]) -> Client | None:
    """By ``client_id``, or by the audience of an ID token that this pool signed, however old it is."""
    entry = visit.site.entry
    client_id = given.get("client_id")
    hint = given.get("id_token_hint")
    if hint is not None:
        audience = _audience(visit, hint)
        if audience is None or client_id not in {None, audience}:
            return None
        client_id = audience
    found = await visit.flow.directory.find_client(client_id or "")
    return found.client if found is not None and found.client.pool_id == entry.pool.id else None


def _audience(visit: Visit, hint: str) -> str | None:
    """The client that an ID token of this pool was made for."""
    claims = hints.read(visit.flow, visit.site.entry, hint)
    return None if claims is None else str(claims.get("aud", ""))
