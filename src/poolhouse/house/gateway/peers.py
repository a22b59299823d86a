"""Whose connection it is: the same few addresses come again and again, and take a while to parse."""

from functools import lru_cache
from ipaddress import ip_address

from poolhouse.kit.address import Network, client_address, is_proxy
from poolhouse.kit.edge import Raw
from poolhouse.kit.urls import is_loopback_host

KEPT = 4096
_SHORT = 256
"""Bytes of an ``X-Forwarded-For`` that is remembered; clients can make it as long as they like."""
is_this_machine = lru_cache(maxsize=1024)(is_loopback_host)


class Proxies:
    """The operator's own, and what was found out with them: for each process they stay the same."""

    def __init__(self, networks: tuple[Network, ...]) -> None:
        self._networks = networks
        self._behind = lru_cache(maxsize=KEPT)(self._find_behind)

    def client(self, peer: str, forwarded: bytes) -> str:
        """The client's address, behind them."""
        if not self._networks:
            return peer
        return self._behind(peer, forwarded) if len(forwarded) <= _SHORT else self._find_behind(peer, forwarded)

    def has(self, peer: str) -> bool:
        """Whether it is one of them."""
        return is_proxy(peer, self._networks)

    def _find_behind(self, peer: str, forwarded: bytes) -> str:
        raw = Raw(method="", path="", headers=((b"x-forwarded-for", forwarded),), peer=peer)
        return client_address(raw, self._networks)


def plain(address: str) -> str:
    """An IPv4 peer of an IPv6 socket by its IPv4 address."""
    if ":" not in address:
        return address
    parsed = ip_address(address.partition("%")[0])
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)
