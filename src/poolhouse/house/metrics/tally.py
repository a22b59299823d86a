"""What one process counts while it serves; adding one costs less than a microsecond."""

from collections.abc import Callable, Mapping

import msgspec

from poolhouse.kit.ambient import Epoch

CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")


class AppTally:
    """Of one app: decisions by outcome, answers by class with the seconds until they began, failures by status."""

    __slots__ = ("answers", "decisions", "failures", "seconds")

    def __init__(self) -> None:
        self.decisions: dict[str, int] = {}
        self.answers = [0] * len(CLASSES)
        self.seconds = 0.0
        self.failures: dict[int, int] = {}

    def decided(self, outcome: str) -> None:
        """Somebody has asked for the app, with that outcome."""
        self.decisions[outcome] = self.decisions.get(outcome, 0) + 1

    def answered(self, status: int, seconds: float) -> None:
        """The app has begun to answer, so many *seconds* after it was asked."""
        if 100 <= status < 600:
            self.answers[status // 100 - 1] += 1
        self.seconds += seconds

    def failed(self, status: int) -> None:
        """The house has answered in its stead."""
        self.failures[status] = self.failures.get(status, 0) + 1


class Tally:
    """Of one process: what it has counted, and ``gauges``: its connections, what is open to apps (``open_by`` whom)."""

    def __init__(self, process_id: str, started_at: Epoch) -> None:
        self.id = process_id
        self.started_at = started_at
        self.gauges: Callable[[], tuple[int, int]] = lambda: (0, 0)
        self.open_by: Callable[[], Mapping[bytes, int]] = dict
        self.apps: dict[str, AppTally] = {}
        self.events: dict[tuple[str, bool], int] = {}

    def of(self, app_id: str) -> AppTally:
        """The counts of an app, from zero if there are none."""
        found = self.apps.get(app_id)
        if found is None:
            found = self.apps[app_id] = AppTally()
        return found

    def happened(self, event: str, *, is_refusal: bool) -> None:
        """An event of the audit log, once it is written."""
        self.events[event, is_refusal] = self.events.get((event, is_refusal), 0) + 1


class AppCounts(msgspec.Struct, frozen=True, kw_only=True):
    """An ``AppTally`` as it is written down."""

    decisions: dict[str, int]
    answers: list[int]
    seconds: float
    failures: dict[str, int]


class Upstream(msgspec.Struct, frozen=True, kw_only=True):
    """One upstream of an app, as one process finds it."""

    app: str
    address: str
    is_up: bool


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """All that one process says."""

    process: str
    started_at: int
    version: int
    apps: dict[str, AppCounts]
    events: list[tuple[str, bool, int]]
    upstreams: list[Upstream] = []
    connections: int = 0
    open: int = 0


def frozen(tally: Tally) -> dict[str, AppCounts]:
    """The counts of the apps as they are now."""
    return {
        app_id: AppCounts(
            decisions=dict(each.decisions),
            answers=list(each.answers),
            seconds=each.seconds,
            failures={str(status): count for status, count in each.failures.items()},
        )
        for app_id, each in tally.apps.items()
    }
