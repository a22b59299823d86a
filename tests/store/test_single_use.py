"""What may be used once is used once, however many try at the same time (RFC 6749 section 4.1.2, CVE-2026-1035)."""

import asyncio
from collections.abc import Awaitable, Callable

from poolhouse.kit.db.protocol import Database, Tx
from poolhouse.pool.model.user import CodePurpose
from poolhouse.pool.store import attempts, grants, redeeming
from tests.store.rows import ADA, POOL_ID, a_code, a_grant, a_refresh_token, a_sent_code, a_session, an_attempt

TRIES = 50


async def winners(tables: Database, take: Callable[[Tx], Awaitable[object]]) -> int:
    async def unit(tx: Tx) -> object:
        return await take(tx)

    taken = await asyncio.gather(*(tables.write(unit) for _ in range(TRIES)))
    return sum(1 for each in taken if each)


async def test_one_of_fifty_takes_an_attempt(tables: Database) -> None:
    await tables.write(lambda tx: attempts.put_attempt(tx, an_attempt()))

    assert 1 == await winners(tables, lambda tx: attempts.take_attempt(tx, b"a1"))


async def test_one_of_fifty_spends_a_code_and_a_replay_is_told_from_an_unknown_one(tables: Database) -> None:
    await tables.write(lambda tx: grants.put_code(tx, a_code()))

    assert 1 == await winners(tables, lambda tx: grants.spend_code(tx, b"c1"))
    assert (a_code(), None, []) == await tables.read(lambda tx: redeeming.find_code(tx, b"c1"))
    assert None is await tables.read(lambda tx: redeeming.find_code(tx, b"c2"))


async def test_one_of_fifty_rotates_a_refresh_token(tables: Database) -> None:
    await tables.write(lambda tx: grants.put_refresh_token(tx, a_refresh_token()))

    assert 1 == await winners(tables, lambda tx: grants.spend_refresh_token(tx, b"r1", 5))
    found = await tables.read(lambda tx: grants.find_refresh_token(tx, b"r1"))
    assert found is not None
    assert 5 == found.spent_at


async def test_one_of_fifty_right_answers_takes_a_sent_code(tables: Database) -> None:
    await tables.write(lambda tx: attempts.put_sent_code(tx, a_sent_code()))

    assert 1 == await winners(
        tables, lambda tx: attempts.take_matching_code(tx, POOL_ID, ADA, CodePurpose.RESET, b"right", 10)
    )


async def test_a_wrong_or_late_answer_leaves_the_code_and_is_counted(tables: Database) -> None:
    await tables.write(lambda tx: attempts.put_sent_code(tx, a_sent_code()))

    for digest, now in ((b"wrong", 10), (b"right", 3_600)):
        taken = await tables.write(
            lambda tx, d=digest, n=now: attempts.take_matching_code(  # type: ignore[misc]
                tx, POOL_ID, ADA, CodePurpose.RESET, d, n
            )
        )
        assert None is taken
    counts = await asyncio.gather(
        *(
            tables.write(lambda tx: attempts.count_code_failure(tx, POOL_ID, ADA, CodePurpose.RESET))
            for _ in range(TRIES)
        )
    )
    assert list(range(1, TRIES + 1)) == sorted(counts)


async def test_a_new_code_replaces_the_old_one(tables: Database) -> None:
    for digest in (b"old", b"new"):
        await tables.write(
            lambda tx, d=digest: attempts.put_sent_code(tx, a_sent_code(digest=d))  # type: ignore[misc]
        )

    found = await tables.read(lambda tx: attempts.find_sent_code(tx, POOL_ID, ADA, CodePurpose.RESET))
    assert a_sent_code(digest=b"new") == found


async def test_revoking_a_grant_ends_its_family_and_no_other(tables: Database) -> None:
    async def unit(tx: Tx) -> None:
        for number in (1, 2):
            await grants.put_grant(tx, a_grant(number))
            await grants.put_refresh_token(tx, a_refresh_token(f"r{number}".encode(), grant_id=f"grant-{number}"))

    await tables.write(unit)
    assert await tables.write(lambda tx: grants.drop_grant(tx, "grant-1"))

    assert None is await tables.read(lambda tx: grants.find_by_event(tx, "event-1"))
    assert None is await tables.read(lambda tx: grants.find_refresh_token(tx, b"r1"))
    assert a_grant(2) == await tables.read(lambda tx: grants.find_by_event(tx, "event-2"))
    assert None is not await tables.read(lambda tx: grants.find_refresh_token(tx, b"r2"))


async def test_signing_out_everywhere_leaves_the_browser_session(tables: Database) -> None:
    async def unit(tx: Tx) -> None:
        await grants.put_grant(tx, a_grant())
        await grants.put_refresh_token(tx, a_refresh_token())
        await grants.put_code(tx, a_code())
        await grants.put_session(tx, a_session())
        await grants.drop_grants_of(tx, POOL_ID, ADA)

    await tables.write(unit)

    assert None is await tables.read(lambda tx: grants.find_grant(tx, "grant-1"))
    assert None is await tables.read(lambda tx: grants.find_refresh_token(tx, b"r1"))
    assert None is await tables.read(lambda tx: redeeming.find_code(tx, b"c1"))
    assert a_session() == await tables.read(lambda tx: grants.find_session(tx, b"s1"))
    await tables.write(lambda tx: grants.drop_sessions_of(tx, POOL_ID, ADA))
    assert None is await tables.read(lambda tx: grants.find_session(tx, b"s1"))
