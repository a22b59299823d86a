"""What is known of sessions, where a pool tracks them."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """No pool tracks sessions yet."""
    op.add_column("pools", sa.Column("sessions", _text))
    op.add_column("clients", sa.Column("sso_minutes", sa.BigInteger()))
    op.add_column("grants", sa.Column("tracked", _text))
    op.add_column("authorization_codes", sa.Column("sso_id", _text))
    op.add_column("browser_sessions", sa.Column("tracked", _text))
