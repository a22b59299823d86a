"""boto3 makes pools, app clients and domains, reads them back, and reads the errors."""

from typing import Any

import pytest

from tests.clients.connections import a_client, a_pool, refused
from tests.journey.installation import Installation

pytestmark = pytest.mark.client


def test_a_pool_is_described_as_it_was_made(idp: Any) -> None:
    policy = {"MinimumLength": 12, "RequireUppercase": False, "RequireLowercase": True, "RequireNumbers": True,
              "RequireSymbols": False, "TemporaryPasswordValidityDays": 3}  # fmt: skip
    pool_id = a_pool(
        idp,
        "described",
        UsernameAttributes=["email"],
        AutoVerifiedAttributes=["email"],
        Policies={"PasswordPolicy": policy},
        Schema=[{"Name": "team", "AttributeDataType": "String", "Mutable": True}],
        UserPoolTags={"stage": "test"},
        DeletionProtection="INACTIVE",
    )
    pool = idp.describe_user_pool(UserPoolId=pool_id)["UserPool"]

    assert pool["Name"] == "described"
    assert pool["UsernameAttributes"] == ["email"]
    assert policy.items() <= pool["Policies"]["PasswordPolicy"].items()
    assert "custom:team" in {each["Name"] for each in pool["SchemaAttributes"]}
    assert pool["UserPoolTags"] == {"stage": "test"}
    assert pool["Arn"] == f"arn:aws:cognito-idp:us-east-1:000000000000:userpool/{pool_id}"
    assert pool["CreationDate"] == pool["LastModifiedDate"]


def test_a_pool_is_changed_and_deleted(idp: Any) -> None:
    pool_id = a_pool(idp, "short-lived")
    idp.update_user_pool(UserPoolId=pool_id, DeletionProtection="ACTIVE", UserPoolTags={"a": "b"})

    with refused("InvalidParameterException"):
        idp.delete_user_pool(UserPoolId=pool_id)
    idp.update_user_pool(UserPoolId=pool_id, DeletionProtection="INACTIVE")
    idp.delete_user_pool(UserPoolId=pool_id)
    with refused("ResourceNotFoundException", f"User pool {pool_id} does not exist."):
        idp.describe_user_pool(UserPoolId=pool_id)


def test_a_paginator_lists_every_pool_once(idp: Any) -> None:
    made = {a_pool(idp, f"listed-{number}") for number in range(5)}
    pages = idp.get_paginator("list_user_pools").paginate(PaginationConfig={"PageSize": 2})
    ids = [each["Id"] for page in pages for each in page["UserPools"]]

    assert made <= set(ids)
    assert len(ids) == len(set(ids))


def test_a_paginator_lists_every_app_client_once(idp: Any) -> None:
    pool_id = a_pool(idp)
    made = {a_client(idp, pool_id, ClientName=f"app {number}")["ClientId"] for number in range(5)}
    pages = idp.get_paginator("list_user_pool_clients").paginate(UserPoolId=pool_id, PaginationConfig={"PageSize": 2})

    assert made == {each["ClientId"] for page in pages for each in page["UserPoolClients"]}


def test_an_app_client_is_described_as_it_was_made(idp: Any) -> None:
    pool_id = a_pool(idp)
    made = a_client(
        idp,
        pool_id,
        secret=True,
        CallbackURLs=["https://app.example/back", "http://localhost:3000/back"],
        LogoutURLs=["https://app.example/out"],
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["openid", "email"],
        AllowedOAuthFlowsUserPoolClient=True,
        SupportedIdentityProviders=["COGNITO"],
        AccessTokenValidity=5,
        TokenValidityUnits={"AccessToken": "minutes"},
    )
    described = idp.describe_user_pool_client(UserPoolId=pool_id, ClientId=made["ClientId"])["UserPoolClient"]

    assert made == described
    assert len(made["ClientSecret"]) > 40
    assert (made["AccessTokenValidity"], made["TokenValidityUnits"]) == (5, {"AccessToken": "minutes"})


def test_a_domain_is_made_found_and_deleted(idp: Any) -> None:
    pool_id = a_pool(idp)
    idp.create_user_pool_domain(UserPoolId=pool_id, Domain="found-by-boto")

    found = idp.describe_user_pool_domain(Domain="found-by-boto")["DomainDescription"]
    assert (pool_id, "ACTIVE") == (found["UserPoolId"], found["Status"])
    with refused("InvalidParameterException"):
        idp.create_user_pool_domain(UserPoolId=a_pool(idp), Domain="found-by-boto")
    idp.delete_user_pool_domain(UserPoolId=pool_id, Domain="found-by-boto")
    assert idp.describe_user_pool_domain(Domain="found-by-boto")["DomainDescription"] == {}


def test_groups_are_listed_by_a_paginator(idp: Any) -> None:
    pool_id = a_pool(idp)
    for number in range(5):
        idp.create_group(UserPoolId=pool_id, GroupName=f"group-{number}", Precedence=number)
    pages = idp.get_paginator("list_groups").paginate(UserPoolId=pool_id, PaginationConfig={"PageSize": 2})

    assert {f"group-{number}" for number in range(5)} == {
        each["GroupName"] for page in pages for each in page["Groups"]
    }
    with refused("GroupExistsException", "A group with the name already exists."):
        idp.create_group(UserPoolId=pool_id, GroupName="group-0")


def test_resource_servers_are_kept_with_their_scopes(idp: Any) -> None:
    pool_id = a_pool(idp)
    scopes = [{"ScopeName": "read", "ScopeDescription": "Read everything"}]
    idp.create_resource_server(UserPoolId=pool_id, Identifier="api", Name="API", Scopes=scopes)

    described = idp.describe_resource_server(UserPoolId=pool_id, Identifier="api")["ResourceServer"]
    assert {"UserPoolId": pool_id, "Identifier": "api", "Name": "API", "Scopes": scopes} == described


def test_what_is_not_there_is_not_found(idp: Any) -> None:
    pool_id = a_pool(idp)

    with refused("ResourceNotFoundException", "User pool us-east-1_nowhere00 does not exist."):
        idp.describe_user_pool(UserPoolId="us-east-1_nowhere00")
    with refused("ResourceNotFoundException", "User pool client nowhere does not exist."):
        idp.describe_user_pool_client(UserPoolId=pool_id, ClientId="nowhere")
    with refused("UserNotFoundException", "User does not exist."):
        idp.admin_get_user(UserPoolId=pool_id, Username="nobody")


def test_every_violation_is_told_in_one_message(idp: Any) -> None:
    expected = (
        "2 validation errors detected: "
        "Value 'b a d' at 'userPoolId' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [\\w-]+_[0-9a-zA-Z]+; "
        "Value at 'username' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+"
    )

    with refused("InvalidParameterException", expected):
        idp.admin_get_user(UserPoolId="b a d", Username="x y")


def test_a_pool_belongs_to_the_region_of_the_signature(place: Installation, idp: Any, known: Any) -> None:
    from tests.clients.connections import connect

    elsewhere = connect(place, known, region="eu-central-1")
    pool_id = a_pool(elsewhere)
    elsewhere.close()

    assert pool_id.startswith("eu-central-1_")
