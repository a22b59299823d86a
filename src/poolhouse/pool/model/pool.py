"""Pools and what belongs to their configuration."""

from typing import NewType

import msgspec

from poolhouse.pool.model.hosted import PLAIN_PAGES, HostedSettings
from poolhouse.pool.model.openid import NOTHING_EXTRA, OpenIdSettings
from poolhouse.pool.model.session import SessionTracking
from poolhouse.pool.spec import shapes

PoolId = NewType("PoolId", str)
ClientId = NewType("ClientId", str)


class Pool(msgspec.Struct, frozen=True, kw_only=True):
    """
    A user pool.

    ``settings`` is what DescribeUserPool answers, without the members that are computed when it is asked: Id, Name,
    Arn, dates, EstimatedNumberOfUsers, Domain, CustomDomain.  ``mfa`` is what GetUserPoolMfaConfig answers; ``hosted``
    what the service does not have, None where nothing was ever said.
    """

    id: PoolId
    region: str
    account: str
    name: str
    created_ms: int
    modified_ms: int
    version: int = 0
    settings: shapes.UserPoolType
    mfa: shapes.GetUserPoolMfaConfigResponse
    sessions: SessionTracking | None = None
    hosted: HostedSettings | None = None

    @property
    def extended(self) -> HostedSettings:
        """The settings beyond the service's, or their defaults."""
        return self.hosted or PLAIN_PAGES

    @property
    def srp_name(self) -> str:
        """The part after ``_``: the pool's name in SRP."""
        return self.id.partition("_")[2]

    @property
    def arn(self) -> str:
        return f"arn:aws:cognito-idp:{self.region}:{self.account}:userpool/{self.id}"

    @property
    def case_sensitive(self) -> bool:
        """Usernames and aliases compare by case unless the pool said otherwise at creation."""
        configured = self.settings.username_configuration
        return configured is None or configured.case_sensitive is not False

    def key_of(self, name: str) -> str:
        """*name* as it is compared in this pool."""
        return name if self.case_sensitive else name.casefold()


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """
    An app client.

    ``sso_minutes`` is how long it goes on silently with an SSO session, None where that was never set.
    ``settings`` is what DescribeUserPoolClient answers without UserPoolId, ClientId, ClientSecret and dates;
    ``openid`` what the service does not have, None where nothing was ever said.
    """

    id: ClientId
    pool_id: PoolId
    created_ms: int
    modified_ms: int
    version: int = 0
    settings: shapes.UserPoolClientType
    sso_minutes: int | None = None
    openid: OpenIdSettings | None = None

    @property
    def extended(self) -> OpenIdSettings:
        """The settings beyond the service's, or their defaults."""
        return self.openid or NOTHING_EXTRA


class ClientSecret(msgspec.Struct, frozen=True, kw_only=True):
    """One of at most two secrets; ``sealed`` under purpose "client secret", row ``<client id>/<secret id>``."""

    client_id: ClientId
    id: str
    created_ms: int
    sealed: bytes


class SealedKey(msgspec.Struct, frozen=True, kw_only=True):
    """
    A signing key at rest; ``use`` is "id" or "access".  Purpose "signing key", row ``<pool id>/<kid>``.

    It is published from when it is made, signs from ``active_ms`` and, once another has taken its place at
    ``retired_ms``, verifies what it signed.
    """

    pool_id: PoolId
    kid: str
    use: str
    created_ms: int
    sealed: bytes
    alg: str = "RS256"
    active_ms: int = 0
    retired_ms: int | None = None


class PoolSalt(msgspec.Struct, frozen=True, kw_only=True):
    """What a pool's pairwise subjects are made with; it never changes.  Purpose "pairwise salt", row ``<pool id>``."""

    pool_id: PoolId
    sealed: bytes


class Domain(msgspec.Struct, frozen=True, kw_only=True):
    """
    A prefix or a custom domain; unique over all pools, one of each kind per pool.

    ``settings`` holds CustomDomainConfig, ManagedLoginVersion, Routing and Version as they were given.
    """

    name: str
    pool_id: PoolId
    custom: bool
    settings: shapes.DomainDescriptionType


class ResourceServer(msgspec.Struct, frozen=True, kw_only=True):
    """A resource server and its scopes (scope string: ``<identifier>/<scope name>``)."""

    pool_id: PoolId
    identifier: str
    name: str
    scopes: tuple[shapes.ResourceServerScopeType, ...] = ()


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A group; a lower precedence wins, ``None`` ranks last."""

    pool_id: PoolId
    name: str
    description: str | None = None
    role_arn: str | None = None
    precedence: int | None = None
    created_ms: int
    modified_ms: int
