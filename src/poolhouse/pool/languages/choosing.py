"""
Which language a visitor gets.

All of it are preferences: what cannot be read, or is not offered, is passed over and never an error.
"""

import re
from collections.abc import Collection
from typing import Final

import msgspec

from poolhouse.pool.languages.tags import DEFAULT, LANGUAGES, match

_LIMIT: Final = 512
"""Characters of a list of preferences that are looked at, and ``_MOST`` of its entries: more is only work."""
_MOST: Final = 24
_WEIGHT: Final = re.compile(r"(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a request says: the parameters ``lang`` and ``ui_locales``, what the browser kept, ``Accept-Language``."""

    lang: str = ""
    ui_locales: str = ""
    kept: str = ""
    accepted: str = ""


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """The languages that a pool offers, and the one for whoever wants none of them."""

    tags: Collection[str] = LANGUAGES.keys()
    default: str = DEFAULT


def choose(wish: Wish, offer: Offer) -> tuple[str, bool]:
    """
    The tag of the language, and whether the visitor has just chosen it, so that it is to be kept.

    The order: ``lang`` (AWS: managed login), ``ui_locales`` (OIDC Core section 3.1.2.1), what was chosen before, what
    the browser prefers (RFC 9110 section 12.5.4), the pool's default.
    """
    chosen = match(wish.lang, offer.tags)
    if chosen is not None:
        return chosen, True
    wanted = (*wish.ui_locales[:_LIMIT].split()[:_MOST], wish.kept, *preferred(wish.accepted))
    return next((found for each in wanted if (found := match(each, offer.tags)) is not None), offer.default), False


def preferred(header: str) -> tuple[str, ...]:
    """
    The ranges of an ``Accept-Language``, the most wanted first, equal ones in their order.

    Those with the weight nought are not wanted; ``*`` says nothing of which, so the default follows in any case.
    """
    found: list[tuple[int, str]] = []
    for item in header[:_LIMIT].split(",")[:_MOST]:
        name, _, parameter = item.partition(";")
        weight = _weight(parameter)
        if weight and name.strip() not in {"", "*"}:
            found.append((-weight, name.strip()))
    return tuple(name for _, name in sorted(found, key=lambda each: each[0]))


def _weight(parameter: str) -> int:
    """In thousandths; 1000 where none is given, 0 for what is none."""
    text = "".join(parameter.split()).lower()
    if not text:
        return 1000
    name, _, value = text.partition("=")
    if name != "q" or not _WEIGHT.fullmatch(value):
        return 0
    whole, _, rest = value.partition(".")
    return 1000 * int(whole) + int(rest.ljust(3, "0") or "0")
