"""Keys by which a directory keeps people and groups, and whom it has disabled."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("house_accounts", sa.Column("disabled_by", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "house_scim_keys",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("key_digest", sa.LargeBinary, nullable=False),
        sa.Column("start", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("used_at", sa.BigInteger),
        sa.Column("used_from", sa.Text, nullable=False),
    )
    op.create_index("house_scim_keys_by_digest", "house_scim_keys", ["key_digest"], unique=True)
