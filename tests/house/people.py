"""What the tests about people share: groups, roles and rules, as they are in the store."""

from typing import Any

import msgspec

from poolhouse.house.app import House
from poolhouse.house.model import Account, Document
from poolhouse.house.people import HAND, Authority, ClaimRule, Group, Newcomers
from poolhouse.house.roles import ADMINISTRATOR
from poolhouse.house.store import accounts, directory, grants, groups, standing
from poolhouse.kit.db.protocol import Tx


async def account_named(house: House, username: str) -> Account:
    found = await house.ctx.db.read(lambda tx: directory.find_account_named(tx, username))
    assert found is not None
    return found


async def make_group(house: House, name: str, *, role: str = "") -> str:
    now = house.ctx.clock.now()
    group = Group(id=f"g-{name.lower()}", name=name, created_at=now, changed_at=now)

    async def unit(tx: Tx) -> None:
        await groups.put_group(tx, group)
        if role:
            await grants.put_group_role(tx, group.id, role, now=now)

    await house.ctx.db.write(unit)
    return group.id


async def put_in(house: House, group_id: str, username: str, *, source: str = HAND) -> None:
    account = await account_named(house, username)
    await house.ctx.db.write(
        lambda tx: groups.put_member(tx, group_id, account.id, source=source, now=house.ctx.clock.now())
    )


async def give_role(house: House, username: str, role: str) -> None:
    account = await account_named(house, username)

    async def unit(tx: Tx) -> None:
        if role == ADMINISTRATOR:
            await accounts.set_admin(tx, account.id, is_admin=True)
        else:
            await grants.put_account_role(tx, account.id, role, source=HAND, now=house.ctx.clock.now())

    await house.ctx.db.write(unit)


async def standing_of(house: House, username: str) -> tuple[set[str], set[str]]:
    """Names of groups, and roles."""
    account = await account_named(house, username)
    found, roles = await house.ctx.db.read(lambda tx: standing.standing_of(tx, account.id))
    return set(found), set(roles)


async def set_people(house: House, **fields: Any) -> None:
    async def change(_tx: Tx, document: Document) -> Document:
        return msgspec.structs.replace(document, people=msgspec.structs.replace(document.people, **fields))

    await house.ctx.live.change(change, by="test")


def newcomers(who: str, *domains: str) -> Newcomers:
    return Newcomers(who=who, domains=domains)  # type: ignore[arg-type]


def rule(claim: str, value: str, gives: str, *, test: str = "contains", provider: str = "") -> ClaimRule:
    """*gives* is the id of a group (``g-...``) or a role."""
    gift = {"group_id": gives} if gives.startswith("g-") else {"role": gives}
    return ClaimRule(claim=claim, value=value, test=test, provider=provider, **gift)  # type: ignore[arg-type]


def authority(domain: str, provider: str = "oidc") -> Authority:
    return Authority(domain=domain, provider=provider)
