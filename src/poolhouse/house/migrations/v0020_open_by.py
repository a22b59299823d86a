"""What each process has open, by session, so that any of them can tell of all."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.add_column("house_replicas", sa.Column("open_by", sa.Text, nullable=False, server_default=""))
