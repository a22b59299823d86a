"""Operations on the tags of a pool, which is named by its ARN."""

from poolhouse.pool.api.operations import Call, operation
from poolhouse.pool.flows import pools
from poolhouse.pool.spec import shapes


@operation
async def tag_resource(call: Call, request: shapes.TagResourceRequest) -> shapes.TagResourceResponse:
    await pools.change_tags(call.ctx, call.region, request.resource_arn, lambda tags: {**tags, **request.tags})
    return shapes.TagResourceResponse()


@operation
async def untag_resource(call: Call, request: shapes.UntagResourceRequest) -> shapes.UntagResourceResponse:
    """A key that the pool does not have is no error."""
    gone = frozenset(request.tag_keys)
    await pools.change_tags(
        call.ctx,
        call.region,
        request.resource_arn,
        lambda tags: {key: value for key, value in tags.items() if key not in gone},
    )
    return shapes.UntagResourceResponse()


@operation
async def list_tags_for_resource(
    call: Call, request: shapes.ListTagsForResourceRequest
) -> shapes.ListTagsForResourceResponse:
    tags = await pools.get_tags(call.ctx, call.region, request.resource_arn)
    return shapes.ListTagsForResourceResponse(tags=tags)
