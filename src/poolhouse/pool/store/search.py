"""
ListUsers: a page at a time, each as dear in a pool of a million users as in one of a hundred.

One condition on an indexed column is a range of its index, read in the order of that index: as users were created where
all values are equal, by value first where they begin alike.  Everything else is looked for row by row, in the range
of its best condition, ``SCAN`` rows at most: then the page ends, perhaps empty, and the next one goes on from there.
"""

from collections.abc import Mapping, Sequence
from operator import ge, gt
from typing import Any, Final

import msgspec
from sqlalchemy import BigInteger, ColumnElement, Select, Text, bindparam, select, tuple_

from poolhouse.kit.db.protocol import ReadTx, Row
from poolhouse.kit.db.statement import Statement, compile_pair, compile_statement
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.model.search import STATUS, Filter
from poolhouse.pool.model.user import User
from poolhouse.pool.store import tables as t
from poolhouse.pool.store.record import LIMIT
from poolhouse.pool.store.users import IS_NAMED, USER, named

SCAN: Final = 500
"""Rows that one call looks at: some three milliseconds."""
_u = t.users.c
_COLUMNS = {
    STATUS: _u.status,
    "email": _u.email,
    "phone_number": _u.phone_number,
    "name": _u.name,
    "given_name": _u.given_name,
    "family_name": _u.family_name,
    "preferred_username": _u.preferred_username,
}
_USERNAME: Final = "username"
_UNIQUE = {_USERNAME: _u.username_key, "sub": _u.sub}
ORDER: Final = "2"
"""Stands for the orders of rows in what tokens of pages are sealed for: places in other orders mean nothing here."""
ENABLED = "status"
"""The filter's name for the flag; its values are ``Enabled`` and ``Disabled``."""
_LAST = "\U0010ffff"
# No user name has a control character, so nothing is between a name and itself with this behind it.
_JUST_AFTER = "\x01"


_AT = {name: place for place, name in enumerate(USER.names)}
_KEPT = {_USERNAME: _AT["username"], "sub": _AT["sub"], STATUS: _AT["status"]}
_read_attributes = msgspec.json.Decoder(dict[str, str]).decode


class Page(msgspec.Struct, frozen=True):
    """Users, and where the next page begins; None after the last."""

    users: list[User]
    following: str | None


class _Range(msgspec.Struct, frozen=True):
    """
    Rows in the order of an index: those of *statement* with *params*; *column* orders them, then their id.

    *before* them come others.
    """

    statement: Statement
    params: dict[str, Any]
    column: str
    covers: Filter | None = None
    before: tuple[Statement, dict[str, Any]] | None = None


_SHOWN = (*USER.columns(), _u.id)
"""Of a row; the id comes last."""
_POOL = bindparam("pool_id", type_=Text)
_LAST_ID = bindparam("after", type_=BigInteger)
_LOW = bindparam("low", type_=Text)


def _equal(column: ColumnElement[Any], *given: ColumnElement[bool], name: str = "value") -> Statement:
    """
    Rows with one value, by id.

    A range of value and id for PostgreSQL: asked for equal ones by id, it would walk along all ids and pass over who
    has another value, which takes long where hardly anybody has that one; and its plan is for any value.  SQLite sees
    the id in its index only where values are equal.
    """
    value = bindparam(name, type_=column.type)
    same = _core(*given, column == value, _u.id > _LAST_ID, order=[_u.id])
    after = tuple_(column, _u.id) > tuple_(value, _LAST_ID)
    return compile_pair(for_sqlite=same, for_postgres=_core(*given, after, column <= value, order=[column, _u.id]))


def _core(*conditions: ColumnElement[bool], order: Sequence[ColumnElement[Any]]) -> "Select[Any]":
    return select(*_SHOWN).where(*conditions).order_by(*order).limit(LIMIT)


_IN_POOL = _u.pool_id == _POOL
_HIGH = bindparam("high", type_=Text)
_ALL = _equal(_u.pool_id, name="pool_id")
_ONE = compile_statement(_core(*IS_NAMED, order=[]))
_EQUAL = {name: _equal(column, _IN_POOL) for name, column in _COLUMNS.items()}
_IS_ENABLED = _equal(_u.enabled, _IN_POOL)
# Ranges of the index: LIKE would need the collation's help, and its wildcards escaping.
_FROM, _BEYOND = (
    {
        name: compile_statement(_core(_IN_POOL, compare(column, _LOW), column < _HIGH, order=[column, _u.id]))
        for name, column in _COLUMNS.items()
    }
    for compare in (ge, gt)
)
_UNIQUE_RANGE = {
    name: compile_statement(_core(_IN_POOL, column >= _LOW, column <= _HIGH, order=[column]))
    for name, column in _UNIQUE.items()
}


