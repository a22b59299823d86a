"""How long the tokens of an app client hold."""

from collections.abc import Mapping
from typing import Any, Final

from poolhouse.pool.console.choices import TIME_UNITS
from poolhouse.pool.console.form import Form, Problems, of

_HOUR: Final = 3_600
_DAY: Final = 86_400
SECONDS: Final = {"seconds": 1, "minutes": 60, "hours": _HOUR, "days": _DAY}
TOKENS: Final = (
    # field, label, member, unit's member, unit where none is given, value then
    ("refresh", "Refresh token expiration", "RefreshTokenValidity", "RefreshToken", "days", 30),
    ("access", "Access token expiration", "AccessTokenValidity", "AccessToken", "hours", 1),
    ("id", "ID token expiration", "IdTokenValidity", "IdToken", "hours", 1),
)
FIELDS: Final = ("refresh", "refresh_unit", "access", "access_unit", "id", "id_unit")
_SHORT: Final = (300, _DAY, "Enter from 5 minutes to 1 day.")
_LONG: Final = (_HOUR, 3650 * _DAY, "Enter from 60 minutes to 3650 days.")


def new() -> Form:
    """What the service's console proposes."""
    return of(refresh=30, refresh_unit="days", access=60, access_unit="minutes", id=60, id_unit="minutes")


def check(form: Form) -> Problems:
    problems: Problems = {}
    for field, *_ in TOKENS:
        low, high, sentence = _LONG if field == "refresh" else _SHORT
        seconds = _seconds(form, field)
        if seconds is None or not low <= seconds <= high:
            problems[field] = sentence
    refresh = _seconds(form, "refresh")
    for field in ("access", "id"):
        seconds = _seconds(form, field)
        if not problems and refresh is not None and seconds is not None and seconds > refresh:
            problems[field] = "It may not hold longer than the refresh token."
    return problems


def _seconds(form: Form, field: str) -> int | None:
    number, unit = form.number(field), SECONDS.get(form.text(f"{field}_unit"))
    return None if number is None or unit is None else number * unit


def members(form: Form) -> dict[str, Any]:
    """The three validities with their units."""
    units = {unit_member: form.text(f"{field}_unit") for field, _, _, unit_member, _, _ in TOKENS}
    return {**{member: form.number(field) for field, _, member, _, _, _ in TOKENS}, "TokenValidityUnits": units}


def filled(client: Mapping[str, Any]) -> Form:
    units = client.get("TokenValidityUnits") or {}
    values: dict[str, Any] = {}
    for field, _, member, unit_member, unit, default in TOKENS:
        given = client.get(member)
        # A unit without a number says nothing: the default is an hour, or 30 days, whatever the unit.
        values[field] = default if given is None else given
        values[f"{field}_unit"] = unit if given is None else units.get(unit_member) or unit
    return of(**values)


def in_words(form: Form) -> list[tuple[str, str]]:
    known = dict(TIME_UNITS)
    return [
        (label, f"{form.text(field)} {_unit(known.get(form.text(f'{field}_unit'), ''), form.text(field))}")
        for field, label, *_ in TOKENS
    ]


def _unit(unit: str, number: str) -> str:
    return unit.removesuffix("s") if number == "1" else unit
