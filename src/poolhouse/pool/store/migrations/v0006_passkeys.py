"""Passkeys of users."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "passkeys",
        sa.Column("pool_id", _text, primary_key=True),
        sa.Column("id", _text, primary_key=True),
        sa.Column("username", _text, nullable=False),
        sa.Column("relying_party", _text, nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", _text, nullable=False),
        sa.Column("attachment", _text),
        sa.Column("name", _text, nullable=False),
        sa.Column("is_synced", sa.Boolean(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
    )
    op.create_index("passkeys_of_user", "passkeys", ["pool_id", "username", "id"])
