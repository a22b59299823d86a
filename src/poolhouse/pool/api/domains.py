"""Operations on domains of user pools."""

from typing import Final, cast
from urllib.parse import urlsplit

import msgspec

from poolhouse.pool.api.operations import Call, operation
from poolhouse.pool.flows import domains, pools
from poolhouse.pool.model.pool import Domain
from poolhouse.pool.spec import shapes

# What the model requires is left out by this value.
_NO_CONFIG: Final = shapes.CustomDomainConfigType(certificate_arn=cast("str", msgspec.UNSET))


@operation
async def create_user_pool_domain(
    call: Call, request: shapes.CreateUserPoolDomainRequest
) -> shapes.CreateUserPoolDomainResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    domain = await domains.create(call.ctx, entry.pool, request)
    return shapes.CreateUserPoolDomainResponse(
        managed_login_version=domain.settings.managed_login_version,
        cloud_front_domain=_alias_target(call) if domain.custom else None,
    )


@operation
async def describe_user_pool_domain(
    call: Call, request: shapes.DescribeUserPoolDomainRequest
) -> shapes.DescribeUserPoolDomainResponse:
    """
    An unknown domain, or one of another region, has an empty description.

    A prefix has an empty CustomDomainConfig, against the model, as the service has it.

    DEVIATION: no S3Bucket, since there is none. Strict mode has none either.
    """
    found = await domains.find(call.ctx, call.region, request.domain)
    if found is None:
        return shapes.DescribeUserPoolDomainResponse(domain_description=shapes.DomainDescriptionType())
    domain, pool = found
    return shapes.DescribeUserPoolDomainResponse(
        domain_description=shapes.DomainDescriptionType(
            user_pool_id=pool.id,
            aws_account_id=pool.account,
            domain=domain.name,
            cloud_front_distribution=_alias_target(call),
            version=domain.settings.version,
            status="ACTIVE",
            custom_domain_config=domain.settings.custom_domain_config or _NO_CONFIG,
            managed_login_version=domain.settings.managed_login_version,
        )
    )


@operation
async def update_user_pool_domain(
    call: Call, request: shapes.UpdateUserPoolDomainRequest
) -> shapes.UpdateUserPoolDomainResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    domain: Domain = await domains.update(call.ctx, entry.pool, request)
    return shapes.UpdateUserPoolDomainResponse(
        managed_login_version=domain.settings.managed_login_version,
        cloud_front_domain=_alias_target(call) if domain.custom else None,
    )


@operation
async def delete_user_pool_domain(
    call: Call, request: shapes.DeleteUserPoolDomainRequest
) -> shapes.DeleteUserPoolDomainResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    await domains.delete(call.ctx, entry.pool, request.domain)
    return shapes.DeleteUserPoolDomainResponse()


def _alias_target(call: Call) -> str:
    """What the DNS name of a custom domain should point at: this server, where the service has a CloudFront host."""
    return urlsplit(call.ctx.config.base_url).hostname or ""
