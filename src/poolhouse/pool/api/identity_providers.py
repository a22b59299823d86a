"""Operations on identity providers, and the certificate that they know the pool by."""

from poolhouse.pool.api.operations import Call, operation
from poolhouse.pool.api.paging import page
from poolhouse.pool.api.views import date
from poolhouse.pool.flows import pools, providers, saml_certificates
from poolhouse.pool.spec import shapes


@operation
async def create_identity_provider(
    call: Call, request: shapes.CreateIdentityProviderRequest
) -> shapes.CreateIdentityProviderResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    shown = await providers.create(call.ctx, entry.pool, request)
    return shapes.CreateIdentityProviderResponse(identity_provider=_view(shown))


@operation
async def describe_identity_provider(
    call: Call, request: shapes.DescribeIdentityProviderRequest
) -> shapes.DescribeIdentityProviderResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    shown = await providers.describe(call.ctx, entry.pool, request.provider_name)
    return shapes.DescribeIdentityProviderResponse(identity_provider=_view(shown))


@operation
async def update_identity_provider(
    call: Call, request: shapes.UpdateIdentityProviderRequest
) -> shapes.UpdateIdentityProviderResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    shown = await providers.update(call.ctx, entry.pool, request)
    return shapes.UpdateIdentityProviderResponse(identity_provider=_view(shown))


@operation
async def delete_identity_provider(call: Call, request: shapes.DeleteIdentityProviderRequest) -> None:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    await providers.delete(call.ctx, entry.pool, request.provider_name)


@operation
async def list_identity_providers(
    call: Call, request: shapes.ListIdentityProvidersRequest
) -> shapes.ListIdentityProvidersResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    found, token = await page(
        call,
        lambda after, count: providers.list_all(call.ctx, entry.pool, after, count),
        asked=(entry.pool.id,),
        key=lambda provider: provider.name,
        token=request.next_token,
        limit=request.max_results,
    )
    lines = [
        shapes.ProviderDescription(
            provider_name=provider.name,
            provider_type=provider.type,
            creation_date=date(provider.created_ms),
            last_modified_date=date(provider.modified_ms),
        )
        for provider in found
    ]
    return shapes.ListIdentityProvidersResponse(providers=lines, next_token=token)


@operation
async def get_identity_provider_by_identifier(
    call: Call, request: shapes.GetIdentityProviderByIdentifierRequest
) -> shapes.GetIdentityProviderByIdentifierResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    shown = await providers.describe_by_identifier(call.ctx, entry.pool, request.idp_identifier)
    return shapes.GetIdentityProviderByIdentifierResponse(identity_provider=_view(shown))


@operation
async def get_signing_certificate(
    call: Call, request: shapes.GetSigningCertificateRequest
) -> shapes.GetSigningCertificateResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    made = await saml_certificates.signing(call.ctx, entry.pool)
    return shapes.GetSigningCertificateResponse(certificate=made.certificate)


def _view(shown: providers.Shown) -> shapes.IdentityProviderType:
    provider = shown.provider
    return shapes.IdentityProviderType(
        user_pool_id=provider.pool_id,
        provider_name=provider.name,
        provider_type=provider.type,
        provider_details=shown.details,
        attribute_mapping=provider.mapping,
        idp_identifiers=list(provider.identifiers),
        acr_mapping=provider.acr or None,
        last_modified_date=date(provider.modified_ms),
        creation_date=date(provider.created_ms),
    )
