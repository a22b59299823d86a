"""
How many rows an import writes at once: few while anybody else asks, and more the longer nobody has.

On SQLite everybody waits for a transaction that is being written.  Into a large pool a row of four hundred costs two
thirds of one of forty, as the rows share pages and a commit.
"""

from typing import Final

from poolhouse.kit.ambient import Clock

ROWS: Final = 40
"""
Few enough that nobody waits long for the event loop, enough to share a commit.

Into a million users on SQLite, at a hundred one request in twenty waited eight times as long, behind the pages that
they had changed.
"""
MOST: Final = 400


class Pace:
    """Of one process; ``note`` is called for each request, and where another process writes to the same file."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last_ms = clock.now_ms()

    def note(self) -> None:
        """Somebody is here."""
        self._last_ms = self._clock.now_ms()

    def rows(self) -> int:
        """As many times ``ROWS`` as there were seconds of quiet."""
        return min(MOST, ROWS * max(1, (self._clock.now_ms() - self._last_ms) // 1000))
