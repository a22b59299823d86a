"""What the house needs to know before it can start: given once, by the composition."""

from urllib.parse import urlsplit

import msgspec

from poolhouse.house.rp.urls import is_loopback_host
from poolhouse.kit.ambient import Secret

HOUR = 3600


class UnsafeSetting(ValueError):
    """The house does not start like this; the message says which setting and why."""


class FirstAdministrator(msgspec.Struct, frozen=True, kw_only=True):
    """Made when the house has no account at all; ``password_hash`` is argon2id (``kit.passwords``)."""

    email: str
    password_hash: str


class HouseSettings(msgspec.Struct, frozen=True, kw_only=True):
    """
    The start-up settings.

    base_url                 the public origin, ``https://house.example.com``; every URL is computed from it
    database                 ``sqlite:///file``, ``sqlite://`` or ``postgresql://...``
    master_keys              32 bytes each, newest first; they seal what is secret at rest
    first_admin              see ``FirstAdministrator``
    allow_private_addresses  let the house call a provider on a private network (RFC 1918 and the like);
                             loopback is allowed whenever ``base_url`` itself is loopback
    ca_file                  PEM bundle to trust for the provider instead of the system's
    idle_seconds             a session not used for this long is over
    session_seconds          a session is over after this long, used or not
    """

    base_url: str
    database: str
    master_keys: tuple[Secret, ...]
    first_admin: FirstAdministrator | None = None
    allow_private_addresses: bool = False
    ca_file: str = ""
    idle_seconds: int = 12 * HOUR
    session_seconds: int = 7 * 24 * HOUR


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
        raise UnsafeSetting(
            f"base URL {base_url!r}: give the origin that browsers use, such as https://house.example.com"
        )
    if parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        raise UnsafeSetting(f"base URL {base_url!r}: an origin only, without a path, a query or a user name")
    loopback = is_loopback_host(host)
    if parts.scheme == "http" and not loopback:
        raise UnsafeSetting(
            f"base URL {base_url!r}: plain http is for this machine only; put TLS in front and give https"
        )
    return Origin(
        url=f"{parts.scheme}://{parts.netloc.lower()}", is_https=parts.scheme == "https", is_loopback=loopback
    )