async def list_users(tx: ReadTx, pool: Pool, conditions: Sequence[Filter] = (), *, after: str = "", limit: int) -> Page:
    """At most *limit* users who satisfy all *conditions*, from where *after* says that the last page ended."""
    chosen = _choose(pool, conditions, after)
    if chosen is None:
        return Page([], None)
    rest = [each for each in conditions if each is not chosen.covers]
    wanted = SCAN if rest else limit + 1
    rows = await _rows(tx, pool, chosen, wanted)
    found: list[User] = []
    last: Row | None = None
    for row in rows:
        if len(found) == limit:
            return Page(found, None if last is None else _place(pool, chosen, last))
        last = row
        # A row becomes a user once it is known to be one of those.
        if not rest or _satisfies(row, rest):
            found.append(USER.read(row[:-1]))
    is_cut = len(rows) == wanted
    return Page(found, _place(pool, chosen, last) if is_cut and last is not None else None)


async def _rows(tx: ReadTx, pool: Pool, chosen: _Range, wanted: int) -> list[Row]:
    rows: list[Row] = []
    if chosen.before is not None:
        statement, params = chosen.before
        rows = await tx.all(statement, pool_id=pool.id, **params, limit=wanted)
    if len(rows) < wanted:
        params = {"pool_id": pool.id, **chosen.params}
        rows += await tx.all(chosen.statement, **params, limit=wanted - len(rows))
    return rows


def _choose(pool: Pool, conditions: Sequence[Filter], after: str) -> _Range | None:
    """The range that holds the fewest rows, as far as the conditions tell; None when no user can satisfy them."""
    if any(each.attribute == ENABLED and not _flags(each) for each in conditions):
        return None
    # One after the other: where the last page ended is a place in the order of the chosen range alone.
    ranges = (_range(pool, each, after) for each in sorted(conditions, key=_rank))
    return next((each for each in ranges if each is not None), None) or _all(after)


_ID: Final = "id"


def _rank(condition: Filter) -> tuple[bool, bool, bool]:
    """Equality before a beginning; the flags that most users share last, and what has no index after them."""
    return (
        condition.operator == "*=" or condition.attribute not in {*_COLUMNS, *_UNIQUE, ENABLED},
        condition.attribute in {ENABLED, STATUS},
        condition.operator != "=",
    )


def _range(pool: Pool, condition: Filter, after: str) -> _Range | None:
    """The index's rows for one condition; None where there is no index for it."""
    name, value = condition.attribute, condition.value
    if name == ENABLED:
        return _flag_range(condition, after)
    if condition.operator == "*=" or (name not in _COLUMNS and name not in _UNIQUE):
        return None
    if name in _UNIQUE:
        return _unique_range(pool, condition, after)
    if condition.operator == "=":
        return _Range(_EQUAL[name], {"value": value, "after": int(after or 0)}, _ID, condition)
    limits = {"low": value, "high": value + _LAST}
    if not after:
        return _Range(_FROM[name], limits, name, condition)
    low, last = msgspec.json.decode(after, type=tuple[str, int])
    before = (_EQUAL[name], {"value": low, "after": last})
    return _Range(_BEYOND[name], {**limits, "low": low}, name, condition, before)


def _unique_range(pool: Pool, condition: Filter, after: str) -> _Range:
    name, value = condition.attribute, condition.value
    is_equal = condition.operator == "="
    if name == _USERNAME and is_equal:
        return _Range(_ONE, named(pool.id, value), _ID, condition)
    # The names that begin so in another case are between those of the key: each row is looked at.
    is_exact = name != _USERNAME or pool.case_sensitive
    beginning = value if is_exact else pool.key_of(value)
    low = after + _JUST_AFTER if after else beginning
    limits = {"low": low, "high": beginning if is_equal else beginning + _LAST}
    return _Range(_UNIQUE_RANGE[name], limits, name, condition if is_exact else None)


def _flag_range(condition: Filter, after: str) -> _Range:
    flags = _flags(condition)
    if len(flags) > 1:
        return _all(after, condition)
    return _Range(_IS_ENABLED, {"value": flags[0], "after": int(after or 0)}, _ID, condition)


def _flags(condition: Filter) -> list[bool]:
    return [flag for flag in (True, False) if _flag_holds(condition, flag)]


def _all(after: str, covers: Filter | None = None) -> _Range:
    return _Range(_ALL, {"after": int(after or 0)}, _ID, covers)


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


def _place(pool: Pool, chosen: _Range, row: Row) -> str:
    if chosen.column == _ID:
        return str(row[-1])
    value = _value(row, _attributes(row), chosen.column) or ""
    if chosen.column in _UNIQUE:
        return pool.key_of(value) if chosen.column == _USERNAME else value
    return msgspec.json.encode((value, row[-1])).decode()


def _value(row: Row, attributes: Mapping[str, str], name: str) -> str | None:
    kept = _KEPT.get(name)
    return attributes.get(name) if kept is None else str(row[kept])


def _attributes(row: Row) -> dict[str, str]:
    return _read_attributes(row[_AT["attributes"]])
