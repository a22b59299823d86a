"""Providers: the name of their sessions, refresh tokens, answers by form, logout tokens that were seen."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("house_sessions", sa.Column("sid", sa.Text, nullable=False, server_default=""))
    op.add_column("house_sessions", sa.Column("sealed_refresh_token", sa.LargeBinary, nullable=True))
    op.add_column("house_sessions", sa.Column("renew_at", sa.BigInteger, nullable=True))
    op.add_column("house_sessions", sa.Column("claimed_at", sa.BigInteger, nullable=True))
    op.create_index("house_sessions_by_subject", "house_sessions", ["issuer", "subject"])
    op.create_index("house_sessions_by_sid", "house_sessions", ["issuer", "sid"])
    op.create_index("house_sessions_by_renewal", "house_sessions", ["renew_at"])
    op.create_table(
        "house_posted_answers",
        sa.Column("state_digest", sa.LargeBinary, primary_key=True),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_index("house_posted_answers_by_expiry", "house_posted_answers", ["expires_at"])
    op.create_table(
        "house_logout_tokens",
        sa.Column("token_digest", sa.LargeBinary, primary_key=True),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_index("house_logout_tokens_by_expiry", "house_logout_tokens", ["expires_at"])
