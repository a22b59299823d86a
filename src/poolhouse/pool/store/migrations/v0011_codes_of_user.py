"""Codes of a user are found by an index: every sign-out looks for those that wait to be redeemed."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_index("codes_of_user", "authorization_codes", ["pool_id", "username"])
