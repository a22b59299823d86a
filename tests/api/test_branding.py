"""Managed login branding: one style for each app client."""

import asyncio
import base64
import copy
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from tests.api.administrator import Ask, missing_pool, refusal, sqlite_only
from tests.support.builders import a_client, a_pool
from tests.support.service import race

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n and the rest").decode()
SVG = base64.b64encode(b'<svg xmlns="http://www.w3.org/2000/svg"/>').decode()
BLUE = {"components": {"primaryButton": {"lightMode": {"defaults": {"backgroundColor": "0000ffff"}}}}}
UNKNOWN = "00000000-0000-4000-8000-000000000000"
BOTH = ("InvalidParameterException", "useCognitoProvidedValues or settings should be specified (but not both)")
MISSING = ("ResourceNotFoundException", "ManagedLoginBranding does not exist.")

Make = Callable[..., Awaitable[dict[str, Any]]]


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
def make(ask: Ask, at: dict[str, Any], client: ClientEntry) -> Make:
    """CreateManagedLoginBranding for the client; the style itself."""

    async def made(**body: Any) -> dict[str, Any]:
        answer = await ask("CreateManagedLoginBranding", **at, ClientId=client.client.id, **body)
        style: dict[str, Any] = answer["ManagedLoginBranding"]
        return style

    return made


def asset(
    category: str = "FORM_LOGO", mode: str = "LIGHT", extension: str = "PNG", content: str = PNG
) -> dict[str, Any]:
    return {"Category": category, "ColorMode": mode, "Extension": extension, "Bytes": content}


async def test_a_style_is_described_as_it_was_made(
    ask: Ask, at: dict[str, Any], client: ClientEntry, make: Make
) -> None:
    assets = [asset(), asset(mode="DARK", extension="SVG", content=SVG)]
    style = await make(Settings=BLUE, Assets=assets)

    expected = {"UserPoolId": at["UserPoolId"], "UseCognitoProvidedValues": False, "Settings": BLUE, "Assets": assets}
    assert expected == {name: style[name] for name in expected}
    by_id = await ask("DescribeManagedLoginBranding", **at, ManagedLoginBrandingId=style["ManagedLoginBrandingId"])
    by_client = await ask("DescribeManagedLoginBrandingByClient", **at, ClientId=client.client.id)
    assert style == by_id["ManagedLoginBranding"] == by_client["ManagedLoginBranding"]


async def test_the_servers_own_style_has_no_settings(make: Make) -> None:
    style = await make(UseCognitoProvidedValues=True)

    assert style["UseCognitoProvidedValues"] is True
    assert "Settings" not in style


@sqlite_only
@pytest.mark.parametrize(
    "source",
    [
        {},
        {"UseCognitoProvidedValues": False},
        {"UseCognitoProvidedValues": True, "Settings": BLUE},
        {"Assets": [asset()]},
    ],
    ids=["neither", "not provided", "both", "assets alone"],
)
async def test_a_style_has_one_source(
    ask: Ask, at: dict[str, Any], client: ClientEntry, source: dict[str, Any]
) -> None:
    assert BOTH == await refusal(ask, "CreateManagedLoginBranding", **at, ClientId=client.client.id, **source)


async def test_a_client_has_one_style(ask: Ask, at: dict[str, Any], client: ClientEntry, make: Make) -> None:
    await make(Settings=BLUE)

    body = {**at, "ClientId": client.client.id, "UseCognitoProvidedValues": True}
    expected = (
        "ManagedLoginBrandingExistsException", f"A ManagedLoginBranding already exists for client {client.client.id}",
    )  # fmt: skip
    assert expected == await refusal(ask, "CreateManagedLoginBranding", **body)


async def test_of_many_at_once_one_makes_the_style(make: Make) -> None:
    served, refused = await race([make(UseCognitoProvidedValues=True) for _ in range(8)])

    assert len(served) == 1
    assert {"ManagedLoginBrandingExistsException"} == {code for code, _ in refused}


@sqlite_only
async def test_a_pool_has_twenty_styles(flow: Flow, ask: Ask, pool: PoolEntry, at: dict[str, Any]) -> None:
    clients = [(await a_client(flow, pool, secret=False)).client.id for _ in range(21)]
    for each in clients[:20]:
        await ask("CreateManagedLoginBranding", **at, ClientId=each, UseCognitoProvidedValues=True)

    body = {**at, "ClientId": clients[20], "UseCognitoProvidedValues": True}
    assert (await refusal(ask, "CreateManagedLoginBranding", **body))[0] == "LimitExceededException"


async def test_merged_resources_have_every_setting(ask: Ask, at: dict[str, Any], make: Make) -> None:
    style = await make(Settings=BLUE)

    found = await ask(
        "DescribeManagedLoginBranding",
        **at,
        ManagedLoginBrandingId=style["ManagedLoginBrandingId"],
        ReturnMergedResources=True,
    )
    settings = found["ManagedLoginBranding"]["Settings"]
    button = settings["components"]["primaryButton"]["lightMode"]
    assert button["defaults"]["backgroundColor"] == "0000ffff"
    assert button["defaults"]["textColor"] == "ffffffff"
    assert settings["categories"]["form"]["location"] == {"horizontal": "CENTER", "vertical": "CENTER"}


