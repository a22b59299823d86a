"""Trials, emergency links, failures that are counted and reminders, on each engine."""

import asyncio

import pytest

from poolhouse.house.schema import HISTORY
from poolhouse.house.store import drafts, emergency_links, reminders, watched
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.migrate import migrate
from poolhouse.kit.db.protocol import Database, ReadTx, Tx

NOW = Epoch(1_800_000_000)
SOON = Epoch(NOW + 600)


@pytest.fixture
async def db(database: Database) -> Database:
    await migrate(database, HISTORY)
    return database


async def test_of_fifty_who_spend_an_emergency_link_one_gets_in(db: Database) -> None:
    async def put(tx: Tx) -> None:
        await emergency_links.put_link(tx, token_digest=b"t", account_id="a", now=NOW, expires_at=SOON)

    async def take(tx: Tx) -> str | None:
        return await emergency_links.take_link(tx, b"t", now=NOW)

    await db.write(put)

    taken = await asyncio.gather(*(db.write(take) for _ in range(50)))

    assert 1 == len([each for each in taken if each == "a"])


async def test_of_fifty_who_take_a_test_login_one_gets_it(db: Database) -> None:
    login = drafts.TestLogin("draft", b"n", b"v")

    async def put(tx: Tx) -> None:
        await drafts.put_login(
            tx, login, state_digest=b"s", browser_digest=b"b", provider="oidc", now=NOW, expires_at=SOON
        )

    async def take(tx: Tx) -> drafts.TestLogin | None:
        return await drafts.take_login(tx, state_digest=b"s", browser_digest=b"b", provider="oidc", now=NOW)

    await db.write(put)

    taken = await asyncio.gather(*(db.write(take) for _ in range(50)))

    assert [login] == [each for each in taken if each is not None]


async def test_an_administrator_has_the_newest_five_drafts(db: Database) -> None:
    async def put(tx: Tx, number: int) -> None:
        await drafts.put_draft(
            tx, draft_id=f"d{number}", account_id="a", sealed=b"x", now=Epoch(NOW + number), expires_at=SOON
        )

    for number in range(8):
        await db.write(lambda tx, number=number: put(tx, number))  # type: ignore[misc]

    async def read(tx: ReadTx) -> list[int]:
        there = [await drafts.find_draft(tx, draft_id=f"d{n}", account_id="a", now=NOW) for n in range(8)]
        return [number for number, sealed in enumerate(there) if sealed is not None]

    assert [3, 4, 5, 6, 7] == await db.read(read)


async def test_failures_are_counted_until_one_succeeds(db: Database) -> None:
    async def fail(tx: Tx) -> None:
        await watched.count_failure(tx, "oidc", "invalid_client")

    async def take(tx: Tx) -> watched.Watched | None:
        return await watched.take_failing(tx, "oidc", at_least=3)

    await db.write(lambda tx: watched.begin(tx, "oidc", NOW))
    await db.write(fail)
    await db.write(fail)
    assert await db.write(take) is None
    await db.write(fail)
    await db.write(lambda tx: watched.mark_proved(tx, "oidc"))
    assert await db.write(take) is None
    await db.write(lambda tx: watched.begin(tx, "oidc", NOW))
    for _ in range(3):
        await db.write(fail)

    taken = await asyncio.gather(*(db.write(take) for _ in range(10)))

    assert [watched.Watched(3, "invalid_client", False)] == [each for each in taken if each is not None]


async def test_an_occasion_is_given_once(db: Database) -> None:
    given = await asyncio.gather(*(db.write(lambda tx: reminders.give(tx, "oidc 30", NOW)) for _ in range(10)))

    assert 1 == sum(given)
