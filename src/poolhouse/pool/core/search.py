"""
The ListUsers filter language: ``name = "value"`` or ``name ^= "value"`` (AWS API: ListUsers).

Inside the quotes a backslash makes a quote or a backslash a plain character.

DEVIATION: the service takes one condition, over ten attributes. Here several may be joined by ``and``, ``*=`` finds a
value inside another whatever its case, and every attribute of the pool can be searched; in strict mode none of it.
"""

import re
from collections.abc import Collection
from typing import Final

from poolhouse.pool.core.refusal import Refusal, invalid_parameter
from poolhouse.pool.model.search import STATUS, Filter, Operator

SEARCHABLE: Final = frozenset(
    {
        "username",
        "email",
        "phone_number",
        "name",
        "given_name",
        "family_name",
        "preferred_username",
        "cognito:user_status",
        "status",
        "sub",
    }
)
# No part can match what its neighbour matches, so that no text takes more than one pass.
_QUOTED: Final = r'"(?P<quoted>(?:[^"\\]|\\.)*)"'
_CONDITION: Final = re.compile(
    rf'[ \t]*(?P<attribute>[^\s="^]+)[ \t]*(?P<operator>\^?=)[ \t]*{_QUOTED}[ \t]*', re.DOTALL
)
_EXTENDED: Final = re.compile(
    rf'[ \t]*(?P<attribute>[^\s="^*]+)[ \t]*(?P<operator>[\^*]?=)[ \t]*{_QUOTED}[ \t]*(?P<more>and[ \t]+(?=\S))?',
    re.DOTALL | re.IGNORECASE,
)
_ESCAPED: Final = re.compile(r'\\(["\\])')
_SYNTAX: Final = invalid_parameter("Error while parsing filter")


def parse(text: str, known: Collection[str] | None = None) -> tuple[Filter, ...] | Refusal:
    """
    The conditions of *text*, all of which must hold; none for a blank text, which selects all users.

    *known* are the attributes of the pool, all of which can be searched; without them the language is the service's.
    Values compare by case, except those of ``cognito:user_status``, and those that ``*=`` looks for.
    """
    if not text.strip():
        return ()
    if known is None:
        match = _CONDITION.fullmatch(text)
        found = _SYNTAX if match is None else _filter(match, SEARCHABLE)
        return found if isinstance(found, Refusal) else (found,)
    return _conditions(text, SEARCHABLE.union(known))


def _conditions(text: str, searchable: Collection[str]) -> tuple[Filter, ...] | Refusal:
    conditions: list[Filter] = []
    place, more = 0, True
    while more:
        match = _EXTENDED.match(text, place)
        if match is None:
            return _SYNTAX
        found = _filter(match, searchable)
        if isinstance(found, Refusal):
            return found
        conditions.append(found)
        place, more = match.end(), match["more"] is not None
    return tuple(conditions) if place == len(text) else _SYNTAX


def _filter(match: re.Match[str], searchable: Collection[str]) -> Filter | Refusal:
    attribute = match["attribute"]
    if attribute not in searchable:
        return invalid_parameter(f"Invalid search attribute: {attribute}")
    value = _ESCAPED.sub(r"\1", match["quoted"])
    if "\0" in value:  # no stored value has one, and PostgreSQL takes none in a text
        return _SYNTAX
    operator: Operator = match["operator"]  # type: ignore[assignment] # one of the three, by the pattern
    return Filter(attribute, value.upper() if attribute == STATUS else value, operator)
