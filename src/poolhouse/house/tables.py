"""
The tables.

TEXT, BIGINT, BOOLEAN and BYTES only, so that both engines agree.  Every random value that opens something (session,
state, browser) is stored as its SHA-256; what must be read again is sealed.  Names begin with ``house_``, so that
the house can share a database with another program.
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, LargeBinary, MetaData, Table, Text

metadata = MetaData()


def text(name: str, *, key: bool = False, null: bool = False, default: str | None = None) -> Column[str]:
    """A TEXT column; required unless it says otherwise.  *default* is what older rows got."""
    return Column(name, Text, primary_key=key, nullable=null, server_default=default)


def number(name: str, *, key: bool = False, null: bool = False) -> Column[int]:
    """A BIGINT column."""
    return Column(name, BigInteger, primary_key=key, nullable=null, autoincrement=False)


def flag(name: str) -> Column[bool]:
    """A BOOLEAN column."""
    return Column(name, Boolean, nullable=False)


def count(name: str) -> Column[int]:
    """A BIGINT column that older rows have 0 in."""
    return Column(name, BigInteger, nullable=False, server_default="0")


def blob(name: str, *, key: bool = False, null: bool = False) -> Column[bytes]:
    """A BYTES column."""
    return Column(name, LargeBinary, primary_key=key, nullable=null)


settings_versions = Table(
    "house_settings_versions", metadata,
    number("version", key=True), text("document"), blob("sealed_secret", null=True),
    number("saved_at"), text("saved_by"),
)  # fmt: skip
accounts = Table(
    "house_accounts", metadata,
    text("id", key=True), text("username"), text("email"), text("email_key"), text("name"), flag("is_admin"),
    flag("is_enabled"), text("password_hash", null=True), number("created_at"), number("signed_in_at", null=True),
    # How the address was proved: "provider", "mail", or "" when somebody vouched for it.
    text("email_proof", default=""),
    # What SCIM needs beside it (RFC 7643 section 4.1).
    text("given_name", default=""), text("family_name", default=""), text("external_id", default=""),
    text("managed_by", default=""), count("changed_at"),
    # Who may enable it again: "scim", or "" for administrators alone.
    text("disabled_by", default=""),
    Index("house_accounts_by_username", "username", "id"),
    Index("house_accounts_by_email", "email_key"),
    Index("house_accounts_by_external_id", "external_id"),
)  # fmt: skip
# One holder for each verified address.  A table of its own, so that its rule of uniqueness has a name of its own.
email_holders = Table(
    "house_email_holders", metadata,
    text("email_key", key=True), text("account_id"),
    Index("house_email_holders_by_account", "account_id", unique=True),
)  # fmt: skip
identities = Table(
    "house_identities", metadata,
    text("issuer", key=True), text("subject", key=True), text("account_id"), number("created_at"),
    number("signed_in_at"),
    # The provider's id here, and what it said at the last sign-in, as JSON.
    text("provider", default="oidc"), text("claims", default=""),
    Index("house_identities_by_account", "account_id"),
)  # fmt: skip
sessions = Table(
    "house_sessions", metadata,
    blob("id_digest", key=True), text("account_id"), text("method"), text("issuer"), text("subject"),
    blob("sealed_id_token", null=True), text("address"), text("agent"), number("created_at"), number("seen_at"),
    number("expires_at"), text("claims", default=""),
    # The provider's own name of its session; what keeps claims fresh: the token, when to use it, who uses it now.
    text("sid", default=""), blob("sealed_refresh_token", null=True), number("renew_at", null=True),
    number("claimed_at", null=True),
    # What was sent with the sign-in: an ID token that comes later may repeat it, and nothing else.
    blob("nonce_digest", null=True), text("userinfo_names"),
    Index("house_sessions_by_account", "account_id"),
    Index("house_sessions_by_subject", "issuer", "subject"),
    Index("house_sessions_by_sid", "issuer", "sid"),
    Index("house_sessions_by_renewal", "renew_at"),
    Index("house_sessions_by_expiry", "expires_at"),
)  # fmt: skip
pending_logins = Table(
    "house_pending_logins", metadata,
    blob("state_digest", key=True), blob("browser_digest"), text("provider"), number("settings_version"),
    blob("nonce_digest"), blob("sealed_verifier"), text("return_to"), text("link_account_id", null=True),
    number("created_at"), number("expires_at"),
    # "" for a sign-in as such; what else it is for otherwise.
    text("purpose", default=""),
    Index("house_pending_logins_by_browser", "browser_digest", "created_at"),
    Index("house_pending_logins_by_expiry", "expires_at"),
)  # fmt: skip
# Answers that came by form, on the way to the browser that has begun the sign-in.
posted_answers = Table(
    "house_posted_answers", metadata,
    blob("state_digest", key=True), text("provider"), blob("sealed"), number("expires_at"),
    Index("house_posted_answers_by_expiry", "expires_at"),
)  # fmt: skip
# Logout tokens that were acted on, until they have run out.
logout_tokens = Table(
    "house_logout_tokens", metadata,
    blob("token_digest", key=True), number("expires_at"),
    Index("house_logout_tokens_by_expiry", "expires_at"),
)  # fmt: skip
brakes = Table(
    "house_brakes", metadata,
    text("key", key=True), number("failures"), number("failed_at"),
    Index("house_brakes_by_time", "failed_at"),
)  # fmt: skip
apps = Table(
    "house_apps", metadata,
    text("id", key=True), text("name"), text("url"), text("description"), text("letter"), number("created_at"),
    # What the gateway does for it, as JSON; "" for a link.
    text("gate", default=""),
    # A picture as a data: URL; whether it is shown to those who may not open it: "shown", or "" for hidden.
    text("icon", default=""), text("locked", default=""),
    Index("house_apps_by_name", "name", "id"),
)  # fmt: skip
favourites = Table("house_favourites", metadata, text("account_id", key=True), text("app_id", key=True))
# When a person has opened an app last.
app_uses = Table(
    "house_app_uses", metadata,
    text("account_id", key=True), text("app_id", key=True), number("used_at"),
)  # fmt: skip
# One for each person and app: "open", "granted", "refused" or "withdrawn".
access_requests = Table(
    "house_access_requests", metadata,
    text("app_id", key=True), text("account_id", key=True), text("id"), text("reason"), text("state"),
    number("asked_at"), number("decided_at"), text("decided_by"), text("answer"),
    Index("house_access_requests_by_id", "id", unique=True),
    Index("house_access_requests_by_state", "state", "asked_at"),
)  # fmt: skip
# Whether an app can be reached around the gateway, as the prober found last; JSON.
probes = Table(
    "house_probes", metadata,
    text("app_id", key=True), number("probed_at"), text("findings"),
)  # fmt: skip
# A browser that may open one app: its cookie there, and the session that it lives and ends with.
app_sessions = Table(
    "house_app_sessions", metadata,
    blob("id_digest", key=True), text("app_id"), blob("session_digest"), number("created_at"), number("expires_at"),
    Index("house_app_sessions_by_expiry", "expires_at"),
)  # fmt: skip
# On the way from the house to an app's host: used once, by the browser that has the other half.
entry_codes = Table(
    "house_entry_codes", metadata,
    blob("code_digest", key=True), text("app_id"), blob("challenge"), blob("session_digest"), text("path"),
    number("expires_at"),
    Index("house_entry_codes_by_expiry", "expires_at"),
)  # fmt: skip
assertion_keys = Table(
    "house_assertion_keys", metadata,
    text("kid", key=True), blob("sealed_key"), number("created_at"), number("signs_from"),
)  # fmt: skip
# For API calls.  ``account_id`` is "" for a service's; lists are JSON.
tokens = Table(
    "house_tokens", metadata,
    text("id", key=True), blob("digest"), text("kind"), text("account_id"), text("name"), text("start"), text("apps"),
    flag("is_for_all_apps"), text("groups"), text("networks"), number("created_at"), text("created_by"),
    number("expires_at"), number("used_at", null=True), text("used_from"),
    Index("house_tokens_by_digest", "digest", unique=True),
    Index("house_tokens_by_account", "account_id"),
    Index("house_tokens_by_expiry", "expires_at"),
)  # fmt: skip
groups = Table(
    "house_groups", metadata,
    text("id", key=True), text("name"), text("name_key"), text("description"), text("external_id"), text("managed_by"),
    number("created_at"), number("changed_at"),
    Index("house_groups_by_name", "name_key", unique=True),
    Index("house_groups_by_external_id", "external_id"),
)  # fmt: skip
# Who is in a group, and which source says so: "hand", "rule:<provider>" or "scim".
memberships = Table(
    "house_memberships", metadata,
    text("group_id", key=True), text("account_id", key=True), text("source", key=True), number("created_at"),
    Index("house_memberships_by_account", "account_id"),
)  # fmt: skip
# Roles of accounts and of groups.  That an account is administrator by hand stands in its own row.
grants = Table(
    "house_grants", metadata,
    text("holder", key=True), text("holder_id", key=True), text("role", key=True), text("source", key=True),
    number("created_at"),
    Index("house_grants_by_role", "role"),
)  # fmt: skip
invitations = Table(
    "house_invitations", metadata,
    text("id", key=True), blob("token_digest"), text("email"), text("email_key"), text("group_ids"), text("roles"),
    text("invited_by"), text("inviter_name"), flag("is_mailed"), number("created_at"), number("expires_at"),
    Index("house_invitations_by_token", "token_digest", unique=True),
    Index("house_invitations_by_email", "email_key", unique=True),
)  # fmt: skip
# Keys by which a directory keeps people and groups.
scim_keys = Table(
    "house_scim_keys", metadata,
    text("id", key=True), blob("key_digest"), text("start"), number("created_at"), text("created_by"),
    number("used_at", null=True), text("used_from"),
    Index("house_scim_keys_by_digest", "key_digest", unique=True),
)  # fmt: skip
# What each process has counted, for whoever reads the metrics.
tallies = Table(
    "house_tallies", metadata,
    text("id", key=True), number("told_at"), text("counts"),
)  # fmt: skip
# Which replica does a background task now.
leases = Table(
    "house_leases", metadata,
    text("name", key=True), text("holder"), number("until"),
)  # fmt: skip
# Sign-ins at settings that came into force a moment ago.
watched = Table(
    "house_watched", metadata,
    text("provider", key=True), number("failures"), text("failure"), flag("is_proved"), number("began_at"),
)  # fmt: skip
# What administrators have been reminded of, each once.
reminders = Table("house_reminders", metadata, text("occasion", key=True), number("given_at"))
# Settings of a provider that are being tried, each by the administrator who entered them.
drafts = Table(
    "house_drafts", metadata,
    text("id", key=True), text("account_id"), blob("sealed"), number("created_at"), number("expires_at"),
    Index("house_drafts_by_account", "account_id", "created_at"),
)  # fmt: skip
# A sign-in with a draft, between the redirect to the provider and the return; it can open no session.
test_logins = Table(
    "house_test_logins", metadata,
    blob("state_digest", key=True), blob("browser_digest"), text("draft_id"), text("provider"),
    blob("nonce_digest"), blob("sealed_verifier"), number("expires_at"),
)  # fmt: skip
# Links that let an administrator in once, made by whoever has the machine.
emergency_links = Table(
    "house_emergency_links", metadata,
    blob("token_digest", key=True), text("account_id"), number("created_at"), number("expires_at"),
)  # fmt: skip
# The processes that serve this house.
replicas = Table(
    "house_replicas", metadata,
    text("id", key=True), text("host"), text("program"), number("version"), number("started_at"), number("seen_at"),
    text("held"), text("open_by"),
)  # fmt: skip
# Mail that waits to be sent, sealed, and what became of it.
outbox = Table(
    "house_outbox", metadata,
    text("id", key=True), text("kind"), text("recipient"), blob("sealed"), number("created_at"), number("tries"),
    number("next_try_at"), text("state"), text("error"),
    Index("house_outbox_by_state", "state", "next_try_at"),
    Index("house_outbox_by_time", "created_at"),
)  # fmt: skip
# What the house has got for itself by ACME, one for each host, and how getting it goes; "" is the temporary one.
certificates = Table(
    "house_certificates", metadata,
    text("host", key=True), text("chain"), blob("sealed_key", null=True), number("issued_at"), number("expires_at"),
    number("failures"), number("next_at"), text("error"),
)  # fmt: skip
acme_accounts = Table(
    "house_acme_accounts", metadata,
    text("directory", key=True), text("url"), blob("sealed_key"), number("made_at"),
)  # fmt: skip
# What the authority asks for by plain http; it may come to any replica.
acme_challenges = Table(
    "house_acme_challenges", metadata,
    text("token", key=True), text("answer"), number("expires_at"),
)  # fmt: skip
audit_events = Table(
    "house_audit_events", metadata,
    text("id", key=True), number("at"), text("event"), flag("is_refusal"), text("actor"), text("address"),
    text("agent"), text("subject"), text("detail"), text("reference"),
    # The ids of the accounts that actor and subject are; "" where they are none.
    text("actor_id", default=""), text("subject_id", default=""),
    Index("house_audit_events_by_event", "event", "id"),
    Index("house_audit_events_by_reference", "reference"),
)  # fmt: skip
