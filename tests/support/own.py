"""Somebody at the own account page."""

from typing import Any

import httpx

from poolhouse.pool.core.tokens import ADMIN_SCOPE
from poolhouse.pool.flows import mailbox
from poolhouse.pool.flows.browser import SESSION_COOKIE
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.flows.notices import KIND
from poolhouse.pool.model.user import User
from tests.support.hosted import Page, from_here
from tests.support.web import BASE, DOMAIN, a_web_client, signed_in

HERE = f"/domains/{DOMAIN}/account"
SCOPES = ["openid", "email", "profile", ADMIN_SCOPE]


async def an_account_client(flow: Flow, pool: PoolEntry, **settings: Any) -> ClientEntry:
    """The app client as which the account page acts where nothing is set."""
    return await a_web_client(flow, pool, **({"allowed_o_auth_scopes": SCOPES} | settings))


class Owner:
    """A browser at the account page; paths are relative to it."""

    def __init__(self, web: httpx.AsyncClient) -> None:
        self.web = web

    async def open(self, path: str = "") -> Page:
        """The page, redirects of this domain followed."""
        return await self._followed(await self.web.get(HERE + path))

    async def send(self, path: str, **fields: str) -> Page:
        """Post *fields* as a form of ours does, and follow."""
        return await self._followed(await self.post(path, **fields))

    async def post(self, path: str, **fields: str) -> httpx.Response:
        page = Page(await self.web.get(HERE))
        form = next((each.fields for each in page.forms if "account" in each.fields), None)
        hidden = form or {**page.forms[0].fields, "account": await self._account()}
        given = {"_csrf": hidden["_csrf"], "account": hidden["account"], **fields}
        return await self.web.post(HERE + path, data=given, headers=from_here(self.web))

    async def fill(self, page: Page, form: int, **fields: str) -> Page:
        """Send a form of *page* with *fields* of it filled in."""
        chosen = page.forms[form]
        reply = await self.web.post(chosen.action, data={**chosen.fields, **fields}, headers=from_here(self.web))
        return await self._followed(reply)

    async def _account(self) -> str:
        page = Page(await self.web.get(f"{HERE}/sessions"))
        return next(each.fields["account"] for each in page.forms if "account" in each.fields)

    async def _followed(self, reply: httpx.Response) -> Page:
        for _ in range(5):
            target = reply.headers.get("location", "")
            if not target or not target.startswith((BASE, "/")):
                return Page(reply)
            reply = await self.web.get(target)
        raise AssertionError("too many redirects")


async def at_home(flow: Flow, web: httpx.AsyncClient, user: User) -> Owner:
    """The user has just signed in."""
    await signed_in(flow, web, user)
    return Owner(web)


def handle_of(web: httpx.AsyncClient) -> str | None:
    """The handle of the browser's session."""
    return web.cookies.get(f"__Secure-{SESSION_COOKIE}")


async def sent_code(flow: Flow, pool: PoolEntry) -> str:
    """The code that was sent last."""
    found = await mailbox.list_opened(flow, pool.pool.id, 50)
    return next(each.content.code for each in found if each.content and each.content.code)


async def notices(flow: Flow, pool: PoolEntry) -> list[tuple[str, str]]:
    """Whom a notice went to, and what about, oldest first."""
    found = await mailbox.list_opened(flow, pool.pool.id, 50)
    told = [each for each in reversed(found) if each.message.kind == KIND]
    return [(each.message.destination, each.content.subject) for each in told if each.content]
