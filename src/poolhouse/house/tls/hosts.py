"""The names that need a certificate: the house's own, its former ones, those of apps behind the gateway."""

from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from poolhouse.house.model import App


def host_of(url: str) -> str:
    """The host of an origin, without a port and without the brackets of an IPv6 address."""
    return urlsplit(url).hostname or ""


def needed(base_url: str, former: Sequence[str], apps: Iterable[App]) -> list[str]:
    """Each host once, the house's own first."""
    hosts = [host_of(url) for url in (base_url, *former)]
    hosts += sorted(host_of(app.url) for app in apps if app.gate is not None)
    return [host for host in dict.fromkeys(hosts) if host]
