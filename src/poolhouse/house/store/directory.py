"""Looking for people: pages of accounts, and accounts by what others call them."""

import msgspec
from sqlalchemy import Boolean, Text, and_, bindparam, exists, func, literal, not_, or_, select
from sqlalchemy.sql import ColumnElement

from poolhouse.house.model import Account
from poolhouse.house.store.accounts import ACCOUNTS, read_account
from poolhouse.house.store.standing import IS_ADMIN
from poolhouse.house.tables import accounts as a
from poolhouse.house.tables import identities as i
from poolhouse.house.tables import memberships as m
from poolhouse.kit.db.protocol import ReadTx
from poolhouse.kit.db.statement import compile_statement

PAGE = 50
SAID_PAGE = 200


def is_like(*columns: ColumnElement[str]) -> ColumnElement[bool]:
    """One of *columns* is like the parameter ``pattern`` (``like_pattern``)."""
    pattern = bindparam("pattern", type_=Text)
    return or_(*(func.lower(column).like(pattern, escape="\\") for column in columns))


def like_pattern(wanted: str) -> str:
    """For ``is_like``: *wanted* anywhere; letters beyond ASCII match in their own case only."""
    escaped = wanted.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


_status = bindparam("status", type_=Text)
_group = bindparam("group_id", type_=Text)
_issuer = bindparam("issuer", type_=Text)
_FITS = and_(
    is_like(a.c.username, a.c.email, a.c.name),
    or_(_status == "", and_(_status == "enabled", a.c.is_enabled), and_(_status == "disabled", not_(a.c.is_enabled))),
    or_(not_(bindparam("only_admins", type_=Boolean)), IS_ADMIN),
    or_(
        _group == "",
        exists(
            select(literal(1)).select_from(m).where(and_(m.c.account_id == a.c.id, m.c.group_id == _group)).correlate(a)
        ),
    ),
    or_(
        _issuer == "",
        exists(
            select(literal(1)).select_from(i).where(and_(i.c.account_id == a.c.id, i.c.issuer == _issuer)).correlate(a)
        ),
    ),
)
AFTER = or_(
    a.c.username > bindparam("after_name", type_=Text),
    and_(a.c.username == bindparam("after_name", type_=Text), a.c.id > bindparam("after_id", type_=Text)),
)
_PAGE = compile_statement(ACCOUNTS.where(and_(_FITS, AFTER)).order_by(a.c.username, a.c.id).limit(PAGE + 1))
_FIND_NAMED = compile_statement(
    ACCOUNTS.where(func.lower(a.c.username) == bindparam("username", type_=Text))
    .order_by(a.c.created_at, a.c.id)
    .limit(1)
)
_FIND_EXTERNAL = compile_statement(
    ACCOUNTS.where(a.c.external_id == bindparam("external_id", type_=Text)).order_by(a.c.created_at, a.c.id).limit(1)
)

_SAID = compile_statement(
    select(i.c.issuer, i.c.subject, i.c.account_id, i.c.provider, i.c.claims)
    .where(
        and_(
            i.c.claims != "",
            or_(
                i.c.issuer > bindparam("after_issuer", type_=Text),
                and_(
                    i.c.issuer == bindparam("after_issuer", type_=Text),
                    i.c.subject > bindparam("after_subject", type_=Text),
                ),
            ),
        )
    )
    .order_by(i.c.issuer, i.c.subject)
    .limit(SAID_PAGE)
)


class Said(msgspec.Struct, frozen=True):
    """What a provider said of somebody at the last sign-in there, as JSON."""

    issuer: str
    subject: str
    account_id: str
    provider: str
    claims: str


async def list_accounts(
    tx: ReadTx,
    *,
    wanted: str = "",
    status: str = "",
    only_admins: bool = False,
    group_id: str = "",
    issuer: str = "",
    after: tuple[str, str] = ("", ""),
) -> tuple[list[Account], bool]:
    """
    A page in the order of user names, and whether more follow.

    *wanted* is looked for in user name, e-mail and name; *status* is ``enabled``, ``disabled`` or empty; *issuer* is
    that of an identity.  What is empty holds nobody back.
    """
    rows = await tx.all(
        _PAGE,
        pattern=like_pattern(wanted),
        status=status,
        only_admins=only_admins,
        group_id=group_id,
        issuer=issuer,
        after_name=after[0],
        after_id=after[1],
    )
    return [read_account(row) for row in rows[:PAGE]], len(rows) > PAGE


async def find_account_named(tx: ReadTx, username: str) -> Account | None:
    """By user name, whatever its case in ASCII (SCIM's userName, RFC 7643 section 4.1.1); the oldest of several."""
    row = await tx.one(_FIND_NAMED, username=username.lower())
    return read_account(row) if row else None


async def find_account_external(tx: ReadTx, external_id: str) -> Account | None:
    """By what a SCIM client calls it; the oldest of several."""
    row = await tx.one(_FIND_EXTERNAL, external_id=external_id) if external_id else None
    return read_account(row) if row else None


async def list_said(tx: ReadTx, *, after: tuple[str, str] = ("", "")) -> list[Said]:
    """A page of identities whose claims are known, in the order of (issuer, subject); the last page is not full."""
    return [Said(*row) for row in await tx.all(_SAID, after_issuer=after[0], after_subject=after[1])]
