"""The extended settings of pools."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """No pool has any yet."""
    op.add_column("pools", sa.Column("hosted", _text))
