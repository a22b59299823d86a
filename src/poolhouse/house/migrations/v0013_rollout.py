"""Settings that come into force in steps: what a sign-in is for, failures after a change, reminders that were given."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("house_pending_logins", sa.Column("purpose", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "house_watched",
        sa.Column("provider", sa.Text, primary_key=True),
        sa.Column("failures", sa.BigInteger, nullable=False),
        sa.Column("failure", sa.Text, nullable=False),
        sa.Column("is_proved", sa.Boolean, nullable=False),
        sa.Column("began_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "house_reminders",
        sa.Column("occasion", sa.Text, primary_key=True),
        sa.Column("given_at", sa.BigInteger, nullable=False),
    )
