"""One query finds what a code or a refresh token stands for, with its user and that user's groups."""

import pytest

from poolhouse.kit.db.protocol import Database, Tx
from poolhouse.pool.store import grants, groups, redeeming, users
from tests.store.rows import ADA, POOL_ID, a_code, a_grant, a_group, a_pool, a_refresh_token, a_user


@pytest.fixture(params=[(), ("admins", "staff")], ids=["alone", "in groups"])
async def member_of(tables: Database, request: pytest.FixtureRequest) -> tuple[str, ...]:
    """The groups of Ada, who is there beside Bob."""

    async def unit(tx: Tx) -> None:
        for name in ("ada", "bob"):
            await users.put_user(tx, a_pool(), a_user(name), {})
        for name in ("admins", "staff", "others"):
            await groups.put_group(tx, a_group(name))
        for name in request.param:
            await groups.join_group(tx, POOL_ID, name, ADA)
        await groups.join_group(tx, POOL_ID, "others", "bob")

    await tables.write(unit)
    return tuple(request.param)


async def test_a_code_is_found_with_its_user_and_groups(tables: Database, member_of: tuple[str, ...]) -> None:
    await tables.write(lambda tx: grants.put_code(tx, a_code()))

    found = await tables.read(lambda tx: redeeming.find_code(tx, b"c1"))

    assert (a_code(), a_user(), [a_group(name) for name in member_of]) == found


async def test_a_code_is_found_without_a_user_of_that_name_in_its_pool(tables: Database) -> None:
    elsewhere = a_user(pool_id="eu-west-1_Elsewhere")

    async def unit(tx: Tx) -> None:
        await users.put_user(tx, a_pool(id="eu-west-1_Elsewhere"), elsewhere, {})
        await grants.put_code(tx, a_code())

    await tables.write(unit)

    assert (a_code(), None, []) == await tables.read(lambda tx: redeeming.find_code(tx, b"c1"))


async def test_a_refresh_token_is_found_with_its_family_and_user(tables: Database, member_of: tuple[str, ...]) -> None:
    async def unit(tx: Tx) -> None:
        for number, newest in ((1, 2), (2, 7)):
            await grants.put_grant(tx, a_grant(number))
            for generation in range(newest + 1):
                token = a_refresh_token(
                    b"%d-%d" % (number, generation), grant_id=f"grant-{number}", generation=generation
                )
                await grants.put_refresh_token(tx, token)

    await tables.write(unit)

    found = await tables.read(lambda tx: redeeming.find_family(tx, b"1-1"))

    assert found is not None
    expected = a_refresh_token(b"1-1", generation=1), a_grant(), a_user(), 2
    assert expected == (found.token, found.grant, found.user, found.newest)
    assert [a_group(name) for name in member_of] == await tables.read(lambda tx: redeeming.groups_of(tx, found))


async def test_a_refresh_token_of_nobody_is_not_found(tables: Database) -> None:
    async def unit(tx: Tx) -> None:
        await grants.put_grant(tx, a_grant())
        await grants.put_refresh_token(tx, a_refresh_token())

    await tables.write(unit)

    assert None is await tables.read(lambda tx: redeeming.find_family(tx, b"r1"))
    assert None is await tables.read(lambda tx: redeeming.find_family(tx, b"unknown"))


async def test_who_is_held_is_told_from_one_of_the_same_name_elsewhere(tables: Database) -> None:
    await tables.write(lambda tx: users.put_user(tx, a_pool(), a_user(enabled=False), {}))

    for alone in (False, True):
        held = await tables.write(lambda tx, a=alone: users.hold_state(tx, POOL_ID, ADA, alone=a))  # type: ignore[misc]
        assert users.State("sub-ada", enabled=False, version=0) == held
        assert None is await tables.write(
            lambda tx, a=alone: users.hold_state(tx, "eu-west-1_Elsewhere", ADA, alone=a)  # type: ignore[misc]
        )
