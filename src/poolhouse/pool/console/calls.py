"""The API as the console uses it."""

from collections.abc import Mapping
from typing import Any, Final

from poolhouse.pool.api.operations import Administrator
from poolhouse.pool.console.context import Visit
from poolhouse.pool.spec.contract import contract

MOST: Final = 60
_READ_BY_TOKEN: Final[Mapping[str, tuple[str, str, str]]] = {
    # operation: (what is listed, limit, token in the request and in the answer)
    "ListUserPools": ("UserPools", "MaxResults", "NextToken"),
    "ListUserPoolClients": ("UserPoolClients", "MaxResults", "NextToken"),
    "ListResourceServers": ("ResourceServers", "MaxResults", "NextToken"),
    "ListIdentityProviders": ("Providers", "MaxResults", "NextToken"),
    "ListGroups": ("Groups", "Limit", "NextToken"),
    "ListUsersInGroup": ("Users", "Limit", "NextToken"),
    "AdminListGroupsForUser": ("Groups", "Limit", "NextToken"),
    "AdminListDevices": ("Devices", "Limit", "PaginationToken"),
    "ListUsers": ("Users", "Limit", "PaginationToken"),
    "ListUserImportJobs": ("UserImportJobs", "MaxResults", "PaginationToken"),
}
_SERVERS: Final = 50


async def call(visit: Visit, operation: str, **body: Any) -> dict[str, Any]:
    """Perform an operation as the administrator who is signed in; ``CognitoError`` when it is refused."""
    return await visit.console.api.call(
        operation,
        body,
        caller=Administrator(visit.signed_in.email),
        region=visit.region,
        source_ip=visit.raw.peer,
    )


def offers(visit: Visit, operation: str) -> bool:
    """Whether this server has the operation: what it has not is not shown."""
    return operation in visit.console.api.operations


async def list_page(
    visit: Visit, operation: str, token: str, limit: int, **body: Any
) -> tuple[list[dict[str, Any]], str]:
    """One page of a list, and the token of the next one (empty on the last)."""
    member, limit_name, token_name = _READ_BY_TOKEN[operation]
    asked = {**body, limit_name: limit, **({token_name: token} if token else {})}
    answer = await call(visit, operation, **asked)
    return answer.get(member) or [], answer.get(token_name) or ""


async def list_all(visit: Visit, operation: str, **body: Any) -> list[dict[str, Any]]:
    """A list to its end, for lists that the service keeps short."""
    limit = _SERVERS if operation == "ListResourceServers" else MOST
    found, token = await list_page(visit, operation, "", limit, **body)
    while token:
        more, token = await list_page(visit, operation, token, limit, **body)
        found += more
    return found


async def get_pool(visit: Visit) -> dict[str, Any]:
    """The pool in the path, as it is now."""
    pool: dict[str, Any] = (await call(visit, "DescribeUserPool", UserPoolId=visit.pool_id))["UserPool"]
    return pool


async def get_client(visit: Visit, client_id: str) -> dict[str, Any]:
    """An app client of the pool in the path, with its secret."""
    answer = await call(visit, "DescribeUserPoolClient", UserPoolId=visit.pool_id, ClientId=client_id)
    client: dict[str, Any] = answer["UserPoolClient"]
    return client


async def update_pool(visit: Visit, pool: Mapping[str, Any], **changes: Any) -> None:
    """
    Change members of the pool and nothing else, though the operation replaces all of them.

    What was described is sent back, without what cannot be sent; a change to None leaves the member out, which returns
    it to its default.
    """
    await call(
        visit, "UpdateUserPool", **_replacing("UpdateUserPool", _updatable(pool), changes), UserPoolId=pool["Id"]
    )


async def update_client(visit: Visit, client: Mapping[str, Any], **changes: Any) -> None:
    """The same for an app client."""
    await call(visit, "UpdateUserPoolClient", **_replacing("UpdateUserPoolClient", client, changes))


def _replacing(operation: str, described: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    model = contract()
    members = model.shapes[model.operations[operation].input].members
    wanted = {**described, **changes}
    return {name: value for name, value in wanted.items() if name in members and value is not None}


def _updatable(pool: Mapping[str, Any]) -> dict[str, Any]:
    """
    A described pool as a request can have it.

    The texts of verification are described twice, and so are the days that a temporary password holds; the request may
    say each once.
    """
    wanted = {name: value for name, value in pool.items() if name not in _TOLD_TWICE}
    wanted["PoolName"] = pool["Name"]
    config = dict(pool.get("AdminCreateUserConfig") or {})
    config.pop("UnusedAccountValidityDays", None)
    wanted["AdminCreateUserConfig"] = config
    return wanted


_TOLD_TWICE: Final = frozenset({"SmsVerificationMessage", "EmailVerificationMessage", "EmailVerificationSubject"})
