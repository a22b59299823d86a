"""Identity providers, linked identities, the keys of the SAML service provider, self-registered clients."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

# Byte order on both engines: pages and prefix searches compare text as ranges of an index.
_text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "identity_providers",
        sa.Column("pool_id", _text, primary_key=True),
        sa.Column("name", _text, primary_key=True),
        sa.Column("name_key", _text, nullable=False),
        sa.Column("type", _text, nullable=False),
        sa.Column("details", _text, nullable=False),
        sa.Column("sealed", sa.LargeBinary()),
        sa.Column("mapping", _text, nullable=False),
        sa.Column("identifiers", _text, nullable=False),
        sa.Column("acr", _text, nullable=False),
        sa.Column("metadata", _text),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("modified_ms", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
    )
    op.create_index("identity_providers_by_key", "identity_providers", ["pool_id", "name_key"], unique=True)
    op.create_table(
        "provider_identifiers",
        sa.Column("pool_id", _text, primary_key=True),
        sa.Column("identifier", _text, primary_key=True),
        sa.Column("name", _text, nullable=False),
    )
    op.create_table(
        "linked_identities",
        sa.Column("pool_id", _text, primary_key=True),
        sa.Column("provider", _text, primary_key=True),
        sa.Column("attribute", _text, primary_key=True),
        sa.Column("value", _text, primary_key=True),
        sa.Column("username", _text, nullable=False),
        sa.Column("linked_ms", sa.BigInteger(), nullable=False),
    )
    op.create_index("linked_identities_of_user", "linked_identities", ["pool_id", "username"])
    op.create_table(
        "saml_certificates",
        sa.Column("pool_id", _text, primary_key=True),
        sa.Column("use", _text, primary_key=True),
        sa.Column("generation", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("certificate", _text, nullable=False),
    )
    op.create_table(
        "registrations",
        sa.Column("client_id", _text, primary_key=True),
        sa.Column("pool_id", _text, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("auth_method", _text, nullable=False),
        sa.Column("application_type", _text, nullable=False),
    )
    op.create_index("registrations_of_pool", "registrations", ["pool_id"])
