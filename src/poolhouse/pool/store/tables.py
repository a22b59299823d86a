"""
The tables.

TEXT, BIGINT, BOOLEAN and BYTES only, so that both engines agree.  Documents that are read whole are JSON in one
column; what is searched is a column of its own, with an index.
"""

from sqlalchemy import Boolean, Column, Index, MetaData, Table

from poolhouse.pool.store.columns import blob, flag, number, serial, text

metadata = MetaData()

pools = Table(
    "pools", metadata,
    text("id", key=True), text("region"), text("account"), text("name"), number("created_ms"), number("modified_ms"),
    number("version"), text("settings"), text("mfa"), text("sessions", null=True),
    text("hosted", null=True),
)  # fmt: skip
pool_keys = Table(
    "pool_keys", metadata,
    text("pool_id", key=True), text("kid", key=True), text("use"), number("created_ms"), blob("sealed"),
    text("alg"), number("active_ms"), number("retired_ms", null=True),
)  # fmt: skip
pool_salts = Table("pool_salts", metadata, text("pool_id", key=True), blob("sealed"))
clients = Table(
    "clients", metadata,
    text("id", key=True), text("pool_id"), text("name"), number("created_ms"), number("modified_ms"),
    number("version"), text("settings"), number("sso_minutes", null=True), text("openid", null=True),
    Index("clients_of_pool", "pool_id", "id"),
)  # fmt: skip
client_logos = Table(
    "client_logos", metadata,
    text("client_id", key=True), text("pool_id"), text("url"), blob("picture"),
)  # fmt: skip
client_secrets = Table(
    "client_secrets", metadata,
    text("client_id", key=True), text("id", key=True), number("created_ms"), blob("sealed"),
)  # fmt: skip
domains = Table(
    "domains", metadata,
    text("name", key=True), text("pool_id"), flag("custom"), text("settings"),
    Index("domains_of_pool", "pool_id", "custom", unique=True),
)  # fmt: skip
resource_servers = Table(
    "resource_servers", metadata,
    text("pool_id", key=True), text("identifier", key=True), text("name"), text("scopes"),
)  # fmt: skip
branding_styles = Table(
    "branding_styles", metadata,
    text("pool_id", key=True), text("id", key=True), text("client_id"), number("created_ms"), number("modified_ms"),
    flag("provided"), text("settings"), text("assets"), text("pictures"),
    Index("branding_styles_of_client", "client_id", unique=True),
)  # fmt: skip
ui_customizations = Table(
    "ui_customizations", metadata,
    text("pool_id", key=True), text("client_id", key=True), number("created_ms"), number("modified_ms"),
    text("css", null=True), blob("image", null=True),
)  # fmt: skip
terms = Table(
    "terms", metadata,
    text("pool_id", key=True), text("id", key=True), text("client_id"), text("name"), text("links"),
    number("created_ms"), number("modified_ms"),
    Index("terms_of_client", "client_id", "name", unique=True),
)  # fmt: skip
identity_providers = Table(
    "identity_providers", metadata,
    text("pool_id", key=True), text("name", key=True), text("name_key"), text("type"), text("details"),
    blob("sealed", null=True), text("mapping"), text("identifiers"), text("acr"), text("metadata", null=True),
    number("created_ms"), number("modified_ms"), number("version"),
    Index("identity_providers_by_key", "pool_id", "name_key", unique=True),
)  # fmt: skip
provider_identifiers = Table(
    "provider_identifiers", metadata,
    text("pool_id", key=True), text("identifier", key=True), text("name"),
)  # fmt: skip
linked_identities = Table(
    "linked_identities", metadata,
    text("pool_id", key=True), text("provider", key=True), text("attribute", key=True), text("value", key=True),
    text("username"), number("linked_ms"),
    Index("linked_identities_of_user", "pool_id", "username"),
)  # fmt: skip
saml_certificates = Table(
    "saml_certificates", metadata,
    text("pool_id", key=True), text("use", key=True), number("generation", key=True), number("created_ms"),
    blob("sealed"), text("certificate"),
)  # fmt: skip
registrations = Table(
    "registrations", metadata,
    text("client_id", key=True), text("pool_id"), blob("digest"), flag("is_open"), text("auth_method"),
    text("application_type"),
    Index("registrations_of_pool", "pool_id"),
)  # fmt: skip
groups = Table(
    "groups", metadata,
    text("pool_id", key=True), text("name", key=True), text("description", null=True), text("role_arn", null=True),
    number("precedence", null=True), number("created_ms"), number("modified_ms"),
)  # fmt: skip
memberships = Table(
    "memberships", metadata,
    text("pool_id", key=True), text("group_name", key=True), text("username", key=True),
    Index("memberships_of_user", "pool_id", "username", "group_name"),
)  # fmt: skip
users = Table(
    "users", metadata,
    serial("id"), text("pool_id"), text("username"), text("username_key"), text("sub"), text("status"),
    flag("enabled"), number("created_ms"), number("modified_ms"), number("version"),
    text("attributes"), text("credentials"),
    text("email", null=True), text("phone_number", null=True), text("name", null=True),
    text("given_name", null=True), text("family_name", null=True), text("preferred_username", null=True),
    Index("users_by_key", "pool_id", "username_key", unique=True),
    Index("users_by_sub", "pool_id", "sub", unique=True),
    Index("users_of_pool", "pool_id", "id"),
    Index("users_by_email", "pool_id", "email", "id"),
    Index("users_by_phone_number", "pool_id", "phone_number", "id"),
    Index("users_by_name", "pool_id", "name", "id"),
    Index("users_by_given_name", "pool_id", "given_name", "id"),
    Index("users_by_family_name", "pool_id", "family_name", "id"),
    Index("users_by_preferred_username", "pool_id", "preferred_username", "id"),
    Index("users_by_status", "pool_id", "status", "id"),
    Index("users_by_enabled", "pool_id", "enabled", "id"),
)  # fmt: skip
aliases = Table(
    "aliases", metadata,
    text("pool_id", key=True), text("kind", key=True), text("value", key=True), text("username"),
    Index("aliases_of_user", "pool_id", "username"),
)  # fmt: skip
passkeys = Table(
    "passkeys", metadata,
    text("pool_id", key=True), text("id", key=True), text("username"), text("relying_party"), blob("public_key"),
    number("sign_count"), text("transports"), text("attachment", null=True), text("name"), flag("is_synced"),
    number("created_ms"), Index("passkeys_of_user", "pool_id", "username", "id"),
)  # fmt: skip
user_counts = Table("user_counts", metadata, text("pool_id", key=True), number("users"))
sent_codes = Table(
    "sent_codes", metadata,
    text("pool_id", key=True), text("username", key=True), text("purpose", key=True), blob("digest"),
    text("attribute"), text("pending_value", null=True), number("expires_at"), number("failures"),
)  # fmt: skip
attempts = Table(
    "attempts", metadata,
    blob("digest", key=True), text("pool_id"), text("client_id"), text("username"), text("challenge"), text("done"),
    flag("known"), blob("extra", null=True), number("expires_at"),
    Index("attempts_by_expiry", "expires_at"), Index("attempts_of_user", "pool_id", "username"),
)  # fmt: skip
failures = Table(
    "failures", metadata,
    text("key", key=True), number("count"), number("last_at"), number("locked_until"),
    Index("failures_by_time", "last_at"),
)  # fmt: skip
grants = Table(
    "grants", metadata,
    text("id", key=True), text("pool_id"), text("client_id"), text("username"), text("sub"),
    text("event_id"),
    number("auth_time"), text("scope"), flag("hosted"), text("nonce", null=True), text("resource", null=True),
    text("amr"), text("device_key", null=True), text("device_group", null=True),
    text("tracked", null=True), number("expires_at"), text("terms", null=True), text("sid", null=True),
    Index("grants_of_user", "pool_id", "username", "sid"), Index("grants_by_expiry", "expires_at"),
    Index("grants_of_client", "client_id"), Index("grants_by_event", "event_id", unique=True),
)  # fmt: skip
devices = Table(
    "devices", metadata,
    text("pool_id", key=True), text("username", key=True), text("key", key=True), text("group_key"),
    text("name", null=True), flag("remembered"), blob("salt", null=True), blob("verifier", null=True), text("address"),
    number("created_ms"), number("modified_ms"), number("authenticated_at"),
)  # fmt: skip
refresh_tokens = Table(
    "refresh_tokens", metadata,
    blob("digest", key=True), text("grant_id"), number("generation"), number("spent_at", null=True),
    number("expires_at"),
    Index("refresh_tokens_of_grant", "grant_id"), Index("refresh_tokens_by_expiry", "expires_at"),
)  # fmt: skip
authorization_codes = Table(
    "authorization_codes", metadata,
    blob("digest", key=True), text("pool_id"), text("client_id"), text("username"), text("sub"),
    text("redirect_uri"), text("scope"), text("nonce", null=True), text("code_challenge", null=True),
    text("resource", null=True), number("auth_time"), text("amr"), text("grant_id"),
    text("sso_id", null=True), number("expires_at"), flag("spent"), text("terms", null=True), text("sid", null=True),
    Index("codes_by_expiry", "expires_at"), Index("codes_of_user", "pool_id", "username"),
)  # fmt: skip
browser_sessions = Table(
    "browser_sessions", metadata,
    blob("digest", key=True), text("pool_id"), text("username"), text("sub"), blob("password"),
    number("auth_time"), text("amr"), text("tracked", null=True), number("expires_at"), text("sid", null=True),
    Index("browser_sessions_of_user", "pool_id", "username"), Index("browser_sessions_by_expiry", "expires_at"),
    Index("browser_sessions_by_sid", "sid"),
)  # fmt: skip
session_apps = Table(
    "session_apps", metadata,
    text("pool_id", key=True), text("sid", key=True), text("client_id", key=True), text("username"), text("sub"),
    Index("session_apps_of_user", "pool_id", "username"), Index("session_apps_of_client", "client_id"),
)  # fmt: skip
consents = Table(
    "consents", metadata,
    text("pool_id", key=True), text("sub", key=True), text("client_id", key=True), text("scope"),
    number("created_ms"), number("modified_ms"),
    Index("consents_of_client", "client_id"),
)  # fmt: skip
page_texts = Table("page_texts", metadata, text("pool_id", key=True), text("language", key=True), text("texts"))
pushed_requests = Table(
    "pushed_requests", metadata,
    blob("digest", key=True), text("pool_id"), text("client_id"), text("form"), text("jkt", null=True),
    number("expires_at"),
    Index("pushed_requests_by_expiry", "expires_at"),
)  # fmt: skip
seen_once = Table(
    "seen_once", metadata,
    blob("digest", key=True), number("expires_at"),
    Index("seen_once_by_expiry", "expires_at"),
)  # fmt: skip
device_codes = Table(
    "device_codes", metadata,
    blob("digest", key=True), blob("user_code"), text("pool_id"), text("client_id"), text("scope"), text("state"),
    text("username", null=True), text("sub", null=True), number("auth_time"), text("amr"), text("sid", null=True),
    text("seen"), number("interval"), number("polled_at"), text("terms", null=True), number("expires_at"),
    Index("device_codes_by_user_code", "pool_id", "user_code", unique=True),
    Index("device_codes_by_expiry", "expires_at"),
)  # fmt: skip
logout_deliveries = Table(
    "logout_deliveries", metadata,
    text("id", key=True), text("pool_id"), text("client_id"), text("sub"), text("sid", null=True),
    number("created_ms"), number("tries"), number("next_try_at"),
    Index("logout_deliveries_waiting", "next_try_at"),
)  # fmt: skip
risk_configurations = Table(
    "risk_configurations", metadata,
    text("pool_id", key=True), text("client_id", key=True), number("modified_ms"), text("settings"),
)  # fmt: skip
log_configurations = Table("log_configurations", metadata, text("pool_id", key=True), text("configurations"))
auth_events = Table(
    "auth_events", metadata,
    text("id", key=True), text("pool_id"), text("sub"), text("username"), text("client_id"), text("position"),
    text("kind"), text("response"), number("created_ms"), text("level"), text("decision"),
    Column("compromised", Boolean, nullable=True), text("challenges"), text("seen"), text("feedback", null=True),
    Index("auth_events_of_user", "pool_id", "username", "position"), Index("auth_events_by_time", "created_ms"),
)  # fmt: skip
log_records = Table(
    "log_records", metadata,
    text("id", key=True), text("pool_id"), text("arn"), text("line"), number("created_ms"), number("tries"),
    number("next_try_at"),
    Index("log_records_waiting", "next_try_at"), Index("log_records_of_pool", "pool_id"),
)  # fmt: skip
outbox = Table(
    "outbox", metadata,
    text("id", key=True), text("pool_id"), text("kind"), text("medium"), text("destination"), blob("sealed"),
    number("created_ms"), number("tries"), number("next_try_at"), text("state"),
    Index("outbox_waiting", "state", "next_try_at"), Index("outbox_of_pool", "pool_id", "created_ms"),
)  # fmt: skip
import_jobs = Table(
    "import_jobs", metadata,
    text("pool_id", key=True), text("id", key=True), text("name"), text("role_arn"), text("algorithm", null=True),
    text("state"), number("created_ms"), number("expires_ms"), number("started_ms", null=True),
    number("completed_ms", null=True), text("upload", null=True), number("size"), number("position"), number("line"),
    text("columns"), number("imported"), number("skipped"), number("failed"), text("message", null=True),
    text("decoy", null=True), text("runner"), number("lease_ms"),
    Index("import_jobs_by_date", "pool_id", "created_ms", "id"), Index("import_jobs_by_state", "state", "lease_ms"),
)  # fmt: skip
import_chunks = Table(
    "import_chunks", metadata,
    text("pool_id", key=True), text("job_id", key=True), text("upload", key=True), number("number", key=True),
    blob("sealed"), number("created_ms"),
)  # fmt: skip
import_failures = Table(
    "import_failures", metadata,
    text("pool_id", key=True), text("job_id", key=True), number("line", key=True), flag("skipped"), text("message"),
)  # fmt: skip
administrators = Table(
    "administrators", metadata,
    text("email", key=True), text("password_hash"), number("created_ms"),
)  # fmt: skip
access_keys = Table(
    "access_keys", metadata,
    text("id", key=True), text("name"), blob("sealed"), number("created_ms"), text("operations"), text("pools"),
    blob("token", null=True), number("expires_at", null=True), number("used_at", null=True),
)  # fmt: skip
console_sessions = Table(
    "console_sessions", metadata,
    blob("digest", key=True), text("email"), number("created_at"), number("seen_at"), number("expires_at"),
    Index("console_sessions_by_expiry", "expires_at"),
)  # fmt: skip
console_drafts = Table(
    "console_drafts", metadata,
    text("id", key=True), text("email"), blob("sealed"), number("expires_at"),
    Index("console_drafts_by_expiry", "expires_at"),
)  # fmt: skip
