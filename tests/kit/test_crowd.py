"""Connections of one address."""

import pytest

from poolhouse.kit.address import read_networks
from poolhouse.kit.crowd import Crowd


def entered(crowd: Crowd, *peers: str) -> list[bool]:
    return [crowd.enter(peer) for peer in peers]


def test_an_address_has_its_number_and_others_have_theirs() -> None:
    crowd = Crowd(2, ())
    assert [True, True, False, True] == entered(crowd, *["203.0.113.7"] * 3, "203.0.113.8")
    crowd.leave("203.0.113.7")
    crowd.leave("203.0.113.7")
    assert [True, False] == entered(crowd, *["203.0.113.7"] * 2)


def test_an_ipv6_customer_is_one_with_all_its_addresses() -> None:
    assert [True, False, True] == entered(Crowd(1, ()), "2001:db8::1", "2001:db8::2", "2001:db8:0:1::1")


@pytest.mark.parametrize(
    ("proxies", "peer", "is_counted"),
    [
        ("", "10.0.0.5", False),
        ("", "127.0.0.1", False),
        ("", "", False),
        ("10.0.0.5", "10.0.0.5", False),
        ("10.0.0.5", "10.0.0.6", True),
        ("10.0.0.5", "127.0.0.1", True),
        ("", "203.0.113.7", True),
    ],
)
def test_proxies_that_are_named_or_may_be_one_are_not_counted(proxies: str, peer: str, is_counted: bool) -> None:
    assert [True, not is_counted] == entered(Crowd(1, read_networks(proxies)), peer, peer)


def test_without_a_limit_nobody_is_counted() -> None:
    assert all(entered(Crowd(0, ()), *["203.0.113.7"] * 100))
