"""
A websocket between a client and an app: bytes as they come, both ways, until one side or the house ends it.

The house ends it when the session behind it does (``registry``).
"""

from typing import TYPE_CHECKING

from poolhouse.house.gateway.registry import Bound, Registry

if TYPE_CHECKING:
    from poolhouse.house.gateway.front import Front
    from poolhouse.house.gateway.upstream import Upstream

# A close frame of a server: FIN and opcode 8, length, code (RFC 6455 sections 5.5.1 and 7.4.1).
_GOING_AWAY = b"\x88\x02\x03\xe9"
_POLICY = b"\x88\x02\x03\xf0"
_OPCODE = 0x0F
_CONTROL = 0x08


class Tunnel:
    """See the module."""

    __slots__ = ("_app", "_front", "_is_closed", "_is_used", "_registry")

    def __init__(self, front: "Front", app: "Upstream", registry: Registry, owner: Bound) -> None:
        self._front = front
        self._app = app
        self._registry = registry
        self._is_closed = self._is_used = False
        registry.open[self] = owner

    def from_client(self, data: bytes) -> None:
        # Control frames (RFC 6455 section 5.5) are answers to an app's pings: nobody need be there for them.
        if not self._is_used and data[0] & _OPCODE < _CONTROL:
            self._is_used = True
        self._app.transport.write(data)

    def from_app(self, data: bytes) -> None:
        self._front.transport.write(data)

    def was_used(self) -> bool:
        """Whether a message came from the client since this was asked last."""
        was, self._is_used = self._is_used, False
        return was

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
        self._registry.open.pop(self, None)
        if frame and not self._front.transport.is_closing():
            self._front.transport.write(frame)
        self._front.transport.close()
        self._app.transport.close()
