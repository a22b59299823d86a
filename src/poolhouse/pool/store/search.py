"""
ListUsers: a page at a time, each as dear in a pool of a million users as in one of a hundred.

One condition on an indexed column is a range of its index, read in the order of that index: by user name where all
values are equal, by value and user name where they begin alike.  Everything else is looked for row by row, in the range
of its best condition, ``SCAN`` rows at most: then the page ends, perhaps empty, and the next one goes on from there.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Boolean, ColumnElement, Text, bindparam, tuple_

from poolhouse.kit.db.protocol import ReadTx, Row
from poolhouse.kit.db.statement import Statement, compile_statement
from poolhouse.pool.model.search import STATUS, Filter
from poolhouse.pool.model.user import User
from poolhouse.pool.store import tables as t
from poolhouse.pool.store.record import LIMIT
from poolhouse.pool.store.users import USER

SCAN: Final = 1_000
"""Rows that one call looks at: some five milliseconds."""
_u = t.users.c
_COLUMNS = {
    "username": _u.username,
    "sub": _u.sub,
    STATUS: _u.status,
    "email": _u.email,
    "phone_number": _u.phone_number,
    "name": _u.name,
    "given_name": _u.given_name,
    "family_name": _u.family_name,
    "preferred_username": _u.preferred_username,
}
_UNIQUE = frozenset({"username", "sub"})
ENABLED = "status"
"""The filter's name for the flag; its values are ``Enabled`` and ``Disabled``."""
_LAST = "\U0010ffff"
# No user name has a control character, so nothing is between a name and itself with this behind it.
_JUST_AFTER = "\x01"


_AT = {name: place for place, name in enumerate(USER.names)}
_KEPT = {"username": _AT["username"], "sub": _AT["sub"], STATUS: _AT["status"]}
_read_attributes = msgspec.json.Decoder(dict[str, str]).decode


class Page(msgspec.Struct, frozen=True):
    """Users, and where the next page begins; None after the last."""

    users: list[User]
    following: str | None


class _Range(msgspec.Struct, frozen=True):
    """Rows in the order of an index: those of *statement* with *params*; *column* is what orders them."""

    statement: Statement
    params: dict[str, Any]
    column: str
    covers: Filter | None = None


def _statement(*conditions: ColumnElement[bool], order: Sequence[ColumnElement[Any]]) -> Statement:
    return compile_statement(USER.select(_u.pool_id == bindparam("pool_id"), *conditions).order_by(*order).limit(LIMIT))


_AFTER = _u.username > bindparam("after", type_=Text)
_HIGH = bindparam("high", type_=Text)
_ALL = _statement(_AFTER, order=[_u.username])
_EQUAL = {
    name: _statement(_AFTER, column == bindparam("value", type_=Text), order=[_u.username])
    for name, column in _COLUMNS.items()
}
_IS_ENABLED = _statement(_AFTER, _u.enabled == bindparam("value", type_=Boolean), order=[_u.username])
# A range of the index: LIKE would need the collation's help, and its wildcards escaping.
_UNIQUE_PREFIX = {
    name: _statement(column >= bindparam("low", type_=Text), column < _HIGH, order=[column])
    for name, column in _COLUMNS.items()
    if name in _UNIQUE
}
_PREFIX = {
    name: _statement(
        tuple_(column, _u.username) > tuple_(bindparam("low", type_=Text), bindparam("after", type_=Text)),
        column < _HIGH,
        order=[column, _u.username],
    )
    for name, column in _COLUMNS.items()
    if name not in _UNIQUE
}


async def list_users(
    tx: ReadTx, pool_id: str, conditions: Sequence[Filter] = (), *, after: str = "", limit: int
) -> Page:
    """At most *limit* users who satisfy all *conditions*, from where *after* says that the last page ended."""
    chosen = _choose(conditions, after)
    if chosen is None:
        return Page([], None)
    rest = [each for each in conditions if each is not chosen.covers]
    wanted = SCAN if rest else limit + 1
    rows = await tx.all(chosen.statement, **chosen.params, pool_id=pool_id, limit=wanted)
    found: list[User] = []
    last: Row | None = None
    for row in rows:
        if len(found) == limit:
            return Page(found, None if last is None else _place(chosen, last))
        last = row
        # A row becomes a user once it is known to be one of those.
        if not rest or _satisfies(row, rest):
            found.append(USER.read(row))
    is_cut = len(rows) == wanted
    return Page(found, _place(chosen, last) if is_cut and last is not None else None)


def _choose(conditions: Sequence[Filter], after: str) -> _Range | None:
    """The range that holds the fewest rows, as far as the conditions tell; None when no user can satisfy them."""
    ranges = [_range(each, after) for each in sorted(conditions, key=_rank)]
    if any(each is not None and each.column == _NOBODY for each in ranges):
        return None
    return next((each for each in ranges if each is not None), _Range(_ALL, {"after": after}, "username"))


_NOBODY: Final = "nobody"


def _rank(condition: Filter) -> tuple[bool, bool, bool]:
    """Equality before a beginning; the flags that most users share last, and what has no index after them."""
    return (
        condition.operator == "*=" or condition.attribute not in {*_COLUMNS, ENABLED},
        condition.attribute in {ENABLED, STATUS},
        condition.operator != "=",
    )


def _range(condition: Filter, after: str) -> _Range | None:
    """The index's rows for one condition; None where there is no index for it."""
    name, value = condition.attribute, condition.value
    if name == ENABLED:
        return _flag_range(condition, after)
    if condition.operator == "*=" or name not in _COLUMNS:
        return None
    if condition.operator == "=":
        return _Range(_EQUAL[name], {"after": after, "value": value}, "username", condition)
    if name in _UNIQUE:
        low = after + _JUST_AFTER if after else value
        return _Range(_UNIQUE_PREFIX[name], {"low": low, "high": value + _LAST}, name, condition)
    low, last = msgspec.json.decode(after, type=tuple[str, str]) if after else (value, "")
    return _Range(_PREFIX[name], {"low": low, "after": last, "high": value + _LAST}, name, condition)


def _flag_range(condition: Filter, after: str) -> _Range:
    matching = [flag for flag in (True, False) if _flag_holds(condition, flag)]
    if len(matching) == 1:
        return _Range(_IS_ENABLED, {"after": after, "value": matching[0]}, "username", condition)
    return _Range(_ALL, {"after": after}, "username" if matching else _NOBODY, condition)


def _flag_holds(condition: Filter, flag: bool) -> bool:
    """The two words are compared whatever their case."""
    folded = Filter(condition.attribute, condition.value.lower(), condition.operator)
    return folded.holds("enabled" if flag else "disabled")


def _satisfies(row: Row, conditions: Sequence[Filter]) -> bool:
    attributes = _attributes(row)
    return all(
        _flag_holds(each, bool(row[_AT["enabled"]]))
        if each.attribute == ENABLED
        else each.holds(_value(row, attributes, each.attribute))
        for each in conditions
    )


def _place(chosen: _Range, row: Row) -> str:
    username = str(row[_AT["username"]])
    if chosen.column == "username":
        return username
    value = _value(row, _attributes(row), chosen.column) or ""
    return value if chosen.column in _UNIQUE else msgspec.json.encode((value, username)).decode()


def _value(row: Row, attributes: Mapping[str, str], name: str) -> str | None:
    kept = _KEPT.get(name)
    return attributes.get(name) if kept is None else str(row[kept])


def _attributes(row: Row) -> dict[str, str]:
    return _read_attributes(row[_AT["attributes"]])
