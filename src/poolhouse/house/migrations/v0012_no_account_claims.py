"""What providers said of an account is with its identities."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.drop_table("house_account_claims")
