"""Links that let an administrator in once."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "house_emergency_links",
        sa.Column("token_digest", sa.LargeBinary, primary_key=True),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
