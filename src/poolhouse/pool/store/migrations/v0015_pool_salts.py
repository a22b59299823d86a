"""What pairwise subjects are made with."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """A pool gets its salt with its first app that needs it."""
    op.create_table(
        "pool_salts",
        sa.Column("pool_id", _text, primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
