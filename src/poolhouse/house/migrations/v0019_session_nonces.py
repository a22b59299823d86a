"""The nonce of a session's sign-in, which ID tokens that come with a refresh may repeat."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("house_sessions", sa.Column("nonce_digest", sa.LargeBinary, nullable=True))
