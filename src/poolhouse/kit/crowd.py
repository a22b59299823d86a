"""
How many connections each client has open, so that one address cannot have them all.

An IPv6 customer counts as one, with the whole /64.  Not counted are proxies that the operator has named, with all the
world behind them, and, where none is named, whoever is near enough to be one.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from poolhouse.kit.address import Network, customer_of, is_proxy, is_shared
from poolhouse.kit.settings import Setting, SettingError

PER_ADDRESS = 500
"""An office behind one address has some hundred people with a few connections each."""

PER_ADDRESS_SETTING = Setting(
    name="connections_per_address",
    kind="number",
    default=PER_ADDRESS,
    help="How many connections one address (of IPv6, one /64) may have open to each process; 0: any number. Proxies"
    " of trusted_proxies are not counted, nor, without any, addresses of private networks.",
)


def read_per_address(values: Mapping[str, Any]) -> int:
    """Of a program's settings; ``SettingError`` for less than nothing."""
    limit: int = values[PER_ADDRESS_SETTING.name]
    if limit < 0:
        raise SettingError(f"{PER_ADDRESS_SETTING.name}: a number, or 0 for any")
    return limit


class Crowd:
    """The connections of one process; *limit* 0: any number of an address."""

    def __init__(self, limit: int, proxies: Sequence[Network]) -> None:
        self._limit = limit
        self._proxies = proxies
        self._open: dict[str, int] = {}

    def enter(self, peer: str) -> bool:
        """Count a connection; whether it is one of those that *peer* may have.  ``leave`` follows either way."""
        customer = self._customer(peer)
        if not customer:
            return True
        count = self._open[customer] = self._open.get(customer, 0) + 1
        return count <= self._limit

    def leave(self, peer: str) -> None:
        """It is closed."""
        customer = self._customer(peer)
        if not customer:
            return
        left = self._open.get(customer, 0) - 1
        if left > 0:
            self._open[customer] = left
        else:
            self._open.pop(customer, None)

    def _customer(self, peer: str) -> str:
        if not self._limit or not peer or (is_proxy(peer, self._proxies) if self._proxies else is_shared(peer)):
            return ""
        return customer_of(peer)
