"""Request rates: categories, buckets, and the setting."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.pool.core.quotas import AWS, OF_USER, Bucket, category_of, read_rates, take
from poolhouse.pool.spec.contract import contract


@given(st.integers(1, 500), st.lists(st.integers(0, 3000), max_size=60))
def test_no_bucket_gives_more_than_its_rate(rate: int, pauses: list[int]) -> None:
    bucket: Bucket | None = None
    now = given_out = 0
    for pause in pauses:
        now += pause
        bucket, allowed = take(bucket, rate, now)
        given_out += allowed

    assert given_out <= rate + rate * now / 1000


def test_a_clock_that_is_set_back_gives_nothing_away() -> None:
    empty, _ = take(None, 1, 10_000)

    assert not take(empty, 1, 5_000)[1]


def test_every_operation_of_a_category_exists() -> None:
    counted = {name: category_of(name, {}) for name in contract().operations}

    assert set(counted.values()) - {None} <= set(AWS)
    assert "UserAuthentication" == counted["InitiateAuth"]
    assert "UserToken" == category_of("InitiateAuth", {"AuthFlow": "REFRESH_TOKEN"})
    assert "UserAuthentication" == category_of("InitiateAuth", [])


def test_rates_are_read_from_the_setting() -> None:
    assert {} == read_rates("off") == read_rates("") == read_rates("aws,off")
    assert {**AWS, **OF_USER} == read_rates("aws")
    assert {**AWS, **OF_USER, "UserRead": 7} == read_rates("aws, UserRead=7")
    assert {"ReadsOfUser": 3} == read_rates("ReadsOfUser=3")
    assert {"UserRead": 7} == read_rates("UserRead=7")


@pytest.mark.parametrize(
    "text", ["on", "UserRead", "UserRead=", "UserRead=0", "UserRead=-1", "UserRead=1e3", "Users=1", "UserRead=1000001"]
)
def test_a_rate_that_is_none_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=r"UserRead|Users|on"):
        read_rates(text)
