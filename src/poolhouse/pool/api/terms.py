"""Operations on terms documents."""

from poolhouse.pool.api.operations import Call, operation
from poolhouse.pool.api.paging import page
from poolhouse.pool.api.views import date
from poolhouse.pool.flows import pools, terms
from poolhouse.pool.model.branding import Terms
from poolhouse.pool.spec import shapes


@operation
async def create_terms(call: Call, request: shapes.CreateTermsRequest) -> shapes.CreateTermsResponse:
    """TermsSource and Enforcement have one value each, LINK and NONE."""
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    made = await terms.create(call.ctx, entry.pool, request.client_id, name=request.terms_name, links=request.links)
    return shapes.CreateTermsResponse(terms=_view(made))


@operation
async def describe_terms(call: Call, request: shapes.DescribeTermsRequest) -> shapes.DescribeTermsResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    return shapes.DescribeTermsResponse(terms=_view(await terms.get(call.ctx, entry.pool, request.terms_id)))


@operation
async def describe_terms_by_client(
    call: Call, request: shapes.DescribeTermsByClientRequest
) -> shapes.DescribeTermsByClientResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    found = await terms.get_of(call.ctx, entry.pool, request.client_id, request.terms_name)
    return shapes.DescribeTermsByClientResponse(terms=_view(found))


@operation
async def update_terms(call: Call, request: shapes.UpdateTermsRequest) -> shapes.UpdateTermsResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    changed = await terms.update(call.ctx, entry.pool, request.terms_id, name=request.terms_name, links=request.links)
    return shapes.UpdateTermsResponse(terms=_view(changed))


@operation
async def delete_terms(call: Call, request: shapes.DeleteTermsRequest) -> None:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    await terms.delete(call.ctx, entry.pool, request.terms_id)


@operation
async def list_terms(call: Call, request: shapes.ListTermsRequest) -> shapes.ListTermsResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    found, token = await page(
        call,
        lambda after, count: terms.list_all(call.ctx, entry.pool, after, count),
        asked=(entry.pool.id,),
        key=lambda each: each.id,
        token=request.next_token,
        limit=request.max_results,
    )
    return shapes.ListTermsResponse(
        terms=[
            shapes.TermsDescriptionType(
                terms_id=each.id,
                terms_name=each.name,
                enforcement="NONE",
                creation_date=date(each.created_ms),
                last_modified_date=date(each.modified_ms),
            )
            for each in found
        ],
        next_token=token,
    )


def _view(made: Terms) -> shapes.TermsType:
    return shapes.TermsType(
        terms_id=made.id,
        user_pool_id=made.pool_id,
        client_id=made.client_id,
        terms_name=made.name,
        terms_source="LINK",
        enforcement="NONE",
        links=made.links,
        creation_date=date(made.created_ms),
        last_modified_date=date(made.modified_ms),
    )
