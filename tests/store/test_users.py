"""Users: found by every name, one holder for each alias, counted, searched in byte order."""

import asyncio
import re
from typing import Any

import msgspec
import pytest

from poolhouse.kit.db.postgres import PostgresDatabase
from poolhouse.kit.db.protocol import Database, Tx, UniqueViolation
from poolhouse.kit.db.sqlite import SqliteDatabase
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.model.search import Filter
from poolhouse.pool.model.user import Status
from poolhouse.pool.spec import shapes
from poolhouse.pool.store import groups, pools, search, users
from tests.store.rows import POOL_ID, a_group, a_pool, a_user

FOLDING = shapes.UserPoolType(username_configuration=shapes.UsernameConfigurationType(case_sensitive=False))


@pytest.fixture
async def pool(tables: Database) -> Pool:
    await tables.write(lambda tx: pools.put_pool(tx, a_pool()))
    return a_pool()


async def put(tables: Database, pool: Pool, *names: str) -> None:
    async def unit(tx: Tx) -> None:
        for name in names:
            await users.put_user(tx, pool, a_user(name), {"email": f"{name}@example.com"})

    await tables.write(unit)


async def test_a_user_is_found_by_username_sub_and_alias_as_it_was_put(tables: Database, pool: Pool) -> None:
    await put(tables, pool, "ada")

    assert a_user() == await tables.read(lambda tx: users.find_by_username(tx, pool, "ada"))
    assert a_user() == await tables.read(lambda tx: users.find_by_sub(tx, POOL_ID, "sub-ada"))
    assert a_user() == await tables.read(lambda tx: users.find_by_alias(tx, pool, "email", "ada@example.com"))
    assert None is await tables.read(lambda tx: users.find_by_alias(tx, pool, "phone_number", "ada@example.com"))
    assert 1 == await tables.read(lambda tx: pools.count_users(tx, POOL_ID))


async def test_case_matters_unless_the_pool_says_otherwise(tables: Database, pool: Pool) -> None:
    folding = a_pool(settings=FOLDING)
    await put(tables, folding, "Ada")

    assert None is not await tables.read(lambda tx: users.find_by_username(tx, folding, "aDA"))
    with pytest.raises(UniqueViolation):
        await put(tables, folding, "ada")
    await put(tables, pool, "bob")
    assert None is await tables.read(lambda tx: users.find_by_username(tx, pool, "BOB"))


@pytest.mark.parametrize(("name", "alias", "table"), [("ada", "new@x", "users"), ("bob", "ada@example.com", "aliases")])
async def test_a_taken_name_or_alias_is_refused_and_counts_nothing(
    tables: Database, pool: Pool, name: str, alias: str, table: str
) -> None:
    await put(tables, pool, "ada")
    other = msgspec.structs.replace(a_user(name), sub="sub-new")

    with pytest.raises(UniqueViolation) as found:
        await tables.write(lambda tx: users.put_user(tx, pool, other, {"email": alias}))

    assert table == found.value.table
    assert 1 == await tables.read(lambda tx: pools.count_users(tx, POOL_ID))


async def test_of_fifty_sign_ups_with_one_name_one_wins(tables: Database, pool: Pool) -> None:
    async def sign_up(number: int) -> bool:
        user = msgspec.structs.replace(a_user(), sub=f"sub-{number}")
        try:
            await tables.write(lambda tx: users.put_user(tx, pool, user, {}))
        except UniqueViolation:
            return False
        return True

    assert 1 == sum(await asyncio.gather(*(sign_up(n) for n in range(50))))
    assert 1 == await tables.read(lambda tx: pools.count_users(tx, POOL_ID))


async def test_of_two_writers_of_one_version_only_one_writes(tables: Database, pool: Pool) -> None:
    await put(tables, pool, "ada")
    disabled = msgspec.structs.replace(a_user(), enabled=False)

    assert await tables.write(lambda tx: users.replace_user(tx, pool, disabled))
    assert not await tables.write(lambda tx: users.replace_user(tx, pool, a_user()))
    found = await tables.read(lambda tx: users.find_by_username(tx, pool, "ada"))
    assert found is not None
    assert (False, 1) == (found.enabled, found.version)


