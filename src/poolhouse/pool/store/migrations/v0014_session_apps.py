"""Apps that took part in a browser session and have no grant of it any more."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Those of sessions that live now are known by their grants."""
    op.create_table(
        "session_apps",
        sa.Column("pool_id", _text, primary_key=True),
        sa.Column("sid", _text, primary_key=True),
        sa.Column("client_id", _text, primary_key=True),
        sa.Column("username", _text, nullable=False),
        sa.Column("sub", _text, nullable=False),
    )
    op.create_index("session_apps_of_user", "session_apps", ["pool_id", "username"])
    op.create_index("session_apps_of_client", "session_apps", ["client_id"])
    op.create_index("browser_sessions_by_sid", "browser_sessions", ["sid"])
