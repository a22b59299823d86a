"""The app client's card and page "OpenID Connect"."""

import json

import msgspec
import pytest

from poolhouse.pool.console.settings.openid_fields import GROUPS
from poolhouse.pool.core.settings import openid as core
from poolhouse.pool.flows import client_extension
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.model.openid import OpenIdSettings
from poolhouse.pool.model.pool import PoolId
from tests.console.browser import Page, Visitor
from tests.console.conftest import Service

KEY = {"kty": "EC", "crv": "P-256", "alg": "ES256", "kid": "one", "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
       "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}  # fmt: skip
KEYS = json.dumps({"keys": [KEY]}, indent=2)
SAVE = "Save changes"


class Client(msgspec.Struct):
    pool_id: PoolId
    id: str

    @property
    def page(self) -> str:
        return f"/console/pools/{self.pool_id}/clients/{self.id}"

    async def settings(self, flow: Flow) -> OpenIdSettings:
        return await client_extension.find(flow, self.pool_id, self.id)


@pytest.fixture
async def client(service: Service) -> Client:
    pool_id = (await service.a_pool())["Id"]
    return Client(PoolId(pool_id), (await service.a_client(pool_id, GenerateSecret=True))["ClientId"])


def every_name(page: Page) -> set[str]:
    form, _ = page.form(SAVE)
    return {each.name for each in form.controls}


async def test_settings_are_filled_in_saved_and_said(visitor: Visitor, client: Client, flow: Flow) -> None:
    page = await visitor.open(client.page + "/openid")
    assert "Edit OpenID Connect" == page.title
    page = await visitor.press(
        page, SAVE, dialect="openid", require_pkce="on", default_max_age=" 300 ", resources=["https://api.example", ""],
        token_endpoint_auth_method="private_key_jwt", jwks=KEYS, default_acr_values=["phr"],
    )  # fmt: skip

    held = await client.settings(flow)
    assert ("openid", True, 300, ("https://api.example",), ("phr",)) == (
        held.dialect, held.require_pkce, held.default_max_age, held.resources, held.default_acr_values
    )  # fmt: skip
    assert held.jwks == {"keys": [KEY]}
    for sentence in ("The OpenID Connect settings were saved.", "Require PKCE Yes", "The app's keys 1 key",
                     "Assurance that the app prefers Passkey (phr)", "Dialect OpenID Connect"):  # fmt: skip
        assert sentence in page.text, page.text


async def test_saving_the_page_as_it_is_changes_nothing(visitor: Visitor, client: Client, flow: Flow) -> None:
    given = {"dialect": "openid", "jwks": {"keys": [KEY]}, "token_endpoint_auth_method": "private_key_jwt",
             "default_max_age": 0, "resources": ["https://api.example"], "policy_uri": "https://app.example/privacy"}  # fmt: skip
    await client_extension.change(flow, client.pool_id, client.id, given)
    before = await client.settings(flow)

    await visitor.press(await visitor.open(client.page + "/openid"), SAVE)
    assert before == await client.settings(flow)


async def test_an_empty_field_returns_to_the_default(visitor: Visitor, client: Client, flow: Flow) -> None:
    given = {"dialect": "openid", "require_pkce": True, "default_max_age": 60, "resources": ["https://api.example"]}
    await client_extension.change(flow, client.pool_id, client.id, given)

    page = await visitor.open(client.page + "/openid")
    await visitor.press(page, SAVE, dialect="cognito", require_pkce=None, default_max_age="", resources=[])
    assert OpenIdSettings() == await client.settings(flow)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"default_max_age": "soon"}, "Enter a whole number."),
        ({"token_endpoint_auth_method": "private_key_jwt", "jwks": "my key"}, "That is not a JSON Web Key Set."),
        ({"token_endpoint_auth_method": "private_key_jwt", "jwks": '{"keys": []}'}, "The app's keys has from 1 to"),
        ({"policy_uri": "ftp://app.example"}, "Privacy policy is not an https URL"),
        ({"resources": ["here"]}, "Resources has something that is no absolute URI"),
        ({"dialect": "klingon"}, "Invalid enum value 'klingon'"),
    ],
)
async def test_what_cannot_be_is_said_and_kept_on_the_page(
    visitor: Visitor, client: Client, flow: Flow, fields: dict[str, str], sentence: str
) -> None:
    page = await visitor.press(await visitor.open(client.page + "/openid"), SAVE, **{"require_pkce": "on", **fields})

    assert "Nothing was saved" in page.text
    assert sentence in page.text
    assert OpenIdSettings() == await client.settings(flow)
    kept, _ = page.form(SAVE)
    assert ("require_pkce", "on") in kept.defaults()


async def test_only_settings_that_act_are_shown(visitor: Visitor, client: Client) -> None:
    shown = every_name(await visitor.open(client.page + "/openid"))

    known = {field.name for group in GROUPS for field in group.fields}
    assert set(core.offered()) & known == shown & known


def test_every_setting_has_its_words() -> None:
    named = [field.name for group in GROUPS for field in group.fields]

    assert sorted(OpenIdSettings.__struct_fields__) == sorted(named)
    assert all(field.label and field.hint for group in GROUPS for field in group.fields)


async def test_an_app_client_of_another_pool_has_no_page(visitor: Visitor, client: Client, service: Service) -> None:
    other = (await service.a_pool(PoolName="other"))["Id"]

    assert 404 == (await visitor.open(f"/console/pools/{other}/clients/{client.id}/openid")).status


async def test_a_method_with_a_secret_needs_one(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    public = (await service.a_client(pool_id))["ClientId"]
    page = await visitor.open(f"/console/pools/{pool_id}/clients/{public}/openid")

    refused = await visitor.press(page, SAVE, token_endpoint_auth_method="client_secret_jwt")
    assert 422 == refused.reply.status_code
    assert "needs a client secret" in refused.text
