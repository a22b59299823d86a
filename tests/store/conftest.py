"""The pool's tables on every engine, made by the migration itself."""

import pytest

from poolhouse.kit.db.migrate import migrate
from poolhouse.kit.db.protocol import Database
from poolhouse.pool.store.history import HISTORY


@pytest.fixture
async def tables(database: Database) -> Database:
    """An empty, migrated database."""
    await migrate(database, HISTORY)
    return database
