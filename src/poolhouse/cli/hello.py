"""
The app of the demo: one page on a loopback port, in the process of ``up``, that shows what the gateway tells an app.

It is behind the gateway like any other app, so that a newcomer sees at once what that does.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import msgspec

from poolhouse.house.app import House
from poolhouse.house.gate import ASSERTION, EMAIL, GROUPS, NAME, USER, Gate
from poolhouse.house.store import apps
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.html import page_headers
from poolhouse.kit.jose import b64url_decode

TITLE = "Hello"
_TOLD = (USER, EMAIL, GROUPS, NAME, "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto")
_HEAD_SECONDS = 10.0
_NOWHERE = "http://127.0.0.1:9/"


def address(house: str) -> str:
    """A host of its own where names below localhost lead here, else a path of the house's."""
    parts = urlsplit(house)
    if parts.hostname == "localhost":
        return f"{parts.scheme}://hello.{parts.netloc}/"
    return f"{house}/apps/hello/"


async def add(house: House) -> None:
    """The entry of the home page; where it listens is known at each start."""
    await house.add_app(
        name=TITLE,
        url=address(house.ctx.origin.url),
        description="What an app is told",
        gate=Gate(upstream=_NOWHERE),
    )


@contextlib.asynccontextmanager
async def running(house: House) -> AsyncIterator[None]:
    """Listen, and tell the house where, unless an administrator has removed the app or gave it another upstream."""
    page = _Page(house)
    server = await asyncio.start_server(page.serve, "127.0.0.1", 0, limit=65_536)
    try:
        await _move(house, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
        yield
    finally:
        server.close()


async def _move(house: House, upstream: str) -> None:
    async def unit(tx: Tx) -> None:
        app = await apps.find_app_at(tx, address(house.ctx.origin.url))
        if app is None or app.gate is None or not app.gate.upstream.startswith("http://127.0.0.1:"):
            return
        gate = msgspec.structs.replace(app.gate, upstream=upstream)
        await apps.change_app(tx, msgspec.structs.replace(app, gate=gate))

    await house.ctx.db.write(unit)


class _Page:
    def __init__(self, house: House) -> None:
        self._house = house

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request, one answer."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(_HEAD_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
            writer.write(self._answer(head))
            await writer.drain()
        writer.close()

    def _answer(self, head: bytes) -> bytes:
        lines = head.decode("utf-8", "replace").split("\r\n")
        method, _, rest = lines[0].partition(" ")
        if method not in {"GET", "HEAD"} or rest.partition(" ")[0].partition("?")[0] != "/":
            return _bytes(
                "404 Not Found", (("content-type", "text/plain; charset=utf-8"),), b"There is one page, at /.\n"
            )
        said = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        told = _TOLD if said.get(USER.lower()) else ()
        body = self._house.ctx.html.render(
            "hello.html",
            name=said.get(NAME.lower()) or said.get(USER.lower(), ""),
            told=[(name, said[name.lower()]) for name in told if said.get(name.lower())],
            claims=_claims(said.get(ASSERTION.lower(), "")),
            house=self._house.ctx.origin.at("/"),
        )
        # On the app's host the house's style sheets are below its reserved path.
        page = body.replace(b'"/static/', b'"/.house/static/')
        headers = (("content-type", "text/html; charset=utf-8"), *page_headers("'none'"))
        return _bytes("200 OK", headers, b"" if method == "HEAD" else page)


def _claims(assertion: str) -> list[tuple[str, str]]:
    """For show alone: whoever relies on them checks the signature first."""
    try:
        claims = msgspec.json.decode(b64url_decode(assertion.split(".")[1]), type=dict[str, object])
    except (IndexError, ValueError, msgspec.DecodeError):
        return []
    return [
        (name, value if isinstance(value, str) else msgspec.json.encode(value).decode())
        for name, value in claims.items()
    ]


def _bytes(status: str, headers: tuple[tuple[str, str], ...], body: bytes) -> bytes:
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers), f"content-length: {len(body)}"]
    return "\r\n".join([*lines, "connection: close", "", ""]).encode("latin-1") + body
