"""The portal: pictures of apps, favourites, last use, requests for access, what the prober has found."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("house_apps", sa.Column("icon", sa.Text, nullable=False, server_default=""))
    op.add_column("house_apps", sa.Column("locked", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "house_favourites",
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("app_id", sa.Text, primary_key=True),
    )
    op.create_table(
        "house_app_uses",
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("app_id", sa.Text, primary_key=True),
        sa.Column("used_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "house_access_requests",
        sa.Column("app_id", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("asked_at", sa.BigInteger, nullable=False),
        sa.Column("decided_at", sa.BigInteger, nullable=False),
        sa.Column("decided_by", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
    )
    op.create_index("house_access_requests_by_id", "house_access_requests", ["id"], unique=True)
    op.create_index("house_access_requests_by_state", "house_access_requests", ["state", "asked_at"])
    op.create_table(
        "house_probes",
        sa.Column("app_id", sa.Text, primary_key=True),
        sa.Column("probed_at", sa.BigInteger, nullable=False),
        sa.Column("findings", sa.Text, nullable=False),
    )
