"""Groups and who is in them."""

from collections.abc import Callable
from typing import Final

import msgspec

from poolhouse.kit.db.protocol import ReadTx, Tx, UniqueViolation
from poolhouse.pool.flows import people
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.model.pool import Group, Pool
from poolhouse.pool.model.user import User
from poolhouse.pool.spec.errors import Reason, invalid_parameter, limit_exceeded
from poolhouse.pool.store import groups as store

IN_POOL: Final = 10_000
OF_USER: Final = 100


async def create(
    flow: Flow, pool: Pool, *, name: str, description: str | None, role_arn: str | None, precedence: int | None
) -> Group:
    """AWS API: CreateGroup."""
    now_ms = flow.clock.now_ms()
    group = Group(
        pool_id=pool.id,
        name=name,
        description=description,
        role_arn=role_arn,
        precedence=precedence,
        created_ms=now_ms,
        modified_ms=now_ms,
    )

    async def unit(tx: Tx) -> None:
        if await store.count_groups(tx, pool.id) >= IN_POOL:
            raise limit_exceeded(f"A user pool cannot have more than {IN_POOL} groups.")
        await store.put_group(tx, group)

    try:
        await flow.database.write(unit)
    except UniqueViolation as taken:
        raise Refused(Reason.GROUP_EXISTS) from taken
    return group


async def get(flow: Flow, pool: Pool, name: str) -> Group:
    """AWS API: GetGroup."""
    return await flow.database.read(lambda tx: _get(tx, pool, name))


async def update(flow: Flow, pool: Pool, name: str, change: Callable[[Group], Group]) -> Group:
    """AWS API: UpdateGroup. *change* is pure."""
    now_ms = flow.clock.now_ms()

    async def unit(tx: Tx) -> Group:
        changed = msgspec.structs.replace(change(await _get(tx, pool, name)), modified_ms=now_ms)
        await store.replace_group(tx, changed)
        return changed

    return await flow.database.write(unit)


async def delete(flow: Flow, pool: Pool, name: str) -> None:
    """AWS API: DeleteGroup. Its members stay users."""
    if not await flow.database.write(lambda tx: store.drop_group(tx, pool.id, name)):
        raise Refused(Reason.GROUP_NOT_FOUND)


async def list_all(flow: Flow, pool: Pool, after: str, limit: int) -> list[Group]:
    """By name, from the one after *after*."""
    return await flow.database.read(lambda tx: store.list_groups(tx, pool.id, after, limit))


async def list_members(flow: Flow, pool: Pool, name: str, after: str, limit: int) -> list[User]:
    """By username, from the one after *after*."""

    async def read(tx: ReadTx) -> list[User]:
        await _get(tx, pool, name)
        return await store.list_members(tx, pool.id, name, after, limit)

    return await flow.database.read(read)


async def list_of_user(flow: Flow, pool: Pool, username: str, after: str, limit: int) -> list[Group]:
    """By name, from the one after *after*."""

    async def read(tx: ReadTx) -> list[Group]:
        user = await _member(tx, pool, username)
        return await store.list_groups_of(tx, pool.id, user.username, after, limit)

    return await flow.database.read(read)


async def join(flow: Flow, pool: Pool, username: str, name: str) -> None:
    """AWS API: AdminAddUserToGroup. Joining twice is joining once."""

    async def unit(tx: Tx) -> None:
        user = await _member(tx, pool, username)
        await _get(tx, pool, name)
        await store.join_group(tx, pool.id, name, user.username)
        if len(await store.list_groups_of(tx, pool.id, user.username, "", OF_USER + 1)) > OF_USER:
            raise invalid_parameter(f"A user cannot be in more than {OF_USER} groups.")

    await flow.database.write(unit)


async def leave(flow: Flow, pool: Pool, username: str, name: str) -> None:
    """AWS API: AdminRemoveUserFromGroup. To leave a group that one is not in changes nothing."""

    async def unit(tx: Tx) -> None:
        user = await _member(tx, pool, username)
        await _get(tx, pool, name)
        await store.leave_group(tx, pool.id, name, user.username)

    await flow.database.write(unit)


async def _get(tx: ReadTx, pool: Pool, name: str) -> Group:
    found = await store.find_group(tx, pool.id, name)
    if found is None:
        raise Refused(Reason.GROUP_NOT_FOUND)
    return found


async def _member(tx: ReadTx, pool: Pool, username: str) -> User:
    found = await people.find(tx, pool, username)
    if found is None:
        raise Refused(Reason.USER_NOT_FOUND)
    return found
