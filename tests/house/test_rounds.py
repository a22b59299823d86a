"""What the house does by itself."""

from poolhouse.house.app import House
from poolhouse.house.context import Context
from poolhouse.house.rounds import Round, Rounds
from poolhouse.house.schema import HISTORY
from poolhouse.house.store import leases
from poolhouse.kit.db.migrate import migrate
from poolhouse.kit.db.protocol import Database


async def test_a_task_is_one_replicas_until_its_lease_runs_out(database: Database) -> None:
    await migrate(database, HISTORY)

    async def take(me: str, now: int) -> bool:
        return await database.write(lambda tx: leases.take(tx, "prober", me, now=now, until=now + 60))

    assert await take("one", 1000)
    assert not await take("two", 1059)
    assert await take("one", 1059)
    assert not await take("two", 1119)
    assert await take("two", 1120)
    assert not await take("one", 1121)


async def test_a_round_that_fails_is_not_the_last_one(house: House) -> None:
    calls = []

    async def fails(_ctx: Context) -> None:
        calls.append(1)
        raise ValueError("no")

    round_ = Round(name="fails", seconds=60.0, run=fails)
    rounds = Rounds(house.ctx, [round_])
    await rounds.go(round_)
    await rounds.go(round_)
    assert len(calls) == 2
