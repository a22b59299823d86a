"""Devices, and the device of a grant."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Grants of before have no device: their sign-ins were not tracked."""
    op.create_table(
        "devices",
        sa.Column("pool_id", _text, primary_key=True),
        sa.Column("username", _text, primary_key=True),
        sa.Column("key", _text, primary_key=True),
        sa.Column("group_key", _text, nullable=False),
        sa.Column("name", _text),
        sa.Column("remembered", sa.Boolean(), nullable=False),
        sa.Column("salt", sa.LargeBinary()),
        sa.Column("verifier", sa.LargeBinary()),
        sa.Column("address", _text, nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("modified_ms", sa.BigInteger(), nullable=False),
        sa.Column("authenticated_at", sa.BigInteger(), nullable=False),
    )
    op.add_column("grants", sa.Column("device_key", _text))
    op.add_column("grants", sa.Column("device_group", _text))
