"""Terms documents of an app client."""

from typing import Any

import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from tests.api.administrator import Ask, missing_pool, pages, refusal, sqlite_only
from tests.support.builders import a_client, a_pool
from tests.support.service import race

LINKS = {"cognito:default": "https://terms.example", "cognito:spanish": "https://terms.example/es"}
KINDS = {"TermsSource": "LINK", "Enforcement": "NONE"}
USE = {"TermsName": "terms-of-use", **KINDS}
PRIVACY = {"TermsName": "privacy-policy", **KINDS}
UNKNOWN = "00000000-0000-4000-8000-000000000000"
MISSING = ("ResourceNotFoundException", "Terms do not exist.")


@pytest.fixture
async def pool(flow: Flow) -> PoolEntry:
    return await a_pool(flow)


@pytest.fixture
async def client(flow: Flow, pool: PoolEntry) -> ClientEntry:
    return await a_client(flow, pool)


@pytest.fixture
def at(pool: PoolEntry) -> dict[str, Any]:
    return {"UserPoolId": pool.pool.id}


@pytest.fixture
def of(at: dict[str, Any], client: ClientEntry) -> dict[str, Any]:
    return {**at, "ClientId": client.client.id}


async def test_terms_are_described_as_they_were_made(ask: Ask, at: dict[str, Any], of: dict[str, Any]) -> None:
    made = await ask("CreateTerms", **of, **USE, Links=LINKS)

    shown = made["Terms"]
    assert {**of, **USE, "Links": LINKS} == {name: shown[name] for name in {**of, **USE, "Links": LINKS}}
    assert made == await ask("DescribeTerms", **at, TermsId=shown["TermsId"])
    assert made == await ask("DescribeTermsByClient", **of, TermsName="terms-of-use")


async def test_a_name_is_taken_once_for_a_client(ask: Ask, flow: Flow, pool: PoolEntry, of: dict[str, Any]) -> None:
    await ask("CreateTerms", **of, **USE, Links=LINKS)

    expected = ("TermsExistsException", "Terms with the name terms-of-use already exist for this client.")
    assert expected == await refusal(ask, "CreateTerms", **of, **USE, Links=LINKS)
    await ask("CreateTerms", **of, **PRIVACY, Links=LINKS)
    other = {**of, "ClientId": (await a_client(flow, pool)).client.id}
    await ask("CreateTerms", **other, **USE, Links=LINKS)


async def test_of_many_at_once_one_makes_the_terms(ask: Ask, of: dict[str, Any]) -> None:
    served, refused = await race([ask("CreateTerms", **of, **USE, Links=LINKS) for _ in range(8)])

    assert len(served) == 1
    assert {"TermsExistsException"} == {code for code, _ in refused}


async def test_an_update_keeps_what_is_not_sent(
    ask: Ask, at: dict[str, Any], of: dict[str, Any], clock: FixedClock
) -> None:
    made = (await ask("CreateTerms", **of, **USE, Links=LINKS))["Terms"]
    one = {**at, "TermsId": made["TermsId"]}
    clock.advance(60)

    renamed = (await ask("UpdateTerms", **one, TermsName="privacy-policy"))["Terms"]
    assert ("privacy-policy", LINKS) == (renamed["TermsName"], renamed["Links"])
    assert made["CreationDate"] == renamed["CreationDate"] < renamed["LastModifiedDate"]

    fewer = {"cognito:default": "https://other.example"}
    assert fewer == (await ask("UpdateTerms", **one, Links=fewer))["Terms"]["Links"]


async def test_a_new_name_must_be_free(ask: Ask, at: dict[str, Any], of: dict[str, Any]) -> None:
    await ask("CreateTerms", **of, **PRIVACY, Links=LINKS)
    made = (await ask("CreateTerms", **of, **USE, Links=LINKS))["Terms"]

    code, _ = await refusal(ask, "UpdateTerms", **at, TermsId=made["TermsId"], TermsName="privacy-policy")
    assert code == "TermsExistsException"
    assert made == (await ask("DescribeTerms", **at, TermsId=made["TermsId"]))["Terms"]


