"""People who choose how to sign in on the hosted pages."""

import json
import re
from html import unescape
from typing import Any

import httpx

from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.spec import shapes
from tests.support.authenticator import Authenticator
from tests.support.builders import PASSWORD
from tests.support.hosted import Page, Person
from tests.support.web import a_web_client, a_web_pool

ORIGIN = "https://pool.example"
BY_CHOICE = ["ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]


def allowing(*factors: str) -> shapes.UserPoolPolicyType:
    return shapes.UserPoolPolicyType(
        sign_in_policy=shapes.SignInPolicyType(allowed_first_auth_factors=["PASSWORD", *factors])
    )


async def a_choosing_pool(flow: Flow, *factors: str, **settings: Any) -> PoolEntry:
    usual: dict[str, Any] = {"username_attributes": ["email"], "auto_verified_attributes": ["email"]}
    return await a_web_pool(flow, policies=allowing(*factors), **(usual | settings))


async def a_choosing_client(flow: Flow, pool: PoolEntry, **settings: Any) -> ClientEntry:
    return await a_web_client(flow, pool, **({"explicit_auth_flows": BY_CHOICE} | settings))


class Chooser(Person):
    """Somebody who types a name and then chooses."""

    async def named(self, name: str = "jane@example.com", **more: str | None) -> Page:
        page = await self.open("/oauth2/authorize", **more)
        return await self.send(page, **{page.labels()[0].replace(" ", "_"): name})

    async def chooses(self, page: Page, way: str) -> Page:
        return await self.press(page, answer=way)

    async def press(self, page: Page, form: int = 0, **fields: str) -> Page:
        return await self.follow(await self.post(page, {**page.forms[form].fields, **fields}, form))

    async def other_way(self, page: Page, way: str) -> Page:
        reply = await self.web.get(page.links["Use another way to sign in"])
        return await self.chooses(await self.follow(reply), way)

    async def by_password(self, password: str = PASSWORD, name: str = "jane@example.com", **more: str | None) -> Page:
        page = await self.named(name, **more)
        if "Password" not in page.labels():
            page = await self.chooses(page, "PASSWORD")
        return await self.send(page, Password=password)

    async def adds_passkey(self, page: Page, authenticator: Authenticator) -> Page:
        """Accept the invitation that *page* is."""
        made = json.dumps(authenticator.register(options_of(page.reply)))
        return await self.press(page, credential=made)

    async def shows(self, page: Page, authenticator: Authenticator, **changes: Any) -> Page:
        """Press "Sign in with a passkey" on *page*."""
        return await self.press(
            page, passkey_form(page), credential=authenticator.sign(options_of(page.reply), **changes)
        )

    async def with_passkey(self, authenticator: Authenticator, **more: str | None) -> Page:
        return await self.adds_passkey(await self.by_password(PASSWORD, "jane@example.com", **more), authenticator)


def passkey_form(page: Page) -> int:
    return next(n for n, form in enumerate(page.forms) if "credential" in form.fields)


def options_of(reply: httpx.Response) -> dict[str, Any]:
    found = re.search(r'data-options="([^"]*)"', reply.text)
    assert found is not None, reply.text
    options: dict[str, Any] = json.loads(unescape(found[1]))
    return options


def forget_browser(web: httpx.AsyncClient) -> None:
    web.cookies.clear()
