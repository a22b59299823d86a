"""
The metadata of an app that registers itself (RFC 7591 section 2, OpenID Connect Dynamic Client Registration).

What is not understood is ignored, as the RFC demands, and not shown among what was registered.  What is understood and
cannot be done is refused: an app that asks for encrypted ID tokens should not get plain ones.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from poolhouse.pool.core.proof_algorithms import ASSERTION_METHODS, CERTIFICATE_METHODS, KEY_METHODS
from poolhouse.pool.core.scopes import OPENID_SCOPES
from poolhouse.pool.core.settings import openid
from poolhouse.pool.core.settings.dcr import Terms
from poolhouse.pool.core.settings.oauth import check_redirect
from poolhouse.pool.model.openid import NOTHING_EXTRA, OpenIdSettings
from poolhouse.pool.spec.shapes import RefreshTokenRotationType, TokenValidityUnitsType, UserPoolClientType

URLS: Final = 100
URL_LENGTH: Final = 1024
SCOPES: Final = 50
_NAME: Final = re.compile(r"[\w\s+=,.@-]{1,128}")
_CODE, _REFRESH, _MACHINE = "authorization_code", "refresh_token", "client_credentials"
# What may be asked for because it is what everybody gets.
_ONLY: Final[Mapping[str, tuple[str, ...]]] = {
    "subject_type": ("public", "pairwise"),
    "application_type": ("web", "native"),
}
_NEVER: Final = (
    "id_token_encrypted_response_alg", "id_token_encrypted_response_enc", "userinfo_encrypted_response_alg",
    "userinfo_encrypted_response_enc", "request_object_encryption_alg", "request_object_encryption_enc", "request_uris",
    "initiate_login_uri", "software_statement",
)  # fmt: skip
_OURS: Final = frozenset({
    "dialect", "profile", "third_party", "require_pkce", "extra_grants", "resources", "require_dpop_nonce",
    "withheld_scopes", "sector_identifier", "logo_uri", "backchannel_logout_at_expiry",
    "access_token_signed_response_alg", "access_token_typ",
})  # fmt: skip
"""Settings of an app client that an app has no say in."""
_SAID: Final = tuple(name for name in OpenIdSettings.__struct_fields__ if name not in _OURS)
"""Those that carry the names of the registry of RFC 7591 section 4.1: each counts once the server acts on it."""
_SHOWN: Final = frozenset({"client_uri", "policy_uri", "tos_uri", "contacts"})
"""What tells people about the app: a server that does not show it leaves it out (RFC 7591 section 2)."""
_ROTATION: Final = RefreshTokenRotationType(feature="ENABLED", retry_grace_period_seconds=10)
_BY_SECRET: Final = ("client_secret_basic", "client_secret_post")


class Rejected(Exception):
    """The metadata cannot be registered; *error* is one of RFC 7591 section 3.2.2."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.error = error
        self.description = description


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """What is registered; *name* is None when the app did not give one."""

    name: str | None
    redirect_uris: tuple[str, ...]
    logout_uris: tuple[str, ...]
    flow: str
    scopes: tuple[str, ...]
    auth_method: str
    application_type: str
    extended: OpenIdSettings = NOTHING_EXTRA

    @property
    def has_secret(self) -> bool:
        return self.auth_method not in {"none", *KEY_METHODS}

    @property
    def grant_types(self) -> tuple[str, ...]:
        """An app with the code flow gets refresh tokens, whether it asked for them or not."""
        return (_MACHINE,) if self.flow == _MACHINE else (_CODE, _REFRESH)

    def settings(self, name: str) -> UserPoolClientType:
        """
        The app client.

        Only the hosted pages sign people in for it: an app that nobody vouched for should not be given passwords.  A
        public one gets a new refresh token each time (OAuth 2.1 section 4.3.1), with which no API refreshes.
        """
        rotates = self.auth_method == "none" and self.extended.dialect == "openid"
        return UserPoolClientType(
            client_name=self.name or name,
            client_type="DCR",
            refresh_token_validity=30,
            token_validity_units=TokenValidityUnitsType(),
            explicit_auth_flows=[] if rotates else ["ALLOW_REFRESH_TOKEN_AUTH"],
            refresh_token_rotation=_ROTATION if rotates else None,
            supported_identity_providers=["COGNITO"],
            callback_urls=list(self.redirect_uris) or None,
            logout_urls=list(self.logout_uris) or None,
            allowed_o_auth_flows=[self.flow],
            allowed_o_auth_scopes=list(self.scopes),
            allowed_o_auth_flows_user_pool_client=True,
            prevent_user_existence_errors="ENABLED",
            enable_token_revocation=True,
            enable_propagate_additional_user_context_data=False,
            auth_session_validity=3,
        )


