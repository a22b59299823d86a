"""Keys of assertions in the database, on each engine."""

from poolhouse.house.gateway.assertion import RETIRED_SECONDS, new_key, retired
from poolhouse.house.schema import HISTORY
from poolhouse.house.store import assertion_keys
from poolhouse.kit.ambient import Epoch, SystemEntropy
from poolhouse.kit.db.migrate import migrate
from poolhouse.kit.db.protocol import Database, Tx
from poolhouse.kit.seal import KeyRing

NOW = Epoch(1_800_000_000)


async def test_the_key_that_signs_last_comes_first_and_those_before_retire(database: Database) -> None:
    await migrate(database, HISTORY)
    ring = KeyRing([b"k" * 32], SystemEntropy())
    first, second, third = (
        new_key(ring, now=Epoch(NOW + at), signs_from=Epoch(NOW + begins))
        for at, begins in ((0, 0), (10, 100), (20, 900))
    )

    async def put(tx: Tx) -> None:
        for each in (second, first, third):
            await assertion_keys.put_key(tx, each)

    await database.write(put)
    found = await database.read(assertion_keys.list_keys)
    await database.write(lambda tx: assertion_keys.delete_key(tx, third.kid))

    assert [third, second, first] == found
    assert [] == retired(found, Epoch(NOW + 100))
    assert [first] == retired(found, Epoch(NOW + 100 + RETIRED_SECONDS))
    assert [second, first] == retired(found, Epoch(NOW + 900 + RETIRED_SECONDS))
    assert [second, first] == await database.read(assertion_keys.list_keys)
