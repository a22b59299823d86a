"""Whose connection it is: the same few addresses come again and again, and take a while to parse."""

from functools import lru_cache
from ipaddress import ip_address

from poolhouse.kit.address import Network, client_address, is_proxy
from poolhouse.kit.edge import Raw
from poolhouse.kit.urls import is_loopback_host


@lru_cache(maxsize=4096)
def behind(peer: str, forwarded: bytes, proxies: tuple[Network, ...]) -> str:
    """The client's address, behind the operator's own *proxies*."""
    raw = Raw(method="", path="", headers=((b"x-forwarded-for", forwarded),), peer=peer)
    return client_address(raw, proxies)


is_named = lru_cache(maxsize=1024)(is_proxy)
is_this_machine = lru_cache(maxsize=1024)(is_loopback_host)


def plain(address: str) -> str:
    """An IPv4 peer of an IPv6 socket by its IPv4 address."""
    if ":" not in address:
        return address
    parsed = ip_address(address.partition("%")[0])
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)
