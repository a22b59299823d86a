"""What a connection expects of whoever answers a request."""

from typing import Protocol

AHEAD_BYTES = 65_536
"""What may wait in memory because nobody takes it yet."""


class Work(Protocol):
    """What answers one request.  It calls ``front.write`` and then ``front.finish``, or ``front.reply``."""

    def body(self, pieces: list[bytes]) -> None:
        """A part of the request's body."""

    def body_end(self) -> None:
        """The body is complete."""

    def abort(self) -> None:
        """The client is gone; nothing is to be written any more."""

    def pause(self) -> None:
        """The client reads more slowly than we write."""

    def resume(self) -> None:
        """It has caught up."""

    def tick(self, now: float) -> None:
        """Once a second."""


class _Nothing:
    """The work of a request that is answered at once: its body is not wanted."""

    def body(self, pieces: list[bytes]) -> None: ...
    def body_end(self) -> None: ...
    def abort(self) -> None: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def tick(self, now: float) -> None: ...


NOTHING: Work = _Nothing()
