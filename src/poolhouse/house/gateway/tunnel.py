"""
A websocket between a client and an app: bytes as they come, both ways, until one side or the house ends it.

The house ends it when the session behind it does: the registry knows every tunnel by what it is bound to.
"""

from typing import TYPE_CHECKING

import msgspec

from poolhouse.house.gateway.given import Given

if TYPE_CHECKING:
    from poolhouse.house.gateway.front import Front
    from poolhouse.house.gateway.upstream import Upstream

# A close frame of a server: FIN and opcode 8, length, code (RFC 6455 sections 5.5.1 and 7.4.1).
_GOING_AWAY = b"\x88\x02\x03\xe9"
_POLICY = b"\x88\x02\x03\xf0"


class Bound(msgspec.Struct, frozen=True):
    """What a websocket lives with: the app, the cookie or token that opened it, where its person is."""

    app_id: str
    given: Given
    address: str


class Registry:
    """The open websockets of a process, each with what it is bound to."""

    def __init__(self) -> None:
        self.tunnels: dict[Tunnel, Bound | None] = {}


class Tunnel:
    """See the module."""

    __slots__ = ("_app", "_front", "_is_closed", "_registry", "owner")

    def __init__(self, front: "Front", app: "Upstream", registry: Registry, owner: Bound | None) -> None:
        self._front = front
        self._app = app
        self._registry = registry
        self._is_closed = False
        self.owner = owner
        registry.tunnels[self] = owner

    def from_client(self, data: bytes) -> None:
        self._app.transport.write(data)

    def from_app(self, data: bytes) -> None:
        self._front.transport.write(data)

    def client_slow(self) -> None:
        self._app.transport.pause_reading()

    def client_ready(self) -> None:
        self._app.transport.resume_reading()

    def app_slow(self) -> None:
        self._front.transport.pause_reading()

    def app_ready(self) -> None:
        self._front.transport.resume_reading()

    def client_lost(self) -> None:
        self._end()

    def app_lost(self) -> None:
        self._end()

    def client_eof(self) -> None:
        self._end()

    def app_eof(self) -> None:
        self._end()

    def tick(self, now: float) -> None:
        """A websocket may be silent for as long as it likes."""

    def close(self) -> None:
        """The server goes away."""
        self._end(_GOING_AWAY)

    def revoke(self) -> None:
        """The session is over, or may no longer open this app: close with 1008, policy violation."""
        self._end(_POLICY)

    def _end(self, frame: bytes = b"") -> None:
        if self._is_closed:
            return
        self._is_closed = True
        self._registry.tunnels.pop(self, None)
        if frame and not self._front.transport.is_closing():
            self._front.transport.write(frame)
        self._front.transport.close()
        self._app.transport.close()
