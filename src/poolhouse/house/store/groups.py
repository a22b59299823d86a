"""
Groups and who is in them.

Whatever changes what somebody may open is announced to the gateway, which forgets what it remembers of sessions.
"""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Text, and_, bindparam, delete, func, insert, select, update

from poolhouse.house.model import Account
from poolhouse.house.people import Group, Membership, group_key
from poolhouse.house.store.accounts import ACCOUNTS, read_account
from poolhouse.house.store.directory import AFTER, PAGE, is_like, like_pattern
from poolhouse.house.store.sessions import CHANNEL
from poolhouse.house.store.standing import GROUP
from poolhouse.house.tables import accounts as a
from poolhouse.house.tables import grants as r
from poolhouse.house.tables import groups as g
from poolhouse.house.tables import memberships as m
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement, upsert

_columns = (g.c.id, g.c.name, g.c.description, g.c.external_id, g.c.managed_by, g.c.created_at, g.c.changed_at)
_its_id = g.c.id == bindparam("group_id", type_=Text)
_its_members = m.c.group_id == bindparam("group_id", type_=Text)
_of_account = m.c.account_id == bindparam("account_id", type_=Text)
_of_source = m.c.source == bindparam("source", type_=Text)

GROUPS = select(*_columns)

_PUT = compile_statement(insert(g))
_FIND = compile_statement(select(*_columns).where(_its_id))
_FIND_NAMED = compile_statement(select(*_columns).where(g.c.name_key == bindparam("name_key", type_=Text)))
_FIND_EXTERNAL = compile_statement(select(*_columns).where(g.c.external_id == bindparam("external_id", type_=Text)))
_ALL = compile_statement(select(*_columns).order_by(g.c.name_key))
_CHANGE = compile_statement(
    update(g)
    .where(_its_id)
    .values(
        name=bindparam("new_name", type_=Text),
        name_key=bindparam("new_name_key", type_=Text),
        description=bindparam("new_description", type_=Text),
        external_id=bindparam("new_external_id", type_=Text),
        managed_by=bindparam("new_managed_by", type_=Text),
        changed_at=bindparam("now", type_=BigInteger),
    )
)
_MARK = compile_statement(update(g).where(_its_id).values(changed_at=bindparam("now", type_=BigInteger)))
_DELETE = compile_statement(delete(g).where(_its_id))
_DELETE_MEMBERS = compile_statement(delete(m).where(_its_members))
_DELETE_GRANTS = compile_statement(
    delete(r).where(and_(r.c.holder == GROUP, r.c.holder_id == bindparam("group_id", type_=Text)))
)
_PUT_MEMBER = upsert(m, ["group_id", "account_id", "source"], [])
_DELETE_MEMBER = compile_statement(delete(m).where(and_(_its_members, _of_account, _of_source)))
_OF_ACCOUNT = compile_statement(
    select(*_columns, m.c.source)
    .select_from(g.join(m, m.c.group_id == g.c.id))
    .where(_of_account)
    .order_by(g.c.name_key, m.c.source)
)
_BY_SOURCE = compile_statement(select(m.c.group_id).where(and_(_of_account, _of_source)))
_SOURCES = compile_statement(select(m.c.account_id, m.c.source).where(_its_members).order_by(m.c.source))
_is_member = a.c.id.in_(select(m.c.account_id).where(_its_members))
_MEMBERS = compile_statement(
    ACCOUNTS.where(and_(_is_member, is_like(a.c.username, a.c.email, a.c.name), AFTER))
    .order_by(a.c.username, a.c.id)
    .limit(PAGE + 1)
)
_ALL_MEMBERS = compile_statement(ACCOUNTS.where(_is_member).order_by(a.c.username, a.c.id))
_size = select(func.count(m.c.account_id.distinct())).where(m.c.group_id == g.c.id).correlate(g).scalar_subquery()
_PAGE = compile_statement(
    select(*_columns, _size.label("size"))
    .where(and_(is_like(g.c.name, g.c.description), g.c.name_key > bindparam("after", type_=Text)))
    .order_by(g.c.name_key)
    .limit(PAGE + 1)
)


class GroupLine(msgspec.Struct, frozen=True):
    """A group in a list, with the number of its members."""

    group: Group
    size: int


class Member(msgspec.Struct, frozen=True):
    """Somebody in a group, with every source that says so."""

    account: Account
    sources: tuple[str, ...]


async def put_group(tx: Tx, group: Group) -> None:
    """Store a new group; ``UniqueViolation`` when one is called so."""
    await tx.run(_PUT, name_key=group_key(group.name), **msgspec.structs.asdict(group))


async def change_group(tx: Tx, group: Group) -> bool:
    """Store what it is called now; policies that name it are the caller's to change (``house.groups``)."""
    tx.announce(CHANNEL, "")
    changed = await tx.run(
        _CHANGE,
        group_id=group.id,
        new_name=group.name,
        new_name_key=group_key(group.name),
        new_description=group.description,
        new_external_id=group.external_id,
        new_managed_by=group.managed_by,
        now=group.changed_at,
    )
    return changed == 1


