"""Lockout and hourly limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.pool.core.refusal import Refusal, refused
from poolhouse.pool.core.throttle import Counter, after_failure, check_lockout, count_use, wait_seconds
from poolhouse.pool.spec.errors import Reason
from tests.core.vectors import load

NOW = 1_800_000_000
NEVER = Counter()


def failed(times: int, at: int = NOW) -> Counter:
    """That many failures, each as soon as it is looked at."""
    state = NEVER
    for _ in range(times):
        state = after_failure(state, max(at, state.until))
    return state


@pytest.mark.parametrize("case", load("lockout"), ids=lambda case: str(case["failures"]))
def test_the_wait_doubles_from_the_fifth_failure_and_ends_at_15_minutes(case: dict[str, int]) -> None:
    assert case["wait"] == wait_seconds(case["failures"])


def test_four_failures_lock_nobody_out() -> None:
    assert check_lockout(failed(4), NOW) is None


def test_the_fifth_failure_locks_for_a_second() -> None:
    state = failed(5)

    assert refused(Reason.LOCKED_OUT) == check_lockout(state, NOW)
    assert check_lockout(state, NOW + 1) is None


def test_an_attempt_during_the_wait_does_not_extend_it() -> None:
    state = failed(9)

    assert state == after_failure(state, state.until - 1)


def test_a_failure_after_the_wait_doubles_it() -> None:
    state = failed(9)

    later = after_failure(state, state.until)

    assert later.count == 10
    assert 2 * (state.until - state.last_at) == later.until - later.last_at


def test_fifteen_quiet_minutes_after_the_wait_begin_a_new_count() -> None:
    state = failed(12)

    assert after_failure(state, state.until + 899).count == 13
    assert Counter(1, state.until + 900, state.until + 900) == after_failure(state, state.until + 900)


@given(st.lists(st.integers(min_value=0, max_value=100), max_size=60))
def test_guesses_never_come_faster_than_the_waits_allow(gaps: list[int]) -> None:
    state, now, looked_at = NEVER, NOW, 0
    for gap in gaps:
        now += gap
        if check_lockout(state, now) is None:
            looked_at += 1
            state = after_failure(state, now)
    elapsed = now - NOW

    assert (
        looked_at
        <= 5 + max((n for n in range(60) if sum(wait_seconds(5 + i) for i in range(n)) <= elapsed), default=0) + 1
    )


def test_the_limit_counts_from_the_first_use_for_one_hour() -> None:
    state: Counter | Refusal = NEVER
    for second in range(5):
        assert isinstance(state, Counter)
        state = count_use(state, limit=5, now=NOW + second)

    assert Counter(5, NOW + 4, NOW + 3600) == state
    assert isinstance(state, Counter)
    assert refused(Reason.ATTEMPT_LIMIT) == count_use(state, limit=5, now=NOW + 3599)
    assert Counter(1, NOW + 3600, NOW + 7200) == count_use(state, limit=5, now=NOW + 3600)


def test_a_limit_that_is_reached_is_not_extended_by_trying() -> None:
    state = Counter(5, NOW, NOW + 3600)

    assert refused(Reason.ATTEMPT_LIMIT) == count_use(state, limit=5, now=NOW + 10)
    assert isinstance(count_use(state, limit=6, now=NOW + 10), Counter)
