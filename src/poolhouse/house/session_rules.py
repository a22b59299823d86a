"""How long sessions last, and how many a person may have: Admin Settings > Sessions."""

import re
from typing import Annotated

import msgspec
from msgspec import Meta

_SPAN = re.compile(r"(\d{1,2}):([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_DAY, _HOUR, _MINUTE = 86_400, 3600, 60
SHORTEST, LONGEST = _MINUTE, 30 * _DAY
MOST = 100


class SessionRules(msgspec.Struct, frozen=True, kw_only=True):
    """Spans are ``DD:HH:MM``: days, hours, minutes."""

    limit: Annotated[
        int,
        Meta(
            title="Sessions of one person",
            description="How many browsers one person may be signed in with; a further sign-in ends the session that"
            " was used longest ago. 1 is one session for each person, 0 as many as they like.",
        ),
    ] = 0
    idle: Annotated[
        str,
        Meta(
            title="Idle timeout",
            description="A session that was not used for this long is over. Days, hours and minutes as DD:HH:MM, from"
            " one minute to 30 days.",
        ),
    ] = "00:12:00"
    absolute: Annotated[
        str,
        Meta(
            title="Session timeout",
            description="A session is over after this long, used or not. DD:HH:MM, from one minute to 30 days.",
        ),
    ] = "07:00:00"

    @property
    def idle_seconds(self) -> int:
        return _required(self.idle)

    @property
    def absolute_seconds(self) -> int:
        return _required(self.absolute)


def read_span(text: str) -> int | None:
    """The seconds of ``DD:HH:MM``; None for anything else."""
    found = _SPAN.fullmatch(text)
    if found is None:
        return None
    days, hours, minutes = (int(part) for part in found.groups())
    return days * _DAY + hours * _HOUR + minutes * _MINUTE


def write_span(seconds: int) -> str:
    """``DD:HH:MM``, with begun minutes left out; the days have as many digits as they need."""
    days, rest = divmod(seconds, _DAY)
    return f"{days:02}:{rest // _HOUR:02}:{rest % _HOUR // _MINUTE:02}"


def check(rules: SessionRules) -> dict[str, str]:
    """What is wrong, by field name."""
    errors: dict[str, str] = {}
    if not 0 <= rules.limit <= MOST:
        errors["limit"] = f"Give a number from 0 to {MOST}."
    for name in ("idle", "absolute"):
        seconds = read_span(getattr(rules, name))
        if seconds is None or not SHORTEST <= seconds <= LONGEST:
            errors[name] = "Give days, hours and minutes as DD:HH:MM, from 00:00:01 to 30:00:00."
    return errors


def _required(span: str) -> int:
    seconds = read_span(span)
    if seconds is None:
        raise AssertionError(span)
    return seconds
