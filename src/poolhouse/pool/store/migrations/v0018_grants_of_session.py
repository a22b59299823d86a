"""
The grants of a browser session are found among those of its user: one index in the place of two.

Users sign in in no order, so each of the two had a page of its own changed by every sign-in.
"""

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.drop_index("grants_by_sid", "grants")
    op.drop_index("grants_of_user", "grants")
    op.create_index("grants_of_user", "grants", ["pool_id", "username", "sid"])
