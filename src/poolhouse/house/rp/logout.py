"""
Signing out at the provider as well.

Cognito has a form of its own, ``/logout?client_id=...&logout_uri=...`` beside its ``/oauth2/authorize``; everybody
else has the ``end_session_endpoint`` of OpenID Connect RP-Initiated Logout, which wants the ID token as a hint.
The hint is posted, not put into a URL, so that it stays out of logs and histories.
"""

from urllib.parse import urlencode, urlsplit

import msgspec

from poolhouse.house.provider import OidcSettings

_COGNITO_AUTHORIZE = "/oauth2/authorize"


class ProviderLogout(msgspec.Struct, frozen=True, kw_only=True):
    """Where to go and how: with ``fields`` it is a form to post, without them an address to open."""

    url: str
    origin: str
    fields: tuple[tuple[str, str], ...] = ()


def logout_url(settings: OidcSettings) -> str:
    """The provider's sign-out address as settings show it; ``""`` when it has none that is known."""
    return _cognito_logout(settings) or settings.end_session_url


def wants_id_token(settings: OidcSettings) -> bool:
    """Whether the session has to keep the ID token for the hint."""
    return not _cognito_logout(settings) and bool(settings.end_session_url)


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
    if id_token is not None:
        fields.append(("id_token_hint", id_token))
    return ProviderLogout(url=settings.end_session_url, origin=_origin(settings.end_session_url), fields=tuple(fields))


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
