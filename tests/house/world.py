"""What the tests of the house share: settings, browsers, ways to read a page."""

import base64
import re
from functools import cached_property
from html import unescape
from typing import Any

import httpx

from poolhouse.house.app import House
from poolhouse.house.config import HouseSettings
from poolhouse.kit.ambient import Secret

BASE = "http://localhost:8500"
ADMIN = "admin@example.com"
PASSWORD = "correct horse battery"
MASTER = Secret(base64.b64encode(b"k" * 32).decode())


def house_settings(**other: Any) -> HouseSettings:
    return HouseSettings(
        **{
            "base_url": BASE,
            "database": "sqlite://",
            "master_keys": (MASTER,),
            "admin_email": ADMIN,
            "admin_password": Secret(PASSWORD),
            **other,
        }
    )


class Browser:
    """One cookie jar in front of the house; other origins are reached over the network, as a browser does."""

    def __init__(self, house: House, base: str = BASE, address: str = "203.0.113.7") -> None:
        self.house = house
        self.base = base
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=house.app, client=(address, 40000)),
            base_url=base,
            headers={"user-agent": "Test browser"},
            verify=False,
        )

    @cached_property
    def outside(self) -> httpx.AsyncClient:
        """Other origins; made when one is visited, since an SSL context takes longer than most requests."""
        return httpx.AsyncClient(verify=False)

    async def close(self) -> None:
        await self.client.aclose()
        if "outside" in vars(self):
            await self.outside.aclose()

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(path, headers={k.replace("_", "-"): v for k, v in headers.items()})

    async def csrf(self, path: str) -> str:
        page = await self.get(path)
        found = re.search(r'name="csrf" value="([^"]+)"', page.text)
        assert found is not None, page.text
        return found[1]

    async def post(
        self, path: str, form: dict[str, str] | None = None, *, page: str = "", **headers: str
    ) -> httpx.Response:
        """Submit a form that stands on *page* (the path itself if not given)."""
        csrf = await self.csrf(page or path)
        named = {k.replace("_", "-"): v for k, v in headers.items()}
        return await self.client.post(path, data={"csrf": csrf, **(form or {})}, headers={"origin": self.base, **named})

    async def log_in(self, email: str = ADMIN, password: str = PASSWORD, to: str = "") -> httpx.Response:
        form = {"email": email, "password": password} | ({"to": to} if to else {})
        return await self.post("/user/login", form)

    async def depart(self, to: str = "", **headers: str) -> httpx.Response:
        """Press the button; the answer is the redirect to the provider, or a page."""
        path = "/oauth2/authorization/oidc" + (f"?to={to}" if to else "")
        return await self.get(path, **headers)

    async def at_provider(self, to: str = "") -> str:
        """Press the button and sign in at the provider; the address to come back to."""
        departure = await self.depart(to)
        assert 303 == departure.status_code, departure.text
        answer = await self.outside.get(departure.headers["location"])
        assert 302 == answer.status_code, answer.text
        return answer.headers["location"]

    async def sso(self, to: str = "") -> httpx.Response:
        """The whole sign-in; the callback's answer."""
        return await self.get(await self.at_provider(to))

    async def set_up(self, form: dict[str, str]) -> httpx.Response:
        """Save the OIDC form as the administrator, whose session stays in this browser."""
        if self.cookie("house_session") is None:
            await self.log_in()
        path = "/settings/authentication/oidc"
        page = await self.get(path)
        version = re.search(r'name="version" value="(\d+)"', page.text)
        assert version is not None
        return await self.post(path, {"version": version[1], **form})

    async def activate(self, provider_id: str = "oidc") -> httpx.Response:
        """Put changed settings in force without a sign-in through them."""
        path = f"/settings/authentication/candidates/{provider_id}"
        return await self.post(f"{path}/activate", {"confirmation": "activate"}, page=path)

    def plant(self, name: str, value: str) -> None:
        """Set a cookie as somebody else might have done."""
        if name in self.client.cookies:
            self.client.cookies.delete(name)
        self.client.cookies.set(name, value, domain="localhost.local", path="/")
        assert f"{name}={value}" in self.client.build_request("GET", "/").headers["cookie"]

    def cookie(self, name: str) -> str | None:
        return self.client.cookies.get(name)


def words(response: httpx.Response) -> str:
    """The page as it is read: tags taken out, blanks folded."""
    without = re.sub(r"<script.*?</script>|<[^>]+>", " ", response.text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(without)).strip()


def reference(response: httpx.Response) -> str:
    found = re.search(r"Reference: <code>([0-9a-f]{12})</code>", response.text)
    assert found is not None, response.text
    return found[1]
