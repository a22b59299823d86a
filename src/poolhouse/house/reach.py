"""
Which upstreams of the apps can be reached, as this process has found: by the requests it carries, and by checks.

An upstream that could not be reached twice in a row, or was too late three times, is *down*: requests are answered at
once instead of waiting for it, and one in every few seconds is let through to see.  One that fails its app's own check
is down until the check succeeds.
"""

from collections.abc import Iterator

from poolhouse.kit.ambient import Clock, Epoch
from poolhouse.kit.log import get_logger

UNREACHED = 2
LATE = 3
RETRY_SECONDS = 3.0


class Health:
    """One address of one app.  Counters only ever grow; *now* is the event loop's time."""

    __slots__ = (
        "_app", "_clock", "_late", "_retry_at", "_unreached", "address", "answers", "error", "fails_check",
        "failures", "is_down", "late", "since",
    )  # fmt: skip

    def __init__(self, app: str, address: str, clock: Clock) -> None:
        self.address = address
        self.is_down = False
        self.fails_check = False
        self.since: Epoch | None = None
        """When it went up or down last; None before anything is known."""
        self.error = ""
        """Why it was not reached last, as a sentence without its end."""
        self.answers = self.failures = self.late = 0
        self._app = app
        self._clock = clock
        self._unreached = self._late = 0
        self._retry_at = 0.0

    @property
    def is_up(self) -> bool:
        return not self.is_down and not self.fails_check

    def may_try(self, now: float) -> bool:
        """Whether a request may go there; of a place that is down, one every few seconds."""
        if self.fails_check:
            return False
        if self.is_down:
            if now < self._retry_at:
                return False
            self._retry_at = now + RETRY_SECONDS
        return True

    def answered(self) -> None:
        """An answer has begun, whatever it says."""
        self.answers += 1
        if self._unreached or self._late or self.since is None:
            self._unreached = self._late = 0
            self._set(is_down=False, fails_check=self.fails_check)

    def was_unreached(self, why: str, now: float) -> None:
        """No connection."""
        self.failures += 1
        self._unreached += 1
        self._missed(why, now, is_enough=self._unreached >= UNREACHED)

    def was_late(self, now: float) -> None:
        """A connection, and no answer in time."""
        self.late += 1
        self._late += 1
        self._missed("it did not answer in time", now, is_enough=self._late >= LATE)

    def broke_off(self, why: str) -> None:
        """Something that was no answer; whoever made it say so must not be able to shut it for others."""
        self.failures += 1
        self.error = why

    def checked(self, why: str) -> None:
        """The result of the app's own check; empty when it was as expected."""
        if why:
            self.error = why
            self._set(is_down=self.is_down, fails_check=True)
        else:
            self._unreached = self._late = 0
            self._set(is_down=False, fails_check=False)

    def _missed(self, why: str, now: float, *, is_enough: bool) -> None:
        self.error = why
        self._retry_at = now + RETRY_SECONDS
        if is_enough:
            self._set(is_down=True, fails_check=self.fails_check)

    def _set(self, *, is_down: bool, fails_check: bool) -> None:
        was_up, was_known = self.is_up, self.since is not None
        self.is_down, self.fails_check = is_down, fails_check
        if was_known and was_up == self.is_up:
            return
        self.since = self._clock.now()
        if not self.is_up:
            get_logger().warning("app down", program="house", app=self._app, upstream=self.address, error=self.error)
        elif was_known:
            get_logger().info("app up", program="house", app=self._app, upstream=self.address)


class Reach:
    """What is known of every app behind the gateway of this process, by its id."""

    def __init__(self) -> None:
        self._by_app: dict[str, tuple[Health, ...]] = {}

    def of(self, app_id: str) -> tuple[Health, ...]:
        """Its upstreams; none for a link, for an app of another proxy, and before the gateway is open."""
        return self._by_app.get(app_id, ())

    def everything(self) -> Iterator[tuple[str, Health]]:
        """Every upstream, with the id of its app."""
        for app_id, upstreams in self._by_app.items():
            for each in upstreams:
                yield app_id, each

    def replace(self, by_app: dict[str, tuple[Health, ...]]) -> None:
        """These apps there are now."""
        self._by_app = by_app
