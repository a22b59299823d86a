"""All operations that this server offers, by name."""

from poolhouse.pool.api import (
    auth,
    branding,
    client_secrets,
    client_tokens,
    clients,
    domains,
    factors,
    groups,
    identity_providers,
    linking,
    mfa,
    pools,
    profile,
    provisioned,
    replicas,
    resource_servers,
    sign_up,
    tags,
    terms,
    tokens,
    users,
    users_write,
)
from poolhouse.pool.api.operations import collect

OPERATIONS = collect(
    [
        pools,
        mfa,
        tags,
        clients,
        client_tokens,
        client_secrets,
        domains,
        resource_servers,
        identity_providers,
        linking,
        groups,
        users,
        users_write,
        auth,
        tokens,
        factors,
        sign_up,
        profile,
        branding,
        terms,
        replicas,
        provisioned,
    ]
)
