"""Settings that are fixed from outside: by the environment and flags of this process."""

from poolhouse.house.config import HouseSettings
from poolhouse.house.live import Live
from poolhouse.house.session_rules import write_span

_SPANS = {"session_idle_minutes": "sessions.idle", "session_minutes": "sessions.absolute"}


def hold_startup(live: Live, settings: HouseSettings) -> None:
    """What was given at the start is shown with its source, and is not to be changed while the house runs."""
    sources = {each.name: each.source for each in settings.startup}
    for name, seconds in (
        ("session_idle_minutes", settings.idle_seconds),
        ("session_minutes", settings.session_seconds),
    ):
        if seconds is not None:
            live.hold({_SPANS[name]: write_span(seconds)}, sources.get(name) or "the start of the house")
