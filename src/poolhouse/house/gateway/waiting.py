"""A request whose session is being looked up: holds what comes of its body, a buffer at most."""

from poolhouse.house.gateway.exchange import Exchange
from poolhouse.house.gateway.front import Front
from poolhouse.house.gateway.work import AHEAD_BYTES


class Waiting:
    """The ``Work`` of a front until something else is."""

    __slots__ = ("_front", "_is_done", "_pieces", "_size")

    def __init__(self, front: Front) -> None:
        self._front = front
        self._pieces: list[bytes] = []
        self._size = 0
        self._is_done = False
        front.work = self

    @property
    def is_wanted(self) -> bool:
        """Whether the client is still there and waits for this."""
        return self._front.work is self

    def body(self, pieces: list[bytes]) -> None:
        self._pieces += pieces
        self._size += sum(map(len, pieces))
        if self._size > AHEAD_BYTES:
            self._front.hold_upload(hold=True)

    def body_end(self) -> None:
        self._is_done = True

    def abort(self) -> None:
        self._pieces.clear()

    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def tick(self, now: float) -> None: ...

    def hand_over(self, exchange: Exchange) -> None:
        """On to the app, with what has come."""
        exchange.start()
        if self._pieces and self._front.work is exchange:
            exchange.body(self._pieces)
        if self._is_done and self._front.work is exchange:
            exchange.body_end()
