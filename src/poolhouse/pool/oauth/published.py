"""
How the issuer's documents are served: any origin may read them, any cache may keep them for a while.

Every verifier of every app asks for them, so they are put into their final bytes once for each state of a pool, and
come before the other routes.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Final

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from poolhouse.kit.db.protocol import DatabaseBusy, UnstorableValue
from poolhouse.kit.edge import Raw, Reply, endpoint
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.model.config import ServerConfig
from poolhouse.pool.oauth.answers import ANY_ORIGIN, json_body, preflight

CACHED: Final = "public, max-age=300"
"""Long enough to spare the server, short enough that a new domain, or key, is seen soon."""
KEPT: Final = 10_000
_ALLOW: Final = "GET, HEAD, OPTIONS"
_MARK: Final = "/.well-known/"

Document = Callable[[ServerConfig, PoolEntry], bytes]


class _Made(msgspec.Struct, frozen=True):
    """The answers for one state of a pool, as ASGI messages; *entry* is the state."""

    entry: PoolEntry
    etag: bytes
    start: Message
    body: Message
    unchanged: Message


class Published:
    """One document of every issuer."""

    def __init__(self, flow: Flow, document: Document) -> None:
        self._flow = flow
        self._document = document
        self._made: dict[str, _Made] = {}
        self._otherwise = endpoint(self._refuse)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.serve(scope["path_params"]["pool_id"], scope, receive, send)

    async def serve(self, pool_id: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer for the issuer of *pool_id*."""
        made = await self._find(pool_id) if scope["method"] in {"GET", "HEAD"} else None
        if made is None:
            await self._otherwise({**scope, "path_params": {"pool_id": pool_id}}, receive, send)
        elif any(name == b"if-none-match" and _has(value, made.etag) for name, value in scope["headers"]):
            await send(made.unchanged)
            await send(_NOTHING)
        else:
            await send(made.start)
            await send(made.body if scope["method"] == "GET" else _NOTHING)

    async def _find(self, pool_id: str) -> _Made | None:
        try:
            entry = await self._flow.directory.find_pool(pool_id)
        except (UnstorableValue, DatabaseBusy):
            return None
        if entry is None:
            return None
        made = self._made.get(pool_id)
        if made is None or made.entry is not entry:
            made = _make(entry, self._document(self._flow.config, entry))
            if len(self._made) >= KEPT:
                self._made.pop(next(iter(self._made)))
            self._made[pool_id] = made
        return made

    async def _refuse(self, raw: Raw) -> Reply:
        """What is not a document: another method, no such pool, a busy store."""
        if raw.method == "OPTIONS":
            return preflight(_ALLOW, asks="*")
        if raw.method not in {"GET", "HEAD"}:
            return json_body({"message": "Method not allowed"}, status=405, headers=(("allow", _ALLOW),))
        try:
            # If it can be read now, it could not a moment ago.
            is_busy = await self._flow.directory.find_pool(raw.params["pool_id"]) is not None
        except UnstorableValue:
            is_busy = False
        except DatabaseBusy:
            is_busy = True
        if is_busy:
            later = (*ANY_ORIGIN, ("retry-after", "1"))
            return json_body({"message": "The server is busy."}, status=503, headers=later)
        return json_body({"message": "User pool does not exist."}, status=404, headers=ANY_ORIGIN)


def before(rest: ASGIApp, documents: Mapping[str, Published]) -> ASGIApp:
    """*rest* behind the *documents*, by their names at ``<issuer>/.well-known/``: no other route is tried for them."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _MARK in scope["path"]:
            pool_id, _, name = scope["path"][1:].partition(_MARK)
            found = documents.get(name)
            if found is not None and pool_id and "/" not in pool_id:
                await found.serve(pool_id, scope, receive, send)
                return
        await rest(scope, receive, send)

    return app


_NOTHING: Final[Message] = {"type": "http.response.body", "body": b""}


def _make(entry: PoolEntry, body: bytes) -> _Made:
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    common = (*ANY_ORIGIN, ("cache-control", CACHED), ("etag", etag))
    content = (
        ("content-type", "application/json"), ("x-content-type-options", "nosniff"), ("content-length", str(len(body))),
    )  # fmt: skip
    return _Made(
        entry=entry,
        etag=etag.encode(),
        start={"type": "http.response.start", "status": 200, "headers": _encoded((*common, *content))},
        body={"type": "http.response.body", "body": body},
        unchanged={"type": "http.response.start", "status": 304, "headers": _encoded(common)},
    )


def _encoded(headers: tuple[tuple[str, str], ...]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]


def _has(given: bytes, etag: bytes) -> bool:
    return any(tag.strip().removeprefix(b"W/") == etag for tag in given.split(b","))
