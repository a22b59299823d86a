"""The pool server's settings: the table, and the struct that the composition takes."""

import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any, cast, get_args
from urllib.parse import urlsplit

import msgspec

from poolhouse.kit.address import Network, read_networks
from poolhouse.kit.ambient import Secret
from poolhouse.kit.crowd import PER_ADDRESS, PER_ADDRESS_SETTING, read_per_address
from poolhouse.kit.mail import MailServer
from poolhouse.kit.settings import Setting, SettingError
from poolhouse.pool.core.quotas import read_rates
from poolhouse.pool.effects import sink_targets
from poolhouse.pool.effects.breached import check_source
from poolhouse.pool.effects.hook_targets import Targets, read_targets
from poolhouse.pool.effects.mail import parse_url
from poolhouse.pool.model.config import IssuerForm

REQUEST_SECONDS = range(1, 601)

SETTINGS = (
    Setting(
        name="database",
        help="Where everything is kept: sqlite:///path/pool.db or postgresql://user:password@host/name.",
    ),
    Setting(
        name="base_url",
        help="The origin that clients and browsers use, such as https://id.example.com. Issuers start with it.",
    ),
    Setting(name="host", default="127.0.0.1", help="The address to listen on."),
    Setting(name="port", kind="number", default=8400, help="The port to listen on."),
    Setting(name="workers", kind="number", default=1, help="Processes. More than one needs PostgreSQL."),
    Setting(
        name="master_key",
        secret=True,
        help="Seals secrets at rest: 32 bytes in Base64, as `poolhouse keys master` prints. Several, separated by"
        " commas, rotate it: the first one seals, all open.",
    ),
    Setting(name="admin_email", default="admin@example.com", help="The first administrator of the console."),
    Setting(name="admin_password", secret=True, help="The first administrator's password."),
    Setting(
        name="domain_suffix",
        help="Turns a domain prefix into a host: prefix.<suffix>. Without it, domains are paths of the base URL.",
    ),
    Setting(name="region", default="us-east-1", help="The region of pools that the console creates."),
    Setting(name="account", default="000000000000", help="The account number in ARNs: twelve digits."),
    Setting(
        name="smtp_url",
        secret=True,
        help="The mail server: smtp://user:password@host:587 or smtps://host:465. Without one, operations that must"
        " send a message answer CodeDeliveryFailureException.",
    ),
    Setting(name="mail_from", default="no-reply@localhost", help="The sender of mail that pools leave to us."),
    Setting(
        name="trusted_proxies",
        default="",
        help="Addresses or networks, separated by commas, whose X-Forwarded-For is believed.",
    ),
    PER_ADDRESS_SETTING,
    Setting(name="request_seconds", kind="number", default=30, help="How long a request may take to arrive."),
    Setting(
        name="client_certificate_header",
        default="",
        help="The header in which a trusted proxy tells an app client's TLS certificate, such as Client-Cert. It is"
        " taken away from requests of anybody else. Without it no client can prove itself by a certificate.",
    ),
    Setting(
        name="client_certificate_verified",
        default="",
        help="How the proxy tells that it verified that certificate: a header and its value, such as"
        " X-Client-Verify=SUCCESS. tls_client_auth needs it.",
    ),
    Setting(
        name="rate_limits",
        default="off",
        help="Requests a second of a pool by category, in each process: off, aws (the service's default quotas), or"
        " Category=number with commas between, such as aws,UserAuthentication=500.",
    ),
    Setting(
        name="strict",
        kind="flag",
        default=False,
        help="AWS to the letter: its answers where ours differ by choice, and a pool's tier gates its features. See"
        " docs/strict.md.",
    ),
    Setting(
        name="hooks",
        kind="table",
        default=None,
        secret=True,
        help="Where triggers are answered: a table from function names, ARNs or ARN prefixes (with * at the end) to"
        " webhooks and Lambda endpoints, as the page on triggers says; JSON in the variable.",
    ),
    Setting(
        name="allow_private_addresses",
        kind="flag",
        default=False,
        help="Let the server fetch the metadata of identity providers from a private network. Loopback is allowed when"
        " base_url is loopback.",
    ),
    Setting(
        name="breached_passwords",
        default="",
        help="Where compromised passwords are looked up besides the list that is built in: file:///path of a Pwned"
        " Passwords file sorted by SHA-1, or a range service such as https://api.pwnedpasswords.com/range/.",
    ),
    Setting(
        name="auth_event_days",
        kind="number",
        default=730,
        help="How long authentication events of users are kept, in days.",
    ),
    Setting(
        name="issuer_form",
        default="own",
        help="own: issuers start with base_url. aws: https://cognito-idp.<region>.amazonaws.com/<pool id>, for"
        " verifiers that make it up themselves; have that name resolve to this server.",
    ),
    Setting(
        name="key_rotation_days",
        kind="number",
        default=90,
        help="The age, in days, at which signing keys of pools get successors: published for a day before they sign,"
        " and for two after. 0: only by `poolhouse keys rotate`.",
    ),
    Setting(
        name="log_destinations",
        kind="table",
        default=None,
        secret=True,
        help="Where logs of pools go: a table from ARNs, or ARN prefixes (with * at the end), to files, webhooks and"
        " endpoints of CloudWatch Logs, as the page on threat protection says; JSON in the variable.",
    ),
    Setting(name="log_level", default="info", help="debug, info, warning or error."),
)


_HEADER = re.compile(r"[A-Za-z0-9-]{1,64}")


class PoolSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What ``app.build`` needs; ``development`` is set by ``poolhouse up`` alone."""

    database: str
    base_url: str
    master_keys: tuple[Secret, ...]
    admin_email: str
    admin_password: Secret
    domain_suffix: str | None = None
    region: str = "us-east-1"
    account: str = "000000000000"
    mail: MailServer | None = None
    trusted_proxies: tuple[Network, ...] = ()
    connections_per_address: int = PER_ADDRESS
    request_seconds: int = 30
    client_certificate_header: str = ""
    client_certificate_verified: str = ""
    development: bool = False
    hooks: Targets = Targets()
    breached_passwords: str = ""
    auth_event_days: int = 730
    key_rotation_days: int = 90
    issuer_form: IssuerForm = "own"
    log_destinations: sink_targets.Targets = sink_targets.Targets()
    strict: bool = False
    allow_private_addresses: bool = False
    rates: Mapping[str, int] = {}


def read(values: Mapping[str, Any], master_keys: tuple[Secret, ...], admin_password: Secret) -> PoolSettings:
    """The struct from loaded *values*; ``SettingError`` for what a production server must not start with."""
    base_url = str(values["base_url"] or "").rstrip("/")
    check_base_url(base_url)
    if not values["database"]:
        raise SettingError("database: say where everything is kept")
    if len(values["account"]) != 12 or not values["account"].isdigit():
        raise SettingError("account: twelve digits")
    try:
        rates = read_rates(values["rate_limits"])
    except ValueError as wrong:
        raise SettingError(f"rate_limits: {wrong}") from wrong
    try:
        mail = parse_url(values["smtp_url"], values["mail_from"]) if values["smtp_url"] else None
    except ValueError as wrong:
        raise SettingError(f"smtp_url: {wrong}") from wrong
    proxies = read_networks(values["trusted_proxies"])
    certificate_header, certificate_verified = _checked_certificates(values, proxies)
    return PoolSettings(
        hooks=read_hooks(values["hooks"]),
        breached_passwords=_checked_breached(values["breached_passwords"] or ""),
        auth_event_days=_checked_days(values["auth_event_days"]),
        key_rotation_days=_checked_rotation(values["key_rotation_days"]),
        issuer_form=_checked_issuer(values["issuer_form"]),
        log_destinations=read_log_destinations(values["log_destinations"]),
        database=values["database"],
        base_url=base_url,
        master_keys=master_keys,
        admin_email=values["admin_email"],
        admin_password=admin_password,
        domain_suffix=values["domain_suffix"],
        region=values["region"],
        account=values["account"],
        mail=mail,
        trusted_proxies=proxies,
        connections_per_address=read_per_address(values),
        request_seconds=_checked_seconds(values["request_seconds"]),
        client_certificate_header=certificate_header,
        client_certificate_verified=certificate_verified,
        strict=values["strict"],
        allow_private_addresses=values["allow_private_addresses"],
        rates=rates,
    )


def read_hooks(table: Mapping[str, Any] | None) -> Targets:
    """The setting ``hooks``; ``SettingError`` names the entry that cannot be used."""
    try:
        return read_targets(table or {})
    except ValueError as wrong:
        raise SettingError(f"hooks: {wrong}") from wrong


def read_log_destinations(table: Mapping[str, Any] | None) -> sink_targets.Targets:
    """The setting ``log_destinations``; ``SettingError`` names the entry that cannot be used."""
    try:
        return sink_targets.read_targets(table or {})
    except ValueError as wrong:
        raise SettingError(f"log_destinations: {wrong}") from wrong


def _checked_seconds(seconds: int) -> int:
    if seconds not in REQUEST_SECONDS:
        raise SettingError("request_seconds: from 1 to 600")
    return seconds


def _checked_breached(source: str) -> str:
    try:
        check_source(source)
    except ValueError as wrong:
        raise SettingError(f"breached_passwords: {wrong}") from wrong
    return source


def _checked_certificates(values: Mapping[str, Any], proxies: tuple[Network, ...]) -> tuple[str, str]:
    """A header that nobody is trusted to set would be everybody's to set."""
    header, verified = values["client_certificate_header"] or "", values["client_certificate_verified"] or ""
    if header and not _HEADER.fullmatch(header):
        raise SettingError("client_certificate_header: the name of a header")
    if header and not proxies:
        raise SettingError("client_certificate_header: name the proxy in trusted_proxies")
    name, equals, value = verified.partition("=")
    if verified and not (header and equals and value and _HEADER.fullmatch(name)):
        raise SettingError("client_certificate_verified: Name=value, beside client_certificate_header")
    return header, verified


def _checked_days(days: int) -> int:
    if days < 1:
        raise SettingError("auth_event_days: at least 1")
    return days


def _checked_rotation(days: int) -> int:
    if days < 0:
        raise SettingError("key_rotation_days: 0 or more")
    return days


def _checked_issuer(form: str) -> IssuerForm:
    for known in get_args(IssuerForm):
        if form == known:
            return cast("IssuerForm", known)
    raise SettingError("issuer_form: own or aws")


def check_base_url(base_url: str) -> None:
    """An origin; plain http only for this machine, where nobody listens in between."""
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query or "@" in parts.netloc:
        raise SettingError(f"base_url {base_url!r}: give an origin, such as https://id.example.com")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise SettingError(f"base_url {base_url!r}: plain http is for this machine only; put TLS in front")


def is_loopback(host: str) -> bool:
    """Whether *host* is this machine by its name or address."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
