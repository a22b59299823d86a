"""
The ListUsers filter language: one condition, ``name = "value"`` or ``name ^= "value"`` (AWS API: ListUsers).

Inside the quotes a backslash makes a quote or a backslash a plain character.
"""

import re
from typing import Final

import msgspec

from poolhouse.pool.core.refusal import Refusal, invalid_parameter

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
_STATUS: Final = "cognito:user_status"
# No part can match what its neighbour matches, so that no text takes more than one pass.
_CONDITION: Final = re.compile(
    r'[ \t]*(?P<attribute>[^\s="^]+)[ \t]*(?P<operator>\^?=)[ \t]*"(?P<quoted>(?:[^"\\]|\\.)*)"[ \t]*', re.DOTALL
)
_ESCAPED: Final = re.compile(r'\\(["\\])')


class Filter(msgspec.Struct, frozen=True):
    """One condition: *attribute* is one of ``SEARCHABLE``; *prefix* for ``^=``, equality otherwise."""

    attribute: str
    value: str
    prefix: bool = False


def parse(text: str) -> Filter | Refusal | None:
    """
    The condition that *text* is; None for a blank text, which selects all users.

    Values compare by case, except those of ``cognito:user_status``.
    """
    if not text.strip():
        return None
    match = _CONDITION.fullmatch(text)
    if match is None:
        return invalid_parameter("Error while parsing filter")
    attribute, quoted = match["attribute"], match["quoted"]
    if attribute not in SEARCHABLE:
        return invalid_parameter(f"Invalid search attribute: {attribute}")
    value = _ESCAPED.sub(r"\1", quoted)
    if "\0" in value:  # no stored value has one, and PostgreSQL takes none in a text
        return invalid_parameter("Error while parsing filter")
    return Filter(attribute, value.upper() if attribute == _STATUS else value, prefix=match["operator"] == "^=")
