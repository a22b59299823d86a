"""What providers said of an account is with its identities."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.drop_table("house_account_claims")
