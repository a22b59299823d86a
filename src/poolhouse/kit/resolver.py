"""The half of ``outgoing`` that needs aiohttp: names are resolved here, and addresses judged before they are used."""

import asyncio
import ipaddress
import socket
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

from poolhouse.kit.urls import is_callable_address


class NotCallable(OSError):
    """The name leads to an address that a program may not call."""


class GuardedResolver(AbstractResolver):
    """Resolves, then keeps only addresses that may be called; so a name that changes its mind gains nothing."""

    def __init__(self, *, allow_loopback: bool, allow_private: bool) -> None:
        self._allow_loopback = allow_loopback
        self._allow_private = allow_private

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._look_up(host, port, family)
        kept = [(kind, text) for kind, text in found if self._may(text)]
        if found and not kept:
            raise NotCallable(host)
        return [
            ResolveResult(hostname=host, host=text, port=port, family=kind, proto=0, flags=socket.AI_NUMERICHOST)
            for kind, text in kept
        ]

    async def _look_up(self, host: str, port: int, family: socket.AddressFamily) -> list[tuple[Any, str]]:
        name = host.lower().rstrip(".")
        if name == "localhost" or name.endswith(".localhost"):
            # RFC 6761 section 6.3: never asked of a name server, which might answer anything.
            return [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
        loop = asyncio.get_running_loop()
        infos = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
        return [(info[0], str(info[4][0])) for info in infos]

    def _may(self, text: str) -> bool:
        return is_callable_address(
            ipaddress.ip_address(text.partition("%")[0]),
            allow_loopback=self._allow_loopback,
            allow_private=self._allow_private,
        )

    async def close(self) -> None:
        """Nothing is held."""
