"""
One table, one struct: the explicit mapping between them.

Columns carry the names of the struct's fields.  A field whose type is not TEXT, a number, a flag or bytes is a JSON
document; an enumeration is stored as its value.  No identity map, no lazy load: a row becomes a value once.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from operator import attrgetter
from typing import Any, Generic, TypeVar, cast, get_args

import msgspec
from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Select,
    Table,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import Statement, compile_statement

T = TypeVar("T", bound=msgspec.Struct)
_PLAIN = (str, int, bool, bytes)
_NONE = "null"
"""How a document that is absent is stored."""
LIMIT: BindParameter[int] = bindparam("limit", type_=BigInteger)
"""The parameter of a page's size."""


def as_json(value: object) -> str:
    """A document for a TEXT column."""
    return msgspec.json.encode(value).decode()


class Record(Generic[T]):
    """
    The statements and conversions that every table needs; special ones are composed beside it.

    *keys* are the columns by which rows are found: the primary key, if not said otherwise.
    """

    def __init__(self, table: Table, struct: type[T], keys: tuple[str, ...] = ()) -> None:
        self.table = table
        self._struct = struct
        types = {field.name: field.type for field in msgspec.structs.fields(struct)}
        self.names = tuple(name for name in types if name in table.c)
        readers = enumerate(_reader(types[name]) for name in self.names)
        self._readers = tuple((place, reader) for place, reader in readers if reader is not None)
        writers = enumerate(_writer(types[name]) for name in self.names)
        self._writers = tuple((place, writer) for place, writer in writers if writer is not None)
        self._values = attrgetter(*self.names) if len(self.names) > 1 else lambda value: (getattr(value, *self.names),)
        extra = tuple(c.name for c in table.c if c.name not in types and c.identity is None)
        self._columns = [table.c[name] for name in self.names]
        self._keys = keys or tuple(c.name for c in table.primary_key.columns)
        values: dict[str, Any] = {name: bindparam(name) for name in (*self.names, *extra)}
        self.insert = compile_statement(insert(table).values(values))
        self._find = compile_statement(self.select(*self.keyed()))
        self._delete = compile_statement(delete(table).where(*self.keyed()))
        self._take = compile_statement(delete(table).where(*self.keyed()).returning(*self._columns))
        changes: dict[str, Any] = {name: bindparam("new_" + name) for name in values if name not in self._keys}
        self._replace = compile_statement(update(table).where(*self.keyed()).values(changes)) if changes else None
        versioned = "version" in table.c and changes
        self._replace_version = (
            compile_statement(
                update(table).where(*self.keyed(), table.c.version == bindparam("old_version")).values(changes)
            )
            if versioned
            else None
        )

    def keyed(self) -> list[ColumnElement[bool]]:
        """The condition on the key; parameters carry the columns' names."""
        return [self.table.c[name] == bindparam(name) for name in self._keys]

    def select(self, *conditions: ColumnElement[bool]) -> "Select[Any]":
        """A query whose rows ``read`` understands."""
        return select(*self._columns).where(*conditions)

    def columns(self) -> list[Any]:
        """For RETURNING."""
        return list(self._columns)

    def read(self, row: tuple[Any, ...]) -> T:
        """A row of ``select`` as the struct."""
        values = list(row)
        for place, reader in self._readers:
            value = values[place]
            if value is not None:
                values[place] = None if value == _NONE else reader(value)
        return self._struct(**dict(zip(self.names, values, strict=True)))

    def params(self, value: T, **extra: object) -> dict[str, object]:
        """The struct as parameters, columns that it lacks in *extra*."""
        values = list(self._values(value))
        for place, writer in self._writers:
            values[place] = writer(values[place])
        made = dict(zip(self.names, values, strict=True))
        return {**made, **extra} if extra else made

    async def put(self, tx: Tx, value: T, **extra: object) -> None:
        """Insert; ``UniqueViolation`` when it is there already."""
        await tx.run(self.insert, **self.params(value, **extra))

    async def find(self, tx: ReadTx, **key: object) -> T | None:
        row = await tx.one(self._find, **key)
        return None if row is None else self.read(row)

    async def take(self, tx: Tx, **key: object) -> T | None:
        """Remove and return; to one caller only, however many ask."""
        row = await tx.one(self._take, **key)
        return None if row is None else self.read(row)

    async def drop(self, tx: Tx, **key: object) -> bool:
        """Delete by key; whether there was a row."""
        return await tx.run(self._delete, **key) > 0

    async def replace(self, tx: Tx, value: T, **extra: object) -> bool:
        """Write all columns of an existing row; whether there was one."""
        return await tx.run(cast("Statement", self._replace), **self._changes(value, extra)) > 0

    async def replace_version(self, tx: Tx, value: T, *, old_version: int, **extra: object) -> bool:
        """The same, only if the row still has *old_version*: nobody else wrote in between."""
        statement = cast("Statement", self._replace_version)
        return await tx.run(statement, **self._changes(value, extra), old_version=old_version) > 0

    async def one(self, tx: ReadTx, statement: Statement, **params: object) -> T | None:
        row = await tx.one(statement, **params)
        return None if row is None else self.read(row)

    async def all(self, tx: ReadTx, statement: Statement, **params: object) -> list[T]:
        return [self.read(row) for row in await tx.all(statement, **params)]

    def _changes(self, value: T, extra: Mapping[str, object]) -> dict[str, object]:
        params = self.params(value, **extra)
        return {(name if name in self._keys else "new_" + name): v for name, v in params.items()}


def _is_document(kind: Any) -> bool:
    inner = [a for a in get_args(kind) if a is not type(None)] if _is_optional(kind) else [kind]
    return not all(isinstance(a, type) and issubclass(a, _PLAIN) for a in map(_supertype, inner))


def _reader(kind: Any) -> Callable[[Any], Any] | None:
    if _is_document(kind):
        return cast("Callable[[Any], Any]", msgspec.json.Decoder(kind).decode)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        # Calling the class takes as long as the rest of a row.
        return {member.value: member for member in kind}.__getitem__
    return None


def _writer(kind: Any) -> Callable[[Any], Any] | None:
    if _is_document(kind):
        return _document
    if any(isinstance(each, type) and issubclass(each, StrEnum) for each in (kind, *get_args(kind))):
        return _plain
    return None


def _document(value: Any) -> str:
    return _NONE if value is None else as_json(value)


def _plain(value: StrEnum | None) -> str | None:
    return None if value is None else value.value


def _is_optional(kind: Any) -> bool:
    return type(None) in get_args(kind)


def _supertype(kind: Any) -> Any:
    while hasattr(kind, "__supertype__"):
        kind = kind.__supertype__
    return kind
