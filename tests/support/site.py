"""A web site of somebody's, over https on this machine, that serves documents."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import trustme
from aiohttp import web as aio


class Site:
    """What is served, by path; counts who asks."""

    def __init__(self, port: int) -> None:
        self.base = f"https://localhost:{port}"
        self.asked = 0
        self.status = 200
        self.documents: dict[str, Any] = {}

    async def serve(self, request: aio.Request) -> aio.Response:
        self.asked += 1
        found = self.documents.get(request.path)
        body = found if isinstance(found, bytes) else msgspec.json.encode(found)
        headers = {"location": "/elsewhere"} if 300 <= self.status < 400 else {}
        return aio.Response(status=self.status, body=body, content_type="application/json", headers=headers)


@asynccontextmanager
async def a_site(folder: Path) -> AsyncIterator[Site]:
    """Its authority is in ``ca.pem`` of *folder*."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    app = aio.Application()
    runner = aio.AppRunner(app)
    made: list[Site] = []

    async def serve(request: aio.Request) -> aio.Response:
        return await made[0].serve(request)

    app.router.add_get("/{path:.*}", serve)
    await runner.setup()
    await aio.TCPSite(runner, "localhost", 0, ssl_context=context).start()
    made.append(Site(runner.addresses[0][1]))
    yield made[0]
    await runner.cleanup()
