"""Audit events name accounts by their ids as well."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for name in ("actor_id", "subject_id"):
        op.add_column("house_audit_events", sa.Column(name, sa.Text, nullable=False, server_default=""))
