"""OpenID Connect and OAuth 2.0 beyond Cognito's: settings of clients, rotation of keys, consents, devices, logouts."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

# Byte order on both engines: pages and prefix searches compare text as ranges of an index.
_text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Every key there is signs RS256 since it was made."""
    op.add_column("clients", sa.Column("openid", _text))
    op.add_column("pool_keys", sa.Column("alg", _text, nullable=False, server_default="RS256"))
    op.add_column("pool_keys", sa.Column("active_ms", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("pool_keys", sa.Column("retired_ms", sa.BigInteger()))
    for table in ("grants", "authorization_codes"):
        op.add_column(table, sa.Column("terms", _text))
    for table in ("grants", "authorization_codes", "browser_sessions"):
        op.add_column(table, sa.Column("sid", _text))
    op.create_index("grants_by_sid", "grants", ["sid"])
    _consents()
    _requests()
    _devices()
    _logouts()


def _consents() -> None:
    op.create_table(
        "consents",
        sa.Column("pool_id", _text, primary_key=True),
        sa.Column("sub", _text, primary_key=True),
        sa.Column("client_id", _text, primary_key=True),
        sa.Column("scope", _text, nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("modified_ms", sa.BigInteger(), nullable=False),
    )
    op.create_index("consents_of_client", "consents", ["client_id"])


def _requests() -> None:
    op.create_table(
        "pushed_requests",
        sa.Column("digest", sa.LargeBinary(), primary_key=True),
        sa.Column("pool_id", _text, nullable=False),
        sa.Column("client_id", _text, nullable=False),
        sa.Column("form", _text, nullable=False),
        sa.Column("jkt", _text),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("pushed_requests_by_expiry", "pushed_requests", ["expires_at"])
    op.create_table(
        "seen_once",
        sa.Column("digest", sa.LargeBinary(), primary_key=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("seen_once_by_expiry", "seen_once", ["expires_at"])


def _devices() -> None:
    op.create_table(
        "device_codes",
        sa.Column("digest", sa.LargeBinary(), primary_key=True),
        sa.Column("user_code", sa.LargeBinary(), nullable=False),
        sa.Column("pool_id", _text, nullable=False),
        sa.Column("client_id", _text, nullable=False),
        sa.Column("scope", _text, nullable=False),
        sa.Column("state", _text, nullable=False),
        sa.Column("username", _text),
        sa.Column("sub", _text),
        sa.Column("auth_time", sa.BigInteger(), nullable=False),
        sa.Column("amr", _text, nullable=False),
        sa.Column("sid", _text),
        sa.Column("seen", _text, nullable=False),
        sa.Column("interval", sa.BigInteger(), nullable=False),
        sa.Column("polled_at", sa.BigInteger(), nullable=False),
        sa.Column("terms", _text),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("device_codes_by_user_code", "device_codes", ["pool_id", "user_code"], unique=True)
    op.create_index("device_codes_by_expiry", "device_codes", ["expires_at"])


def _logouts() -> None:
    op.create_table(
        "logout_deliveries",
        sa.Column("id", _text, primary_key=True),
        sa.Column("pool_id", _text, nullable=False),
        sa.Column("client_id", _text, nullable=False),
        sa.Column("sub", _text, nullable=False),
        sa.Column("sid", _text),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("next_try_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("logout_deliveries_waiting", "logout_deliveries", ["next_try_at"])
