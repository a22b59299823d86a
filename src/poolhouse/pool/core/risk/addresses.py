"""Addresses and ranges of addresses; an IPv4 address in its IPv6 form is the IPv4 address."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

_NETWORK: Final = {4: 24, 6: 48}
"""How much of an address stays when a line is given another one: what a provider hands out to one place."""


def network_of(address: str) -> str:
    """The network around *address*; ``""`` for what is no address."""
    parsed = _read(address)
    return "" if parsed is None else str(ip_network((parsed, _NETWORK[parsed.version]), strict=False))


def is_within(address: str, ranges: Iterable[str]) -> bool:
    """Whether *address* is in one of *ranges* (CIDR)."""
    parsed = _read(address)
    return parsed is not None and any(parsed in ip_network(each, strict=False) for each in ranges)


def is_range(text: str) -> bool:
    """Whether *text* is a range in CIDR notation; an address alone is none."""
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return "/" in text


def is_address(text: str) -> bool:
    return _read(text) is not None


def _read(text: str) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address(text)
    except ValueError:
        return None
    return parsed.ipv4_mapped or parsed if isinstance(parsed, IPv6Address) else parsed
