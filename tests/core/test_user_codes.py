"""What a person types for a device: RFC 8628 section 6.1."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.pool.core import user_codes

codes = st.text(user_codes.ALPHABET, min_size=user_codes.LETTERS, max_size=user_codes.LETTERS)


@given(codes)
def test_a_code_is_read_as_it_is_shown(letters: str) -> None:
    assert letters == user_codes.read(user_codes.shown(letters))


@given(codes)
def test_case_hyphen_and_spaces_do_not_matter(letters: str) -> None:
    typed = f" {letters[:3].lower()} {letters[3:4]}-{letters[4:].lower()}\t"

    assert letters == user_codes.read(typed)


@given(st.text())
def test_nothing_else_is_a_code(typed: str) -> None:
    found = user_codes.read(typed)

    assert found is None or (len(found) == user_codes.LETTERS and set(found) <= set(user_codes.ALPHABET))


@pytest.mark.parametrize(
    "typed", ["", "BBBB", "BBBB-BBBBB", "AEIO-UAEI", "BBBB-BBB0", "B" * 8 + " " * 40, "\u0412BBB-BBBB"]
)
def test_what_is_too_short_too_long_or_has_other_letters_is_none(typed: str) -> None:
    assert user_codes.read(typed) is None
