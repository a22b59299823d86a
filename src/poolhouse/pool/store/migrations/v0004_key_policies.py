"""Access keys have a policy, may be temporary, and remember their last use."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_EVERYTHING = '["*"]'


def upgrade() -> None:
    for name in ("operations", "pools"):
        op.add_column("access_keys", sa.Column(name, sa.Text, nullable=False, server_default=_EVERYTHING))
    op.add_column("access_keys", sa.Column("token", sa.LargeBinary, nullable=True))
    for name in ("expires_at", "used_at"):
        op.add_column("access_keys", sa.Column(name, sa.BigInteger, nullable=True))
