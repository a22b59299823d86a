"""Mistakes that other providers made around administration, each as a rule."""

from typing import Any

import pytest

from poolhouse.kit.ambient import Secret
from poolhouse.kit.db.protocol import ReadTx
from poolhouse.pool.flows import admins
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.store import admins as admin_store
from tests.api.administrator import Ask, refusal
from tests.support.builders import a_client, a_pool, a_user

CLIENT = (
    "DescribeUserPoolClient", "UpdateUserPoolClient", "DeleteUserPoolClient", "AddUserPoolClientSecret",
    "ListUserPoolClientSecrets", "DescribeManagedLoginBrandingByClient",
)  # fmt: skip
GROUP = ("GetGroup", "UpdateGroup", "DeleteGroup", "ListUsersInGroup")
SERVER = ("DescribeResourceServer", "DeleteResourceServer")
PROVIDER = ("DescribeIdentityProvider", "UpdateIdentityProvider", "DeleteIdentityProvider")
JOB = ("DescribeUserImportJob", "StartUserImportJob", "StopUserImportJob")
USER = (
    "AdminGetUser", "AdminDeleteUser", "AdminDisableUser", "AdminEnableUser", "AdminUserGlobalSignOut",
    "AdminListGroupsForUser", "AdminResetUserPassword",
)  # fmt: skip


@pytest.mark.parametrize("operation", [*CLIENT, *GROUP, *SERVER, *PROVIDER, *JOB, *USER])
async def test_cve_2026_4630_and_4636_what_is_another_pools_is_unknown(flow: Flow, ask: Ask, operation: str) -> None:
    theirs, ours = (await a_pool(flow)).pool.id, (await a_pool(flow)).pool.id
    client = await a_client(flow, await _entry(flow, theirs), secret=True)
    await a_user(flow, await _entry(flow, theirs), "ann")
    await ask("CreateGroup", UserPoolId=theirs, GroupName="g")
    await ask("CreateResourceServer", UserPoolId=theirs, Identifier="api", Name="API")
    details = {"client_id": "x", "client_secret": "y", "authorize_scopes": "openid"}
    await ask(
        "CreateIdentityProvider", UserPoolId=theirs, ProviderName="Google", ProviderType="Google",
        ProviderDetails=details,
    )  # fmt: skip
    job = await ask("CreateUserImportJob", UserPoolId=theirs, JobName="j", CloudWatchLogsRoleArn=ROLE)
    named: dict[str, Any] = {
        **{key: {"ClientId": client.client.id} for key in CLIENT},
        **{key: {"GroupName": "g"} for key in GROUP},
        **{key: {"Identifier": "api"} for key in SERVER},
        **{key: {"ProviderName": "Google"} for key in PROVIDER},
        **{key: {"JobId": job["UserImportJob"]["JobId"]} for key in JOB},
        **{key: {"Username": "ann"} for key in USER},
    }
    code, _ = await refusal(ask, operation, UserPoolId=ours, **named[operation])

    assert ("UserNotFoundException" if operation in USER else "ResourceNotFoundException") == code
    assert "ann" == (await ask("AdminGetUser", UserPoolId=theirs, Username="ann"))["Username"]


ROLE = "arn:aws:iam::123456789012:role/import"


async def _entry(flow: Flow, pool_id: str) -> Any:
    return await flow.directory.find_pool(pool_id)


async def test_cve_2023_46249_set_up_does_not_open_a_second_time(flow: Flow) -> None:
    assert await admins.ensure_first(flow, "first@example.com", Secret("a long enough password"))
    assert not await admins.ensure_first(flow, "second@example.com", Secret("another long password"))

    async def count(tx: ReadTx) -> int:
        return await admin_store.count_administrators(tx)

    assert 1 == await flow.database.read(count)
