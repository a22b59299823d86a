"""Texts of the hosted pages that pools have of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """No pool has any yet."""
    op.create_table(
        "page_texts",
        sa.Column("pool_id", _text, primary_key=True),
        sa.Column("language", _text, primary_key=True),
        sa.Column("texts", _text, nullable=False),
    )
