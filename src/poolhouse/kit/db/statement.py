"""
SQL composed with SQLAlchemy Core, turned into text once for each dialect and executed by the drivers themselves.

A `Statement` is made at import time and compiled at its first use on an engine, so that a program pays only for the
engine it runs on: SQLAlchemy's PostgreSQL, three megabytes, is not even loaded on SQLite.

Columns are TEXT, BIGINT, BOOLEAN and BYTES (`Text`, `BigInteger`, `Boolean`, `LargeBinary`). Every
`bindparam` needs a type, from the column it is compared with or by `type_=`: PostgreSQL gets an explicit cast for each
parameter, so that it never has to infer one (as in `bindparam("x", type_=Text).is_(None)`).
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, cached_property
from operator import itemgetter
from typing import Any, cast

import msgspec
from sqlalchemy import Boolean, Column, Enum, Integer, LargeBinary, String, Table, bindparam, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import ClauseElement, ColumnElement, Insert, Update
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.elements import BindParameter, Label, TextClause
from sqlalchemy.sql.selectable import SelectBase
from sqlalchemy.types import NullType, TypeEngine

from poolhouse.kit.db.protocol import Row, UnstorableValue

_SQLITE = sqlite.dialect(paramstyle="qmark")
_STORABLE = (String, Integer, Boolean, LargeBinary)

Bind = Callable[[Mapping[str, Any]], tuple[Any, ...]]
Convert = Callable[[Row], Row]
Build = Callable[[], ClauseElement]


@cache
def _postgres() -> Dialect:
    from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg  # noqa: PLC0415

    return PGDialect_asyncpg()  # type: ignore[no-untyped-call] # as SQLAlchemy types it


class Form(msgspec.Struct, frozen=True):
    """One dialect's text of a statement, and what surrounds the driver's call."""

    text: str
    bind: Bind
    convert: Convert | None


class Statement:
    """A statement for both engines; `sqlite` and `postgres` compile it at their first use."""

    def __init__(self, for_sqlite: ClauseElement, for_postgres: ClauseElement | Build) -> None:
        self._for_sqlite = for_sqlite
        self._for_postgres = for_postgres
        self.writes = not isinstance(for_sqlite, SelectBase)
        self.returns_rows = bool(_result_columns(for_sqlite))
        for core in (for_sqlite, for_postgres):
            for column in _result_columns(core) if isinstance(core, ClauseElement) else ():
                _check_type(column.type, f"result column {column!s}")

    @cached_property
    def sqlite(self) -> Form:
        """The text with `?`, for the sqlite3 module."""
        return _compile(self._for_sqlite, _SQLITE)

    @cached_property
    def postgres(self) -> Form:
        """The text with `$1`, for asyncpg."""
        core = self._for_postgres
        return _compile(core if isinstance(core, ClauseElement) else core(), _postgres())

    def __repr__(self) -> str:
        return f"Statement({self._for_sqlite})"


def compile_statement(core: ClauseElement) -> Statement:
    """
    Make a `Statement` of a SELECT, INSERT, UPDATE or DELETE that both dialects compile from the same tree.

    Parameters are the `bindparam` names without a value; literals in the tree are sent as constants.
    `insert(table)` without `.values()` takes every column of the table. A `text()` is a write without rows;
    with `.columns()` it is a read.
    """
    return Statement(core, core)


def compile_pair(*, for_sqlite: ClauseElement, for_postgres: ClauseElement) -> Statement:
    """Make a `Statement` of two trees, for what the dialects spell differently; both take the same parameters."""
    return Statement(for_sqlite, for_postgres)


def upsert(
    table: Table,
    keys: Sequence[str],
    update_columns: Sequence[str] | Mapping[str, ColumnElement[Any]],
    *,
    where: ColumnElement[bool] | None = None,
    returning: Sequence[str] = (),
) -> Statement:
    """
    INSERT of every column of *table*; where a row with the same *keys* exists, update it instead.

    *update_columns* names columns that take the offered value, or maps a name to an expression over the stored row
    (`{"failures": t.c.failures + 1}`); empty means that the stored row wins. With *where* (over the stored row), a
    row that does not satisfy it is left alone: `run` then answers 0 and *returning* gives no row.
    """

    def build(insert: Any) -> ClauseElement:
        if update_columns:
            expressions = isinstance(update_columns, Mapping)
            changes = update_columns if expressions else {name: insert.excluded[name] for name in update_columns}
            insert = insert.on_conflict_do_update(index_elements=list(keys), set_=changes, where=where)
        elif where is not None:
            raise ValueError("where needs columns to update")
        else:
            insert = insert.on_conflict_do_nothing(index_elements=list(keys))
        return cast("ClauseElement", insert.returning(*(table.c[name] for name in returning)) if returning else insert)

    def build_for_postgres() -> ClauseElement:
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415

        return build(postgresql.insert(table))

    return Statement(build(sqlite.insert(table)), build_for_postgres)


def lock_row(table: Table, keys: Sequence[str], new: Mapping[str, Any], returning: Sequence[str]) -> Statement:
    """
    The row with *keys*, held until the transaction ends: whoever else wants it waits and sees what was made of it.

    PostgreSQL can only hold what exists, so there a missing row is made with the values *new*. SQLite runs one unit at
    a time: there the row stays missing and `one` gives None, so that a unit that leaves it so has nothing to commit.
    """
    wanted = [table.c[name] for name in returning]
    key: dict[str, Any] = {name: bindparam(name) for name in keys}

    def build_for_postgres() -> ClauseElement:
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415

        insert = postgresql.insert(table).values({**key, **new})
        same = {keys[0]: table.c[keys[0]]}
        return insert.on_conflict_do_update(index_elements=list(keys), set_=same).returning(*wanted)

    look = select(*wanted).where(*(table.c[name] == bindparam(name) for name in keys))
    statement = Statement(look, build_for_postgres)
    statement.writes = True
    return statement


class Members(NullType):
    """A list parameter of `one_of`: an array on PostgreSQL, JSON text on SQLite."""

    cache_ok = True


class _OneOf(ColumnElement[bool]):
    inherit_cache = False
    type = Boolean()

    def __init__(self, column: Column[Any], name: str) -> None:
        self.column = column
        self.members = bindparam(name, type_=Members())


def one_of(column: Column[Any], name: str) -> ColumnElement[bool]:
    """
    *column* IN (the list given as parameter *name*): one parameter, so one text for lists of any length.

    For TEXT and BIGINT columns; SQLAlchemy's expanding `in_(bindparam(...))` would need a new text each time.
    """
    if not isinstance(column.type, String | Integer):
        raise TypeError("one_of compares TEXT and BIGINT columns only")
    return _OneOf(column, name)


@compiles(_OneOf, "sqlite")
def _one_of_on_sqlite(element: _OneOf, compiler: SQLCompiler, **kw: Any) -> str:
    column, members = compiler.process(element.column, **kw), compiler.process(element.members, **kw)
    return f"{column} IN (SELECT value FROM json_each({members}))"  # noqa: S608 - compiled parts


@compiles(_OneOf, "postgresql")
def _one_of_on_postgres(element: _OneOf, compiler: SQLCompiler, **kw: Any) -> str:
    column, members = compiler.process(element.column, **kw), compiler.process(element.members, **kw)
    return f"{column} = ANY ({members}::{'TEXT' if isinstance(element.column.type, String) else 'BIGINT'}[])"


def _check_type(kind: TypeEngine[Any], what: str) -> None:
    if isinstance(kind, Enum) or not isinstance(kind, (*_STORABLE, Members)):
        raise TypeError(f"{what} has type {kind!r}; use Text, BigInteger, Boolean or LargeBinary")


def _result_columns(core: ClauseElement) -> Sequence[ColumnElement[Any]]:
    if isinstance(core, TextClause):
        return ()
    if not isinstance(core, SelectBase | UpdateBase):
        raise TypeError(f"{type(core).__name__} is not a statement")
    return tuple(core.exported_columns)


def _compile(core: ClauseElement, dialect: Dialect) -> Form:
    if isinstance(core, Insert):
        # Without inline, a key that the database makes would come back through a RETURNING that nobody asked for.
        core = core.inline()
    compiled = cast("SQLCompiler", core.compile(dialect=dialect))
    _check_no_defaults(core, compiled)
    positions: list[BindParameter[Any]] = [compiled.binds[name] for name in compiled.positiontup or ()]
    for parameter in positions:
        _check_type(parameter.type, f"parameter {parameter.key}")
        if parameter.expanding:
            raise TypeError(f"parameter {parameter.key} expands; use one_of")
    on_sqlite = dialect is _SQLITE
    return Form(
        text=str(compiled),
        bind=_binder(positions, on_sqlite=on_sqlite),
        convert=_converter(_result_columns(core), on_sqlite=on_sqlite),
    )


def _check_no_defaults(core: ClauseElement, compiled: SQLCompiler) -> None:
    if isinstance(core, Insert | Update) and (compiled.insert_prefetch or compiled.update_prefetch):
        raise TypeError("a column has a default in Python, which no driver would compute; give the value")


def _binder(positions: Sequence[BindParameter[Any]], *, on_sqlite: bool) -> Bind:
    names = tuple(parameter.key for parameter in positions)
    constants = {p.key: p.value for p in positions if not p.required}
    wanted = frozenset(names) - constants.keys()
    pick: Bind = _picker(names)
    lists = tuple(i for i, p in enumerate(positions) if on_sqlite and isinstance(p.type, Members))
    texts = tuple(i for i, p in enumerate(positions) if on_sqlite and isinstance(p.type, String))

    def bind(params: Mapping[str, Any]) -> tuple[Any, ...]:
        if len(params) != len(wanted):
            raise _mismatch(params, wanted)
        try:
            values = pick({**constants, **params} if constants else params)
        except KeyError:
            raise _mismatch(params, wanted) from None
        for i in texts:
            if values[i] is not None and "\0" in values[i]:
                raise UnstorableValue(names[i])
        return _with_json(values, lists) if lists else values

    return bind


def _picker(names: tuple[str, ...]) -> Bind:
    if not names:
        return lambda _: ()
    if len(names) == 1:
        (name,) = names
        return lambda params: (params[name],)
    return cast("Bind", itemgetter(*names))


def _mismatch(params: Iterable[str], wanted: frozenset[str]) -> TypeError:
    given = frozenset(params)
    return TypeError(f"missing parameters {sorted(wanted - given)}, unknown parameters {sorted(given - wanted)}")


def _with_json(values: tuple[Any, ...], lists: tuple[int, ...]) -> tuple[Any, ...]:
    changed = list(values)
    for i in lists:
        changed[i] = json.dumps(list(values[i]))
    return tuple(changed)


def _converter(columns: Sequence[ColumnElement[Any]], *, on_sqlite: bool) -> Convert | None:
    """BOOLEAN is 0 or 1 in SQLite; a sum of BIGINT is NUMERIC, so a Decimal, in PostgreSQL."""
    if on_sqlite:
        kind: type = bool
        places = tuple(i for i, c in enumerate(columns) if isinstance(c.type, Boolean))
    else:
        kind = int
        places = tuple(i for i, c in enumerate(columns) if isinstance(c.type, Integer) and not _is_stored(c))
    if not places:
        return None

    def convert(row: Row) -> Row:
        values = list(row)
        for i in places:
            if values[i] is not None:
                values[i] = kind(values[i])
        return tuple(values)

    return convert


def _is_stored(column: ColumnElement[Any]) -> bool:
    return isinstance(column.element if isinstance(column, Label) else column, Column)
