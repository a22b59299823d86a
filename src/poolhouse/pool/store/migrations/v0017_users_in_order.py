"""
Users in the order of their creation: the rows, and the indexes where values are equal.

A row gets a number for it.  The name letter for letter has no index any more: it is found by the name as the pool
compares it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_COLUMNS = (
    "pool_id, username, username_key, sub, status, enabled, created_ms, modified_ms, version, attributes, credentials,"
    " email, phone_number, name, given_name, family_name, preferred_username"
)
_SEARCHED = (
    "email", "enabled", "family_name", "given_name", "name", "phone_number", "preferred_username", "status",
)  # fmt: skip


def _users() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(), primary_key=True),
        sa.Column("pool_id", _text, nullable=False),
        sa.Column("username", _text, nullable=False),
        sa.Column("username_key", _text, nullable=False),
        sa.Column("sub", _text, nullable=False),
        sa.Column("status", _text, nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("modified_ms", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("attributes", _text, nullable=False),
        sa.Column("credentials", _text, nullable=False),
        sa.Column("email", _text),
        sa.Column("phone_number", _text),
        sa.Column("name", _text),
        sa.Column("given_name", _text),
        sa.Column("family_name", _text),
        sa.Column("preferred_username", _text),
    )


def upgrade() -> None:
    # Indexes keep their names, and take some of the time that it takes to fill a table: they are made when it is full.
    for name in (*_SEARCHED, "key", "sub"):
        op.drop_index(f"users_by_{name}", "users")
    op.rename_table("users", "users_before")
    if op.get_context().dialect.name == "postgresql":
        # Its index would keep the name that the new key has.
        op.drop_constraint("users_pkey", "users_before")
    _users()
    op.execute(
        f"INSERT INTO users ({_COLUMNS}) SELECT {_COLUMNS} FROM users_before ORDER BY created_ms, pool_id, username"  # noqa: S608 (names of ours)
    )
    op.drop_table("users_before")
    op.create_index("users_by_key", "users", ["pool_id", "username_key"], unique=True)
    op.create_index("users_by_sub", "users", ["pool_id", "sub"], unique=True)
    op.create_index("users_of_pool", "users", ["pool_id", "id"])
    for name in _SEARCHED:
        op.create_index(f"users_by_{name}", "users", ["pool_id", name, "id"])
