"""
The FAPI 2.0 Security Profile: all that it wants of an app client, or the client does not have it.

Part of that are the extended settings, part the service's own, which an administrator may change later by its API: both
are looked at whenever either changes.
"""

from poolhouse.pool.core.proof_algorithms import FAPI, KEY_METHODS
from poolhouse.pool.core.refresh import is_rotating
from poolhouse.pool.model.openid import OpenIdSettings
from poolhouse.pool.spec.shapes import UserPoolClientType


def missing(settings: OpenIdSettings) -> str | None:
    """What the extended settings lack for the profile (sections 5.3.2 and 5.4); None where that is nothing."""
    binds = settings.dpop_bound_access_tokens or settings.tls_client_certificate_bound_access_tokens
    signatures = (
        settings.id_token_signed_response_alg, settings.access_token_signed_response_alg,
        settings.userinfo_signed_response_alg or FAPI[0],
    )  # fmt: skip
    return _first((
        (settings.dialect == "openid", "the dialect openid"),
        (settings.token_endpoint_auth_method in KEY_METHODS, "a token_endpoint_auth_method by a key or a certificate"),
        (settings.require_pushed_authorization_requests, "require_pushed_authorization_requests"),
        (binds, "dpop_bound_access_tokens or tls_client_certificate_bound_access_tokens"),
        ("RS256" not in signatures, "ES256 or EdDSA as the signature of ID tokens, access tokens and UserInfo"),
    ))  # fmt: skip


def contradiction(client: UserPoolClientType) -> str | None:
    """
    What of the service's settings the profile excludes, as what it needs instead.

    Section 5.3.2.1: a rotated refresh token locks out an app whose answer was lost, and protects nothing that the key
    of a bound one does not.  Section 5.3.2.2: no tokens through the browser.
    """
    return _first((
        (not is_rotating(client), "RefreshTokenRotation to be off"),
        ("implicit" not in (client.allowed_o_auth_flows or ()), "AllowedOAuthFlows without implicit"),
    ))  # fmt: skip


def _first(rules: tuple[tuple[bool, str], ...]) -> str | None:
    return next((what for is_so, what in rules if not is_so), None)