async def test_an_update_keeps_the_assets_that_it_does_not_send(ask: Ask, at: dict[str, Any], make: Make) -> None:
    style = await make(Settings=BLUE, Assets=[asset()])
    one = {**at, "ManagedLoginBrandingId": style["ManagedLoginBrandingId"]}
    other = copy.deepcopy(BLUE)
    other["components"]["primaryButton"]["lightMode"]["defaults"]["backgroundColor"] = "ff0000ff"

    changed = (await ask("UpdateManagedLoginBranding", **one, Settings=other))["ManagedLoginBranding"]
    assert (other, [asset()]) == (changed["Settings"], changed["Assets"])

    cleared = (await ask("UpdateManagedLoginBranding", **one, Settings=other, Assets=[]))["ManagedLoginBranding"]
    assert cleared["Assets"] == []

    back = (await ask("UpdateManagedLoginBranding", **one, UseCognitoProvidedValues=True))["ManagedLoginBranding"]
    assert (True, False) == (back["UseCognitoProvidedValues"], "Settings" in back)
    assert await refusal(ask, "UpdateManagedLoginBranding", **one) == BOTH


async def test_an_update_keeps_the_settings_that_it_does_not_send(ask: Ask, at: dict[str, Any], make: Make) -> None:
    style = await make(Settings=BLUE)
    one = {**at, "ManagedLoginBrandingId": style["ManagedLoginBrandingId"]}

    changed = (await ask("UpdateManagedLoginBranding", **one, Assets=[asset()]))["ManagedLoginBranding"]

    assert (BLUE, [asset()]) == (changed["Settings"], changed["Assets"])
    assert await refusal(ask, "UpdateManagedLoginBranding", **one) == BOTH
    # The server's own style has no settings to keep.
    await ask("UpdateManagedLoginBranding", **one, UseCognitoProvidedValues=True)
    assert await refusal(ask, "UpdateManagedLoginBranding", **one, Assets=[asset()]) == BOTH


async def test_of_two_updates_at_once_each_keeps_what_the_other_sends(ask: Ask, at: dict[str, Any], make: Make) -> None:
    style = await make(Settings=BLUE)
    one = {**at, "ManagedLoginBrandingId": style["ManagedLoginBrandingId"]}
    other = copy.deepcopy(BLUE)
    other["components"]["primaryButton"]["lightMode"]["defaults"]["backgroundColor"] = "ff0000ff"
    for _ in range(5):
        await ask("UpdateManagedLoginBranding", **one, Settings=BLUE, Assets=[])

        await asyncio.gather(
            ask("UpdateManagedLoginBranding", **one, Settings=other),
            ask("UpdateManagedLoginBranding", **one, Assets=[asset()]),
        )

        found = (await ask("DescribeManagedLoginBranding", **one))["ManagedLoginBranding"]
        assert (other, [asset()]) == (found["Settings"], found["Assets"])


async def test_a_deleted_style_is_gone(ask: Ask, at: dict[str, Any], client: ClientEntry, make: Make) -> None:
    style = await make(Settings=BLUE)
    one = {**at, "ManagedLoginBrandingId": style["ManagedLoginBrandingId"]}

    await ask("DeleteManagedLoginBranding", **one)

    assert await refusal(ask, "DescribeManagedLoginBranding", **one) == MISSING
    assert await refusal(ask, "DeleteManagedLoginBranding", **one) == MISSING
    expected = ("ResourceNotFoundException", f"ManagedLoginBranding for client {client.client.id} does not exist.")
    by_client = {**at, "ClientId": client.client.id}
    assert expected == await refusal(ask, "DescribeManagedLoginBrandingByClient", **by_client)


async def test_a_style_goes_with_its_client(ask: Ask, at: dict[str, Any], client: ClientEntry, make: Make) -> None:
    style = await make(Settings=BLUE)

    await ask("DeleteUserPoolClient", **at, ClientId=client.client.id)

    one = {**at, "ManagedLoginBrandingId": style["ManagedLoginBrandingId"]}
    assert await refusal(ask, "DescribeManagedLoginBranding", **one) == MISSING


async def test_a_style_of_another_pool_is_unknown(flow: Flow, ask: Ask, make: Make) -> None:
    style = await make(Settings=BLUE)
    elsewhere = {"UserPoolId": (await a_pool(flow)).pool.id, "ManagedLoginBrandingId": style["ManagedLoginBrandingId"]}

    for operation in ("DescribeManagedLoginBranding", "DeleteManagedLoginBranding"):
        assert await refusal(ask, operation, **elsewhere) == MISSING
    assert await refusal(ask, "UpdateManagedLoginBranding", **elsewhere, Settings=BLUE) == MISSING


