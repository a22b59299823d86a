"""Styles, customizations of the classic pages, and terms."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _styles() -> None:
    op.create_table(
        "branding_styles",
        sa.Column("pool_id", _text, primary_key=True),
        sa.Column("id", _text, primary_key=True),
        sa.Column("client_id", _text, nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("modified_ms", sa.BigInteger(), nullable=False),
        sa.Column("provided", sa.Boolean(), nullable=False),
        sa.Column("settings", _text, nullable=False),
        sa.Column("assets", _text, nullable=False),
        sa.Column("pictures", _text, nullable=False),
    )
    op.create_index("branding_styles_of_client", "branding_styles", ["client_id"], unique=True)


def _customizations() -> None:
    op.create_table(
        "ui_customizations",
        sa.Column("pool_id", _text, primary_key=True),
        sa.Column("client_id", _text, primary_key=True),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("modified_ms", sa.BigInteger(), nullable=False),
        sa.Column("css", _text),
        sa.Column("image", sa.LargeBinary()),
    )


def _terms() -> None:
    op.create_table(
        "terms",
        sa.Column("pool_id", _text, primary_key=True),
        sa.Column("id", _text, primary_key=True),
        sa.Column("client_id", _text, nullable=False),
        sa.Column("name", _text, nullable=False),
        sa.Column("links", _text, nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("modified_ms", sa.BigInteger(), nullable=False),
    )
    op.create_index("terms_of_client", "terms", ["client_id", "name"], unique=True)


def upgrade() -> None:
    _styles()
    _customizations()
    _terms()
