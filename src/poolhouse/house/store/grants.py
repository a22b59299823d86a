"""Roles of accounts and of groups."""

from collections.abc import Iterable

from sqlalchemy import Text, and_, bindparam, delete, literal, select, union_all

from poolhouse.house.people import HAND, Grant
from poolhouse.house.roles import ADMINISTRATOR
from poolhouse.house.store.sessions import CHANNEL
from poolhouse.house.store.standing import ACCOUNT, GROUP
from poolhouse.house.tables import accounts as a
from poolhouse.house.tables import grants as r
from poolhouse.house.tables import groups as g
from poolhouse.house.tables import memberships as m
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement, upsert

_account_id = bindparam("account_id", type_=Text)
_PUT = upsert(r, ["holder", "holder_id", "role", "source"], [])
_DELETE = compile_statement(
    delete(r).where(
        and_(
            r.c.holder == bindparam("holder", type_=Text),
            r.c.holder_id == bindparam("holder_id", type_=Text),
            r.c.role == bindparam("role", type_=Text),
            r.c.source == bindparam("source", type_=Text),
        )
    )
)
_BY_SOURCE = compile_statement(
    select(r.c.role).where(
        and_(r.c.holder == ACCOUNT, r.c.holder_id == _account_id, r.c.source == bindparam("source", type_=Text))
    )
)
_OF_GROUP = compile_statement(
    select(r.c.role).where(and_(r.c.holder == GROUP, r.c.holder_id == bindparam("group_id", type_=Text)))
)
_OF_GROUPS = compile_statement(select(r.c.holder_id, r.c.role).where(r.c.holder == GROUP))
_none = literal("", Text)
_own = select(
    r.c.role.label("role"), r.c.source.label("source"), r.c.holder_id.label("account_id"), _none.label("group_id"),
    _none.label("group_name"),
)  # fmt: skip
_by_hand = select(
    literal(ADMINISTRATOR, Text).label("role"), literal(HAND, Text).label("source"), a.c.id.label("account_id"),
    _none.label("group_id"), _none.label("group_name"),
).where(a.c.is_admin)  # fmt: skip
_of_groups = select(
    r.c.role.label("role"), r.c.source.label("source"), _none.label("account_id"), g.c.id.label("group_id"),
    g.c.name.label("group_name"),
).select_from(r.join(g, and_(r.c.holder == GROUP, g.c.id == r.c.holder_id)))  # fmt: skip
_OF_ACCOUNT = compile_statement(
    union_all(
        _own.where(and_(r.c.holder == ACCOUNT, r.c.holder_id == _account_id)),
        _by_hand.where(a.c.id == _account_id),
        _of_groups.where(g.c.id.in_(select(m.c.group_id).where(m.c.account_id == _account_id))),
    )
)
_ALL = compile_statement(union_all(_own.where(r.c.holder == ACCOUNT), _by_hand, _of_groups))


async def put_account_role(tx: Tx, account_id: str, role: str, *, source: str, now: Epoch) -> bool:
    """Whether *source* gives it only now.  Administrators by hand are ``accounts.set_admin``'s."""
    return await _put(tx, ACCOUNT, account_id, role, source, now)


async def delete_account_role(tx: Tx, account_id: str, role: str, *, source: str) -> bool:
    """Whether *source* gave it until now."""
    return await _delete(tx, ACCOUNT, account_id, role, source)


async def put_group_role(tx: Tx, group_id: str, role: str, *, now: Epoch) -> bool:
    """Every member has it from now on."""
    return await _put(tx, GROUP, group_id, role, HAND, now)


async def delete_group_role(tx: Tx, group_id: str, role: str) -> bool:
    return await _delete(tx, GROUP, group_id, role, HAND)


async def set_roles_by_source(
    tx: Tx, account_id: str, roles: Iterable[str], *, source: str, now: Epoch
) -> tuple[set[str], set[str]]:
    """Make *source* give exactly these roles to the account; those added and taken away."""
    wanted = set(roles)
    present = {row[0] for row in await tx.all(_BY_SOURCE, account_id=account_id, source=source)}
    for role in sorted(wanted - present):
        await put_account_role(tx, account_id, role, source=source, now=now)
    for role in sorted(present - wanted):
        await delete_account_role(tx, account_id, role, source=source)
    return wanted - present, present - wanted


async def roles_of_group(tx: ReadTx, group_id: str) -> frozenset[str]:
    """What being in it gives."""
    return frozenset(row[0] for row in await tx.all(_OF_GROUP, group_id=group_id))


async def roles_of_groups(tx: ReadTx) -> dict[str, frozenset[str]]:
    """The same for every group that gives something."""
    found: dict[str, set[str]] = {}
    for group_id, role in await tx.all(_OF_GROUPS):
        found.setdefault(group_id, set()).add(role)
    return {group_id: frozenset(roles) for group_id, roles in found.items()}


async def grants_of_account(tx: ReadTx, account_id: str) -> list[Grant]:
    """Every reason for which the account has a role."""
    return [_read(row) for row in await tx.all(_OF_ACCOUNT, account_id=account_id)]


async def all_grants(tx: ReadTx) -> list[Grant]:
    """Everything that was given, to accounts and to groups."""
    return [_read(row) for row in await tx.all(_ALL)]


async def _put(tx: Tx, holder: str, holder_id: str, role: str, source: str, now: Epoch) -> bool:
    tx.announce(CHANNEL, "")
    put = await tx.run(_PUT, holder=holder, holder_id=holder_id, role=role, source=source, created_at=now)
    return put == 1


async def _delete(tx: Tx, holder: str, holder_id: str, role: str, source: str) -> bool:
    tx.announce(CHANNEL, "")
    return await tx.run(_DELETE, holder=holder, holder_id=holder_id, role=role, source=source) == 1


def _read(row: tuple[str, ...]) -> Grant:
    return Grant(role=row[0], source=row[1], account_id=row[2], group_id=row[3], group_name=row[4])
