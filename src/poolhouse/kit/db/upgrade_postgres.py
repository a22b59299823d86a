"""A transaction of SQLAlchemy's on PostgreSQL, for migrations."""

from collections.abc import Callable
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from poolhouse.kit.db.postgres import PostgresDatabase
from poolhouse.kit.db.protocol import Database

T = TypeVar("T")
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


async def within_postgres(database: Database, lock: str, work: Callable[[Connection], T]) -> T:
    """Do *work* in one transaction on a connection of its own, while no other process holds the same *lock*."""
    if not isinstance(database, PostgresDatabase):
        raise TypeError(f"no migrations for {type(database).__name__}")
    target = database.target

    async def connect() -> Any:
        # A migration takes as long as it takes.
        return await asyncpg.connect(target.dsn, **{**target.connect_options(), "command_timeout": None})

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.execute(_LOCK, {"name": f"{target.schema}.{lock}"})
            # The name is a plain identifier (`parse_target`).
            await connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {target.schema}")
            return await connection.run_sync(work)
    finally:
        await engine.dispose()
