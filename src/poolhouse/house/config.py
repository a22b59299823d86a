"""The house's start-up settings: the table, and the struct that the composition takes."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from poolhouse.kit.address import read_networks
from poolhouse.kit.ambient import Secret
from poolhouse.kit.crowd import PER_ADDRESS, PER_ADDRESS_SETTING, read_per_address
from poolhouse.kit.settings import Setting, SettingError
from poolhouse.kit.urls import is_loopback_host

PASSWORD_MINIMUM = 12
TOKEN_MINIMUM = 16
HEAD_SECONDS = 30
LONGEST_HEAD = 600


SETTINGS = (
    Setting(
        name="database",
        help="Where everything is kept: sqlite:///path/house.db or postgresql://user:password@host/name.",
    ),
    Setting(
        name="base_url",
        help="The origin that browsers use, such as https://house.example.com. The Redirect URL starts with it.",
    ),
    Setting(name="host", default="127.0.0.1", help="The address to listen on."),
    Setting(name="port", kind="number", default=8500, help="The port to listen on."),
    Setting(name="workers", kind="number", default=1, help="Processes. More than one needs PostgreSQL."),
    Setting(
        name="master_key",
        secret=True,
        help="Seals secrets at rest: 32 bytes in Base64, as `poolhouse keys master` prints. Several, separated by"
        " commas, rotate it: the first one seals, all open.",
    ),
    Setting(name="admin_email", default="admin@example.com", help="The first administrator of the house."),
    Setting(name="admin_password", secret=True, help="The first administrator's password."),
    Setting(
        name="allow_private_addresses",
        kind="flag",
        default=False,
        help="Let the house call a provider on a private network. Loopback is allowed when base_url is loopback.",
    ),
    Setting(
        name="provider_ca",
        kind="path",
        help="A PEM file of authorities to trust for the provider's certificate, instead of the system's.",
    ),
    Setting(
        name="trusted_proxies",
        default="",
        help="Addresses or networks of proxies in front, with commas between them. Only their X-Forwarded-For is"
        " believed. Behind a proxy that is not named, all clients count as one address; where that is a"
        " private one, wrong passwords are counted by name only.",
    ),
    PER_ADDRESS_SETTING,
    Setting(
        name="head_seconds",
        kind="number",
        default=HEAD_SECONDS,
        help="How long the head of a request may take to arrive, from its first byte on.",
    ),
    Setting(
        name="former_base_urls",
        default="",
        help="Origins at which browsers reached the house before, with commas between them: they are sent on to the"
        " same page at base_url.",
    ),
    Setting(
        name="former_redirect_urls",
        kind="flag",
        default=False,
        help="Go on giving providers the Redirect URLs of the first of former_base_urls, until they know the present"
        " ones. The former address must still lead here.",
    ),
    Setting(
        name="tls",
        kind="flag",
        default=False,
        help="End TLS here, without a proxy in front. Certificates come from tls_certificate, or from Admin Settings"
        " > Domain and TLS: uploaded there, or got by ACME.",
    ),
    Setting(
        name="tls_certificate",
        default="",
        help="A PEM file with the certificate's full chain, read again when it changes. Several, with commas between"
        " them, for several hosts. Turns tls on.",
    ),
    Setting(name="tls_key", default="", help="The PEM file of its key; of several in the same order."),
    Setting(name="tls_minimum", default="1.2", help="The lowest version of TLS: 1.2 or 1.3."),
    Setting(
        name="http_port",
        kind="number",
        default=0,
        help="With tls: a port for plain http that sends browsers to https, and answers the authority that issues"
        " certificates by ACME, which asks at port 80. 0: none.",
    ),
    Setting(
        name="session_idle_minutes",
        kind="number",
        help="A session that was not used for this long is over. Without it Admin Settings > Sessions says (12 hours).",
    ),
    Setting(
        name="session_minutes",
        kind="number",
        help="A session is over after this long, used or not. Without it Admin Settings > Sessions says (7 days).",
    ),
    Setting(
        name="settings_file",
        kind="path",
        help="A TOML file of live settings and apps. It is applied at each start, and what it sets is read-only in"
        " Admin Settings. See docs/house-settings.md.",
    ),
    Setting(
        name="metrics_token",
        secret=True,
        help="Opens GET /metrics to whoever sends it as a bearer token. Without it there are no metrics.",
    ),
    Setting(name="log_level", default="info", help="debug, info, warning or error."),
)


class StartUp(msgspec.Struct, frozen=True, kw_only=True):
    """A start-up setting as administrators see it; ``source`` is its flag, variable or file, "" for the default."""

    name: str
    value: str
    source: str
    help: str


class HouseSettings(msgspec.Struct, frozen=True, kw_only=True):
    """
    What ``app.build`` needs.

    *master_keys* are Base64, newest first.  *admin_email* becomes the first administrator of an empty database, with
    *admin_password* or one that is made up.
    """

    base_url: str
    database: str
    master_keys: tuple[Secret, ...]
    admin_email: str
    admin_password: Secret | None = None
    allow_private_addresses: bool = False
    provider_ca: str = ""
    trusted_proxies: str = ""
    metrics_token: Secret | None = None
    idle_seconds: int | None = None
    """Given at the start; else the live settings say."""
    session_seconds: int | None = None
    settings_file: str = ""
    startup: tuple[StartUp, ...] = ()
    """Everything that was given at the start, to be shown."""
    former_base_urls: tuple[str, ...] = ()
    former_redirect_urls: bool = False
    tls: bool = False
    tls_files: tuple[tuple[str, str], ...] = ()
    tls_minimum: Literal["1.2", "1.3"] = "1.2"
    http_port: int = 0
    connections_per_address: int = PER_ADDRESS
    head_seconds: int = HEAD_SECONDS


def read(
    values: Mapping[str, Any], master_keys: tuple[Secret, ...], sources: Mapping[str, str] = MappingProxyType({})
) -> HouseSettings:
    """
    The struct from loaded *values*; ``SettingError`` for what the house must not start with.

    *sources* is where each value came from.
    """
    if not values["database"]:
        raise SettingError("database: say where everything is kept")
    for name in ("session_idle_minutes", "session_minutes"):
        if values[name] is not None and values[name] < 1:
            raise SettingError(f"{name}: at least 1")
    if not 0 < values["head_seconds"] <= LONGEST_HEAD:
        raise SettingError(f"head_seconds: from 1 to {LONGEST_HEAD}")
    origin = read_origin(str(values["base_url"] or ""))
    settings = HouseSettings(
        base_url=origin.url,
        database=values["database"],
        master_keys=master_keys,
        admin_email=values["admin_email"],
        admin_password=Secret(values["admin_password"]) if values["admin_password"] else None,
        allow_private_addresses=values["allow_private_addresses"],
        provider_ca=str(values["provider_ca"] or ""),
        trusted_proxies=values["trusted_proxies"],
        metrics_token=Secret(values["metrics_token"]) if values["metrics_token"] else None,
        idle_seconds=_seconds(values["session_idle_minutes"]),
        session_seconds=_seconds(values["session_minutes"]),
        settings_file=str(values["settings_file"] or ""),
        startup=tuple(_startup(setting, values[setting.name], sources.get(setting.name, "")) for setting in SETTINGS),
        former_base_urls=_former(values, origin),
        former_redirect_urls=values["former_redirect_urls"],
        connections_per_address=read_per_address(values),
        head_seconds=values["head_seconds"],
        **_tls(values, origin),
    )
    read_networks(settings.trusted_proxies)
    if settings.metrics_token is not None and len(settings.metrics_token.reveal()) < TOKEN_MINIMUM:
        raise SettingError(f"metrics_token: at least {TOKEN_MINIMUM} characters")
    if settings.admin_password is not None and len(settings.admin_password.reveal()) < PASSWORD_MINIMUM:
        raise SettingError(f"admin_password: at least {PASSWORD_MINIMUM} characters")
    return settings


def _seconds(minutes: int | None) -> int | None:
    return None if minutes is None else minutes * 60


def _startup(setting: Setting, value: Any, source: str) -> StartUp:
    """The database's URL may hold a password, so only its kind is shown."""
    if value in (None, ""):
        shown = ""
    elif setting.secret:
        shown = "(set)"
    else:
        shown = str(value).partition("://")[0] if setting.name == "database" else str(value)
    return StartUp(name=setting.name, value=shown, source=source, help=setting.help)


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """The public origin, taken apart once."""

    url: str
    is_https: bool
    is_loopback: bool

    def at(self, path: str) -> str:
        """The absolute URL of a path of ours."""
        return self.url + path


