"""Secrets at rest: bound to their purpose and row, and to the keys of the ring."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.kit.ambient import ScriptedEntropy
from poolhouse.kit.seal import KeyRing, SealBroken, digest

OLD, NEW = b"o" * 32, b"n" * 32


def ring(*masters: bytes) -> KeyRing:
    return KeyRing(masters, ScriptedEntropy())


@given(st.binary(max_size=300), st.text(max_size=20), st.text(max_size=20))
def test_what_was_sealed_opens_for_the_same_purpose_and_row(plain: bytes, purpose: str, row: str) -> None:
    keys = ring(OLD)

    assert plain == keys.open(keys.seal(plain, purpose=purpose, row=row), purpose=purpose, row=row)


@pytest.mark.parametrize(("purpose", "row"), [("totp", "pool/ada"), ("client secret", "pool/bob")])
def test_a_value_moved_to_another_row_or_column_does_not_open(purpose: str, row: str) -> None:
    keys = ring(OLD)
    sealed = keys.seal(b"secret", purpose="client secret", row="pool/ada")

    with pytest.raises(SealBroken):
        keys.open(sealed, purpose=purpose, row=row)


@given(st.integers(min_value=0, max_value=37), st.integers(min_value=1, max_value=255))
def test_a_changed_byte_anywhere_breaks_the_seal(position: int, change: int) -> None:
    keys = ring(OLD)
    sealed = bytearray(keys.seal(b"secret", purpose="p", row="r"))
    sealed[position] ^= change

    with pytest.raises(SealBroken):
        keys.open(bytes(sealed), purpose="p", row="r")


@given(st.binary(max_size=40))
def test_anything_else_does_not_open(text: bytes) -> None:
    with pytest.raises(SealBroken):
        ring(OLD).open(text, purpose="p", row="r")


def test_a_rotated_ring_opens_the_old_and_seals_with_the_new() -> None:
    before = ring(OLD).seal(b"secret", purpose="p", row="r")
    both = ring(NEW, OLD)

    assert b"secret" == both.open(before, purpose="p", row="r")
    assert b"secret" == ring(NEW).open(both.seal(b"secret", purpose="p", row="r"), purpose="p", row="r")
    with pytest.raises(SealBroken):
        ring(NEW).open(before, purpose="p", row="r")


def test_a_mac_stays_the_same_when_a_newer_key_comes_first() -> None:
    assert ring(OLD).mac(b"name", purpose="decoy") == ring(NEW, OLD).mac(b"name", purpose="decoy")
    assert ring(OLD).mac(b"name", purpose="decoy") != ring(OLD).mac(b"name", purpose="other")


@pytest.mark.parametrize("masters", [(), (b"short",), (OLD, b"x" * 33)])
def test_a_ring_needs_whole_keys(masters: tuple[bytes, ...]) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        ring(*masters)


def test_two_seals_of_the_same_text_differ() -> None:
    keys = ring(OLD)

    assert keys.seal(b"x", purpose="p", row="r") != keys.seal(b"x", purpose="p", row="r")


def test_a_digest_is_sha_256() -> None:
    assert digest("abc").hex().startswith("ba7816bf8f01cfea")
