"""Operations on the secrets of an app client, of which it has one, or two while apps change over."""

from poolhouse.pool.api.operations import Call, operation
from poolhouse.pool.api.views import date
from poolhouse.pool.flows import clients, pools
from poolhouse.pool.model.pool import ClientSecret
from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.errors import invalid_parameter


@operation
async def add_user_pool_client_secret(
    call: Call, request: shapes.AddUserPoolClientSecretRequest
) -> shapes.AddUserPoolClientSecretResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    added = await clients.add_secret(call.ctx, entry.pool, request.client_id, request.client_secret)
    return shapes.AddUserPoolClientSecretResponse(client_secret_descriptor=_view(added.record, added.minted))


@operation
async def list_user_pool_client_secrets(
    call: Call, request: shapes.ListUserPoolClientSecretsRequest
) -> shapes.ListUserPoolClientSecretsResponse:
    """Never the values.  There are two at most, so there is one page, and no token that leads to another."""
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    if request.next_token is not None:
        raise invalid_parameter("Invalid pagination token")
    held = await clients.list_secrets(call.ctx, entry.pool, request.client_id)
    return shapes.ListUserPoolClientSecretsResponse(client_secrets=[_view(record) for record in held])


@operation
async def delete_user_pool_client_secret(
    call: Call, request: shapes.DeleteUserPoolClientSecretRequest
) -> shapes.DeleteUserPoolClientSecretResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    await clients.delete_secret(call.ctx, entry.pool, request.client_id, request.client_secret_id)
    return shapes.DeleteUserPoolClientSecretResponse()


def _view(record: ClientSecret, value: str | None = None) -> shapes.ClientSecretDescriptorType:
    return shapes.ClientSecretDescriptorType(
        client_secret_id=record.id,
        client_secret_value=value,
        client_secret_create_date=date(record.created_ms),
    )
