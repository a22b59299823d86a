"""Import jobs, their files, and the rows that made no user."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _jobs() -> None:
    op.create_table(
        "import_jobs",
        sa.Column("pool_id", _text, primary_key=True),
        sa.Column("id", _text, primary_key=True),
        sa.Column("name", _text, nullable=False),
        sa.Column("role_arn", _text, nullable=False),
        sa.Column("algorithm", _text),
        sa.Column("state", _text, nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_ms", sa.BigInteger(), nullable=False),
        sa.Column("started_ms", sa.BigInteger()),
        sa.Column("completed_ms", sa.BigInteger()),
        sa.Column("upload", _text),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("columns", _text, nullable=False),
        sa.Column("imported", sa.BigInteger(), nullable=False),
        sa.Column("skipped", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.Column("message", _text),
        sa.Column("decoy", _text),
        sa.Column("runner", _text, nullable=False),
        sa.Column("lease_ms", sa.BigInteger(), nullable=False),
    )
    op.create_index("import_jobs_by_date", "import_jobs", ["pool_id", "created_ms", "id"])
    op.create_index("import_jobs_by_state", "import_jobs", ["state", "lease_ms"])


def upgrade() -> None:
    _jobs()
    op.create_table(
        "import_chunks",
        sa.Column("pool_id", _text, primary_key=True),
        sa.Column("job_id", _text, primary_key=True),
        sa.Column("upload", _text, primary_key=True),
        sa.Column("number", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "import_failures",
        sa.Column("pool_id", _text, primary_key=True),
        sa.Column("job_id", _text, primary_key=True),
        sa.Column("line", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("skipped", sa.Boolean(), nullable=False),
        sa.Column("message", _text, nullable=False),
    )
