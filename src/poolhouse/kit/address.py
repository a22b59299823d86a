"""
Whose request it is, when proxies stand in front.

``X-Forwarded-For`` is believed only from proxies that the operator has named, and only as far as they go: each one
adds the address it has seen on the right, so the first address from the right that is no proxy of ours is the
client.  What stands further left anybody may have written.
"""

import ipaddress
from collections.abc import Sequence

from poolhouse.kit.edge import Raw
from poolhouse.kit.settings import SettingError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def read_networks(text: str) -> tuple[Network, ...]:
    """The networks of a comma-separated list; ``SettingError`` for a word that is none, or for the whole internet."""
    found: list[Network] = []
    for word in (part.strip() for part in text.split(",")):
        if not word:
            continue
        try:
            network = ipaddress.ip_network(word)
        except ValueError as wrong:
            raise SettingError(f"trusted_proxies: {word!r} is not an address or a network") from wrong
        if network.prefixlen == 0:
            raise SettingError(f"trusted_proxies: {word} is everybody, who could then claim any address")
        found.append(network)
    return tuple(found)


def client_address(raw: Raw, proxies: Sequence[Network]) -> str:
    """The client's address as far as it can be known; without proxies of ours it is the peer's."""
    current = raw.peer
    hops = [hop.strip() for hop in raw.header("x-forwarded-for").split(",")] if proxies else []
    for hop in reversed(hops):
        if not is_proxy(current, proxies):
            return current
        seen = _read(hop)
        if seen is None:
            return current
        current = str(seen)
    return current


NEARBY: tuple[Network, ...] = read_networks(
    # Loopback, RFC 1918, RFC 6598, link-local, and RFC 4193: where a proxy of the operator's own can be.
    "127.0.0.0/8, 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10, 169.254.0.0/16, ::1, fe80::/10, fc00::/7"
)


def is_shared(address: str) -> bool:
    """
    Whether a peer may be a proxy that nobody has named, with all the world behind it.

    That is one of the same machine or network, and one without an address (a Unix socket).
    """
    parsed = _read(address)
    return parsed is None or any(parsed in network for network in NEARBY)


def customer_of(address: str) -> str:
    """Whom *address* stands for in a count: an IPv6 customer has a whole /64, so that is what is counted."""
    parsed = _read(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return address if parsed is None else str(parsed)


def is_proxy(address: str, proxies: Sequence[Network]) -> bool:
    """Whether the address is one of those networks."""
    parsed = _read(address)
    return parsed is not None and any(parsed in network for network in proxies)


def _read(text: str) -> Address | None:
    try:
        parsed = ipaddress.ip_address(text)
    except ValueError:
        return None
    return parsed.ipv4_mapped or parsed if isinstance(parsed, ipaddress.IPv6Address) else parsed
