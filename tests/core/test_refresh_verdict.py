"""Refresh token rotation: literals in, verdicts out."""

import pytest

from poolhouse.pool.core.refresh import Renew, check_refresh, ends_family
from poolhouse.pool.core.refusal import refused
from poolhouse.pool.model.grant import RefreshToken
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.spec.shapes import RefreshTokenRotationType, UserPoolClientType

NOW = 1_800_000_000
PLAIN = UserPoolClientType()
REUSED = refused(Reason.REFRESH_TOKEN_REUSED)


def rotating(grace: int | None = None, feature: str = "ENABLED") -> UserPoolClientType:
    return UserPoolClientType(
        refresh_token_rotation=RefreshTokenRotationType(feature=feature, retry_grace_period_seconds=grace)
    )


def a_token(generation: int = 0, *, spent_at: int | None = None, expires_at: int = NOW + 1000) -> RefreshToken:
    return RefreshToken(digest=b"d", grant_id="g", generation=generation, spent_at=spent_at, expires_at=expires_at)


def test_without_rotation_a_token_refreshes_again_and_again() -> None:
    assert Renew() == check_refresh(a_token(), newest_generation=0, client=PLAIN, now=NOW)
    assert Renew() == check_refresh(a_token(), newest_generation=0, client=rotating(feature="DISABLED"), now=NOW)


def test_rotation_replaces_the_token_and_keeps_the_remaining_life() -> None:
    verdict = check_refresh(a_token(2, expires_at=NOW + 77), newest_generation=2, client=rotating(), now=NOW)

    assert Renew(3, NOW + 77, spends=True) == verdict


@pytest.mark.parametrize("now", [NOW, NOW + 1, NOW + 10**9])
def test_an_expired_token_is_refused_whatever_else_holds(now: int) -> None:
    token = a_token(expires_at=NOW, spent_at=NOW - 1)

    assert refused(Reason.REFRESH_TOKEN_EXPIRED) == check_refresh(
        token, newest_generation=5, client=rotating(60), now=now
    )


def test_an_unknown_token_is_invalid() -> None:
    assert refused(Reason.REFRESH_TOKEN_INVALID) == check_refresh(None, newest_generation=0, client=PLAIN, now=NOW)


def test_a_replay_after_the_grace_period_is_reuse() -> None:
    token = a_token(0, spent_at=NOW - 10)

    assert check_refresh(token, newest_generation=1, client=rotating(10), now=NOW) == REUSED
    assert check_refresh(token, newest_generation=1, client=rotating(None), now=NOW) == REUSED


def test_without_grace_a_replay_in_the_same_second_is_reuse() -> None:  # CVE-2026-1035: exactly one winner
    assert check_refresh(a_token(0, spent_at=NOW), newest_generation=1, client=rotating(0), now=NOW) == REUSED


def test_a_replay_within_the_grace_period_forks_and_does_not_restart_it() -> None:
    token = a_token(0, spent_at=NOW - 9)

    assert Renew(2, token.expires_at) == check_refresh(token, newest_generation=1, client=rotating(10), now=NOW)


def test_after_a_fork_only_the_newest_child_refreshes() -> None:
    older, newest = a_token(1), a_token(2)

    assert check_refresh(older, newest_generation=2, client=rotating(60), now=NOW) == REUSED
    assert Renew(3, newest.expires_at, spends=True) == check_refresh(
        newest, newest_generation=2, client=rotating(60), now=NOW
    )


def test_a_spent_token_stays_spent_when_rotation_is_switched_off() -> None:
    assert check_refresh(a_token(0, spent_at=NOW - 1), newest_generation=1, client=PLAIN, now=NOW) == REUSED
    assert (
        check_refresh(a_token(0, spent_at=NOW - 1), newest_generation=1, client=rotating(60, "DISABLED"), now=NOW)
        == REUSED
    )


@pytest.mark.parametrize(("generation", "ends"), [(0, True), (1, False), (2, False), (3, True)])
def test_revoking_the_original_or_the_newest_ends_the_family(generation: int, ends: bool) -> None:
    assert ends == ends_family(a_token(generation), 3)
