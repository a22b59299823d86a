"""RFC 7636."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.pool.core import pkce
from tests.core.vectors import load

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = pkce.challenge_of(VERIFIER)


@pytest.mark.parametrize("case", load("pkce"), ids=lambda case: case["source"])
def test_the_vectors_hold(case: dict[str, str]) -> None:
    assert case["challenge"] == pkce.challenge_of(case["verifier"])
    assert pkce.verify(case["challenge"], case["verifier"])


def test_a_code_without_challenge_is_redeemed_without_verifier() -> None:
    assert pkce.verify(None, None)


def test_a_missing_verifier_is_refused() -> None:
    assert not pkce.verify(CHALLENGE, None)


def test_a_verifier_without_a_challenge_is_refused() -> None:  # RFC 9700 4.8.2: the downgrade
    assert not pkce.verify(None, VERIFIER)


@pytest.mark.parametrize(
    "verifier",
    ["", VERIFIER + "x", VERIFIER[:-1], VERIFIER + "=", "a" * 42, "a" * 129, CHALLENGE, "ü" * 43, VERIFIER + "\n"],
)
def test_another_verifier_is_refused(verifier: str) -> None:
    assert not pkce.verify(CHALLENGE, verifier)


def test_the_plain_method_does_not_exist() -> None:
    assert not pkce.verify(VERIFIER, VERIFIER)


@pytest.mark.parametrize(
    "text", ["", CHALLENGE[:-1], CHALLENGE + "A", CHALLENGE[:-1] + "=", CHALLENGE[:-1] + "+", CHALLENGE + "\n"]
)
def test_what_is_not_a_digest_is_no_challenge(text: str) -> None:
    assert not pkce.is_challenge(text)


@given(st.text(alphabet="ABCXYZabcxyz0189-._~", min_size=43, max_size=128))
def test_every_verifier_matches_its_own_challenge(verifier: str) -> None:
    assert pkce.is_challenge(pkce.challenge_of(verifier))
    assert pkce.verify(pkce.challenge_of(verifier), verifier)


@given(challenge=st.none() | st.text(), verifier=st.none() | st.text())
def test_any_text_gets_a_verdict(challenge: str | None, verifier: str | None) -> None:
    assert (challenge is None and verifier is None) == pkce.verify(challenge, verifier)
