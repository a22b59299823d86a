"""The event loop of programs that end TLS themselves."""

import asyncio
from typing import Any

import uvloop

from poolhouse.house.tls.contexts import HANDSHAKE_SECONDS


class Loop(uvloop.Loop):
    """Gives a handshake ten seconds, where uvicorn would leave it a minute: strangers begin as many as they like."""

    async def create_server(self, *given: Any, **named: Any) -> asyncio.AbstractServer:  # type: ignore[override]
        if named.get("ssl") is not None:
            named.setdefault("ssl_handshake_timeout", HANDSHAKE_SECONDS)
        return await super().create_server(*given, **named)
