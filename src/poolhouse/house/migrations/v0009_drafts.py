"""Settings of a provider that are being tried, and the sign-ins that try them."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "house_drafts",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_index("house_drafts_by_account", "house_drafts", ["account_id", "created_at"])
    op.create_table(
        "house_test_logins",
        sa.Column("state_digest", sa.LargeBinary, primary_key=True),
        sa.Column("browser_digest", sa.LargeBinary, nullable=False),
        sa.Column("draft_id", sa.Text, nullable=False),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("nonce_digest", sa.LargeBinary, nullable=False),
        sa.Column("sealed_verifier", sa.LargeBinary, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
