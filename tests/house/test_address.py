"""Whose request it is behind proxies: rule 32; row 20 of the CVE list."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.house.app import House, Look, build
from poolhouse.kit.address import client_address, read_networks
from poolhouse.kit.ambient import FixedClock, SystemEntropy
from poolhouse.kit.edge import Raw
from poolhouse.kit.settings import SettingError
from tests.house.test_form_login import allow
from tests.house.world import ADMIN, Browser, house_settings, words

PROXIES = read_networks("10.0.0.0/8, 192.0.2.1, fd00::/8")


def asked(peer: str, *forwarded: str) -> Raw:
    return Raw(
        method="GET", path="/", peer=peer, headers=tuple((b"x-forwarded-for", value.encode()) for value in forwarded)
    )


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.7", ["198.51.100.1"], "203.0.113.7"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.7"], "203.0.113.7"),
        ("10.0.0.1", ["1.1.1.1, 203.0.113.7"], "203.0.113.7"),
        ("10.0.0.1", ["1.1.1.1, 203.0.113.7, 10.0.0.2"], "203.0.113.7"),
        ("10.0.0.1", ["1.1.1.1", "203.0.113.7", "192.0.2.1"], "203.0.113.7"),
        ("10.0.0.1", ["10.0.0.9"], "10.0.0.9"),
        ("10.0.0.1", ["203.0.113.7, garbage"], "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.7, garbage, 10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", [""], "10.0.0.1"),
        ("::ffff:10.0.0.1", ["203.0.113.7"], "203.0.113.7"),
        ("fd00::1", ["2001:db8::7"], "2001:db8::7"),
        ("", ["203.0.113.7"], ""),
    ],
)
def test_only_proxies_of_ours_are_believed(peer: str, forwarded: list[str], client: str) -> None:
    assert client == client_address(asked(peer, *forwarded), PROXIES)


def test_without_proxies_nothing_is_believed() -> None:
    assert "10.0.0.1" == client_address(asked("10.0.0.1", "203.0.113.7"), ())


@given(st.lists(st.text(alphabet="0123456789.:, abcdef", max_size=20), max_size=4))
def test_what_a_stranger_sends_never_changes_their_address(forwarded: list[str]) -> None:
    assert "203.0.113.7" == client_address(asked("203.0.113.7", *forwarded), PROXIES)


@pytest.mark.parametrize("text", ["0.0.0.0/0", "::/0", "proxy.example.com", "10.0.0.1/8", "10.0.0.0/40"])
def test_a_list_that_trusts_everybody_or_nobody_is_refused(text: str) -> None:
    with pytest.raises(SettingError, match="trusted_proxies"):
        read_networks(text)


async def test_people_behind_one_proxy_do_not_brake_each_other(
    clock: FixedClock, look: Look, new_browser: Callable[..., Browser]
) -> None:
    settings = house_settings(trusted_proxies="192.0.2.1")
    house: House = await build(settings, clock=clock, entropy=SystemEntropy(), look=look)
    try:
        guesser, owner = (new_browser(house, address="192.0.2.1") for _ in range(2))
        guesser.client.headers["x-forwarded-for"] = "198.51.100.66"
        owner.client.headers["x-forwarded-for"] = "203.0.113.7"
        await allow(house, 1)
        statuses = [(await guesser.log_in(f"user{n}@example.com", "Summer2026")).status_code for n in range(11)]

        assert 429 == statuses[-1]
        assert 303 == (await owner.log_in(ADMIN)).status_code
        text = words(await owner.get("/settings/audit-log"))
        assert "198.51.100.66" in text
        assert "192.0.2.1" not in text
    finally:
        await house.close()


async def test_a_client_cannot_shake_off_its_brake_by_a_header(house: House, browser: Browser) -> None:
    for number in range(5):
        browser.client.headers["x-forwarded-for"] = f"198.51.100.{number}"
        assert 401 == (await browser.log_in(ADMIN, "wrong")).status_code

    browser.client.headers["x-forwarded-for"] = "198.51.100.200"
    assert 429 == (await browser.log_in(ADMIN, "wrong")).status_code
