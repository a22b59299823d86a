"""Which of a session's claims UserInfo has said, so that what it no longer says is gone without an ID token, too."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("house_sessions", sa.Column("userinfo_names", sa.Text, nullable=False, server_default=""))
