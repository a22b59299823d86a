"""The tables of the first release."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# Byte order on both engines: pages and prefix searches compare text as ranges of an index.
_text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _access_keys() -> None:
    op.create_table(
        "access_keys",
        sa.Column("id", _text, primary_key=True),
        sa.Column("name", _text, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
    )


def _administrators() -> None:
    op.create_table(
        "administrators",
        sa.Column("email", _text, primary_key=True),
        sa.Column("password_hash", _text, nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
    )


def _aliases() -> None:
    op.create_table(
        "aliases",
        sa.Column("pool_id", _text, primary_key=True),
        sa.Column("kind", _text, primary_key=True),
        sa.Column("value", _text, primary_key=True),
        sa.Column("username", _text, nullable=False),
    )
    op.create_index("aliases_of_user", "aliases", ["pool_id", "username"])


def _attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("digest", sa.LargeBinary(), primary_key=True),
        sa.Column("pool_id", _text, nullable=False),
        sa.Column("client_id", _text, nullable=False),
        sa.Column("username", _text, nullable=False),
        sa.Column("challenge", _text, nullable=False),
        sa.Column("done", _text, nullable=False),
        sa.Column("known", sa.Boolean(), nullable=False),
        sa.Column("extra", sa.LargeBinary()),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("attempts_by_expiry", "attempts", ["expires_at"])
    op.create_index("attempts_of_user", "attempts", ["pool_id", "username"])


def _authorization_codes() -> None:
    op.create_table(
        "authorization_codes",
        sa.Column("digest", sa.LargeBinary(), primary_key=True),
        sa.Column("pool_id", _text, nullable=False),
        sa.Column("client_id", _text, nullable=False),
        sa.Column("username", _text, nullable=False),
        sa.Column("sub", _text, nullable=False),
        sa.Column("redirect_uri", _text, nullable=False),
        sa.Column("scope", _text, nullable=False),
        sa.Column("nonce", _text),
        sa.Column("code_challenge", _text),
        sa.Column("resource", _text),
        sa.Column("auth_time", sa.BigInteger(), nullable=False),
        sa.Column("amr", _text, nullable=False),
        sa.Column("grant_id", _text, nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("spent", sa.Boolean(), nullable=False),
    )
    op.create_index("codes_by_expiry", "authorization_codes", ["expires_at"])


def _browser_sessions() -> None:
    op.create_table(
        "browser_sessions",
        sa.Column("digest", sa.LargeBinary(), primary_key=True),
        sa.Column("pool_id", _text, nullable=False),
        sa.Column("username", _text, nullable=False),
        sa.Column("sub", _text, nullable=False),
        sa.Column("password", sa.LargeBinary(), nullable=False),
        sa.Column("auth_time", sa.BigInteger(), nullable=False),
        sa.Column("amr", _text, nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("browser_sessions_by_expiry", "browser_sessions", ["expires_at"])
    op.create_index("browser_sessions_of_user", "browser_sessions", ["pool_id", "username"])


def _client_secrets() -> None:
    op.create_table(
        "client_secrets",
        sa.Column("client_id", _text, primary_key=True),
        sa.Column("id", _text, primary_key=True),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
    )


def _clients() -> None:
    op.create_table(
        "clients",
        sa.Column("id", _text, primary_key=True),
        sa.Column("pool_id", _text, nullable=False),
        sa.Column("name", _text, nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("modified_ms", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("settings", _text, nullable=False),
    )
    op.create_index("clients_of_pool", "clients", ["pool_id", "id"])


def _console_drafts() -> None:
    op.create_table(
        "console_drafts",
        sa.Column("id", _text, primary_key=True),
        sa.Column("email", _text, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("console_drafts_by_expiry", "console_drafts", ["expires_at"])


def _console_sessions() -> None:
    op.create_table(
        "console_sessions",
        sa.Column("digest", sa.LargeBinary(), primary_key=True),
        sa.Column("email", _text, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("console_sessions_by_expiry", "console_sessions", ["expires_at"])


def _domains() -> None:
    op.create_table(
        "domains",
        sa.Column("name", _text, primary_key=True),
        sa.Column("pool_id", _text, nullable=False),
        sa.Column("custom", sa.Boolean(), nullable=False),
        sa.Column("settings", _text, nullable=False),
    )
    op.create_index("domains_of_pool", "domains", ["pool_id", "custom"], unique=True)


def _failures() -> None:
    op.create_table(
        "failures",
        sa.Column("key", _text, primary_key=True),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("locked_until", sa.BigInteger(), nullable=False),
    )
    op.create_index("failures_by_time", "failures", ["last_at"])


def _grants() -> None:
    op.create_table(
        "grants",
        sa.Column("id", _text, primary_key=True),
        sa.Column("pool_id", _text, nullable=False),
        sa.Column("client_id", _text, nullable=False),
        sa.Column("username", _text, nullable=False),
        sa.Column("sub", _text, nullable=False),
        sa.Column("event_id", _text, nullable=False),
        sa.Column("auth_time", sa.BigInteger(), nullable=False),
        sa.Column("scope", _text, nullable=False),
        sa.Column("hosted", sa.Boolean(), nullable=False),
        sa.Column("nonce", _text),
        sa.Column("resource", _text),
        sa.Column("amr", _text, nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("grants_by_event", "grants", ["event_id"], unique=True)
    op.create_index("grants_by_expiry", "grants", ["expires_at"])
    op.create_index("grants_of_client", "grants", ["client_id"])
    op.create_index("grants_of_user", "grants", ["pool_id", "username"])


def _groups() -> None:
    op.create_table(
        "groups",
        sa.Column("pool_id", _text, primary_key=True),
        sa.Column("name", _text, primary_key=True),
        sa.Column("description", _text),
        sa.Column("role_arn", _text),
        sa.Column("precedence", sa.BigInteger()),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("modified_ms", sa.BigInteger(), nullable=False),
    )


def _memberships() -> None:
    op.create_table(
        "memberships",
        sa.Column("pool_id", _text, primary_key=True),
        sa.Column("group_name", _text, primary_key=True),
        sa.Column("username", _text, primary_key=True),
    )
    op.create_index("memberships_of_user", "memberships", ["pool_id", "username", "group_name"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", _text, primary_key=True),
        sa.Column("pool_id", _text, nullable=False),
        sa.Column("kind", _text, nullable=False),
        sa.Column("medium", _text, nullable=False),
        sa.Column("destination", _text, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("next_try_at", sa.BigInteger(), nullable=False),
        sa.Column("state", _text, nullable=False),
    )
    op.create_index("outbox_of_pool", "outbox", ["pool_id", "created_ms"])
    op.create_index("outbox_waiting", "outbox", ["state", "next_try_at"])


def _pool_keys() -> None:
    op.create_table(
        "pool_keys",
        sa.Column("pool_id", _text, primary_key=True),
        sa.Column("kid", _text, primary_key=True),
        sa.Column("use", _text, nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
    )


def _pools() -> None:
    op.create_table(
        "pools",
        sa.Column("id", _text, primary_key=True),
        sa.Column("region", _text, nullable=False),
        sa.Column("account", _text, nullable=False),
        sa.Column("name", _text, nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("modified_ms", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("settings", _text, nullable=False),
        sa.Column("mfa", _text, nullable=False),
    )


def _refresh_tokens() -> None:
    op.create_table(
        "refresh_tokens",
        sa.Column("digest", sa.LargeBinary(), primary_key=True),
        sa.Column("grant_id", _text, nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("spent_at", sa.BigInteger()),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("refresh_tokens_by_expiry", "refresh_tokens", ["expires_at"])
    op.create_index("refresh_tokens_of_grant", "refresh_tokens", ["grant_id"])


def _resource_servers() -> None:
    op.create_table(
        "resource_servers",
        sa.Column("pool_id", _text, primary_key=True),
        sa.Column("identifier", _text, primary_key=True),
        sa.Column("name", _text, nullable=False),
        sa.Column("scopes", _text, nullable=False),
    )


def _sent_codes() -> None:
    op.create_table(
        "sent_codes",
        sa.Column("pool_id", _text, primary_key=True),
        sa.Column("username", _text, primary_key=True),
        sa.Column("purpose", _text, primary_key=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("attribute", _text, nullable=False),
        sa.Column("pending_value", _text),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
    )


def _user_counts() -> None:
    op.create_table(
        "user_counts",
        sa.Column("pool_id", _text, primary_key=True),
        sa.Column("users", sa.BigInteger(), nullable=False),
    )


def _users() -> None:
    op.create_table(
        "users",
        sa.Column("pool_id", _text, primary_key=True),
        sa.Column("username", _text, primary_key=True),
        sa.Column("username_key", _text, nullable=False),
        sa.Column("sub", _text, nullable=False),
        sa.Column("status", _text, nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("modified_ms", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("attributes", _text, nullable=False),
        sa.Column("credentials", _text, nullable=False),
        sa.Column("email", _text),
        sa.Column("phone_number", _text),
        sa.Column("name", _text),
        sa.Column("given_name", _text),
        sa.Column("family_name", _text),
        sa.Column("preferred_username", _text),
    )
    op.create_index("users_by_email", "users", ["pool_id", "email", "username"])
    op.create_index("users_by_enabled", "users", ["pool_id", "enabled", "username"])
    op.create_index("users_by_family_name", "users", ["pool_id", "family_name", "username"])
    op.create_index("users_by_given_name", "users", ["pool_id", "given_name", "username"])
    op.create_index("users_by_key", "users", ["pool_id", "username_key"], unique=True)
    op.create_index("users_by_name", "users", ["pool_id", "name", "username"])
    op.create_index("users_by_phone_number", "users", ["pool_id", "phone_number", "username"])
    op.create_index("users_by_preferred_username", "users", ["pool_id", "preferred_username", "username"])
    op.create_index("users_by_status", "users", ["pool_id", "status", "username"])
    op.create_index("users_by_sub", "users", ["pool_id", "sub"], unique=True)


def upgrade() -> None:
    _access_keys()
    _administrators()
    _aliases()
    _attempts()
    _authorization_codes()
    _browser_sessions()
    _client_secrets()
    _clients()
    _console_drafts()
    _console_sessions()
    _domains()
    _failures()
    _grants()
    _groups()
    _memberships()
    _outbox()
    _pool_keys()
    _pools()
    _refresh_tokens()
    _resource_servers()
    _sent_codes()
    _user_counts()
    _users()
