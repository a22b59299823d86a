"""The ``claims`` parameter: single claims, by name (OIDC Core section 5.5)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from poolhouse.pool.core import assurance

LIMIT: Final = 4_096
"""Characters: it travels in URLs and is kept with the grant."""
PLACES: Final = ("userinfo", "id_token")
_MOST: Final = 50


class WrongClaims(Exception):
    """Not a claims request."""


def read(text: str) -> dict[str, dict[str, Any]]:
    """
    The request by place and claim; raises ``WrongClaims``.

    Places and members that are not defined are left out, as the specification demands.
    """
    if len(text) > LIMIT:
        raise WrongClaims
    try:
        given = msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.MsgspecError, ValueError, RecursionError) as wrong:
        raise WrongClaims from wrong
    return {place: _wanted(given[place]) for place in PLACES if given.get(place) is not None}


def _wanted(claims: object) -> dict[str, Any]:
    if not isinstance(claims, dict) or len(claims) > _MOST:
        raise WrongClaims
    return {name: _detail(detail) for name, detail in claims.items()}


def _detail(detail: object) -> dict[str, Any] | None:
    if detail is None:
        return None
    if not isinstance(detail, dict) or not isinstance(detail.get("essential", False), bool):
        raise WrongClaims
    if "values" in detail and (not isinstance(detail["values"], list) or not detail["values"]):
        raise WrongClaims
    return {name: detail[name] for name in ("essential", "value", "values") if name in detail}


def names(request: Mapping[str, Mapping[str, Any]] | None, place: str) -> frozenset[str]:
    """The claims that *place* (``userinfo``, ``id_token``) is asked for."""
    return frozenset((request or {}).get(place, {}))


def subject(request: Mapping[str, Mapping[str, Any]] | None) -> str | None:
    """The one user that is asked for: as any other, the answer would be about somebody else (section 5.5.1)."""
    for place in PLACES:
        detail = (request or {}).get(place, {}).get("sub") or {}
        if isinstance(detail.get("value"), str):
            return str(detail["value"])
    return None


def acr_values(request: Mapping[str, Mapping[str, Any]] | None) -> tuple[tuple[str, ...], bool]:
    """The classes that the ID token is asked to be of, and whether it must be of one (section 5.5.1.1)."""
    detail = (request or {}).get("id_token", {}).get("acr") or {}
    listed = detail.get("values", [detail["value"]] if "value" in detail else [])
    return tuple(each for each in listed if isinstance(each, str)), bool(detail.get("essential")) and bool(listed)


def is_met(proved: Sequence[str], wanted: tuple[str, ...], *, essential: bool) -> bool:
    """Whether a sign-in by *proved* is of a class that is asked for, or need not be."""
    return not essential or not set(wanted).isdisjoint(assurance.classes(proved))
