"""What each process has counted."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "house_tallies",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("told_at", sa.BigInteger, nullable=False),
        sa.Column("counts", sa.Text, nullable=False),
    )
