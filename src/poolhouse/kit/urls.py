"""
Rules for URLs that an administrator types: which ones a program will call.

One reading of a URL for all of it.  What two parsers could read differently (a backslash, a control character,
user information, a number that is an address in disguise) is refused, not interpreted.
"""

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

URL_LIMIT = 2048
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(\.(?!-)[a-z0-9-]{1,63})*\.?", re.IGNORECASE | re.ASCII)
FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\U0010ffff\\<>\"^`{|}]")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052
_COMPATIBLE = ipaddress.IPv6Network("::/96")  # RFC 4291 section 2.5.5.1
_LOCAL_NAT64 = ipaddress.IPv6Network("64:ff9b:1::/48")  # RFC 8215
# Where clouds hand out a machine's credentials beyond 169.254.169.254, in networks that are private or look public.
_METADATA = frozenset(
    map(ipaddress.ip_address, ("fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "192.0.0.192", "168.63.129.16"))
)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_loopback_host(host: str) -> bool:
    """``localhost``, any name below it (RFC 6761 section 6.3), or a loopback address."""
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = literal_address(name)
    return address is not None and address.is_loopback


def literal_address(host: str) -> Address | None:
    """The IP address that *host* spells, if it spells one."""
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def split_url(url: str) -> SplitResult | None:
    """The parts of an absolute http(s) URL that every parser reads alike; ``None`` for anything else."""
    if not url or len(url) > URL_LIMIT or FORBIDDEN.search(url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or "@" in parts.netloc or port == 0:
        return None
    return parts if _is_plain_host(host) else None


def _is_plain_host(host: str) -> bool:
    if literal_address(host) is not None:
        return "%" not in host
    # A last label of digits only (2130706433, 127.1, 0x7f.1) is an IPv4 address to some parsers (WHATWG URL 3.5).
    last = host.rstrip(".").rpartition(".")[2]
    return bool(_HOST.fullmatch(host)) and not re.fullmatch(r"[0-9]+|0[xX][0-9a-fA-F]*", last)


def check_endpoint(url: str) -> str | None:
    """What is wrong with a provider's URL, as the end of a sentence about the field; ``None`` when nothing is."""
    parts = split_url(url)
    if parts is None:
        return "must be an absolute URL, such as https://auth.example.com/and/a/path."
    if parts.fragment:
        return "must not have a fragment (the part after #)."
    if parts.scheme == "http" and not is_loopback_host(parts.hostname or ""):
        return "must begin with https://; plain http is for this machine only."
    return None


def is_callable_address(address: Address, *, allow_loopback: bool, allow_private: bool) -> bool:
    """
    Whether a program may connect to *address* on an administrator's word.

    Loopback and private networks (10.0.0.0/8, 100.64.0.0/10, fc00::/7 and the like) only when allowed.  Never
    link-local ones: 169.254.169.254 hands out a machine's credentials, as do a few others.  IPv4 inside IPv6
    (``::ffff:10.0.0.1``, ``::10.0.0.1``, 6to4, NAT64) is judged as IPv4.
    """
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or _embedded(address)
        if inner is not None:
            return is_callable_address(inner, allow_loopback=allow_loopback, allow_private=allow_private)
    if address.is_unspecified or address.is_multicast or address.is_link_local or address in _METADATA:
        return False
    if address.is_loopback:
        return allow_loopback or allow_private
    return allow_private or (address.is_global and not _is_local_in_disguise(address))


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address in the last 32 bits, where that is what they are."""
    if address not in _NAT64 and (address not in _COMPATIBLE or int(address) <= 1):
        return None
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)


def _is_local_in_disguise(address: Address) -> bool:
    """Site-local (fec0::/10, RFC 3879) and a network's own NAT64, which ``ipaddress`` takes for global."""
    return isinstance(address, ipaddress.IPv6Address) and (address.is_site_local or address in _LOCAL_NAT64)
