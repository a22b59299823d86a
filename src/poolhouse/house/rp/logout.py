"""
Signing out at the provider as well.

Cognito has a form of its own, ``/logout?client_id=...&logout_uri=...`` beside its ``/oauth2/authorize``; everybody
else has the ``end_session_endpoint`` of OpenID Connect RP-Initiated Logout, which wants the ID token as a hint.
The hint is posted, not put into a URL, so that it stays out of logs and histories.  A provider that takes no form there
(section 2 says that it must; node-oidc-provider does so on demand only, and glewlwyd does not) gets an address without
it, and asks the person instead.
"""

from urllib.parse import urlencode, urlsplit

import msgspec

from poolhouse.house.provider import OidcSettings
from poolhouse.kit.outgoing import Http, Unreachable

ASK_SECONDS = 3.0
_COGNITO_AUTHORIZE = "/oauth2/authorize"


class ProviderLogout(msgspec.Struct, frozen=True, kw_only=True):
    """Where to go and how: with ``fields`` it is a form to post, without them an address to open."""

    url: str
    origin: str
    fields: tuple[tuple[str, str], ...] = ()
    has_state: bool = False
    """Whether the provider sends back what it was given."""


def logout_url(settings: OidcSettings) -> str:
    """The provider's sign-out address as settings show it; ``""`` when it has none that is known."""
    return _cognito_logout(settings) or settings.end_session_url


def wants_id_token(settings: OidcSettings) -> bool:
    """Whether the session has to keep the ID token for the hint."""
    return not _cognito_logout(settings) and bool(settings.end_session_url) and settings.is_end_session_posted


def provider_logout(
    settings: OidcSettings, *, return_url: str, id_token: str | None, state: str
) -> ProviderLogout | None:
    """
    What signs this browser out at the provider and brings it back to *return_url*, with *state*.

    Cognito knows no state: what comes back from there says nothing but that somebody came back.
    """
    cognito = _cognito_logout(settings)
    if cognito:
        query = urlencode({"client_id": settings.client_id, "logout_uri": return_url})
        return ProviderLogout(url=f"{cognito}?{query}", origin=_origin(cognito))
    if not settings.end_session_url:
        return None
    fields = [("client_id", settings.client_id), ("post_logout_redirect_uri", return_url)]
    if state:
        fields.append(("state", state))
    url, origin = settings.end_session_url, _origin(settings.end_session_url)
    if not settings.is_end_session_posted:
        joint = "&" if urlsplit(url).query else "?"
        return ProviderLogout(url=f"{url}{joint}{urlencode(fields)}", origin=origin, has_state=bool(state))
    if id_token is not None:
        fields.append(("id_token_hint", id_token))
    return ProviderLogout(url=url, origin=origin, fields=tuple(fields), has_state=bool(state))


async def takes_form(http: Http, url: str) -> bool:
    """Whether there is something at *url* for a form; a provider that does not answer now is taken at its duty."""
    if not url:
        return True
    try:
        answer = await http.post_form(url, {}, authorization=None, seconds=ASK_SECONDS)
    except Unreachable:
        return True
    return answer.status not in {404, 405, 501}


def _cognito_logout(settings: OidcSettings) -> str:
    """FusionAuth has the same path for authorization and another one for sign-out, hence the second condition."""
    parts = urlsplit(settings.authorization_url)
    if not parts.path.endswith(_COGNITO_AUTHORIZE):
        return ""
    beside = f"{_origin(settings.authorization_url)}{parts.path.removesuffix(_COGNITO_AUTHORIZE)}/logout"
    return beside if settings.end_session_url in {"", beside} else ""


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
