r"""
The limits of single values: length, range, pattern and enumeration, each with the service's wording.

A pattern must match the whole string and is read as Java reads it, as the service does: ``\w`` and ``\s`` are ASCII.

DEVIATION: U+0000 in a string is refused, since not every database can keep it. A number with a fraction is not
rounded to an integer, and a string is not read as a boolean. Strict mode is no different: what is no value of the
type is one by mistake.
"""

import base64
import binascii
import re
from collections.abc import Callable, Sized
from functools import cache
from typing import Any, NamedTuple

from poolhouse.pool.spec.contract import ShapeModel
from poolhouse.pool.spec.errors import CognitoError, serialization

_LONG = 4096  # characters: a longer string is matched against the clock, for some patterns take quadratic time
_PATIENCE = 0.05  # seconds
_BITS = {"integer": 31, "long": 63}


class Rule(NamedTuple):
    """One limit."""

    is_broken: Callable[[Any], bool]
    text: str


class Scalar(NamedTuple):
    """``accepts`` raises for a wrong JSON type; ``rules`` say what is wrong with a value that it does not accept."""

    accepts: Callable[[Any], bool]
    rules: tuple[Rule, ...]


def wrong_type(value: Any, kind: str) -> CognitoError:
    """Give the error for a JSON *value* where a *kind* was expected."""
    if isinstance(value, list):
        return serialization("Start of list found where not expected")
    if isinstance(value, dict):
        return serialization("Start of structure or map found where not expected.")
    token = {bool: f"{value!s}_VALUE".upper(), str: "STRING_VALUE"}.get(type(value), "NUMBER_VALUE")
    return serialization(f"{token} can not be converted to {'an' if kind[0] in 'AEIOU' else 'a'} {kind}")


def scalar(shape: ShapeModel) -> Scalar:
    """Make the checks of a shape that is neither a structure nor a list nor a map."""
    match shape.type:
        case "string":
            return _string(shape)
        case "integer" | "long":
            return _integer(shape)
        case "blob":
            return _blob(shape)
        case "boolean":
            return Scalar(_typed((bool,), "Boolean"), ())
        case _:
            return Scalar(_typed((int, float), "Timestamp"), ())


def length_rules(shape: ShapeModel, size: Callable[[Any], int] = len) -> tuple[Rule, ...]:
    """Give the rules for the length of a string, a list, a map or a blob."""
    least, most = shape.min, shape.max
    rules = []
    if most is not None:
        text = f"Member must have length less than or equal to {most}"
        rules.append(Rule(lambda value: size(value) > most, text))
    if least:
        text = f"Member must have length greater than or equal to {least}"
        rules.append(Rule(lambda value: size(value) < least, text))
    return tuple(rules)


def matches(pattern: str, value: str) -> bool:
    """Tell whether the whole of *value* matches; a match that takes too long is none."""
    if len(value) <= _LONG:
        return _compiled(pattern)(value) is not None
    try:
        return _compiled_for_long(pattern)(value, timeout=_PATIENCE) is not None
    except TimeoutError:
        return False


def _typed(types: tuple[type, ...], kind: str) -> Callable[[Any], bool]:
    def accepts(value: Any) -> bool:
        if type(value) not in types:
            raise wrong_type(value, kind)
        return True

    return accepts


def _string(shape: ShapeModel) -> Scalar:
    lengths = length_rules(shape)
    least = shape.min or 0
    most = shape.max if shape.max is not None else float("inf")
    pattern, allowed = shape.pattern, frozenset(shape.enum)
    rules = list(lengths)
    if pattern is not None:
        text = f"Member must satisfy regular expression pattern: {pattern}"
        rules.append(Rule(lambda value: not matches(pattern, value), text))
    if allowed:
        text = f"Member must satisfy enum value set: [{', '.join(shape.enum)}]"
        rules.append(Rule(lambda value: value not in allowed, text))

    def accepts(value: Any) -> bool:
        if type(value) is not str:
            raise wrong_type(value, "String")
        if "\0" in value:
            raise serialization("Null character found where not expected")
        return (
            least <= len(value) <= most
            and (pattern is None or matches(pattern, value))
            and (not allowed or value in allowed)
        )

    return Scalar(accepts, tuple(rules))


def _integer(shape: ShapeModel) -> Scalar:
    bound = 1 << _BITS[shape.type]
    least = shape.min if shape.min is not None else -bound
    most = shape.max if shape.max is not None else bound - 1
    rules = []
    if shape.max is not None:
        text = f"Member must have value less than or equal to {most}"
        rules.append(Rule(lambda value: value > most, text))
    if shape.min is not None:
        text = f"Member must have value greater than or equal to {least}"
        rules.append(Rule(lambda value: value < least, text))

    def accepts(value: Any) -> bool:
        if type(value) is not int or not -bound <= value < bound:
            raise wrong_type(value, shape.type.capitalize())
        return least <= value <= most

    return Scalar(accepts, tuple(rules))


def _blob(shape: ShapeModel) -> Scalar:
    rules = length_rules(shape, size=lambda value: len(_decoded(value)))
    return Scalar(lambda value: not any(rule.is_broken(value) for rule in rules), rules)


def _decoded(value: Any) -> Sized:
    if type(value) is not str:
        raise wrong_type(value, "Blob")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise serialization("STRING_VALUE can not be converted to a Blob") from wrong


@cache
def _compiled(pattern: str) -> Callable[[str], object]:
    return re.compile(pattern, re.ASCII).fullmatch if r"\p" not in pattern else _compiled_for_long(pattern)


@cache
def _compiled_for_long(pattern: str) -> Callable[..., object]:
    r"""
    Compile *pattern* with the library that knows ``\p{..}`` and can be told to give up.

    Its ASCII flag would narrow ``\p{L}`` too, so the two classes that Java keeps to ASCII are spelled out.
    """
    import regex  # type: ignore[import-untyped]  # noqa: PLC0415 (large; not needed before the first such pattern)

    flags = regex.ASCII
    if r"\p" in pattern:
        pattern, flags = pattern.replace(r"\w", "A-Za-z0-9_").replace(r"\s", r" \t\n\x0b\f\r"), 0
    match: Callable[..., object] = regex.compile(pattern, flags).fullmatch
    return match
