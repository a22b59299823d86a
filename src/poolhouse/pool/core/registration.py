"""
The metadata of an app that registers itself (RFC 7591 section 2, OpenID Connect Dynamic Client Registration).

What is not understood is ignored, as the RFC demands, and not shown among what was registered.  What is understood and
cannot be done is refused: an app that asks for encrypted ID tokens should not get plain ones.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from poolhouse.pool.core.settings.dcr import Terms
from poolhouse.pool.core.settings.oauth import check_redirect
from poolhouse.pool.spec.shapes import TokenValidityUnitsType, UserPoolClientType

URLS: Final = 100
URL_LENGTH: Final = 1024
SCOPES: Final = 50
METHODS: Final = ("client_secret_basic", "client_secret_post", "none")
_NAME: Final = re.compile(r"[\w\s+=,.@-]{1,128}")
_CODE, _REFRESH, _MACHINE = "authorization_code", "refresh_token", "client_credentials"
# What may be asked for because it is what everybody gets.
_ONLY: Final[Mapping[str, tuple[object, ...]]] = {
    "id_token_signed_response_alg": ("RS256",),
    "subject_type": ("public",),
    "application_type": ("web", "native"),
    "require_auth_time": (True, False),
    "require_pushed_authorization_requests": (False,),
    "dpop_bound_access_tokens": (False,),
    "tls_client_certificate_bound_access_tokens": (False,),
    "require_signed_request_object": (False,),
}
_NEVER: Final = (
    "id_token_encrypted_response_alg", "id_token_encrypted_response_enc", "userinfo_signed_response_alg",
    "userinfo_encrypted_response_alg", "userinfo_encrypted_response_enc", "request_object_signing_alg",
    "request_object_encryption_alg", "request_object_encryption_enc", "request_uris", "sector_identifier_uri",
    "default_acr_values", "default_max_age", "initiate_login_uri", "backchannel_logout_uri",
    "frontchannel_logout_uri", "software_statement",
)  # fmt: skip


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

    @property
    def has_secret(self) -> bool:
        return self.auth_method != "none"

    @property
    def grant_types(self) -> tuple[str, ...]:
        """An app with the code flow gets refresh tokens, whether it asked for them or not."""
        return (_MACHINE,) if self.flow == _MACHINE else (_CODE, _REFRESH)

    def settings(self, name: str) -> UserPoolClientType:
        """
        The app client.

        Only the hosted pages sign people in for it: an app that nobody vouched for should not be given passwords.
        """
        return UserPoolClientType(
            client_name=self.name or name,
            client_type="DCR",
            refresh_token_validity=30,
            token_validity_units=TokenValidityUnitsType(),
            explicit_auth_flows=["ALLOW_REFRESH_TOKEN_AUTH"],
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


def judge(metadata: Mapping[str, Any], terms: Terms) -> Application:
    """What *metadata* registers under *terms*; raises ``Rejected``."""
    _check_possible(metadata)
    flow = _flow(metadata, terms)
    method = _text(metadata, "token_endpoint_auth_method") or METHODS[0]
    if method not in METHODS:
        raise _bad("token_endpoint_auth_method is not supported")
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
        scopes=_scopes(metadata, terms, flow),
        auth_method=method,
        application_type=_text(metadata, "application_type") or "web",
    )


def _check_possible(metadata: Mapping[str, Any]) -> None:
    for name, allowed in _ONLY.items():
        # True is 1 to Python, and not to JSON.
        if metadata.get(name) is not None and not any(metadata[name] is v or metadata[name] == v for v in allowed):
            raise _bad(f"{name} has a value that is not supported")
        if metadata.get(name) is not None and type(metadata[name]) is not type(allowed[0]):
            raise _bad(f"{name} is not valid")
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


def _scopes(metadata: Mapping[str, Any], terms: Terms, flow: str) -> tuple[str, ...]:
    own = tuple(scope for scope in terms.scopes if "/" in scope)
    permitted = own if flow == _MACHINE else terms.scopes
    given = _text(metadata, "scope")
    if given is None:
        # Without a word about scopes an app gets what every app may have.
        wanted = own if flow == _MACHINE else terms.scopes[:4]
    else:
        wanted = tuple(dict.fromkeys(given.split(" ")))
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