def read_origin(base_url: str, name: str = "base_url") -> Origin:
    """
    Check and normalise the base URL.

    Refused: anything but ``scheme://host[:port]`` (a path would need cookies without the ``__Host-`` prefix),
    and plain http for a host that is not this machine, where session cookies would cross the network in clear.
    """
    parts = urlsplit(base_url.strip().rstrip("/"))
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or not host:
        raise SettingError(f"{name} {base_url!r}: give the origin that browsers use, such as https://house.example.com")
    if parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        raise SettingError(f"{name} {base_url!r}: an origin only, without a path, a query or a user name")
    loopback = is_loopback_host(host)
    if parts.scheme == "http" and not loopback:
        raise SettingError(f"{name} {base_url!r}: plain http is for this machine only; put TLS in front and give https")
    # Browsers leave a default port out of the Origin header, which is compared with this.
    netloc = parts.netloc.lower().removesuffix(":443" if parts.scheme == "https" else ":80")
    return Origin(url=f"{parts.scheme}://{netloc}", is_https=parts.scheme == "https", is_loopback=loopback)


def _former(values: Mapping[str, Any], origin: Origin) -> tuple[str, ...]:
    found = tuple(read_origin(each, "former_base_urls").url for each in _listed(values["former_base_urls"]))
    if values["former_redirect_urls"] and not found:
        raise SettingError("former_redirect_urls: name the address in former_base_urls")
    if origin.url in found:
        raise SettingError("former_base_urls: base_url is among them")
    return found


def _tls(values: Mapping[str, Any], origin: Origin) -> dict[str, Any]:
    certificates, keys = _listed(values["tls_certificate"]), _listed(values["tls_key"])
    is_on = values["tls"] or bool(certificates)
    if len(certificates) != len(keys):
        raise SettingError("tls_key: as many files as in tls_certificate, in the same order")
    if is_on and not origin.is_https:
        raise SettingError("tls: base_url must begin with https://")
    if values["tls_minimum"] not in {"1.2", "1.3"}:
        raise SettingError("tls_minimum: 1.2 or 1.3")
    if values["http_port"] and not is_on:
        raise SettingError("http_port: only with tls; without it the house speaks plain http at its port already")
    return {
        "tls": is_on,
        "tls_files": tuple(zip(certificates, keys, strict=True)),
        "tls_minimum": values["tls_minimum"],
        "http_port": values["http_port"],
    }


def _listed(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]
