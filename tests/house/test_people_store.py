"""Groups, roles and invitations in the database, on each engine."""

import asyncio
from typing import Any

import pytest

from poolhouse.house.guards import Refused, check_left
from poolhouse.house.people import HAND, SCIM, Group, Invitation, rule_source
from poolhouse.house.roles import ADMINISTRATOR, AUDITOR, USER_ADMINISTRATOR
from poolhouse.house.schema import HISTORY
from poolhouse.house.store import accounts, grants, groups, invitations, sessions, standing
from poolhouse.kit.ambient import Epoch, SystemEntropy
from poolhouse.kit.db.migrate import migrate
from poolhouse.kit.db.protocol import Database, ReadTx, Tx, UniqueViolation
from poolhouse.kit.seal import KeyRing
from tests.house.test_store import NOW, an_account

RULE = rule_source("oidc")
RING = KeyRing([b"k" * 32], SystemEntropy())


@pytest.fixture
async def db(database: Database) -> Database:
    await migrate(database, HISTORY)

    async def unit(tx: Tx) -> None:
        for number in (1, 2, 3):
            await accounts.put_account(tx, an_account(number), email_key=f"user{number}@example.com")
        await groups.put_group(tx, a_group("g1", "Editors"))
        await groups.put_group(tx, a_group("g2", "Finance"))

    await database.write(unit)
    return database


def a_group(group_id: str, name: str) -> Group:
    return Group(id=group_id, name=name, created_at=NOW, changed_at=NOW)


def an_invitation(**other: Any) -> Invitation:
    fields: dict[str, Any] = {
        "id": "i1",
        "email": "new@example.com",
        "email_key": "new@example.com",
        "group_ids": ("g1",),
        "roles": (AUDITOR,),
        "invited_by": "account-1",
        "inviter_name": "User 1",
        "is_mailed": True,
        "created_at": NOW,
        "expires_at": Epoch(NOW + 100),
    }
    return Invitation(**{**fields, **other})


async def test_a_membership_lasts_as_long_as_one_source_says_so(db: Database) -> None:
    async def unit(tx: Tx) -> list[tuple[str, ...]]:
        assert await groups.put_member(tx, "g1", "account-1", source=HAND, now=NOW)
        assert not await groups.put_member(tx, "g1", "account-1", source=HAND, now=NOW)
        assert await groups.put_member(tx, "g1", "account-1", source=SCIM, now=NOW)
        before, _ = await standing.standing_of(tx, "account-1")
        await groups.delete_member(tx, "g1", "account-1", source=HAND, now=NOW)
        between, _ = await standing.standing_of(tx, "account-1")
        await groups.delete_member(tx, "g1", "account-1", source=SCIM, now=NOW)
        after, _ = await standing.standing_of(tx, "account-1")
        return [before, between, after]

    assert [("Editors",), ("Editors",), ()] == await db.write(unit)


async def test_a_rule_takes_away_its_own_memberships_only(db: Database) -> None:
    async def unit(tx: Tx) -> list[tuple[str, str]]:
        await groups.put_member(tx, "g1", "account-1", source=HAND, now=NOW)
        await groups.set_groups_by_source(tx, "account-1", ["g1", "g2"], source=RULE, now=NOW)
        added, removed = await groups.set_groups_by_source(tx, "account-1", ["g2"], source=RULE, now=NOW)
        assert (set(), {"g1"}) == (added, removed)
        return [(each.group.name, each.source) for each in await groups.groups_of_account(tx, "account-1")]

    assert [("Editors", HAND), ("Finance", RULE)] == await db.write(unit)


async def test_two_groups_cannot_be_called_the_same_but_for_case(db: Database) -> None:
    with pytest.raises(UniqueViolation):
        await db.write(lambda tx: groups.put_group(tx, a_group("g3", "EDITORS ")))


async def test_roles_of_a_person_are_the_union_of_their_own_and_their_groups(db: Database) -> None:
    async def unit(tx: Tx) -> list[frozenset[str]]:
        await grants.put_account_role(tx, "account-1", AUDITOR, source=RULE, now=NOW)
        await grants.put_group_role(tx, "g1", USER_ADMINISTRATOR, now=NOW)
        await groups.put_member(tx, "g1", "account-1", source=SCIM, now=NOW)
        await groups.put_member(tx, "g1", "account-2", source=HAND, now=NOW)
        return [(await standing.standing_of(tx, f"account-{n}"))[1] for n in (1, 2, 3)]

    assert [{AUDITOR, USER_ADMINISTRATOR}, {USER_ADMINISTRATOR}, set()] == await db.write(unit)


async def test_an_administrator_is_one_by_whatever_way(db: Database) -> None:
    async def unit(tx: Tx) -> list[bool]:
        await accounts.set_admin(tx, "account-1", is_admin=True)
        await grants.put_account_role(tx, "account-2", ADMINISTRATOR, source=RULE, now=NOW)
        await grants.put_group_role(tx, "g2", ADMINISTRATOR, now=NOW)
        await groups.put_member(tx, "g2", "account-3", source=HAND, now=NOW)
        found = [await accounts.find_account(tx, f"account-{n}") for n in (1, 2, 3)]
        for number in (1, 2, 3):
            assert ADMINISTRATOR in (await standing.standing_of(tx, f"account-{number}"))[1]
            assert ADMINISTRATOR in {each.role for each in await grants.grants_of_account(tx, f"account-{number}")}
        await groups.delete_group(tx, "g2")
        last = await accounts.find_account(tx, "account-3")
        return [each is not None and each.is_admin for each in (*found, last)]

    assert [True, True, True, False] == await db.write(unit)


