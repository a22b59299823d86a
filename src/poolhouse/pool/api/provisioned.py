"""
Provisioned limits: the request rates that the server was told (setting ``rate_limits``).

The operator sets them; through the API they can be read, and the account's maximum is what is set.
"""

from poolhouse.pool.api.operations import Call, operation
from poolhouse.pool.core.quotas import AWS
from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.errors import CognitoError, invalid_parameter, resource_not_found


@operation
async def get_provisioned_limit(
    call: Call, request: shapes.GetProvisionedLimitRequest
) -> shapes.GetProvisionedLimitResponse:
    return shapes.GetProvisionedLimitResponse(limit=_limit(call, request.limit_definition))


@operation
async def update_provisioned_limit(
    call: Call, request: shapes.UpdateProvisionedLimitRequest
) -> shapes.UpdateProvisionedLimitResponse:
    """Only to what it is: another rate is the operator's to set."""
    limit = _limit(call, request.limit_definition)
    if request.requested_limit_value < limit.free_limit_value:
        raise invalid_parameter(f"The requested limit must not be below the default limit, {limit.free_limit_value}.")
    if request.requested_limit_value != limit.provisioned_limit_value:
        raise CognitoError(
            "ServiceQuotaExceededException",
            f"The limit of this server is {limit.provisioned_limit_value} requests per second; it is a setting of the"
            " server.",
        )
    return shapes.UpdateProvisionedLimitResponse(limit=limit)


def _limit(call: Call, definition: shapes.LimitDefinitionType) -> shapes.LimitType:
    category = definition.attributes.get("Category", "")
    if category not in AWS or len(definition.attributes) > 1:
        raise invalid_parameter("Attributes must have a Category, and it must be one of the API categories.")
    rate = call.ctx.config.rates.get(category)
    if rate is None:
        raise resource_not_found(f"There is no provisioned limit for the category {category}.")
    return shapes.LimitType(
        limit_definition=definition, provisioned_limit_value=rate, free_limit_value=min(AWS[category], rate)
    )