async def test_the_list_is_shown_in_pages(ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any]) -> None:
    made = set()
    for _ in range(3):
        of = {**at, "ClientId": (await a_client(flow, pool)).client.id}
        made.add((await ask("CreateTerms", **of, **USE, Links=LINKS))["Terms"]["TermsId"])
    await ask("CreateTerms", **await _elsewhere(flow), **USE, Links=LINKS)

    found = await pages(ask, "ListTerms", "Terms", **at, MaxResults=2)

    assert [2, 1] == [len(page) for page in found]
    assert made == {each["TermsId"] for page in found for each in page}
    assert {"TermsId", "TermsName", "Enforcement", "CreationDate", "LastModifiedDate"} == set(found[0][0])


async def _elsewhere(flow: Flow) -> dict[str, Any]:
    other = await a_pool(flow)
    return {"UserPoolId": other.pool.id, "ClientId": (await a_client(flow, other)).client.id}


async def test_deleted_terms_are_gone(ask: Ask, at: dict[str, Any], of: dict[str, Any]) -> None:
    one = {**at, "TermsId": (await ask("CreateTerms", **of, **USE, Links=LINKS))["Terms"]["TermsId"]}

    await ask("DeleteTerms", **one)

    for operation in ("DescribeTerms", "DeleteTerms", "UpdateTerms"):
        assert await refusal(ask, operation, **one) == MISSING
    assert await refusal(ask, "DescribeTermsByClient", **of, TermsName="terms-of-use") == MISSING


async def test_terms_of_another_pool_are_unknown(ask: Ask, flow: Flow, of: dict[str, Any]) -> None:
    made = (await ask("CreateTerms", **of, **USE, Links=LINKS))["Terms"]
    one = {"UserPoolId": (await a_pool(flow)).pool.id, "TermsId": made["TermsId"]}

    for operation in ("DescribeTerms", "DeleteTerms", "UpdateTerms"):
        assert await refusal(ask, operation, **one) == MISSING


async def test_terms_go_with_their_client(ask: Ask, at: dict[str, Any], of: dict[str, Any]) -> None:
    made = (await ask("CreateTerms", **of, **USE, Links=LINKS))["Terms"]

    await ask("DeleteUserPoolClient", **of)

    assert await refusal(ask, "DescribeTerms", **at, TermsId=made["TermsId"]) == MISSING


@sqlite_only
async def test_pool_and_client_must_exist(ask: Ask, flow: Flow, at: dict[str, Any]) -> None:
    stranger = {**at, "ClientId": (await _elsewhere(flow))["ClientId"]}
    expected = ("ResourceNotFoundException", f"User pool client {stranger['ClientId']} does not exist.")
    nowhere = "us-east-1_nowhere00"

    assert expected == await refusal(ask, "CreateTerms", **stranger, **USE, Links=LINKS)
    assert expected == await refusal(ask, "DescribeTermsByClient", **stranger, TermsName="terms-of-use")
    assert missing_pool(nowhere) == await refusal(ask, "ListTerms", UserPoolId=nowhere)
    assert missing_pool(nowhere) == await refusal(ask, "DescribeTerms", UserPoolId=nowhere, TermsId=UNKNOWN)


@sqlite_only
@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "//terms.example", "https:", "http://[::1", "mailto:a@b.example"]
)
async def test_a_link_leads_to_the_web(ask: Ask, of: dict[str, Any], url: str) -> None:
    links = {"cognito:default": url}
    expected = (
        "InvalidParameterException",
        "The link of cognito:default is not a URL that begins with https:// or http://.",
    )
    assert expected == await refusal(ask, "CreateTerms", **of, **USE, Links=links)


@sqlite_only
async def test_terms_have_a_link(ask: Ask, of: dict[str, Any]) -> None:
    expected = ("InvalidParameterException", "Links must have at least one member.")
    assert expected == await refusal(ask, "CreateTerms", **of, **USE)