async def test_a_deleted_account_leaves_no_membership_and_no_role(db: Database) -> None:
    async def unit(tx: Tx) -> tuple[int, int]:
        await groups.put_member(tx, "g1", "account-1", source=HAND, now=NOW)
        await grants.put_account_role(tx, "account-1", AUDITOR, source=HAND, now=NOW)
        await accounts.delete_account(tx, "account-1")
        return len(await groups.accounts_of_group(tx, "g1")), len(await grants.all_grants(tx))

    assert (0, 0) == await db.write(unit)


async def test_members_are_listed_with_their_sources_and_groups_with_their_size(db: Database) -> None:
    async def unit(tx: Tx) -> None:
        await groups.put_member(tx, "g1", "account-1", source=HAND, now=NOW)
        await groups.put_member(tx, "g1", "account-1", source=SCIM, now=NOW)
        await groups.put_member(tx, "g1", "account-2", source=SCIM, now=NOW)

    await db.write(unit)

    async def look(tx: ReadTx) -> None:
        lines, more = await groups.list_groups(tx)
        assert ([("Editors", 2), ("Finance", 0)], False) == ([(each.group.name, each.size) for each in lines], more)
        members, _ = await groups.list_members(tx, "g1")
        assert [("account-1", (HAND, SCIM)), ("account-2", (SCIM,))] == [(m.account.id, m.sources) for m in members]
        assert ["account-1"] == await groups.member_ids(tx, "g1", source=HAND)
        assert [] == (await groups.list_groups(tx, wanted="50%"))[0]

    await db.read(look)


async def test_a_change_of_groups_is_announced(db: Database) -> None:
    heard: list[str] = []
    db.subscribe(sessions.CHANNEL, heard.append)

    await db.write(lambda tx: groups.put_member(tx, "g1", "account-1", source=HAND, now=NOW))
    for _ in range(50):
        if heard:
            break
        await asyncio.sleep(0.02)

    assert heard


async def test_an_invitation_is_taken_once(db: Database) -> None:
    await db.write(lambda tx: invitations.put_invitation(tx, an_invitation(), token_digest=b"t" * 32))

    taken = await asyncio.gather(
        *(db.write(lambda tx: invitations.take_invitation_by_token(tx, b"t" * 32, NOW)) for _ in range(4)),
        *(db.write(lambda tx: invitations.take_invitation_of(tx, "new@example.com", NOW)) for _ in range(4)),
    )

    assert [an_invitation()] == [each for each in taken if each is not None]


async def test_an_invitation_that_is_over_is_not_taken(db: Database) -> None:
    await db.write(lambda tx: invitations.put_invitation(tx, an_invitation(), token_digest=b"t" * 32))

    late = Epoch(NOW + 100)
    assert await db.write(lambda tx: invitations.take_invitation_by_token(tx, b"t" * 32, late)) is None
    assert await db.write(lambda tx: invitations.take_invitation_of(tx, "new@example.com", late)) is None
    assert [an_invitation()] == await db.read(invitations.list_invitations)


async def test_a_second_invitation_of_an_address_takes_the_place_of_the_first(db: Database) -> None:
    async def unit(tx: Tx) -> list[Invitation]:
        await invitations.put_invitation(tx, an_invitation(), token_digest=b"t" * 32)
        await invitations.put_invitation(tx, an_invitation(id="i2"), token_digest=b"u" * 32)
        assert await invitations.find_invitation_by_token(tx, b"t" * 32, NOW) is None
        assert await invitations.renew_invitation(
            tx, "i2", token_digest=b"v" * 32, is_mailed=False, expires_at=Epoch(NOW + 500)
        )
        assert await invitations.find_invitation_by_token(tx, b"u" * 32, NOW) is None
        return await invitations.list_invitations(tx)

    assert [an_invitation(id="i2", is_mailed=False, expires_at=Epoch(NOW + 500))] == await db.write(unit)


@pytest.mark.parametrize("by_role", [True, False])
async def test_two_administrators_who_take_the_right_from_each_other_leave_one(by_role: bool, db: Database) -> None:
    ids = ("account-1", "account-2")

    async def begin(tx: Tx) -> None:
        for each in ids:
            await accounts.set_password(tx, each, "hash")
            if by_role:
                await grants.put_account_role(tx, each, ADMINISTRATOR, source=RULE, now=NOW)
            else:
                await accounts.set_admin(tx, each, is_admin=True)

    await db.write(begin)

    async def take(account_id: str) -> bool:
        async def unit(tx: Tx) -> None:
            await accounts.set_admin(tx, account_id, is_admin=False)
            await grants.delete_account_role(tx, account_id, ADMINISTRATOR, source=RULE)
            await check_left(tx, RING)

        try:
            await db.write(unit)
        except Refused:
            return False
        return True

    for _ in range(5):
        assert [False, True] == sorted(await asyncio.gather(*(take(each) for each in ids)))
        await db.write(begin)
