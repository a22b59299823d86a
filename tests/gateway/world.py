"""What the tests of the gateway share: a house on a port, an app behind it that records bytes, raw requests."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from poolhouse.house.app import House
from poolhouse.house.gate import Gate, Policy
from poolhouse.house.model import Account, Document, Identity, Session
from poolhouse.house.provider import OidcSettings
from poolhouse.house.session import mint_session
from poolhouse.house.store import accounts, sessions
from poolhouse.house.store import apps as app_store
from poolhouse.kit.ambient import Epoch, uuid4
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.seal import digest

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter, bytes], Awaitable[None]]


@dataclass
class Upstream:
    """An app made of bytes: keeps every head that it gets, and answers as it is told."""

    answer: bytes = OK
    handler: Handler | None = None
    heads: list[bytes] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.append(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.heads.append(head)
                if self.handler is not None:
                    await self.handler(reader, writer, head)
                    continue
                self.bodies.append(await read_body(reader, head))
                writer.write(self.answer)
                await writer.drain()
        writer.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def last(self) -> str:
        return self.heads[-1].decode("latin-1")

    def header(self, name: str) -> list[str]:
        return re.findall(rf"(?mi)^{name}: (.*?)\r$", self.last)


async def read_body(reader: asyncio.StreamReader, head: bytes) -> bytes:
    found = re.search(rb"(?i)content-length: (\d+)", head)
    if found:
        return await reader.readexactly(int(found[1]))
    body = b""
    if re.search(rb"(?i)transfer-encoding: chunked", head):
        while size := int((await reader.readuntil(b"\r\n"))[:-2], 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readuntil(b"\r\n")
    return body


@contextlib.asynccontextmanager
async def upstream() -> AsyncIterator[Upstream]:
    app = Upstream()
    server = await asyncio.start_server(app.serve, "127.0.0.1", 0)
    app.port = server.sockets[0].getsockname()[1]
    yield app
    server.close()
    for writer in app.writers:
        writer.transport.abort()
    await asyncio.sleep(0.01)


@dataclass
class Served:
    """The house behind its own server."""

    house: House
    port: int

    async def raw(self, data: bytes, *, wait: float = 5.0) -> bytes:
        """Everything that comes back until the server closes, or nothing has come for a moment."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(data)
        out = b""
        with contextlib.suppress(TimeoutError, ConnectionError):
            while piece := await asyncio.wait_for(reader.read(65_536), 0.5 if out else wait):
                out += piece
        writer.close()
        return out

    async def ask(self, target: str = "/", *, method: str = "GET", host: str = "wiki.localhost:8500",
                  body: bytes = b"", **headers: str) -> "Answer":  # fmt: skip
        lines = [f"{method} {target} HTTP/1.1", f"Host: {host}", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        return read_answer(await self.raw("\r\n".join([*lines, "", ""]).encode("latin-1") + body))

    async def add(self, url: str, gate: Gate | None, name: str = "Wiki") -> str:
        await self.house.add_app(name=name, url=url, gate=gate)
        await asyncio.sleep(0)

        async def unit(tx: Tx) -> str:
            app = await app_store.find_app_at(tx, url)
            assert app is not None
            return app.id

        app_id = await self.house.ctx.db.write(unit)
        await until(lambda: self.house._site is not None and self.house._site.table.of(app_id) is not None)
        return app_id

    async def change(self, app_id: str, **gate: Any) -> None:
        async def unit(tx: Tx) -> None:
            app = await app_store.find_app(tx, app_id)
            assert app is not None
            assert app.gate is not None
            await app_store.change_app(tx, msgspec.structs.replace(app, gate=msgspec.structs.replace(app.gate, **gate)))

        await self.house.ctx.db.write(unit)
        site = self.house._site
        assert site is not None
        await until(lambda: all(getattr(entry.gate, name) == value for entry in site.table.entries
                                if entry.app.id == app_id for name, value in gate.items()))  # fmt: skip

    async def sign_in(self, **claims: Any) -> "Person":
        """A person with a session in the house, as a sign-in at a provider leaves it."""
        ctx = self.house.ctx
        account_id, now = uuid4(ctx.entropy), ctx.clock.now()
        claims = {"email": "maria@example.com", "name": "Maria Lopez", **claims}
        account = Account(
            id=account_id, username=claims["email"], email=claims["email"], is_email_holder=True, name=claims["name"],
            is_admin=False, is_enabled=True, password_hash=None, created_at=now, signed_in_at=now,
        )  # fmt: skip
        new = mint_session(ctx, method="oidc", claims=claims)

        async def unit(tx: Tx) -> None:
            await accounts.put_account(tx, account, email_key=claims["email"])
            await accounts.put_identity(
                tx,
                Identity(issuer="https://op.example", subject=account_id, account_id=account_id, created_at=now,
                         signed_in_at=now, claims=new.claims),
            )  # fmt: skip
            await sessions.put_session(
                tx, id_digest=digest(new.id), account_id=account_id, method="oidc", issuer="", subject="",
                claims=new.claims, sealed_id_token=None, address="", agent="", now=now,
                expires_at=Epoch(now + ctx.session_seconds),
            )  # fmt: skip

        await ctx.db.write(unit)
        return Person(account, new.id)

    async def at_app(self, app_id: str, person: "Person", host: str = "wiki.localhost:8500") -> str:
        """Go the whole way to the app; the cookie that the browser has there."""
        first = await self.ask("/", host=host, Accept="text/html", Sec_Fetch_Mode="navigate")
        assert 303 == first.status, first.text
        way = first.cookies[f"house_way_{app_id[:8]}"]
        there = first.headers["location"].removeprefix("http://localhost:8500")
        second = await self.ask(there, host="localhost:8500", Cookie=f"house_session={person.session}")
        assert 303 == second.status, second.text
        code = second.headers["location"].removeprefix(f"http://{host}")
        third = await self.ask(code, host=host, Cookie=f"house_way_{app_id[:8]}={way}")
        assert 303 == third.status, third.text
        name = f"house_app_{app_id[:8]}"
        return f"{name}={third.cookies[name]}"

    async def end(self, person: "Person") -> None:
        async def unit(tx: Tx) -> None:
            await sessions.delete_session(tx, digest(person.session))

        await self.house.ctx.db.write(unit)


@dataclass
class Person:
    account: Account
    session: str


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    cookies: dict[str, str]
    lines: list[str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)


def read_answer(data: bytes) -> Answer:
    assert data, "no answer"
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = [(name.lower(), value) for name, _, value in (line.partition(": ") for line in lines)]
    cookies = dict(value.partition(";")[0].split("=", 1) for name, value in pairs if name == "set-cookie")
    return Answer(int(first.split()[1]), dict(pairs), cookies, lines, body)


async def until(holds: Callable[[], bool], seconds: float = 5.0) -> None:
    for _ in range(int(seconds * 100)):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come true")


__all__ = ["OK", "Answer", "Document", "Gate", "OidcSettings", "Policy", "Served", "Session", "Upstream"]
