"""Identity providers of a pool, and the identities that are linked to its users."""

from typing import Final

import msgspec

from poolhouse.pool.model.pool import ClientId, PoolId
from poolhouse.pool.model.user import Username

SUBJECT: Final = "Cognito_Subject"
"""The name under which a provider's own subject is linked, whatever the provider calls it."""


class IdentityProvider(msgspec.Struct, frozen=True, kw_only=True):
    """
    A provider that people may come from.

    ``details`` is ProviderDetails as DescribeIdentityProvider shows it, without secrets; ``sealed`` holds those as a
    JSON object (purpose "provider secret", row ``<pool id>/<name>``).  ``metadata`` is the SAML document that was
    given or fetched.
    """

    pool_id: PoolId
    name: str
    type: str
    details: dict[str, str]
    sealed: bytes | None = None
    mapping: dict[str, str] = {}
    identifiers: tuple[str, ...] = ()
    acr: dict[str, str] = {}
    metadata: str | None = None
    created_ms: int
    modified_ms: int
    version: int = 0


class ProviderName(msgspec.Struct, frozen=True, kw_only=True):
    """What is needed of a provider wherever an app asks for one: its names."""

    name: str
    type: str
    identifiers: tuple[str, ...] = ()


class LinkedIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """
    Somebody at a provider who signs in as a user of the pool.

    ``attribute`` is ``SUBJECT``, or the pool's attribute to which the provider's claim is mapped.
    """

    pool_id: PoolId
    provider: str
    attribute: str
    value: str
    username: Username
    linked_ms: int


class SamlCertificate(msgspec.Struct, frozen=True, kw_only=True):
    """
    A key of the pool as a SAML service provider, and its certificate (Base64 of DER, as a PEM body without breaks).

    ``use`` is "signing" or "encryption".  Purpose "saml key", row ``<pool id>/<use>/<generation>``.
    """

    pool_id: PoolId
    use: str
    generation: int
    created_ms: int
    sealed: bytes
    certificate: str


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """
    How an app client registered itself (RFC 7591).

    ``digest`` is that of its registration access token (RFC 7592); ``is_open``: without a token, so by anybody.
    ``auth_method`` is the one way in which it proves itself at the token endpoint.
    """

    client_id: ClientId
    pool_id: PoolId
    digest: bytes
    is_open: bool
    auth_method: str
    application_type: str
