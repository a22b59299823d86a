"""Tables for the tests of the storage engine, as `db_history` makes them."""

import os
from pathlib import Path

import pytest
import sqlalchemy as sa

from poolhouse.kit.db.migrate import History

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
