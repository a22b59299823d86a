"""When what has expired is deleted: soon, but for what tells a replay from an unknown token."""

import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.pool.core.throttle import QUIET
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.sweeper import DAY, SHORTLY, sweep
from poolhouse.pool.model.user import CodePurpose
from poolhouse.pool.store import admins, attempts, grants, redeeming
from tests.store.rows import (
    ADA,
    POOL_ID,
    a_code,
    a_grant,
    a_refresh_token,
    a_sent_code,
    a_session,
    an_attempt,
)

LIFE = 180
RESET = CodePurpose.RESET


@pytest.fixture(autouse=True)
async def rows(flow: Flow, clock: FixedClock) -> None:
    """One of each, good for three minutes."""
    ends = clock.now() + LIFE

    async def unit(tx: Tx) -> None:
        await attempts.put_attempt(tx, an_attempt(expires_at=ends))
        await attempts.put_sent_code(tx, a_sent_code(purpose=RESET, expires_at=ends))
        await grants.put_session(tx, a_session(expires_at=ends))
        await admins.put_console_session(
            tx, admins.ConsoleSession(digest=b"k1", email="a@b.c", created_at=1, seen_at=1, expires_at=ends)
        )
        await admins.put_draft(tx, admins.Draft(id="d1", email="a@b.c", sealed=b"", expires_at=ends))
        await grants.put_code(tx, a_code(expires_at=ends))
        await grants.put_grant(tx, a_grant(expires_at=ends))
        await grants.put_refresh_token(tx, a_refresh_token(expires_at=ends))

    await flow.database.write(unit)


async def short_lived(flow: Flow) -> list[bool]:
    async def unit(tx: ReadTx) -> list[bool]:
        return [
            await attempts.find_attempt(tx, b"a1") is not None,
            await attempts.find_sent_code(tx, POOL_ID, ADA, RESET) is not None,
            await grants.find_session(tx, b"s1") is not None,
            await admins.find_console_session(tx, b"k1") is not None,
            await admins.find_draft(tx, "d1") is not None,
        ]

    return await flow.database.read(unit)


async def telling(flow: Flow) -> list[bool]:
    async def unit(tx: ReadTx) -> list[bool]:
        return [
            await redeeming.find_code(tx, b"c1") is not None,
            await grants.find_refresh_token(tx, b"r1") is not None,
            await grants.find_grant(tx, "grant-1") is not None,
        ]

    return await flow.database.read(unit)


async def test_what_lives_is_kept(flow: Flow, clock: FixedClock) -> None:
    clock.advance(LIFE - 1)
    await sweep(flow)

    assert [True] * 5 == await short_lived(flow)
    assert [True] * 3 == await telling(flow)


async def test_the_short_lived_stay_until_a_late_answer_has_been_told_why(flow: Flow, clock: FixedClock) -> None:
    clock.advance(LIFE + SHORTLY - 1)
    await sweep(flow)

    assert [True] * 5 == await short_lived(flow)


async def test_the_short_lived_go_shortly_after_their_end(flow: Flow, clock: FixedClock) -> None:
    clock.advance(LIFE + SHORTLY)
    await sweep(flow)

    assert [False] * 5 == await short_lived(flow)
    assert [True] * 3 == await telling(flow)


async def test_what_tells_a_replay_stays_for_a_day(flow: Flow, clock: FixedClock) -> None:
    clock.advance(LIFE + DAY - 1)
    await sweep(flow)
    assert [True] * 3 == await telling(flow)

    clock.advance(1)
    await sweep(flow)
    assert [False] * 3 == await telling(flow)


async def test_a_grant_stays_as_long_as_one_of_its_refresh_tokens(flow: Flow, clock: FixedClock) -> None:
    later = clock.now() + LIFE + DAY
    await flow.database.write(lambda tx: grants.put_refresh_token(tx, a_refresh_token(b"r2", expires_at=later)))
    clock.advance(LIFE + DAY)
    await sweep(flow)

    assert None is not await flow.database.read(lambda tx: grants.find_grant(tx, "grant-1"))


@pytest.mark.parametrize("wait", [0, 1, 900, 3600])
async def test_failures_are_forgotten_when_wait_and_quiet_are_over(flow: Flow, clock: FixedClock, wait: int) -> None:
    now = clock.now()
    await flow.database.write(lambda tx: attempts.put_failures(tx, "key", 7, now, now + wait))

    clock.advance(wait + QUIET - 1)
    await sweep(flow)
    assert (7, now, now + wait) == await flow.database.read(lambda tx: attempts.find_failures(tx, "key"))

    clock.advance(1)
    await sweep(flow)
    assert None is await flow.database.read(lambda tx: attempts.find_failures(tx, "key"))