@sqlite_only
async def test_a_client_of_another_pool_is_unknown(flow: Flow, ask: Ask, client: ClientEntry) -> None:
    body = {"UserPoolId": (await a_pool(flow)).pool.id, "ClientId": client.client.id}
    expected = ("ResourceNotFoundException", f"User pool client {client.client.id} does not exist.")

    assert expected == await refusal(ask, "CreateManagedLoginBranding", **body, UseCognitoProvidedValues=True)
    assert expected == await refusal(ask, "DescribeManagedLoginBrandingByClient", **body)


@sqlite_only
async def test_the_pool_must_exist(ask: Ask) -> None:
    nowhere = {"UserPoolId": "us-east-1_nowhere00"}
    one = {**nowhere, "ManagedLoginBrandingId": UNKNOWN}

    assert missing_pool("us-east-1_nowhere00") == await refusal(ask, "UpdateManagedLoginBranding", **one, Settings=BLUE)
    assert missing_pool("us-east-1_nowhere00") == await refusal(ask, "DescribeManagedLoginBranding", **one)
    assert missing_pool("us-east-1_nowhere00") == await refusal(ask, "DeleteManagedLoginBranding", **one)
    expected = ("InvalidParameterException", "UserPoolId is required.")
    assert expected == await refusal(ask, "UpdateManagedLoginBranding", Settings=BLUE)


@sqlite_only
@pytest.mark.parametrize(
    ("settings", "wrong"),
    [
        ([], "Settings must be a JSON object."),
        ({"colours": {}}, "Settings are not valid: settings.colours is not known"),
        ({"components": []}, "Settings are not valid: settings.components must be an object"),
        (
            {"components": {"form": {"borderRadius": "8px"}}},
            "Settings are not valid: settings.components.form.borderRadius must be a number from 0 to 100",
        ),
        (
            {"componentClasses": {"divider": {"lightMode": {"borderColor": "url(//evil)"}}}},
            ("Settings are not valid: settings.componentClasses.divider.lightMode.borderColor must be a colour of eight"
            " hexadecimal digits"),
        ),
        (
            {"categories": {"global": {"colorSchemeMode": "SEPIA"}}},
            "Settings are not valid: settings.categories.global.colorSchemeMode must be one of DARK, DYNAMIC, LIGHT",
        ),
        (
            {"categories": {"form": {"displayGraphics": "yes"}}},
            "Settings are not valid: settings.categories.form.displayGraphics must be true or false",
        ),
    ],
)  # fmt: skip
async def test_settings_that_no_style_has_are_named(
    ask: Ask, at: dict[str, Any], client: ClientEntry, settings: Any, wrong: str
) -> None:
    body = {**at, "ClientId": client.client.id, "Settings": settings}
    code, message = await refusal(ask, "CreateManagedLoginBranding", **body)

    assert code == "InvalidParameterException"
    assert message == wrong


@sqlite_only
async def test_buttons_of_providers_are_named_by_the_providers(make: Make) -> None:
    custom = {"MyIdP": {"lightMode": {"defaults": {"textColor": "11223344"}}}}
    settings = {
        "categories": {"auth": {"federation": {"order": ["MyIdP"]}}},
        "components": {"idpButton": {"custom": custom}, "favicon": {"enabledTypes": ["SVG"]}},
    }

    assert settings == (await make(Settings=settings))["Settings"]


@sqlite_only
@pytest.mark.parametrize(
    ("assets", "wrong"),
    [
        ([asset(extension="JPEG")], "FORM_LOGO is not an image of type JPEG."),
        ([asset(extension="SVG", content=PNG)], "FORM_LOGO is not an image of type SVG."),
        ([asset(extension="WEBP", content=base64.b64encode(b"RIFF....WAVE").decode())], "FORM_LOGO is not an image of type WEBP."),
        ([asset(content="")], "FORM_LOGO has no bytes."),
        ([asset(), asset()], "FORM_LOGO LIGHT is there twice."),
    ],
)  # fmt: skip
async def test_an_asset_is_an_image_of_its_kind(
    ask: Ask, at: dict[str, Any], client: ClientEntry, assets: list[dict[str, Any]], wrong: str
) -> None:
    body = {**at, "ClientId": client.client.id, "Settings": BLUE, "Assets": assets}
    expected = ("InvalidParameterException", f"Assets are not valid: {wrong}")
    assert expected == await refusal(ask, "CreateManagedLoginBranding", **body)


@sqlite_only
async def test_a_style_has_forty_assets(ask: Ask, at: dict[str, Any], client: ClientEntry) -> None:
    body = {**at, "ClientId": client.client.id, "Settings": BLUE, "Assets": [asset()] * 41}
    code, message = await refusal(ask, "CreateManagedLoginBranding", **body)

    assert code == "InvalidParameterException"
    assert message.endswith(
        "at 'assets' failed to satisfy constraint: Member must have length less than or equal to 40"
    )
