"""Tokens for API calls, and what providers said last of an account."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "house_tokens",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("start", sa.Text, nullable=False),
        sa.Column("apps", sa.Text, nullable=False),
        sa.Column("is_for_all_apps", sa.Boolean, nullable=False),
        sa.Column("groups", sa.Text, nullable=False),
        sa.Column("networks", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("used_at", sa.BigInteger, nullable=True),
        sa.Column("used_from", sa.Text, nullable=False),
    )
    op.create_index("house_tokens_by_digest", "house_tokens", ["digest"], unique=True)
    op.create_index("house_tokens_by_account", "house_tokens", ["account_id"])
    op.create_index("house_tokens_by_expiry", "house_tokens", ["expires_at"])
    op.create_table(
        "house_account_claims",
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("claims", sa.Text, nullable=False),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("said_at", sa.BigInteger, nullable=False),
    )