async def test_new_aliases_replace_the_old_ones(tables: Database, pool: Pool) -> None:
    await put(tables, pool, "ada")
    await tables.write(lambda tx: users.replace_user(tx, pool, a_user(), {"phone_number": "+1555"}))

    assert None is await tables.read(lambda tx: users.find_by_alias(tx, pool, "email", "ada@example.com"))
    assert "ada" == await tables.read(lambda tx: users.find_holder(tx, pool, "phone_number", "+1555"))


async def test_a_deleted_user_leaves_name_and_aliases_free(tables: Database, pool: Pool) -> None:
    await put(tables, pool, "ada")

    assert await tables.write(lambda tx: users.drop_user(tx, a_user()))
    assert not await tables.write(lambda tx: users.drop_user(tx, a_user()))
    assert 0 == await tables.read(lambda tx: pools.count_users(tx, POOL_ID))
    await put(tables, pool, "ada")


async def names_by_pages(tables: Database, pool: Pool, *conditions: Filter) -> list[str]:
    """The user names of a list, two on each page."""

    async def page(after: str) -> search.Page:
        return await tables.read(lambda tx: search.list_users(tx, pool, conditions, after=after, limit=2))

    pages = [await page("")]
    while pages[-1].following is not None:
        pages.append(await page(pages[-1].following))
    return [user.username for each in pages for user in each.users]


async def test_pages_follow_each_other_in_the_order_of_creation(tables: Database, pool: Pool) -> None:
    await put(tables, pool, "b", "B", "a", "Z", "ä", "_")

    assert ["b", "B", "a", "Z", "ä", "_"] == await names_by_pages(tables, pool)
    assert ["b", "B", "a", "Z", "ä", "_"] == await names_by_pages(tables, pool, Filter("status", "Enabled", "="))


async def test_pages_by_a_beginning_follow_each_other_in_byte_order(tables: Database, pool: Pool) -> None:
    await put(tables, pool, "xb", "xB", "xa", "y", "X", "xä")
    await put(tables, a_pool(settings=FOLDING), "FXb", "fxA", "Fx", "fxB2", "Fxc")

    assert ["xB", "xa", "xb", "xä"] == await names_by_pages(tables, pool, Filter("username", "x", "^="))
    folding = a_pool(settings=FOLDING)
    assert ["fxA", "fxB2"] == await names_by_pages(tables, folding, Filter("username", "fx", "^="))
    assert ["Fx", "Fxc"] == await names_by_pages(tables, folding, Filter("username", "Fx", "^="))


@pytest.mark.parametrize("others", [("sub", "s"), ("name", ""), ("email", ""), ("status", "en"), ("username", "u")])
async def test_pages_of_several_conditions_go_on_in_the_order_of_one(
    tables: Database, pool: Pool, others: tuple[str, str]
) -> None:
    await put(tables, pool, *(f"u{number}" for number in range(7)))
    conditions = (Filter(*others, "^="), Filter("name", "U", "^="), Filter("email", "5", "*="))

    assert ["u5"] == await names_by_pages(tables, pool, *conditions)
    assert [f"u{number}" for number in range(7)] == sorted(await names_by_pages(tables, pool, *conditions[:2]))
    assert [f"u{number}" for number in range(7)] == sorted(await names_by_pages(tables, pool, *conditions[1::-1]))


@pytest.mark.parametrize(
    ("attribute", "prefix", "value", "expected"),
    [
        ("username", False, "ada", ["ada"]),
        ("username", True, "a", ["ada", "alan"]),
        ("email", False, "bob@example.com", ["bob"]),
        ("email", True, "al", ["alan"]),
        ("name", True, "A", ["ada", "alan"]),
        ("name", True, "%", []),
        ("sub", False, "sub-bob", ["bob"]),
        ("cognito:user_status", False, "UNCONFIRMED", ["bob"]),
        ("status", False, "Enabled", ["ada", "alan", "bob"]),
        ("status", False, "Disabled", []),
        ("status", True, "", ["ada", "alan", "bob"]),
        ("preferred_username", False, "x", []),
    ],
)
async def test_a_filter_finds_by_equality_or_prefix(
    tables: Database, pool: Pool, attribute: str, prefix: bool, value: str, expected: list[str]
) -> None:
    await put(tables, pool, "ada", "alan", "bob")
    bob = msgspec.structs.replace(a_user("bob"), status=Status.UNCONFIRMED)
    await tables.write(lambda tx: users.replace_user(tx, pool, bob))

    found = await tables.read(
        lambda tx: search.list_users(tx, pool, [Filter(attribute, value, "^=" if prefix else "=")], limit=10)
    )

    assert expected == sorted(user.username for user in found.users)


