"""What a unit of work and a program see of a database, and every error that the storage engine raises."""

from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from sqlalchemy import Table

    from poolhouse.kit.db.statement import Statement

T = TypeVar("T")
Row = tuple[Any, ...]
Subscriber = Callable[[str], None]
Action = Callable[[], None]

REFRESH = "*"
"""The payload of a subscriber's call after which anything may have changed: announcements may have been missed."""


class DatabaseError(Exception):
    """Base of the storage engine's errors."""


class ConstraintViolation(DatabaseError):
    """A write broke a constraint of *table* (empty where the engine does not say which)."""

    def __init__(self, table: str) -> None:
        super().__init__(f"a constraint of table {table or '?'} is violated")
        self.table = table


class UniqueViolation(ConstraintViolation):
    """
    A row with the same key exists in *table*.

    The unit lets it propagate; the flow around `write` says what it means. Only the table is named, since that is
    all that both engines can tell: two rules of uniqueness that need different answers live in two tables.
    """


class DatabaseBusy(DatabaseError):
    """The unit did not run to its commit within the bound (lock, pool or conflicts); nothing of it was written."""


class DatabaseDown(DatabaseError):
    """The server does not answer, or the disk, the file or the standby refuses; nothing of the unit was written."""


class WriteFailed(DatabaseError):
    """The commit failed; nothing of the unit was written."""


class OutcomeUnknown(DatabaseError):
    """The connection broke while the commit was under way; the unit was written as a whole, or not at all."""


class DatabaseClosed(DatabaseError):
    """`close` was called."""


class UnitSuspended(DatabaseError):
    """A unit awaited something other than its transaction, or its transaction was used after its end."""


class ReadOnlyUnit(DatabaseError):
    """A writing statement in a read."""


class UnstorableValue(DatabaseError, ValueError):
    """A value that not both engines can store: text with U+0000 or a lone surrogate, an integer beyond 64 bits."""


class ReadTx(Protocol):
    """Statements that read. Parameters go by the names of the `bindparam`s, all of them and no other."""

    async def one(self, statement: "Statement", /, **params: Any) -> Row | None:
        """Return the first row, or None. A RETURNING statement is executed completely all the same."""
        ...

    async def all(self, statement: "Statement", /, **params: Any) -> list[Row]:
        """Return all rows."""
        ...


class Tx(ReadTx, Protocol):
    """One transaction. After an error of one of its statements it can only be rolled back."""

    async def run(self, statement: "Statement", /, **params: Any) -> int:
        """Execute a statement without RETURNING; return the number of affected rows."""
        ...

    async def run_many(self, statement: "Statement", rows: Iterable[Mapping[str, Any]], /) -> None:
        """Execute a statement once for each mapping of parameters."""
        ...

    def announce(self, channel: str, payload: str) -> None:
        """
        Tell the subscribers of *channel*, in every process, after the commit.

        For configuration: on PostgreSQL announcing commits queue behind one another, and a payload has 7,000 bytes.
        """
        ...

    def after_commit(self, action: Action) -> None:
        """
        Call *action*, which must not fail, in this process and after the commit; never for an attempt that was undone.

        For what is counted: a unit may run more than once.
        """
        ...


ReadUnit = Callable[[ReadTx], Coroutine[Any, Any, T]]
WriteUnit = Callable[[Tx], Coroutine[Any, Any, T]]


class Database(Protocol):
    """
    A database of one program.

    A unit awaits nothing but its transaction (`UnitSuspended`), and may run more than once before it commits.
    """

    async def write(self, unit: WriteUnit[T]) -> T:
        """
        Run *unit* atomically; return what it returned once its commit is durable.

        An exception of the unit rolls back its writes, not those of its neighbours, and is raised here. A caller
        that is cancelled before its unit ran cancels it; afterwards the writes stand.

        Other units may commit between two statements of this one (on PostgreSQL): so decide within a statement
        (`DELETE ... RETURNING`, `UPDATE ... WHERE version = :seen`), or first lock the row that stands for what is
        to be looked at, by `select(...).with_for_update()`. SQLite, which runs one unit at a time, leaves it out.
        """
        ...

    async def read(self, unit: ReadUnit[T], *, snapshot: bool = False) -> T:
        """Run *unit* over committed rows; with *snapshot* all its statements see the same commit."""
        ...

    async def read_slow(self, unit: ReadUnit[T]) -> T:
        """Run *unit* over a snapshot without holding up the event loop: for scans, exports and reports."""
        ...

    async def one(self, statement: "Statement", /, **params: Any) -> Row | None:
        """`tx.one` as a unit of its own: a read, or for a writing statement (`DELETE ... RETURNING`) a write."""
        ...

    async def all(self, statement: "Statement", /, **params: Any) -> list[Row]:
        """`tx.all` as a unit of its own."""
        ...

    async def run(self, statement: "Statement", /, **params: Any) -> int:
        """`tx.run` as a unit of its own."""
        ...

    async def run_many(self, statement: "Statement", rows: Iterable[Mapping[str, Any]], /) -> None:
        """`tx.run_many` as a unit of its own."""
        ...

    def subscribe(self, channel: str, callback: Subscriber) -> None:
        """
        Call *callback* with the payload of each announcement, on the event loop, after its commit.

        The payload `REFRESH` ("*") stands for any number of announcements that may have been missed.
        """
        ...

    async def settle(self, *tables: "Table") -> None:
        """
        Let the engine learn what *tables* hold, now that many rows have come at once: a hint, which may do nothing.

        Not a unit, and in no transaction: it takes as long as reading a sample of the tables.
        """
        ...

    async def is_writable(self) -> bool:
        """Tell whether a durable commit succeeds now."""
        ...

    async def close(self) -> None:
        """Finish what was accepted and let go of the files and connections."""
        ...
