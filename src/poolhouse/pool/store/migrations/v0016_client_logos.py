"""Pictures of apps."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """No app has any yet."""
    op.create_table(
        "client_logos",
        sa.Column("client_id", _text, primary_key=True),
        sa.Column("pool_id", _text, nullable=False),
        sa.Column("url", _text, nullable=False),
        sa.Column("picture", sa.LargeBinary, nullable=False),
    )
