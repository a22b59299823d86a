"""Domains of user pools."""

from typing import Any

import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.flows import domains
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.model.config import ServerConfig
from poolhouse.pool.spec import shapes
from poolhouse.pool.store import pools as pool_store
from tests.api.administrator import Ask, missing_pool, refusal, sqlite_only
from tests.support.builders import a_pool, reconfigure
from tests.support.fixtures import in_strict_mode

CERTIFICATE = {"CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/abc"}
NONE = ("InvalidParameterException", "No such domain or user pool exists.")
TAKEN = ("InvalidParameterException", "Domain already associated with another user pool.")


@pytest.fixture
def config() -> ServerConfig:
    return ServerConfig(base_url="https://pool.example:8400", domain_suffix="auth.example")


@pytest.fixture
async def pool(flow: Flow) -> PoolEntry:
    return await a_pool(flow)


@pytest.fixture
def at(pool: PoolEntry) -> dict[str, Any]:
    return {"UserPoolId": pool.pool.id}


async def describe(ask: Ask, name: str, **region: str) -> dict[str, Any]:
    found: dict[str, Any] = (await ask("DescribeUserPoolDomain", Domain=name, **region))["DomainDescription"]
    return found


async def test_a_prefix_is_described(ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any]) -> None:
    assert {"ManagedLoginVersion": 1} == await ask("CreateUserPoolDomain", **at, Domain="photos")

    expected = {
        **at,
        "AWSAccountId": pool.pool.account,
        "Domain": "photos",
        "CloudFrontDistribution": "pool.example",
        "Version": "20270115080000",
        "Status": "ACTIVE",
        "CustomDomainConfig": {},
        "ManagedLoginVersion": 1,
    }
    assert expected == await describe(ask, "photos")
    found = await flow.directory.find_domain("photos")
    assert found is not None
    assert pool.pool.id == found.pool.id
    described = (await ask("DescribeUserPool", **at))["UserPool"]
    assert ("photos", False) == (described["Domain"], "CustomDomain" in described)


async def test_a_custom_domain_is_described(ask: Ask, at: dict[str, Any]) -> None:
    config = {**CERTIFICATE, "SecurityPolicy": "TLS_V1_2_2021"}
    made = await ask(
        "CreateUserPoolDomain", **at, Domain="login.photos.example", CustomDomainConfig=config, ManagedLoginVersion=2
    )

    assert {"ManagedLoginVersion": 2, "CloudFrontDomain": "pool.example"} == made
    described = await describe(ask, "login.photos.example")
    assert (config, 2) == (described["CustomDomainConfig"], described["ManagedLoginVersion"])
    described = (await ask("DescribeUserPool", **at))["UserPool"]
    assert ("login.photos.example", False) == (described["CustomDomain"], "Domain" in described)


async def test_an_unknown_domain_has_an_empty_description(ask: Ask, at: dict[str, Any]) -> None:
    await ask("CreateUserPoolDomain", **at, Domain="photos")

    assert {} == await describe(ask, "none")
    assert {} == await describe(ask, "photos", region="eu-west-1")


async def test_a_pool_that_was_just_deleted_elsewhere_takes_no_name(ask: Ask, flow: Flow, pool: PoolEntry) -> None:
    await flow.database.write(lambda tx: pool_store.drop_pool(tx, pool.pool.id))

    with pytest.raises(Refused, match="pool_not_found"):
        await domains.create(
            flow, pool.pool, shapes.CreateUserPoolDomainRequest(domain="photos", user_pool_id=pool.pool.id)
        )

    await ask("CreateUserPoolDomain", UserPoolId=(await a_pool(flow)).pool.id, Domain="photos")


async def test_a_name_is_taken_once_on_the_server(ask: Ask, flow: Flow, at: dict[str, Any]) -> None:
    other = await a_pool(flow)
    await ask("CreateUserPoolDomain", **at, Domain="photos")

    assert TAKEN == await refusal(ask, "CreateUserPoolDomain", UserPoolId=other.pool.id, Domain="photos")


async def test_a_pool_has_one_domain_of_each_kind(ask: Ask, at: dict[str, Any]) -> None:
    await ask("CreateUserPoolDomain", **at, Domain="photos")
    await ask("CreateUserPoolDomain", **at, Domain="a.example", CustomDomainConfig=CERTIFICATE)

    prefix = ("InvalidParameterException", "User pool already has a prefix domain configured.")
    assert prefix == await refusal(ask, "CreateUserPoolDomain", **at, Domain="pictures")
    custom = ("InvalidParameterException", "User pool already has a custom domain configured.")
    body: dict[str, Any] = {"Domain": "b.example", "CustomDomainConfig": CERTIFICATE}
    assert custom == await refusal(ask, "CreateUserPoolDomain", **at, **body)


@sqlite_only
@pytest.mark.parametrize(("name", "word"), [("my-aws-app", "aws"), ("amazonas", "amazon"), ("cognito", "cognito")])
async def test_a_prefix_has_no_reserved_word(ask: Ask, at: dict[str, Any], name: str, word: str) -> None:
    expected = ("InvalidParameterException", f"Domain cannot contain reserved word: {word}")

    assert expected == await refusal(ask, "CreateUserPoolDomain", **at, Domain=name)


@sqlite_only
async def test_a_prefix_is_one_label(ask: Ask, at: dict[str, Any]) -> None:
    code, message = await refusal(ask, "CreateUserPoolDomain", **at, Domain="login.photos.example")

    assert "InvalidParameterException" == code
    assert message.startswith("The domain name contains an invalid character.")


