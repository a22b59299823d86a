"""Masked destinations."""

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.pool.core.masking import mask, simulated_destination
from tests.core.vectors import load


def mac(message: bytes) -> bytes:
    return hmac.digest(b"key", message, "sha256")


@pytest.mark.parametrize("case", load("masking"), ids=lambda case: case["address"])
def test_the_vectors_hold(case: dict[str, str]) -> None:
    assert case["shown"] == mask(case["medium"], case["address"])


@given(st.emails())
def test_a_masked_address_shows_two_characters(address: str) -> None:
    shown = mask("EMAIL", address)

    assert address[0] + "***@" + address.rpartition("@")[2][0] + "***" == shown


def test_a_name_that_is_an_address_is_masked_like_a_real_one() -> None:
    assert simulated_destination(mac, medium="EMAIL", username="nobody@example.com") == "n***@e***"
    assert simulated_destination(mac, medium="SMS", username="+12065559999") == "+*******9999"


@pytest.mark.parametrize(("medium", "form"), [("EMAIL", r"[a-z]\*{3}@[a-z]\*{3}"), ("SMS", r"\+\*{7}[0-9]{4}")])
@given(username=st.text(alphabet="abcXYZ0189._-", min_size=1))
def test_any_other_name_gets_a_stable_destination_of_the_usual_form(medium: str, form: str, username: str) -> None:
    import re

    first = simulated_destination(mac, medium=medium, username=username)

    assert re.fullmatch(form, first)
    assert first == simulated_destination(mac, medium=medium, username=username)
