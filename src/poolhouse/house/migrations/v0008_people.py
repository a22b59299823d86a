"""Groups, roles, invitations, and what SCIM keeps of an account."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    for name in ("email_proof", "given_name", "family_name", "external_id", "managed_by"):
        op.add_column("house_accounts", sa.Column(name, sa.Text, nullable=False, server_default=""))
    op.add_column("house_accounts", sa.Column("changed_at", sa.BigInteger, nullable=False, server_default="0"))
    op.create_index("house_accounts_by_external_id", "house_accounts", ["external_id"])
    # An account without a password holds its address because the provider said that it is verified.
    op.execute(
        "UPDATE house_accounts SET email_proof = 'provider' WHERE password_hash IS NULL "
        "AND id IN (SELECT account_id FROM house_email_holders)"
    )
    op.add_column("house_identities", sa.Column("provider", sa.Text, nullable=False, server_default="oidc"))
    op.add_column("house_identities", sa.Column("claims", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "house_groups",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_key", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("external_id", sa.Text, nullable=False),
        sa.Column("managed_by", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
    )
    op.create_index("house_groups_by_name", "house_groups", ["name_key"], unique=True)
    op.create_index("house_groups_by_external_id", "house_groups", ["external_id"])
    op.create_table(
        "house_memberships",
        sa.Column("group_id", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_index("house_memberships_by_account", "house_memberships", ["account_id"])
    op.create_table(
        "house_grants",
        sa.Column("holder", sa.Text, primary_key=True),
        sa.Column("holder_id", sa.Text, primary_key=True),
        sa.Column("role", sa.Text, primary_key=True),
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_index("house_grants_by_role", "house_grants", ["role"])
    _create_invitations()


def _create_invitations() -> None:
    op.create_table(
        "house_invitations",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("token_digest", sa.LargeBinary, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("email_key", sa.Text, nullable=False),
        sa.Column("group_ids", sa.Text, nullable=False),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("invited_by", sa.Text, nullable=False),
        sa.Column("inviter_name", sa.Text, nullable=False),
        sa.Column("is_mailed", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_index("house_invitations_by_token", "house_invitations", ["token_digest"], unique=True)
    op.create_index("house_invitations_by_email", "house_invitations", ["email_key"], unique=True)
