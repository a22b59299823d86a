"""CSS and logo of the classic hosted pages."""

import base64
from typing import Any

import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from tests.api.administrator import Ask, missing_pool, refusal, sqlite_only
from tests.support.builders import a_client, a_pool

CSS = ".submitButton-customizable:hover { background-color: #123456; } .label-customizable { font-weight: 400; }"
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n and the rest").decode()


@pytest.fixture
async def pool(flow: Flow) -> PoolEntry:
    return await a_pool(flow, domain="looks")


@pytest.fixture
async def client(flow: Flow, pool: PoolEntry) -> ClientEntry:
    return await a_client(flow, pool)


@pytest.fixture
def at(pool: PoolEntry) -> dict[str, Any]:
    return {"UserPoolId": pool.pool.id}


async def test_what_was_never_set_is_empty(ask: Ask, at: dict[str, Any], client: ClientEntry) -> None:
    assert await ask("GetUICustomization", **at) == {"UICustomization": {}}
    assert await ask("GetUICustomization", **at, ClientId=client.client.id) == {"UICustomization": {}}


async def test_it_is_shown_as_it_was_set(ask: Ask, at: dict[str, Any], client: ClientEntry) -> None:
    made = await ask("SetUICustomization", **at, ClientId=client.client.id, CSS=CSS, ImageFile=PNG)

    shown = made["UICustomization"]
    assert (CSS, client.client.id, at["UserPoolId"]) == (shown["CSS"], shown["ClientId"], shown["UserPoolId"])
    assert len(shown["CSSVersion"]) == 14
    prefix = f"https://pool.example/domains/looks/branding/{client.client.id}/logo."
    assert shown["ImageUrl"].startswith(prefix)
    assert shown["ImageUrl"].endswith(".png")
    assert made == await ask("GetUICustomization", **at, ClientId=client.client.id)


async def test_a_client_without_its_own_has_that_of_all(ask: Ask, at: dict[str, Any], client: ClientEntry) -> None:
    of_all = await ask("SetUICustomization", **at, ClientId="ALL", CSS=CSS)

    assert of_all["UICustomization"]["ClientId"] == "ALL"
    assert of_all == await ask("GetUICustomization", **at, ClientId=client.client.id)
    own = await ask("SetUICustomization", **at, ClientId=client.client.id, ImageFile=PNG)
    assert own == await ask("GetUICustomization", **at, ClientId=client.client.id)
    assert of_all == await ask("GetUICustomization", **at)


async def test_both_are_set_together_and_neither_is_none(
    ask: Ask, at: dict[str, Any], clock: FixedClock, client: ClientEntry
) -> None:
    first = (await ask("SetUICustomization", **at, CSS=CSS, ImageFile=PNG))["UICustomization"]
    clock.advance(60)

    second = (await ask("SetUICustomization", **at, ImageFile=PNG))["UICustomization"]
    assert "CSS" not in second
    assert first["CreationDate"] == second["CreationDate"] < second["LastModifiedDate"]

    assert await ask("SetUICustomization", **at) == {"UICustomization": {}}
    assert await ask("GetUICustomization", **at, ClientId=client.client.id) == {"UICustomization": {}}


@sqlite_only
async def test_the_pool_needs_a_domain(flow: Flow, ask: Ask) -> None:
    bare = await a_pool(flow)

    expected = ("InvalidParameterException", "There has to be an existing domain associated with this user pool")
    assert expected == await refusal(ask, "SetUICustomization", UserPoolId=bare.pool.id, CSS=CSS)


@sqlite_only
async def test_pool_and_client_must_exist(flow: Flow, ask: Ask, at: dict[str, Any]) -> None:
    stranger = (await a_client(flow, await a_pool(flow))).client.id
    expected = ("ResourceNotFoundException", f"User pool client {stranger} does not exist.")

    for operation in ("GetUICustomization", "SetUICustomization"):
        assert expected == await refusal(ask, operation, **at, ClientId=stranger)
        assert missing_pool("us-east-1_nowhere00") == await refusal(ask, operation, UserPoolId="us-east-1_nowhere00")


@sqlite_only
@pytest.mark.parametrize(
    ("css", "wrong"),
    [
        ("body { color: red }", "body is not one of the classes that can be customized"),
        (".label-customizable a { color: red }", ".label-customizable a is not one of the classes that can be customized"),
        (".label-customizable::before { color: red }", ".label-customizable::before has a state that cannot be customized"),
        ("@import 'https://evil.example/x.css';", "@import is not allowed"),
        ("@media print { .label-customizable { color: red } }", "@media is not allowed"),
        (".label-customizable { position: fixed }", "position is not a property that can be customized"),
        (".label-customizable { --x: red }", "--x is not a property that can be customized"),
        (".banner-customizable { background-color: url(//evil.example) }", "the value of background-color is not allowed"),
        (".banner-customizable { border-image: none }", "the value of border-image is not allowed"),
        (".label-customizable { color: expression(alert(1)) }", "the value of color is not allowed"),
        (".label-customizable { color: var(--danger) }", "the value of color is not allowed"),
        (".label-customizable { color: red } </style><script>", "it contains HTML"),
        (".label-customizable { color red }", "it cannot be read at line 1"),
    ],
)  # fmt: skip
async def test_css_that_could_do_more_than_colour_is_refused(
    ask: Ask, at: dict[str, Any], css: str, wrong: str
) -> None:
    expected = ("InvalidParameterException", f"CSS is not valid: {wrong}")
    assert expected == await refusal(ask, "SetUICustomization", **at, CSS=css)


@sqlite_only
@pytest.mark.parametrize(
    "image", [b"GIF89a", b'<svg xmlns="http://www.w3.org/2000/svg"/>', b"\x89PNG\r\n\x1a\n" + bytes(102_400)],
    ids=["gif", "svg", "large"],
)  # fmt: skip
async def test_the_logo_is_a_small_png_or_jpeg(ask: Ask, at: dict[str, Any], image: bytes) -> None:
    expected = ("InvalidParameterException", "The image must be a PNG or a JPEG file of at most 100 KB.")
    given = base64.b64encode(image).decode()
    assert expected == await refusal(ask, "SetUICustomization", **at, ImageFile=given)


async def test_it_goes_with_its_client(ask: Ask, at: dict[str, Any], flow: Flow, pool: PoolEntry) -> None:
    client = await a_client(flow, pool)
    await ask("SetUICustomization", **at, ClientId=client.client.id, CSS=CSS)

    await ask("DeleteUserPoolClient", **at, ClientId=client.client.id)

    code, _ = await refusal(ask, "GetUICustomization", **at, ClientId=client.client.id)
    assert code == "ResourceNotFoundException"
