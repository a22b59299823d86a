"""The gateway: what an app is configured with, claims of sessions, sessions at apps, keys that sign for them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("house_apps", sa.Column("gate", sa.Text, nullable=False, server_default=""))
    op.add_column("house_sessions", sa.Column("claims", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "house_app_sessions",
        sa.Column("id_digest", sa.LargeBinary, primary_key=True),
        sa.Column("app_id", sa.Text, nullable=False),
        sa.Column("session_digest", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_index("house_app_sessions_by_expiry", "house_app_sessions", ["expires_at"])
    op.create_table(
        "house_entry_codes",
        sa.Column("code_digest", sa.LargeBinary, primary_key=True),
        sa.Column("app_id", sa.Text, nullable=False),
        sa.Column("challenge", sa.LargeBinary, nullable=False),
        sa.Column("session_digest", sa.LargeBinary, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_index("house_entry_codes_by_expiry", "house_entry_codes", ["expires_at"])
    op.create_table(
        "house_assertion_keys",
        sa.Column("kid", sa.Text, primary_key=True),
        sa.Column("sealed_key", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
