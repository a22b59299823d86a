"""The house's start-up settings: the table, and the struct that the composition takes."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import msgspec

from poolhouse.kit.address import read_networks
from poolhouse.kit.ambient import Secret
from poolhouse.kit.settings import Setting, SettingError
from poolhouse.kit.urls import is_loopback_host

PASSWORD_MINIMUM = 12


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
    idle_seconds: int | None = None
    """Given at the start; else the live settings say."""
    session_seconds: int | None = None
    settings_file: str = ""
    startup: tuple[StartUp, ...] = ()
    """Everything that was given at the start, to be shown."""


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
    settings = HouseSettings(
        base_url=read_origin(str(values["base_url"] or "")).url,
        database=values["database"],
        master_keys=master_keys,
        admin_email=values["admin_email"],
        admin_password=Secret(values["admin_password"]) if values["admin_password"] else None,
        allow_private_addresses=values["allow_private_addresses"],
        provider_ca=str(values["provider_ca"] or ""),
        trusted_proxies=values["trusted_proxies"],
        idle_seconds=_seconds(values["session_idle_minutes"]),
        session_seconds=_seconds(values["session_minutes"]),
        settings_file=str(values["settings_file"] or ""),
        startup=tuple(_startup(setting, values[setting.name], sources.get(setting.name, "")) for setting in SETTINGS),
    )
    read_networks(settings.trusted_proxies)
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


def read_origin(base_url: str) -> Origin:
    """
    Check and normalise the base URL.

    Refused: anything but ``scheme://host[:port]`` (a path would need cookies without the ``__Host-`` prefix),
    and plain http for a host that is not this machine, where session cookies would cross the network in clear.
    """
    parts = urlsplit(base_url.strip().rstrip("/"))
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or not host:
        raise SettingError(
            f"base_url {base_url!r}: give the origin that browsers use, such as https://house.example.com"
        )
    if parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        raise SettingError(f"base_url {base_url!r}: an origin only, without a path, a query or a user name")
    loopback = is_loopback_host(host)
    if parts.scheme == "http" and not loopback:
        raise SettingError(
            f"base_url {base_url!r}: plain http is for this machine only; put TLS in front and give https"
        )
    # Browsers leave a default port out of the Origin header, which is compared with this.
    netloc = parts.netloc.lower().removesuffix(":443" if parts.scheme == "https" else ":80")
    return Origin(url=f"{parts.scheme}://{netloc}", is_https=parts.scheme == "https", is_loopback=loopback)
