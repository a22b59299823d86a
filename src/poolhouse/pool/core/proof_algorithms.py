"""Which signatures of a client count: those it registered, else those that are good enough for what it promised."""

from typing import Final

from poolhouse.pool.model.openid import OpenIdSettings

ASYMMETRIC: Final = ("PS256", "ES256", "EdDSA", "RS256")
FAPI: Final = ("PS256", "ES256", "EdDSA")
"""FAPI 2.0 Security Profile section 5.4.1: RSA with PKCS #1 v1.5 padding is not among them."""
SYMMETRIC: Final = ("HS256",)
ASSERTION_METHODS: Final = ("private_key_jwt", "client_secret_jwt")
CERTIFICATE_METHODS: Final = ("tls_client_auth", "self_signed_tls_client_auth")
KEY_METHODS: Final = ("private_key_jwt", *CERTIFICATE_METHODS)
"""Those that no secret has a part in."""


def asymmetric(settings: OpenIdSettings) -> tuple[str, ...]:
    """Those of DPoP proofs and request objects; a client that has to push its requests is held to FAPI 2.0."""
    return FAPI if settings.require_pushed_authorization_requests else ASYMMETRIC


def of_assertions(settings: OpenIdSettings) -> tuple[str, ...]:
    """Those of client assertions: one kind of key for one method, so that no public key is ever taken for a secret."""
    by_secret = settings.token_endpoint_auth_method == "client_secret_jwt"  # noqa: S105 (a method)
    allowed = SYMMETRIC if by_secret else asymmetric(settings)
    return _pinned(settings.token_endpoint_auth_signing_alg, allowed)


def of_request_objects(settings: OpenIdSettings) -> tuple[str, ...]:
    """Those of request objects (RFC 9101 section 6.2); ``none`` is never one."""
    return _pinned(settings.request_object_signing_alg, asymmetric(settings))


def _pinned(registered: str | None, allowed: tuple[str, ...]) -> tuple[str, ...]:
    return allowed if registered is None else tuple(each for each in allowed if each == registered)
