"""Whom a directory has added signs in for the first time; and the page of Admin Settings for it."""

import re
from typing import Any

import httpx
import msgspec
import pytest

from poolhouse.house.app import House
from poolhouse.house.model import Document
from poolhouse.house.scim.settings import Provisioning
from poolhouse.kit.ambient import Secret
from poolhouse.kit.db.protocol import Tx
from tests.house.op import Provider, merged
from tests.house.test_accounts import usernames
from tests.house.test_scim import Directory, a_key
from tests.house.world import ADMIN, BASE, Browser, words

PATH = "/settings/provisioning"


async def rule(house: House, **fields: Any) -> None:
    rules = Provisioning(**{"is_enabled": True, "provider": "oidc", **fields})

    async def change(_tx: Tx, document: Document) -> Document:
        return msgspec.structs.replace(document, provisioning=rules)

    await house.ctx.live.change(change, by="test")


async def directory_of(house: House, **fields: Any) -> Directory:
    await rule(house, **fields)
    return Directory(house, await a_key(house))


async def test_the_account_that_waits_is_theirs_and_stays_as_the_directory_says(
    ready: House, browser: Browser, provider: Provider
) -> None:
    directory = await directory_of(ready)
    made = await directory.add("m.ortiz", externalId=provider.person.sub, displayName="Maria of Ships")
    assert (await browser.sso()).status_code == 303
    assert await usernames(ready) == [ADMIN, "m.ortiz"]
    # The provider calls her otherwise; the directory's word stands, at the next sign-in too.
    await browser.sso()
    assert (await directory.get(f"/Users/{made['id']}")).json()["userName"] == "m.ortiz"
    assert "Maria of Ships" in words(await browser.get("/"))


async def test_another_claim_can_be_the_directorys_id(ready: House, browser: Browser, provider: Provider) -> None:
    directory = await directory_of(ready, claim="oid")
    await directory.add("m.ortiz", externalId="entra-id-1")
    provider.change_claims = merged(oid="entra-id-1")
    await browser.sso()
    assert await usernames(ready) == [ADMIN, "m.ortiz"]


@pytest.mark.parametrize(
    "fields", [{"provider": ""}, {"provider": "another"}, {"is_enabled": False}, {"claim": "oid"}, {"claim": "email"}]
)
async def test_without_an_administrators_word_nobody_gets_an_account_that_waits(
    ready: House, browser: Browser, provider: Provider, fields: dict[str, Any]
) -> None:
    directory = await directory_of(ready)
    await directory.add("m.ortiz", externalId=provider.person.sub)
    await rule(ready, **fields)
    await browser.sso()
    assert len(await usernames(ready)) == 3


async def test_an_address_chooses_nobody(ready: House, browser: Browser, provider: Provider) -> None:
    directory = await directory_of(ready)
    await directory.add(provider.person.email, externalId="somebody-else")
    answer = await browser.sso()
    assert "already" in words(answer) or answer.status_code >= 400
    assert await usernames(ready) == [ADMIN, provider.person.email]
    assert browser.cookie("house_session") is None


async def test_whom_the_directory_has_disabled_stays_out(ready: House, browser: Browser, provider: Provider) -> None:
    directory = await directory_of(ready)
    await directory.add("m.ortiz", externalId=provider.person.sub, active=False)
    assert (await browser.sso()).status_code == 403
    assert browser.cookie("house_session") is None


async def test_an_account_has_one_first_sign_in(ready: House, new_browser: Any, provider: Provider) -> None:
    directory = await directory_of(ready, claim="oid")
    await directory.add("m.ortiz", externalId="entra-id-1")
    provider.change_claims = merged(oid="entra-id-1")
    await new_browser().sso()
    provider.person.sub, provider.person.email = "another-subject", "other@example.com"
    await new_browser().sso()
    assert await usernames(ready) == [ADMIN, "m.ortiz", "other@example.com"]


# the page


async def a_shown_key(admin: Browser) -> str:
    made = await admin.post(f"{PATH}/keys", page=PATH)
    assert made.status_code == 200, made.text
    assert made.headers["cache-control"] == "no-store"
    found = re.search(r"scim_[0-9A-Za-z]{40}", made.text)
    assert found is not None
    return found[0]


async def test_an_administrator_turns_it_on_and_hands_out_a_key(house: House, admin: Browser) -> None:
    assert (await admin.post(PATH, {"has-is_enabled": "1", "is_enabled": "on", "claim": "sub"})).status_code == 303
    key = await a_shown_key(admin)
    answer = await Directory(house, Secret(key)).get("/ServiceProviderConfig")
    assert answer.status_code == 200
    page = await admin.get(PATH)
    assert key not in page.text
    assert f"{BASE}/scim/v2" in page.text
    assert "203.0.113.9" in words(page)

    await a_shown_key(admin)
    assert (await admin.post(f"{PATH}/keys", page=PATH)).status_code == 409

    revoke = re.findall(r"/settings/provisioning/keys/[0-9a-f-]+/revoke", (await admin.get(PATH)).text)
    for path in revoke:
        assert (await admin.post(path, page=PATH)).status_code == 303
    assert (await Directory(house, Secret(key)).get("/Users")).status_code == 401
    assert (await admin.post(revoke[0], page=PATH)).status_code == 404
    log = words(await admin.get("/settings/audit-log"))
    assert "SCIM key made" in log
    assert "SCIM key revoked" in log
    assert key not in log


async def test_wrong_settings_are_marked(admin: Browser) -> None:
    forms: list[dict[str, str]] = [{"claim": ""}, {"claim": "sub", "provider": "nobody"}]
    # By an address that nobody has proved somebody would get the account of another (CVE-2023-3128).
    forms += [{"claim": claim} for claim in ("email", "preferred_username", "upn")]
    for form in forms:
        answer = await admin.post(PATH, form)
        assert answer.status_code == 422


async def test_only_administrators_see_it(browser: Browser) -> None:
    answer: httpx.Response = await browser.get(PATH)
    assert answer.status_code == 303
