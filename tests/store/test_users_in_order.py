"""Databases from before rows of users had a number, and the number in a database that is filled from a backup."""

from functools import partial
from pathlib import Path

from sqlalchemy import text

from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.db import archive
from poolhouse.kit.db.migrate import find_differences, migrate
from poolhouse.kit.db.opening import open_database
from poolhouse.kit.db.protocol import Database, Tx
from poolhouse.kit.db.restore import restore
from poolhouse.kit.db.statement import compile_statement
from poolhouse.kit.db.upgrade import run, within
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.spec import shapes
from poolhouse.pool.store import pools, search, users
from poolhouse.pool.store.history import HISTORY
from poolhouse.pool.store.record import as_json
from poolhouse.pool.store.tables import metadata
from tests.store.rows import POOL_ID, a_pool, a_user

FOLDING = shapes.UserPoolType(username_configuration=shapes.UsernameConfigurationType(case_sensitive=False))


async def the_pool(tx: Tx) -> Pool:
    await pools.put_pool(tx, a_pool())
    return a_pool()


async def all_names(database: Database) -> list[str]:
    page = await database.read(lambda tx: search.list_users(tx, a_pool(), limit=10))
    return [user.username for user in page.users]


async def put(database: Database, *names: str) -> None:
    async def unit(tx: Tx) -> None:
        for name in names:
            await users.put_user(tx, a_pool(), a_user(name), {"email": f"{name}@x"})

    await database.write(unit)


async def put_as_before(database: Database, name: str, created_ms: int) -> None:
    """A row of a user, as the tables were."""
    user = a_user(name, created_ms=created_ms)
    values = {
        **{key: f"'{getattr(user, key)}'" for key in ("pool_id", "username", "sub", "status")},
        **{key: f"'{as_json(getattr(user, key))}'" for key in ("attributes", "credentials")},
        "username_key": f"'{name.casefold()}'", "enabled": "true", "created_ms": created_ms, "modified_ms": 1001,
        "version": 0, "email": f"'{name}@example.com'", "name": f"'{name.title()}'",
    }  # fmt: skip
    row = ", ".join(str(value).replace(":", r"\:") for value in values.values())
    await database.run(compile_statement(text(f"INSERT INTO users ({', '.join(values)}) VALUES ({row})")))


async def test_users_of_an_older_database_are_there_in_the_order_of_their_creation(database: Database) -> None:
    await within(database, HISTORY, lambda connection: run(connection, HISTORY, to="0016"))
    for name, created_ms in (("ada", 1003), ("Bob", 1001), ("cy", 1002)):
        await put_as_before(database, name, created_ms)

    await migrate(database, HISTORY)

    assert [] == await find_differences(database, HISTORY, metadata)
    folding = await database.write(the_pool)
    assert ["Bob", "cy", "ada"] == await all_names(database)
    assert a_user("ada", created_ms=1003) == await database.read(lambda tx: users.find_by_username(tx, folding, "ada"))
    await put(database, "dee")
    assert ["Bob", "cy", "ada", "dee"] == await all_names(database)


async def test_a_user_is_found_letter_for_letter_whatever_the_pool_makes_of_names(database: Database) -> None:
    await migrate(database, HISTORY)
    exact = await database.write(the_pool)
    folding = a_pool(settings=FOLDING)
    await put(database, "ada")
    await database.write(lambda tx: users.put_user(tx, exact, a_user("ADA"), {}))
    await database.write(lambda tx: users.put_user(tx, folding, a_user("Straße"), {}))

    for name in ("ada", "ADA", "Straße"):
        assert a_user(name) == await database.write(partial(users.lock_user, pool_id=POOL_ID, username=name))
    for name in ("Ada", "strasse", "STRASSE"):
        assert None is await database.write(partial(users.lock_user, pool_id=POOL_ID, username=name))
    assert {"ada", "Straße"} == set(
        await database.read(lambda tx: users.find_named(tx, POOL_ID, {"ada", "Ada", "Straße", "nobody"}))
    )
    assert await database.write(lambda tx: users.drop_user(tx, a_user("ada")))
    assert ["ADA", "Straße"] == await all_names(database)


async def test_users_who_come_after_a_backup_was_restored_are_the_last(database_url: str, tmp_path: Path) -> None:
    await migrate(database := await open_database(f"sqlite:///{tmp_path}/old.db"), HISTORY)
    await database.write(the_pool)
    await put(database, "zoe", "ada")
    with archive.new_file(tmp_path / "backup") as out:
        await archive.write(database, HISTORY, metadata, out, clock=FixedClock())
    await database.close()
    restored = await open_database(database_url)

    await restore(restored, HISTORY, tmp_path / "backup")

    await put(restored, "bob")
    assert ["zoe", "ada", "bob"] == await all_names(restored)
    await restored.close()
