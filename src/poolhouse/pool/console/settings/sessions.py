"""User session tracking (SetUserPoolSessionConfiguration)."""

from collections.abc import Mapping
from typing import Any, Final

from poolhouse.pool.console.form import Form, Problems, of
from poolhouse.pool.console.settings.checks import check_number

MOST: Final = 100


def check(form: Form) -> Problems:
    problems: Problems = {}
    check_number(form, "max_sessions", problems, 1, MOST)
    return problems


def body(form: Form) -> dict[str, Any]:
    return {
        "UserSessionTracking": "ENABLED" if form.has("track_sessions") else "DISABLED",
        "TokenSession": {"MaxPerUser": form.number("max_sessions")},
    }


def filled(described: Mapping[str, Any]) -> Form:
    return of(
        track_sessions=described["UserSessionTracking"] == "ENABLED",
        max_sessions=str(described["TokenSession"]["MaxPerUser"]),
    )


def in_words(form: Form) -> list[tuple[str, str]]:
    return [
        ("User session tracking", "Enabled" if form.has("track_sessions") else "Disabled"),
        ("Maximum token sessions per user", form.text("max_sessions")),
    ]
