"""From when a key signs assertions; the ones that there are sign since they were made."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("house_assertion_keys", sa.Column("signs_from", sa.BigInteger, nullable=False, server_default="0"))
    op.execute("UPDATE house_assertion_keys SET signs_from = created_at")