@sqlite_only
@pytest.mark.parametrize("name", ["photos", "pool.example", "auth.example", "photos.auth.example"])
async def test_a_custom_domain_is_a_host_of_its_own(ask: Ask, at: dict[str, Any], name: str) -> None:
    expected = ("InvalidParameterException", f"Custom domain is not a valid subdomain: {name}")

    assert expected == await refusal(ask, "CreateUserPoolDomain", **at, Domain=name, CustomDomainConfig=CERTIFICATE)


@sqlite_only
@pytest.mark.parametrize("version", [0, 3, -1])
async def test_there_are_two_branding_versions(ask: Ask, at: dict[str, Any], version: int) -> None:
    expected = ("InvalidParameterException", "ManagedLoginVersion must be 1 or 2.")

    assert expected == await refusal(ask, "CreateUserPoolDomain", **at, Domain="photos", ManagedLoginVersion=version)


@in_strict_mode
async def test_the_lowest_tier_has_the_classic_pages_only(
    ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any]
) -> None:
    await reconfigure(flow, pool, user_pool_tier="LITE")
    expected = ("FeatureUnavailableInTierException", "Managed login is not available in the LITE tier.")

    assert expected == await refusal(ask, "CreateUserPoolDomain", **at, Domain="photos", ManagedLoginVersion=2)
    await ask("CreateUserPoolDomain", **at, Domain="photos", ManagedLoginVersion=1)
    assert expected == await refusal(ask, "UpdateUserPoolDomain", **at, Domain="photos", ManagedLoginVersion=2)


@sqlite_only
async def test_failover_to_another_region_is_refused(ask: Ask, at: dict[str, Any]) -> None:
    routing = {"Failover": {"SecondaryRegion": "us-west-2", "PrimaryRoute53HealthCheckId": "x" * 36}}
    expected = ("InvalidParameterException", "Routing.Failover is not supported by this server.")

    assert expected == await refusal(ask, "CreateUserPoolDomain", **at, Domain="photos", Routing=routing)
    await ask("CreateUserPoolDomain", **at, Domain="photos", Routing={})
    assert expected == await refusal(ask, "UpdateUserPoolDomain", **at, Domain="photos", Routing=routing)


async def test_an_update_changes_what_is_given(ask: Ask, at: dict[str, Any], clock: FixedClock) -> None:
    name = "login.photos.example"
    await ask("CreateUserPoolDomain", **at, Domain=name, CustomDomainConfig=CERTIFICATE)
    before = await describe(ask, name)
    clock.advance(61)

    answer = await ask("UpdateUserPoolDomain", **at, Domain=name, ManagedLoginVersion=2)
    assert {"ManagedLoginVersion": 2, "CloudFrontDomain": "pool.example"} == answer
    after = {**before, "ManagedLoginVersion": 2, "Version": "20270115080101"}
    assert after == await describe(ask, name)

    newer = {"CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/def"}
    await ask("UpdateUserPoolDomain", **at, Domain=name, CustomDomainConfig=newer)
    assert {**after, "CustomDomainConfig": newer} == await describe(ask, name)


async def test_a_prefix_takes_no_certificate(ask: Ask, at: dict[str, Any]) -> None:
    await ask("CreateUserPoolDomain", **at, Domain="photos")

    expected = ("InvalidParameterException", "A prefix domain cannot have a custom domain configuration.")
    body: dict[str, Any] = {"Domain": "photos", "CustomDomainConfig": CERTIFICATE}
    assert expected == await refusal(ask, "UpdateUserPoolDomain", **at, **body)


async def test_a_deleted_domain_is_gone_at_once(ask: Ask, flow: Flow, at: dict[str, Any]) -> None:
    await ask("CreateUserPoolDomain", **at, Domain="photos")
    assert await flow.directory.find_domain("photos")

    assert {} == await ask("DeleteUserPoolDomain", **at, Domain="photos")

    assert {} == await describe(ask, "photos")
    assert await flow.directory.find_domain("photos") is None
    await ask("CreateUserPoolDomain", **at, Domain="photos")


@pytest.mark.parametrize("operation", ["UpdateUserPoolDomain", "DeleteUserPoolDomain"])
async def test_a_domain_is_changed_through_its_own_pool_only(
    ask: Ask, flow: Flow, at: dict[str, Any], operation: str
) -> None:
    other = {"UserPoolId": (await a_pool(flow)).pool.id}
    await ask("CreateUserPoolDomain", **at, Domain="photos")

    assert NONE == await refusal(ask, operation, **other, Domain="photos")
    assert NONE == await refusal(ask, operation, **at, Domain="none")
    assert at["UserPoolId"] == (await describe(ask, "photos"))["UserPoolId"]


@pytest.mark.parametrize("operation", ["CreateUserPoolDomain", "UpdateUserPoolDomain", "DeleteUserPoolDomain"])
async def test_a_pool_is_known_in_its_region_only(ask: Ask, at: dict[str, Any], operation: str) -> None:
    if operation != "CreateUserPoolDomain":
        await ask("CreateUserPoolDomain", **at, Domain="photos")

    assert missing_pool(at["UserPoolId"]) == await refusal(ask, operation, region="eu-west-1", **at, Domain="photos")
    assert missing_pool("us-east-1_No") == await refusal(ask, operation, UserPoolId="us-east-1_No", Domain="photos")
