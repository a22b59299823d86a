"""
Domains of pools: a prefix, a custom name, or one of each.

A name belongs to one pool of this server whatever its region, since it becomes a host or a path of ours.
"""

from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

import msgspec

from poolhouse.kit.db.protocol import Tx, UniqueViolation
from poolhouse.pool.core.refusal import not_supported
from poolhouse.pool.flows import pools
from poolhouse.pool.flows.context import Flow, stop
from poolhouse.pool.model.pool import Domain, Pool
from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.errors import feature_unavailable_in_tier, invalid_parameter
from poolhouse.pool.store import pools as store

RESERVED: Final = ("amazon", "aws", "cognito")
CLASSIC: Final = 1
MANAGED: Final = 2
_FORMAT: Final = r"^[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?$"

Settings = shapes.CreateUserPoolDomainRequest | shapes.UpdateUserPoolDomainRequest


async def create(flow: Flow, pool: Pool, request: shapes.CreateUserPoolDomainRequest) -> Domain:
    """AWS API: CreateUserPoolDomain. With a CustomDomainConfig the name is a host, without one a prefix."""
    custom = request.custom_domain_config is not None
    if custom:
        _check_host(flow, request.domain)
    else:
        _check_prefix(request.domain)
    version = _version(flow, pool, request) or CLASSIC
    settings = shapes.DomainDescriptionType(
        custom_domain_config=request.custom_domain_config, managed_login_version=version, version=_stamp(flow)
    )
    domain = Domain(name=request.domain, pool_id=pool.id, custom=custom, settings=settings)

    async def unit(tx: Tx) -> None:
        # A pool that was deleted elsewhere a moment ago must not keep the name for ever.
        await pools.get_in(tx, pool.region, pool.id)
        if any(each.custom is custom for each in await store.list_domains(tx, pool.id)):
            raise invalid_parameter(f"User pool already has a {'custom' if custom else 'prefix'} domain configured.")
        await store.put_domain(tx, domain)

    try:
        await flow.database.write(unit)
    except UniqueViolation as taken:
        raise invalid_parameter("Domain already associated with another user pool.") from taken
    return domain


async def find(flow: Flow, region: str, name: str) -> tuple[Domain, Pool] | None:
    """The domain and its pool, if that is in *region* (AWS API: DescribeUserPoolDomain)."""
    domain = await flow.database.read(lambda tx: store.find_domain(tx, name))
    entry = None if domain is None else await flow.directory.find_pool(domain.pool_id)
    if domain is None or entry is None or entry.pool.region != region:
        return None
    return domain, entry.pool


async def update(flow: Flow, pool: Pool, request: shapes.UpdateUserPoolDomainRequest) -> Domain:
    """
    AWS API: UpdateUserPoolDomain.

    The name and its kind stay, and so does what is not given: there is no default certificate to return to.
    """
    version = _version(flow, pool, request)
    stamp = _stamp(flow)

    async def unit(tx: Tx) -> Domain:
        domain = await _own(tx, pool, request.domain)
        if request.custom_domain_config is not None and not domain.custom:
            raise invalid_parameter("A prefix domain cannot have a custom domain configuration.")
        settings = msgspec.structs.replace(
            domain.settings,
            custom_domain_config=request.custom_domain_config or domain.settings.custom_domain_config,
            managed_login_version=version or domain.settings.managed_login_version,
            version=stamp,
        )
        changed = msgspec.structs.replace(domain, settings=settings)
        await store.replace_domain(tx, changed)
        return changed

    return await flow.database.write(unit)


async def delete(flow: Flow, pool: Pool, name: str) -> None:
    """AWS API: DeleteUserPoolDomain. Its pages and endpoints are gone with it."""

    async def unit(tx: Tx) -> None:
        await store.drop_domain(tx, pool.id, (await _own(tx, pool, name)).name)

    await flow.database.write(unit)


async def _own(tx: Tx, pool: Pool, name: str) -> Domain:
    """The pool's domain of this name; another pool's is told from an unknown one by nothing."""
    domain = await store.find_domain(tx, name)
    if domain is None or domain.pool_id != pool.id:
        raise invalid_parameter("No such domain or user pool exists.")
    return domain


def _check_prefix(name: str) -> None:
    if "." in name:
        raise invalid_parameter(
            "The domain name contains an invalid character. Domain names can only contain lower-case letters, numbers,"
            f" and hyphens. Please enter a different name that follows this format: {_FORMAT}"
        )
    for word in RESERVED:
        if word in name:
            raise invalid_parameter(f"Domain cannot contain reserved word: {word}")


def _check_host(flow: Flow, name: str) -> None:
    """
    Refuse a custom domain that is no host name of its own.

    Ours: the host of this server and the hosts of its prefixes are taken, or a pool could put itself in their place.
    """
    suffix = flow.config.domain_suffix
    taken = name == urlsplit(flow.config.base_url).hostname or (
        suffix is not None and (name == suffix.lower() or name.endswith(f".{suffix.lower()}"))
    )
    if "." not in name or taken:
        raise invalid_parameter(f"Custom domain is not a valid subdomain: {name}")


def _version(flow: Flow, pool: Pool, request: Settings) -> int | None:
    """The branding version that is asked for; in strict mode the newer one is not for the lowest tier."""
    if request.routing is not None and request.routing.failover is not None:
        stop(not_supported("Routing.Failover"))
    version = request.managed_login_version
    if version not in {None, CLASSIC, MANAGED}:
        raise invalid_parameter(f"ManagedLoginVersion must be {CLASSIC} or {MANAGED}.")
    if flow.config.strict and version == MANAGED and pool.settings.user_pool_tier == "LITE":
        raise feature_unavailable_in_tier("Managed login is not available in the LITE tier.")
    return version


def _stamp(flow: Flow) -> str:
    return datetime.fromtimestamp(flow.clock.now(), UTC).strftime("%Y%m%d%H%M%S")
