"""
ListUsers: a page at a time, each as dear in a pool of a million users as in one of a hundred.

One condition on an indexed column is a range of its index, read in the order of that index: as users were created where
all values are equal, by value first where they begin alike.  Everything else is looked for row by row, in the range
of its best condition, ``SCAN`` rows at most: then the page ends, perhaps empty, and the next one goes on from there.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import BigInteger, ColumnElement, Text, bindparam, select, tuple_

from poolhouse.kit.db.protocol import ReadTx, Row
from poolhouse.kit.db.statement import Statement, compile_statement
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
    """Rows in the order of an index: those of *statement* with *params*; *column* orders them, then their id."""

    statement: Statement
    params: dict[str, Any]
    column: str
    covers: Filter | None = None


_SHOWN = (*USER.columns(), _u.id)
"""Of a row; the id comes last."""
_POOL = bindparam("pool_id", type_=Text)
_LAST_ID = bindparam("after", type_=BigInteger)


def _in_order(column: ColumnElement[Any]) -> Statement:
    """
    Rows by *column* and then by id, from *low* to *high*.

    Equality is a range, too. Asked for equal ones by id, PostgreSQL would walk along all ids and pass over who has
    another value, which takes long where hardly anybody has that one; and its plan is for any value.
    """
    low, high = (bindparam(name, type_=column.type) for name in ("low", "high"))
    return _statement(
        _u.pool_id == _POOL, tuple_(column, _u.id) > tuple_(low, _LAST_ID), column <= high, order=[column, _u.id]
    )


def _statement(*conditions: ColumnElement[bool], order: Sequence[ColumnElement[Any]]) -> Statement:
    return compile_statement(select(*_SHOWN).where(*conditions).order_by(*order).limit(LIMIT))


# Without the pool being one of equality, for the same reason.
_ALL = _statement(tuple_(_u.pool_id, _u.id) > tuple_(_POOL, _LAST_ID), _u.pool_id <= _POOL, order=[_u.pool_id, _u.id])
_ONE = _statement(*IS_NAMED, order=[])
_BY = {name: _in_order(column) for name, column in _COLUMNS.items()}
_BY_ENABLED = _in_order(_u.enabled)
# A range of the index: LIKE would need the collation's help, and its wildcards escaping.
_BY_UNIQUE = {
    name: _statement(
        _u.pool_id == _POOL,
        column >= bindparam("low", type_=Text),
        column <= bindparam("high", type_=Text),
        order=[column],
    )
    for name, column in _UNIQUE.items()
}


async def list_users(tx: ReadTx, pool: Pool, conditions: Sequence[Filter] = (), *, after: str = "", limit: int) -> Page:
    """At most *limit* users who satisfy all *conditions*, from where *after* says that the last page ended."""
    chosen = _choose(pool, conditions, after)
    if chosen is None:
        return Page([], None)
    rest = [each for each in conditions if each is not chosen.covers]
    wanted = SCAN if rest else limit + 1
    rows = await tx.all(chosen.statement, **{"pool_id": pool.id, **chosen.params}, limit=wanted)
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
    is_equal = condition.operator == "="
    if name == _USERNAME and is_equal:
        return _Range(_ONE, named(pool.id, value), _ID, condition)
    if name in _UNIQUE:
        # The names that begin so in another case are between those of the key: each row is looked at.
        is_exact = name != _USERNAME or pool.case_sensitive
        beginning = value if is_exact else pool.key_of(value)
        low = after + _JUST_AFTER if after else beginning
        limits = {"low": low, "high": beginning if is_equal else beginning + _LAST}
        return _Range(_BY_UNIQUE[name], limits, name, condition if is_exact else None)
    if is_equal:
        return _Range(_BY[name], _equal(value, after), _ID, condition)
    low, last = msgspec.json.decode(after, type=tuple[str, int]) if after else (value, 0)
    return _Range(_BY[name], {"low": low, "after": last, "high": value + _LAST}, name, condition)


def _equal(value: str | bool, after: str) -> dict[str, Any]:
    return {"low": value, "high": value, "after": int(after or 0)}


def _flag_range(condition: Filter, after: str) -> _Range:
    flags = _flags(condition)
    if len(flags) > 1:
        return _all(after, condition)
    return _Range(_BY_ENABLED, _equal(flags[0], after), _ID, condition)


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
