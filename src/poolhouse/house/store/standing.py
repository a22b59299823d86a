"""What an account is here and now: the groups that it is in, and the roles that it has by itself or through them."""

from sqlalchemy import Boolean, Text, and_, bindparam, exists, literal, or_, select, union_all

from poolhouse.house.roles import ADMINISTRATOR
from poolhouse.house.tables import accounts as a
from poolhouse.house.tables import grants as r
from poolhouse.house.tables import groups as g
from poolhouse.house.tables import memberships as m
from poolhouse.kit.db.protocol import ReadTx
from poolhouse.kit.db.statement import compile_statement

ACCOUNT = "account"
GROUP = "group"

IS_ADMIN = or_(
    a.c.is_admin,
    exists(
        select(literal(1))
        .select_from(r)
        .where(
            and_(
                r.c.role == ADMINISTRATOR,
                or_(
                    and_(r.c.holder == ACCOUNT, r.c.holder_id == a.c.id),
                    and_(
                        r.c.holder == GROUP,
                        exists(
                            select(literal(1))
                            .select_from(m)
                            .where(and_(m.c.group_id == r.c.holder_id, m.c.account_id == a.c.id))
                            .correlate(a, r)
                        ),
                    ),
                ),
            )
        )
        .correlate(a)
    ),
)
"""An instance administrator: by hand (the account's own row), by a rule, or through a group."""

_account_id = bindparam("account_id", type_=Text)
_its_groups = select(m.c.group_id).where(m.c.account_id == _account_id)
_STANDING = compile_statement(
    union_all(
        select(literal(GROUP, Text).label("kind"), g.c.name.label("name")).where(g.c.id.in_(_its_groups)),
        select(literal("role", Text).label("kind"), r.c.role.label("name")).where(
            or_(
                and_(r.c.holder == ACCOUNT, r.c.holder_id == _account_id),
                and_(r.c.holder == GROUP, r.c.holder_id.in_(_its_groups)),
            )
        ),
        select(literal("role", Text).label("kind"), literal(ADMINISTRATOR, Text).label("name")).where(
            exists(
                select(literal(1))
                .select_from(a)
                .where(and_(a.c.id == _account_id, a.c.is_admin == literal(True, Boolean)))
            )
        ),
    )
)


async def standing_of(tx: ReadTx, account_id: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """The names of the account's groups, in order, and its roles, however it has them."""
    rows = await tx.all(_STANDING, account_id=account_id)
    groups = sorted({row[1] for row in rows if row[0] == GROUP})
    return tuple(groups), frozenset(row[1] for row in rows if row[0] != GROUP)