async def test_membership_follows_groups_and_users(tables: Database, pool: Pool) -> None:
    await put(tables, pool, "ada", "bob")

    async def unit(tx: Tx) -> None:
        for name in ("staff", "admins"):
            await groups.put_group(tx, a_group(name))
            for user in ("ada", "bob", "ada"):
                await groups.join_group(tx, POOL_ID, name, user)

    await tables.write(unit)

    listed = await tables.read(lambda tx: groups.all_groups_of(tx, POOL_ID, "ada"))
    assert ["admins", "staff"] == [group.name for group in listed]
    await tables.write(lambda tx: users.drop_user(tx, a_user("bob")))
    members = await tables.read(lambda tx: groups.list_members(tx, POOL_ID, "staff", "", 10))
    assert ["ada"] == [user.username for user in members]
    await tables.write(lambda tx: groups.drop_group(tx, POOL_ID, "staff"))
    assert ["admins"] == [g.name for g in await tables.read(lambda tx: groups.all_groups_of(tx, POOL_ID, "ada"))]


async def test_what_is_asked_of_a_large_pool_is_read_from_an_index(tables: Database) -> None:
    """A plan that names the pool alone reads all of it."""
    if not isinstance(tables, SqliteDatabase):
        pytest.skip("SQLite decides without statistics")
    for statement in (users._TAKEN_KEYS, users._TAKEN_SUBS, users._TAKEN_ALIASES, users._BY_KEYS):
        form = statement.sqlite.text
        values = ["[]", *["x"] * (form.count("?") - 1)]
        plan = [row[3] for row in tables.connection.execute(f"EXPLAIN QUERY PLAN {form}", values)]
        assert ["SCAN w", "SEARCH t"] == [step[:6] if step.startswith("SCAN") else step[:8] for step in plan]
        assert "(pool_id=?)" not in plan[1]
    for statement in (users._HOLD, users._LOCK, users._DROP, search._ONE):
        form = statement.sqlite.text
        [(*_, step)] = tables.connection.execute(f"EXPLAIN QUERY PLAN {form}", ["x"] * form.count("?")).fetchall()
        assert "(pool_id=? AND username_key=?)" in step
    same = [("id", search._ALL), ("enabled", search._IS_ENABLED), *search._EQUAL.items()]
    for name, listed in [*same, *search._FROM.items(), *search._BEYOND.items(), *search._UNIQUE_RANGE.items()]:
        form = listed.sqlite.text
        [(*_, step)] = tables.connection.execute(f"EXPLAIN QUERY PLAN {form}", ["x"] * form.count("?")).fetchall()
        assert name.removeprefix("cognito:user_") in step
        assert "(pool_id=?)" not in step
        assert "TEMP B-TREE" not in step
        assert ("id>?" in step) == ((name, listed) in same)


async def test_on_postgres_no_list_walks_past_the_users_of_others(tables: Database, pool: Pool) -> None:
    """A plan for any value must not count on it being common, nor on the pool being the only one."""
    if not isinstance(tables, PostgresDatabase):
        pytest.skip("PostgreSQL decides by statistics")
    await put(tables, pool, *(f"u{number}" for number in range(3_000)))
    await tables.settle(*users.FILLED)
    for name, listed in [("of_pool", search._ALL), ("by_enabled", search._IS_ENABLED), *search._EQUAL.items()]:
        form = listed.postgres.text
        given = ", ".join("NULL" for _ in range(form.count("$") and max(map(int, re.findall(r"\$(\d+)", form)))))

        async def explain(connection: Any, form: str = form, given: str = given) -> str:
            await connection.execute(f"SET plan_cache_mode = force_generic_plan; PREPARE listed AS {form}")
            rows = await connection.fetch(f"EXPLAIN EXECUTE listed({given})")
            await connection.execute("DEALLOCATE listed; RESET plan_cache_mode")
            return "\n".join(row[0] for row in rows)

        plan = await tables._attempt(explain)
        assert (
            f"using users_{name if name.startswith(('of_', 'by_')) else 'by_' + name}".replace("cognito:user_", "")
            in plan
        )