def judge(metadata: Mapping[str, Any], terms: Terms, ours: OpenIdSettings = NOTHING_EXTRA) -> Application:
    """What *metadata* registers under *terms*, with what is not the app's to say as in *ours*; raises ``Rejected``."""
    _check_possible(metadata)
    flow = _flow(metadata, terms)
    method = _text(metadata, "token_endpoint_auth_method") or _BY_SECRET[0]
    if method not in {*_BY_SECRET, "none", *ASSERTION_METHODS, *CERTIFICATE_METHODS}:
        raise _bad("token_endpoint_auth_method is not supported")
    extended = _extended(metadata, ours, method)
    if method == "none" and flow == _MACHINE:
        raise _bad("client_credentials needs a client secret")
    name = _text(metadata, "client_name")
    if name is not None and not _NAME.fullmatch(name):
        raise _bad("client_name has characters that are not allowed, or is too long")
    redirects = _urls(metadata, "redirect_uris")
    if flow == "code" and not redirects:
        raise Rejected("invalid_redirect_uri", "redirect_uris is missing")
    if flow == _MACHINE and redirects:
        raise Rejected("invalid_redirect_uri", "client_credentials has no redirect_uris")
    return Application(
        name=name,
        redirect_uris=redirects,
        logout_uris=_urls(metadata, "post_logout_redirect_uris"),
        flow=flow,
        scopes=_scopes(metadata, terms, flow, extended.dialect),
        auth_method=method,
        application_type=_text(metadata, "application_type") or "web",
        extended=extended,
    )


def said(settings: OpenIdSettings) -> dict[str, Any]:
    """What of *settings* the app said, as it is shown to it; what is as usual is left out."""
    held = msgspec.to_builtins(settings)
    return {name: held[name] for name in _SAID if name in held}


def ours_of(settings: OpenIdSettings) -> OpenIdSettings:
    """What of *settings* no app has a say in."""
    return OpenIdSettings(**{name: getattr(settings, name) for name in _OURS})


def _extended(metadata: Mapping[str, Any], ours: OpenIdSettings, method: str) -> OpenIdSettings:
    """
    The settings beyond the service's.

    A method by secret, or none, is the registration's alone: the settings have those that need more than a secret.
    """
    given = {name: metadata[name] for name in _SAID if metadata.get(name) is not None}
    given = {name: value for name, value in given.items() if name not in _SHOWN or openid.works(name)}
    if method in {*_BY_SECRET, "none"}:
        given.pop("token_endpoint_auth_method", None)
    try:
        return openid.read({**msgspec.to_builtins(ours), **given})
    except openid.WrongSetting as wrong:
        raise _bad(str(wrong)) from wrong


def _check_possible(metadata: Mapping[str, Any]) -> None:
    for name, allowed in _ONLY.items():
        if metadata.get(name) is not None and metadata[name] not in allowed:
            raise _bad(f"{name} has a value that is not supported")
    unsupported = next((name for name in _NEVER if metadata.get(name) is not None), None)
    if unsupported is not None:
        raise _bad(f"{unsupported} is not supported")


def _flow(metadata: Mapping[str, Any], terms: Terms) -> str:
    """The one OAuth flow of the app; people and programs do not share an app client."""
    grants = set(_texts(metadata, "grant_types", (_CODE,)))
    if grants not in ({_CODE}, {_CODE, _REFRESH}, {_MACHINE}):
        raise _bad("grant_types must be authorization_code, with refresh_token or without, or client_credentials")
    flow = _MACHINE if _MACHINE in grants else "code"
    expected = ("code",) if flow == "code" else ()
    if _texts(metadata, "response_types", expected) != expected:
        raise _bad("response_types do not fit grant_types")
    if flow not in terms.flows:
        raise _bad("grant_types are not permitted")
    return flow


def _scopes(metadata: Mapping[str, Any], terms: Terms, flow: str, dialect: str) -> tuple[str, ...]:
    own = tuple(scope for scope in terms.scopes if "/" in scope)
    permitted = own if flow == _MACHINE else terms.scopes
    given = _text(metadata, "scope")
    if given is None:
        # Without a word about scopes an app gets what every app may have.
        wanted = own if flow == _MACHINE else tuple(scope for scope in terms.scopes[:4] if "/" not in scope)
    else:
        # Those that others bring along are asked for at the authorization endpoint, and not held.
        brought = OPENID_SCOPES if dialect == "openid" else {}
        wanted = tuple(scope for scope in dict.fromkeys(given.split(" ")) if scope not in brought)
    if not wanted or len(wanted) > SCOPES or not set(wanted) <= set(permitted):
        raise _bad("scope has a value that is not permitted")
    return wanted


def _urls(metadata: Mapping[str, Any], name: str) -> tuple[str, ...]:
    error = "invalid_redirect_uri" if name == "redirect_uris" else "invalid_client_metadata"
    try:
        urls = _texts(metadata, name, ())
    except Rejected as wrong:
        raise Rejected(error, wrong.description) from wrong
    if len(urls) > URLS or len(set(urls)) < len(urls):
        raise Rejected(error, f"{name} has too many values, or one twice")
    for url in urls:
        if not 0 < len(url) <= URL_LENGTH or not url.isascii() or check_redirect(url) is not None:
            raise Rejected(error, f"{name} has a value that is not allowed: https, http on loopback or an app's scheme")
    return urls


def _text(metadata: Mapping[str, Any], name: str) -> str | None:
    value = metadata.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not value or not value.isprintable():
        raise _bad(f"{name} is not valid")
    return value


def _texts(metadata: Mapping[str, Any], name: str, default: tuple[str, ...]) -> tuple[str, ...]:
    value = metadata.get(name)
    if value is None:
        return default
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise _bad(f"{name} is not a list of strings")
    return tuple(value)


def _bad(description: str) -> Rejected:
    return Rejected("invalid_client_metadata", description)
