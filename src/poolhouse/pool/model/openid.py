"""
What an app client has beyond Cognito's settings: OpenID Connect and OAuth 2.0 as the standards have them.

The members carry the names of the registries of RFC 7591 and OpenID Connect Registration, where these have one.
"""

from typing import Any, Literal

import msgspec

Dialect = Literal["cognito", "openid"]
AuthMethod = Literal[
    "client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "tls_client_auth",
    "self_signed_tls_client_auth", "none",
]  # fmt: skip
SigningAlg = Literal["RS256", "ES256", "EdDSA"]
Profile = Literal["fapi2"]
ExtraGrant = Literal[
    "urn:ietf:params:oauth:grant-type:device_code", "urn:ietf:params:oauth:grant-type:token-exchange"
]  # fmt: skip


class OpenIdSettings(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """
    The extended settings of an app client; the defaults are what every Cognito app client has.

    ``dialect`` "openid" answers with the standards' types and errors where they differ from the service's.
    ``third_party`` asks the user for consent, once.  ``token_endpoint_auth_method`` None: a secret by Basic or in the
    body, or none, as the client has one.  ``extra_grants`` are grants that app clients have no flow for;
    ``resources`` the RFC 8707 targets that it may ask for besides the pool's resource servers.  ``profile`` "fapi2"
    holds the other settings to the FAPI 2.0 Security Profile; ``access_token_typ`` is in the header of access tokens.
    ``backchannel_logout_at_expiry``: the app is told, too, when a session ends by itself.
    ``sector_identifier`` is the host whose apps hear the same subjects, fixed when the client becomes "pairwise".
    ``withheld_scopes``: those that an administrator took away from an app that registered itself.
    """

    dialect: Dialect = "cognito"
    profile: Profile | None = None
    subject_type: Literal["public", "pairwise"] = "public"
    sector_identifier_uri: str | None = None
    sector_identifier: str | None = None
    third_party: bool = False
    require_pkce: bool = False
    extra_grants: tuple[ExtraGrant, ...] = ()
    resources: tuple[str, ...] = ()
    withheld_scopes: tuple[str, ...] = ()
    token_endpoint_auth_method: AuthMethod | None = None
    token_endpoint_auth_signing_alg: str | None = None
    jwks: dict[str, Any] | None = None
    jwks_uri: str | None = None
    tls_client_auth_subject_dn: str | None = None
    id_token_signed_response_alg: SigningAlg = "RS256"  # noqa: S105 (an algorithm)
    userinfo_signed_response_alg: SigningAlg | None = None
    access_token_signed_response_alg: SigningAlg = "RS256"  # noqa: S105 (an algorithm)
    access_token_typ: Literal["at+jwt"] | None = None
    request_object_signing_alg: str | None = None
    require_pushed_authorization_requests: bool = False
    require_signed_request_object: bool = False
    dpop_bound_access_tokens: bool = False
    require_dpop_nonce: bool = False
    tls_client_certificate_bound_access_tokens: bool = False
    default_max_age: int | None = None
    require_auth_time: bool = False
    default_acr_values: tuple[str, ...] = ()
    backchannel_logout_uri: str | None = None
    backchannel_logout_session_required: bool = False
    backchannel_logout_at_expiry: bool = False
    frontchannel_logout_uri: str | None = None
    frontchannel_logout_session_required: bool = False
    client_uri: str | None = None
    logo_uri: str | None = None
    policy_uri: str | None = None
    tos_uri: str | None = None
    contacts: tuple[str, ...] = ()

    @property
    def knows_sessions(self) -> bool:
        """
        Whether ID tokens name the browser session (``sid``): in the openid dialect, and for apps told of its end.

        Ours: other apps could not do anything with it, and the service's tokens have none.
        """
        return self.dialect == "openid" or self.is_told_of_logout

    @property
    def is_told_of_logout(self) -> bool:
        """Whether the app hears of the end of a session, by either channel."""
        return self.backchannel_logout_uri is not None or self.frontchannel_logout_uri is not None


NOTHING_EXTRA = OpenIdSettings()


class ClientLogo(msgspec.Struct, frozen=True, kw_only=True):
    """What ``logo_uri`` served when it was set: PNG or JPEG."""

    client_id: str
    pool_id: str
    url: str
    picture: bytes


class GrantTerms(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    What a sign-in was granted beyond scopes, from the code to the last token of its grant.

    ``claims`` is the ``claims`` parameter as it was asked (OIDC Core section 5.5); ``jkt`` the thumbprint of the DPoP
    key (RFC 9449), ``x5t`` of the client's certificate (RFC 8705); ``resources`` the targets (RFC 8707).  ``stepped``:
    ``acr`` is a level of the service's, which both tokens tell (``core.step_up``).
    """

    acr: str | None = None
    claims: dict[str, Any] | None = None
    jkt: str | None = None
    x5t: str | None = None
    resources: tuple[str, ...] = ()
    stepped: bool = False


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """What a user has agreed to for a third party's app client; ``scope`` is space separated."""

    pool_id: str
    sub: str
    client_id: str
    scope: str
    created_ms: int
    modified_ms: int


class PushedRequest(msgspec.Struct, frozen=True, kw_only=True):
    """An authorization request that its client has pushed (RFC 9126); ``form`` is the encoded parameters."""

    digest: bytes
    pool_id: str
    client_id: str
    form: str
    jkt: str | None = None
    expires_at: int


class DeviceCode(msgspec.Struct, frozen=True, kw_only=True):
    """
    A device's request (RFC 8628); both codes are stored as digests.

    ``state``: "pending", "approved" or "denied".  ``sub`` and the rest are set by the user's approval.
    """

    digest: bytes
    user_code: bytes
    pool_id: str
    client_id: str
    scope: str
    state: str = "pending"
    username: str | None = None
    sub: str | None = None
    auth_time: int = 0
    amr: tuple[str, ...] = ()
    sid: str | None = None
    seen: str = ""
    interval: int = 5
    polled_at: int = 0
    terms: GrantTerms | None = None
    expires_at: int


class LogoutDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """A back-channel logout on its way to an app; the logout token is minted when it is sent."""

    id: str
    pool_id: str
    client_id: str
    sub: str
    sid: str | None = None
    created_ms: int
    tries: int = 0
    next_try_at: int
