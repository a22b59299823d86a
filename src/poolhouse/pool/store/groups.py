"""Groups and membership."""

from sqlalchemy import bindparam, delete, func, select

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement, upsert
from poolhouse.pool.model.pool import Group
from poolhouse.pool.model.user import User
from poolhouse.pool.store import tables as t
from poolhouse.pool.store.record import LIMIT, Record
from poolhouse.pool.store.users import find_named

_GROUP = Record(t.groups, Group)
_m, _g = t.memberships.c, t.groups.c

_LIST = compile_statement(
    _GROUP.select(_g.pool_id == bindparam("pool_id"), _g.name > bindparam("after")).order_by(_g.name).limit(LIMIT)
)
_COUNT = compile_statement(select(func.count()).select_from(t.groups).where(_g.pool_id == bindparam("pool_id")))
_OF_USER = (
    _m.pool_id == bindparam("pool_id"),
    _m.username == bindparam("username"),
    _g.pool_id == _m.pool_id,
    _g.name == _m.group_name,
)
_LIST_OF_USER = compile_statement(_GROUP.select(*_OF_USER, _g.name > bindparam("after")).order_by(_g.name).limit(LIMIT))
_ALL_OF_USER = compile_statement(_GROUP.select(*_OF_USER).order_by(_g.name))
_MEMBERS = compile_statement(
    select(_m.username)
    .where(
        _m.pool_id == bindparam("pool_id"),
        _m.group_name == bindparam("group_name"),
        _m.username > bindparam("after"),
    )
    .order_by(_m.username)
    .limit(LIMIT)
)
_JOIN = upsert(t.memberships, ("pool_id", "group_name", "username"), ())
_LEAVE = compile_statement(
    delete(t.memberships).where(
        _m.pool_id == bindparam("pool_id"),
        _m.group_name == bindparam("group_name"),
        _m.username == bindparam("username"),
    )
)
_EMPTY = compile_statement(
    delete(t.memberships).where(_m.pool_id == bindparam("pool_id"), _m.group_name == bindparam("group_name"))
)


async def put_group(tx: Tx, group: Group) -> None:
    """``UniqueViolation`` when the name exists."""
    await _GROUP.put(tx, group)


async def find_group(tx: ReadTx, pool_id: str, name: str) -> Group | None:
    return await _GROUP.find(tx, pool_id=pool_id, name=name)


async def list_groups(tx: ReadTx, pool_id: str, after: str, limit: int) -> list[Group]:
    """By name, from the one after *after*."""
    return await _GROUP.all(tx, _LIST, pool_id=pool_id, after=after, limit=limit)


async def count_groups(tx: ReadTx, pool_id: str) -> int:
    row = await tx.one(_COUNT, pool_id=pool_id)
    return int(row[0]) if row else 0


async def replace_group(tx: Tx, group: Group) -> bool:
    return await _GROUP.replace(tx, group)


async def drop_group(tx: Tx, pool_id: str, name: str) -> bool:
    """The group and its memberships; users stay."""
    await tx.run(_EMPTY, pool_id=pool_id, group_name=name)
    return await _GROUP.drop(tx, pool_id=pool_id, name=name)


async def list_groups_of(tx: ReadTx, pool_id: str, username: str, after: str, limit: int) -> list[Group]:
    return await _GROUP.all(tx, _LIST_OF_USER, pool_id=pool_id, username=username, after=after, limit=limit)


async def all_groups_of(tx: ReadTx, pool_id: str, username: str) -> list[Group]:
    """For the claims of a token; ordered by name, precedence is the core's business."""
    return await _GROUP.all(tx, _ALL_OF_USER, pool_id=pool_id, username=username)


async def list_members(tx: ReadTx, pool_id: str, group: str, after: str, limit: int) -> list[User]:
    rows = await tx.all(_MEMBERS, pool_id=pool_id, group_name=group, after=after, limit=limit)
    names = [str(row[0]) for row in rows]
    users = await find_named(tx, pool_id, set(names))
    return [users[name] for name in names if name in users]


async def join_group(tx: Tx, pool_id: str, group: str, username: str) -> None:
    """Joining twice is joining once."""
    await tx.run(_JOIN, pool_id=pool_id, group_name=group, username=username)


async def leave_group(tx: Tx, pool_id: str, group: str, username: str) -> None:
    await tx.run(_LEAVE, pool_id=pool_id, group_name=group, username=username)
