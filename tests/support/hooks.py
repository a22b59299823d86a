"""Where triggers are answered in tests: a real HTTP server in this process, as a webhook and as Lambda."""

import asyncio
import base64
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from poolhouse.kit.ambient import FixedClock, Secret
from poolhouse.pool.effects.hook_targets import read_targets
from poolhouse.pool.effects.hooks import Hooks, Limits
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.spec import shapes
from tests.support.service import Service

__all__ = ["hook_server", "hooked"]

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()
ACCESS = ("AKIDEXAMPLE", Secret("very-secret"))
PATIENT = Limits(seconds=30, pause=0)
"""A busy machine is not to look like a function that does not answer."""
Event = dict[str, Any]
Answer = Callable[[Event], Any]


def arn(name: str, suffix: str = "") -> str:
    return f"arn:aws:lambda:us-east-1:000000000000:function:{name}{suffix}"


class HookServer:
    """`server.on["define"] = lambda event: {...}` sets what a function puts into `response`."""

    def __init__(self, clock: FixedClock) -> None:
        self.clock = clock
        self.on: dict[str, Answer] = {}
        self.raw: Callable[[web.Request, bytes], Awaitable[web.StreamResponse]] | None = None
        self.events: list[Event] = []
        self.requests: list[tuple[web.Request, bytes]] = []
        self.base = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.requests.append((request, body))
        if self.raw is not None:
            return await self.raw(request, body)
        self._check_signature(request, body)
        event = json.loads(body)
        self.events.append(json.loads(body))
        try:
            filled = self.on[request.match_info["name"]](event)
        except Refuse as no:
            return web.json_response({"errorMessage": str(no)}, status=400)
        if filled is not None:
            event["response"] = filled
        return web.json_response(event)

    def _check_signature(self, request: web.Request, body: bytes) -> None:
        stamp, name = request.headers["webhook-timestamp"], request.headers["webhook-id"]
        assert abs(int(stamp) - self.clock.now()) < 300
        expected = hmac.digest(KEY, f"{name}.{stamp}.".encode() + body, "sha256")
        assert request.headers["webhook-signature"] == "v1," + base64.b64encode(expected).decode()

    def sources(self) -> list[str]:
        return [event["triggerSource"] for event in self.events]

    def last(self, source: str) -> Event:
        return next(event for event in reversed(self.events) if event["triggerSource"].startswith(source))


class Refuse(Exception):
    """A function throws this."""


@pytest.fixture
async def hook_server(clock: FixedClock) -> AsyncIterator[HookServer]:
    server = HookServer(clock)
    app = web.Application()
    app.router.add_route("*", "/{name}", server.handle)
    app.router.add_route("*", "/2015-03-31/functions/{name}/invocations", server.handle)
    running = TestServer(app, host="127.0.0.1")
    await running.start_server()
    server.base = str(running.make_url("/")).rstrip("/")
    yield server
    await running.close()


@pytest.fixture
async def hooked(flow: Flow, clock: FixedClock, hook_server: HookServer) -> AsyncIterator[Service]:
    """The service whose functions are webhooks of `hook_server`, by their names."""
    names = (
        "define",
        "create",
        "verify",
        "tokens",
        "signup",
        "confirmed",
        "before",
        "afterwards",
        "message",
        "migrate",
    )
    table = {name: {"url": f"{hook_server.base}/{name}", "secret": SECRET} for name in names}
    hooks = Hooks(read_targets(table), clock, flow.entropy, PATIENT)
    yield Service(msgspec.structs.replace(flow, hooks=hooks))
    await hooks.close()


def triggers(**members: str) -> shapes.LambdaConfigType:
    """`triggers(define_auth_challenge="define")`."""
    named: dict[str, Any] = {member: arn(name) for member, name in members.items()}
    return shapes.LambdaConfigType(**named)


CUSTOM = triggers(
    define_auth_challenge="define", create_auth_challenge="create", verify_auth_challenge_response="verify"
)


async def stalls(_request: web.Request, _body: bytes) -> web.StreamResponse:
    await asyncio.sleep(5)
    return web.Response()
