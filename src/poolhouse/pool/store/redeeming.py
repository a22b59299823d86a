"""What a code or a refresh token stands for, with its user: one query each, since every request for tokens asks."""

from typing import Any

import msgspec
from sqlalchemy import Table, and_, bindparam, exists, func, select

from poolhouse.kit.db.protocol import ReadTx
from poolhouse.kit.db.statement import compile_statement
from poolhouse.pool.model.grant import AuthorizationCode, Grant, RefreshToken
from poolhouse.pool.model.pool import Group
from poolhouse.pool.model.user import User
from poolhouse.pool.store import tables as t
from poolhouse.pool.store.groups import all_groups_of
from poolhouse.pool.store.record import Record
from poolhouse.pool.store.users import USER

_CODE = Record(t.authorization_codes, AuthorizationCode)
_TOKEN = Record(t.refresh_tokens, RefreshToken)
_GRANT = Record(t.grants, Grant)
_IS_MEMBER = exists().where(
    t.memberships.c.pool_id == t.users.c.pool_id, t.memberships.c.username == t.users.c.username
)
_GENERATIONS = t.refresh_tokens.alias("generations")


def _whose(table: Table) -> Any:
    return and_(
        t.users.c.pool_id == table.c.pool_id, t.users.c.sub == table.c.sub, t.users.c.username == table.c.username
    )


_OF_CODE = compile_statement(
    select(*_CODE.columns(), *USER.columns(), _IS_MEMBER)
    .join_from(t.authorization_codes, t.users, _whose(t.authorization_codes), isouter=True)
    .where(t.authorization_codes.c.digest == bindparam("key"))
)
_OF_TOKEN = compile_statement(
    select(
        *_TOKEN.columns(),
        *_GRANT.columns(),
        *USER.columns(),
        _IS_MEMBER,
        select(func.max(_GENERATIONS.c.generation))
        .where(_GENERATIONS.c.grant_id == t.refresh_tokens.c.grant_id)
        .scalar_subquery(),
    )
    .join_from(t.refresh_tokens, t.grants, t.grants.c.id == t.refresh_tokens.c.grant_id)
    .join(t.users, _whose(t.grants))
    .where(t.refresh_tokens.c.digest == bindparam("key"))
)
_FIRST, _SECOND = len(_TOKEN.names), len(_TOKEN.names) + len(_GRANT.names)


class Family(msgspec.Struct, frozen=True, kw_only=True):
    """A refresh token, its grant, whose it is, and the newest generation of the grant's refresh tokens."""

    token: RefreshToken
    grant: Grant
    user: User
    is_member: bool
    newest: int


async def find_code(tx: ReadTx, digest: bytes) -> tuple[AuthorizationCode, User | None, list[Group]] | None:
    """
    A code that exists, spent or not, with its user, None for one who is gone, and that user's groups.

    That a code is spent is found out by ``grants.spend_code`` alone (RFC 6749 section 4.1.2).
    """
    row = await tx.one(_OF_CODE, key=digest)
    if row is None:
        return None
    code = _CODE.read(row[: len(_CODE.names)])
    found = row[len(_CODE.names) : -1]
    if found[0] is None:
        return code, None, []
    user = USER.read(found)
    return code, user, await all_groups_of(tx, user.pool_id, user.username) if row[-1] else []


async def find_family(tx: ReadTx, digest: bytes) -> Family | None:
    """A refresh token that is not revoked, with all that it is judged by."""
    row = await tx.one(_OF_TOKEN, key=digest)
    if row is None:
        return None
    return Family(
        token=_TOKEN.read(row[:_FIRST]),
        grant=_GRANT.read(row[_FIRST:_SECOND]),
        user=USER.read(row[_SECOND:-2]),
        is_member=bool(row[-2]),
        newest=int(row[-1]),
    )


async def groups_of(tx: ReadTx, family: Family) -> list[Group]:
    """The user's groups, for the claims of tokens."""
    user = family.user
    return await all_groups_of(tx, user.pool_id, user.username) if family.is_member else []
