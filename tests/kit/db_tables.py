"""Tables for the tests of the storage engine, as `db_history` makes them."""

import os
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateTable

from poolhouse.kit.db.migrate import History
from poolhouse.kit.db.protocol import Database
from poolhouse.kit.db.statement import compile_pair, compile_statement

SHARED = pytest.mark.parametrize(
    "database_url", ["sqlite-file", pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
"""Engines that several processes can use at once."""
_ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{_ROOT / 'src'}{os.pathsep}{_ROOT}"}
"""What a process needs to import the code under test."""

HISTORY = History("tests.kit.db_history", "things_version")
metadata = sa.MetaData()
parents = sa.Table("parents", metadata, sa.Column("id", sa.Text, primary_key=True))
things = sa.Table(
    "things",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("parent", sa.Text, sa.ForeignKey("parents.id", ondelete="CASCADE")),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("flag", sa.Boolean),
    sa.Column("blob", sa.LargeBinary),
    sa.Column("name", sa.Text, unique=True),
)

ADD = compile_statement(sa.insert(things))
ADD_PARENT = compile_statement(sa.insert(parents))
FIND = compile_statement(sa.select(things).where(things.c.id == bindparam("id")))
LIST = compile_statement(sa.select(things.c.id).order_by(things.c.id))
TAKE = compile_statement(sa.delete(things).where(things.c.id == bindparam("id")).returning(*things.c))
COUNT_UP = compile_statement(
    sa.update(things).values(number=things.c.number + bindparam("by")).where(things.c.id == bindparam("id"))
)


def a_thing(key: str, **changes: object) -> dict[str, object]:
    """The parameters of `ADD`."""
    return {"id": key, "parent": None, "number": 0, "flag": None, "blob": None, "name": None, **changes}


async def make_tables(database: Database) -> None:
    """Make the tables without their history."""
    for table in metadata.sorted_tables:
        on_sqlite = CreateTable(table).compile(dialect=sqlite.dialect())
        on_postgres = CreateTable(table).compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]
        await database.run(compile_pair(for_sqlite=sa.text(str(on_sqlite)), for_postgres=sa.text(str(on_postgres))))


async def ids(database: Database) -> list[str]:
    """The ids of all things."""
    return [key for (key,) in await database.all(LIST)]
