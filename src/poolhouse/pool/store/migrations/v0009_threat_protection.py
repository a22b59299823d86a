"""Rules of threat protection, authentication events, and logs on their way."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

# Byte order on both engines: pages and prefix searches compare text as ranges of an index.
_text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "risk_configurations",
        sa.Column("pool_id", _text, primary_key=True),
        sa.Column("client_id", _text, primary_key=True),
        sa.Column("modified_ms", sa.BigInteger(), nullable=False),
        sa.Column("settings", _text, nullable=False),
    )
    op.create_table(
        "log_configurations",
        sa.Column("pool_id", _text, primary_key=True),
        sa.Column("configurations", _text, nullable=False),
    )
    _auth_events()
    _log_records()


def _auth_events() -> None:
    op.create_table(
        "auth_events",
        sa.Column("id", _text, primary_key=True),
        sa.Column("pool_id", _text, nullable=False),
        sa.Column("sub", _text, nullable=False),
        sa.Column("username", _text, nullable=False),
        sa.Column("client_id", _text, nullable=False),
        sa.Column("position", _text, nullable=False),
        sa.Column("kind", _text, nullable=False),
        sa.Column("response", _text, nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("level", _text, nullable=False),
        sa.Column("decision", _text, nullable=False),
        sa.Column("compromised", sa.Boolean()),
        sa.Column("challenges", _text, nullable=False),
        sa.Column("seen", _text, nullable=False),
        sa.Column("feedback", _text),
    )
    op.create_index("auth_events_of_user", "auth_events", ["pool_id", "username", "position"])
    op.create_index("auth_events_by_time", "auth_events", ["created_ms"])


def _log_records() -> None:
    op.create_table(
        "log_records",
        sa.Column("id", _text, primary_key=True),
        sa.Column("pool_id", _text, nullable=False),
        sa.Column("arn", _text, nullable=False),
        sa.Column("line", _text, nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("next_try_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("log_records_waiting", "log_records", ["next_try_at"])
    op.create_index("log_records_of_pool", "log_records", ["pool_id"])
