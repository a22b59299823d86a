import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "parents",
        sa.Column("id", sa.Text, primary_key=True),
    )
    op.create_table(
        "things",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("parent", sa.Text, sa.ForeignKey("parents.id", ondelete="CASCADE")),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("flag", sa.Boolean),
        sa.Column("blob", sa.LargeBinary),
    )
