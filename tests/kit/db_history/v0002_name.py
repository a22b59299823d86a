import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("things") as batch:
        batch.add_column(sa.Column("name", sa.Text))
        batch.create_unique_constraint("things_name", ["name"])
    # A revision may convert rows.
    connection = op.get_bind()
    for (key,) in connection.execute(sa.text("SELECT id FROM things")).fetchall():
        connection.execute(sa.text("UPDATE things SET name = :name WHERE id = :id"), {"id": key, "name": key.upper()})