async def delete_group(tx: Tx, group_id: str) -> bool:
    """The group, its memberships and its roles."""
    await tx.run(_DELETE_MEMBERS, group_id=group_id)
    await tx.run(_DELETE_GRANTS, group_id=group_id)
    tx.announce(CHANNEL, "")
    return await tx.run(_DELETE, group_id=group_id) == 1


async def find_group(tx: ReadTx, group_id: str) -> Group | None:
    row = await tx.one(_FIND, group_id=group_id)
    return read_group(row) if row else None


async def find_group_named(tx: ReadTx, name: str) -> Group | None:
    """By name, whatever its case."""
    row = await tx.one(_FIND_NAMED, name_key=group_key(name))
    return read_group(row) if row else None


async def find_group_external(tx: ReadTx, external_id: str) -> Group | None:
    """By what a SCIM client calls it; several may be called so, since that is the client's business."""
    row = await tx.one(_FIND_EXTERNAL, external_id=external_id) if external_id else None
    return read_group(row) if row else None


async def all_groups(tx: ReadTx) -> list[Group]:
    """Every group, by name."""
    return [read_group(row) for row in await tx.all(_ALL)]


async def list_groups(tx: ReadTx, *, wanted: str = "", after: str = "") -> tuple[list[GroupLine], bool]:
    """A page in the order of names (*after* is a ``group_key``), and whether more follow."""
    rows = await tx.all(_PAGE, pattern=like_pattern(wanted), after=after)
    return [GroupLine(read_group(row), row[7]) for row in rows[:PAGE]], len(rows) > PAGE


async def put_member(tx: Tx, group_id: str, account_id: str, *, source: str, now: Epoch) -> bool:
    """Whether *source* says so only now."""
    if not await tx.run(_PUT_MEMBER, group_id=group_id, account_id=account_id, source=source, created_at=now):
        return False
    await tx.run(_MARK, group_id=group_id, now=now)
    tx.announce(CHANNEL, "")
    return True


async def delete_member(tx: Tx, group_id: str, account_id: str, *, source: str, now: Epoch) -> bool:
    """Whether *source* said so until now; other sources may still."""
    if not await tx.run(_DELETE_MEMBER, group_id=group_id, account_id=account_id, source=source):
        return False
    await tx.run(_MARK, group_id=group_id, now=now)
    tx.announce(CHANNEL, "")
    return True


async def set_groups_by_source(
    tx: Tx, account_id: str, group_ids: Iterable[str], *, source: str, now: Epoch
) -> tuple[set[str], set[str]]:
    """Make *source* name exactly these groups of the account; ids of those added and taken away."""
    wanted = set(group_ids)
    present = {row[0] for row in await tx.all(_BY_SOURCE, account_id=account_id, source=source)}
    for group_id in sorted(wanted - present):
        await put_member(tx, group_id, account_id, source=source, now=now)
    for group_id in sorted(present - wanted):
        await delete_member(tx, group_id, account_id, source=source, now=now)
    return wanted - present, present - wanted


async def groups_of_account(tx: ReadTx, account_id: str) -> list[Membership]:
    """Every membership with its source, by name; a group appears once for each source."""
    return [Membership(read_group(row), row[7]) for row in await tx.all(_OF_ACCOUNT, account_id=account_id)]


async def member_ids(tx: ReadTx, group_id: str, *, source: str = "") -> list[str]:
    """Ids of the accounts in a group, by one source or, if empty, by any."""
    rows = await tx.all(_SOURCES, group_id=group_id)
    return sorted({account_id for account_id, said_by in rows if source in {"", said_by}})


async def accounts_of_group(tx: ReadTx, group_id: str) -> list[Account]:
    """All members, by user name."""
    return [read_account(row) for row in await tx.all(_ALL_MEMBERS, group_id=group_id)]


async def list_members(
    tx: ReadTx, group_id: str, *, wanted: str = "", after: tuple[str, str] = ("", "")
) -> tuple[list[Member], bool]:
    """A page of members with their sources, by user name, and whether more follow."""
    rows = await tx.all(
        _MEMBERS, group_id=group_id, pattern=like_pattern(wanted), after_name=after[0], after_id=after[1]
    )
    sources: dict[str, list[str]] = {}
    for account_id, source in await tx.all(_SOURCES, group_id=group_id):
        sources.setdefault(account_id, []).append(source)
    found = [read_account(row) for row in rows[:PAGE]]
    return [Member(each, tuple(sources.get(each.id, ()))) for each in found], len(rows) > PAGE


def read_group(row: tuple[Any, ...]) -> Group:
    return Group(
        id=row[0],
        name=row[1],
        description=row[2],
        external_id=row[3],
        managed_by=row[4],
        created_at=row[5],
        changed_at=row[6],
    )
