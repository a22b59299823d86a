"""
The brakes on guessing: what is counted, and how long a count makes wait.

The numbers themselves are in ``store/pending``, so that they hold for every replica.
"""

import hashlib
import ipaddress

import msgspec

from poolhouse.house.model import FormLogin
from poolhouse.kit.address import NEARBY
from poolhouse.kit.ambient import Epoch

FIRST_WAIT_SECONDS = 30


class Brake(msgspec.Struct, frozen=True):
    """One count of failures, and how many of them cost nothing."""

    key: str
    free: int


class Brakes(msgspec.Struct, frozen=True):
    """
    Three counts: this name from this address, this name from anywhere, this address with any name.

    The first is the one that people meet.  The second is far wider, or anybody could lock an administrator out.
    There is no third where one address may be everybody (``is_everybody``).
    """

    pair: Brake
    name: Brake
    address: Brake | None

    @property
    def keys(self) -> list[str]:
        """All that are charged."""
        return [brake.key for brake in self.all]

    @property
    def all(self) -> tuple[Brake, ...]:
        """Those that there are."""
        return (self.pair, self.name) if self.address is None else (self.pair, self.name, self.address)


def brakes_for(rules: FormLogin, name: str, address: str, *, has_proxies: bool) -> Brakes:
    """What one attempt is charged to; *has_proxies* when the operator has named the proxies in front."""
    who = hashlib.sha256(name.encode()).hexdigest()[:32]
    where = network_of(address)
    alone = has_proxies or not is_everybody(address)
    return Brakes(
        pair=Brake(f"pair {who} {where}", rules.free_attempts),
        name=Brake(f"name {who}", rules.free_attempts * 20),
        address=Brake(f"address {where}", rules.free_attempts * 10) if alone else None,
    )


def is_everybody(address: str) -> bool:
    """
    Whether the peer may be a proxy that nobody has named, with all the world behind it.

    That is a peer of the same machine or network, and one without an address (a Unix socket).  A count by address
    would then let a stranger lock everybody out with fifty guesses.
    """
    parsed = _read(address)
    return parsed is None or any(parsed in network for network in NEARBY)


def wait_seconds(rules: FormLogin, brake: Brake, failures: int) -> int:
    """Nothing at first, then 30 s, doubled by every further failure, up to the longest wait."""
    if failures < brake.free:
        return 0
    doublings = min(failures - brake.free, 16)
    return min(FIRST_WAIT_SECONDS << doublings, rules.longest_wait_minutes * 60)


def remaining_seconds(rules: FormLogin, brake: Brake, counted: tuple[int, Epoch] | None, now: Epoch) -> int:
    """What is left of the wait after *counted*, the failures and when the last of them was; over when below 1."""
    if counted is None:
        return 0
    failures, failed_at = counted
    return failed_at + wait_seconds(rules, brake, failures) - now


def network_of(address: str) -> str:
    """An IPv6 customer has a whole /64, so that is what is counted."""
    parsed = _read(address)
    if parsed is None:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def _read(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An IPv4 client on a socket for both families is that client, not all of ``::ffff:0:0/96``."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    return parsed.ipv4_mapped or parsed if isinstance(parsed, ipaddress.IPv6Address) else parsed
