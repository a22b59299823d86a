"""People, the addresses they hold, and their identities at the provider."""

from typing import Any

import msgspec
from sqlalchemy import BigInteger, Boolean, Text, and_, bindparam, delete, insert, select, update

from poolhouse.house.model import Account, Identity
from poolhouse.house.store.standing import ACCOUNT, IS_ADMIN
from poolhouse.house.tables import access_requests, app_uses, favourites
from poolhouse.house.tables import accounts as a
from poolhouse.house.tables import email_holders as e
from poolhouse.house.tables import grants as r
from poolhouse.house.tables import identities as i
from poolhouse.house.tables import memberships as m
from poolhouse.house.tables import tokens as t
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement, upsert

ACCOUNT_COLUMNS = (
    a.c.id, a.c.username, a.c.email, e.c.email_key, a.c.name, IS_ADMIN.label("is_admin"), a.c.is_enabled,
    a.c.password_hash, a.c.created_at, a.c.signed_in_at, a.c.email_proof, a.c.given_name, a.c.family_name,
    a.c.external_id, a.c.managed_by, a.c.changed_at, a.c.disabled_by,
)  # fmt: skip
WITH_HOLDER = a.outerjoin(e, e.c.account_id == a.c.id)
ACCOUNTS = select(*ACCOUNT_COLUMNS).select_from(WITH_HOLDER)
_its_id = a.c.id == bindparam("account_id", type_=Text)

_FIND = compile_statement(ACCOUNTS.where(_its_id))
_FIND_HOLDER = compile_statement(ACCOUNTS.where(e.c.email_key == bindparam("email_key", type_=Text)))
_FIND_NAMESAKE = compile_statement(
    select(a.c.id)
    .where(and_(a.c.email_key == bindparam("email_key", type_=Text), a.c.id != bindparam("but", type_=Text)))
    .limit(1)
)
_FIND_ANY = compile_statement(select(a.c.id).limit(1))
_PUT = compile_statement(insert(a))
_HOLD = upsert(e, ["email_key"], [])
_CLAIM = compile_statement(insert(e))
_LET_GO = compile_statement(delete(e).where(e.c.account_id == bindparam("account_id", type_=Text)))
_DELETE = compile_statement(delete(a).where(_its_id))
_DESCRIBE = compile_statement(
    update(a)
    .where(_its_id)
    .values(
        username=bindparam("new_username", type_=Text),
        email=bindparam("new_email", type_=Text),
        email_key=bindparam("new_email_key", type_=Text),
        name=bindparam("new_name", type_=Text),
        email_proof=bindparam("new_email_proof", type_=Text),
        given_name=bindparam("new_given_name", type_=Text),
        family_name=bindparam("new_family_name", type_=Text),
        external_id=bindparam("new_external_id", type_=Text),
        managed_by=bindparam("new_managed_by", type_=Text),
        changed_at=bindparam("new_changed_at", type_=BigInteger),
    )
)
_MARK = compile_statement(update(a).where(_its_id).values(signed_in_at=bindparam("at", type_=BigInteger)))
_SET_ENABLED = compile_statement(
    update(a)
    .where(_its_id)
    .values(is_enabled=bindparam("flag", type_=Boolean), disabled_by=bindparam("by", type_=Text))
)
_SET_ADMIN = compile_statement(update(a).where(_its_id).values(is_admin=bindparam("flag", type_=Boolean)))
_SET_PASSWORD = compile_statement(
    update(a)
    .where(and_(_its_id, a.c.password_hash == bindparam("old_hash", type_=Text)))
    .values(password_hash=bindparam("new_hash", type_=Text))
)
_PUT_PASSWORD = compile_statement(update(a).where(_its_id).values(password_hash=bindparam("new_hash", type_=Text)))
_ADMINS_WITH_PASSWORD = compile_statement(
    select(a.c.id).where(and_(IS_ADMIN, a.c.is_enabled, a.c.password_hash.is_not(None)))
)
_ADMINS_OF_ISSUER = compile_statement(
    select(a.c.id)
    .join(i, i.c.account_id == a.c.id)
    .where(and_(IS_ADMIN, a.c.is_enabled, i.c.issuer == bindparam("issuer", type_=Text)))
)

_ADMINS = compile_statement(ACCOUNTS.where(and_(IS_ADMIN, a.c.is_enabled)).order_by(a.c.username, a.c.id))
_identity = (
    i.c.issuer, i.c.subject, i.c.account_id, i.c.created_at, i.c.signed_in_at, i.c.provider, i.c.claims,
)  # fmt: skip
_PUT_IDENTITY = compile_statement(insert(i))
_FIND_IDENTITY = compile_statement(
    select(*_identity).where(
        and_(i.c.issuer == bindparam("issuer", type_=Text), i.c.subject == bindparam("subject", type_=Text))
    )
)
_IDENTITIES = compile_statement(
    select(*_identity).where(i.c.account_id == bindparam("account_id", type_=Text)).order_by(i.c.created_at)
)
_MARK_IDENTITY = compile_statement(
    update(i)
    .where(and_(i.c.issuer == bindparam("its_issuer", type_=Text), i.c.subject == bindparam("its_subject", type_=Text)))
    .values(
        signed_in_at=bindparam("at", type_=BigInteger),
        provider=bindparam("its_provider", type_=Text),
        claims=bindparam("its_claims", type_=Text),
    )
)
_DELETE_IDENTITY = compile_statement(
    delete(i).where(
        and_(
            i.c.account_id == bindparam("account_id", type_=Text),
            i.c.issuer == bindparam("issuer", type_=Text),
            i.c.subject == bindparam("subject", type_=Text),
        )
    )
)

_DELETE_GRANTS = compile_statement(
    delete(r).where(and_(r.c.holder == ACCOUNT, r.c.holder_id == bindparam("account_id", type_=Text)))
)
_DELETE_OWN = tuple(
    compile_statement(delete(own).where(own.c.account_id == bindparam("account_id", type_=Text)))
    for own in (e, m, i, t, favourites, app_uses, access_requests)
)


def read_account(row: tuple[Any, ...]) -> Account:
    """The account of the first columns of *row*, selected as ``ACCOUNT_COLUMNS``."""
    return Account(
        id=row[0],
        username=row[1],
        email=row[2],
        is_email_holder=row[3] is not None,
        name=row[4],
        is_admin=row[5],
        is_enabled=row[6],
        password_hash=row[7],
        created_at=row[8],
        signed_in_at=row[9],
        email_proof=row[10],
        given_name=row[11],
        family_name=row[12],
        external_id=row[13],
        managed_by=row[14],
        changed_at=row[15],
        disabled_by=row[16],
    )


async def find_account(tx: ReadTx, account_id: str) -> Account | None:
    row = await tx.one(_FIND, account_id=account_id)
    return read_account(row) if row else None


async def find_email_holder(tx: ReadTx, email_key: str) -> Account | None:
    """The one account that holds the address."""
    row = await tx.one(_FIND_HOLDER, email_key=email_key)
    return read_account(row) if row else None


async def has_namesake(tx: ReadTx, email_key: str, *, but: str) -> bool:
    """Whether any account but one shows the address, holding it or not."""
    return await tx.one(_FIND_NAMESAKE, email_key=email_key, but=but) is not None


async def has_accounts(tx: ReadTx) -> bool:
    return await tx.one(_FIND_ANY) is not None


async def put_account(tx: Tx, account: Account, *, email_key: str) -> None:
    """Store a new account; it holds *email_key* if it says so and nobody else does."""
    fields = msgspec.structs.asdict(account)
    del fields["is_email_holder"]
    await tx.run(_PUT, email_key=email_key, **fields)
    if account.is_email_holder:
        await tx.run(_HOLD, email_key=email_key, account_id=account.id)


async def claim_email(tx: Tx, email_key: str, account_id: str) -> None:
    """Hold the address, or ``UniqueViolation``."""
    await tx.run(_CLAIM, email_key=email_key, account_id=account_id)


async def describe_account(tx: Tx, account: Account, *, email_key: str) -> None:
    """Store what the account is called now; an address held by somebody else stays theirs."""
    await tx.run(
        _DESCRIBE,
        account_id=account.id,
        new_username=account.username,
        new_email=account.email,
        new_email_key=email_key,
        new_name=account.name,
        new_email_proof=account.email_proof,
        new_given_name=account.given_name,
        new_family_name=account.family_name,
        new_external_id=account.external_id,
        new_managed_by=account.managed_by,
        new_changed_at=account.changed_at,
    )
    await tx.run(_LET_GO, account_id=account.id)
    if account.is_email_holder:
        await tx.run(_HOLD, email_key=email_key, account_id=account.id)


async def mark_sign_in(tx: Tx, account_id: str, now: Epoch) -> None:
    await tx.run(_MARK, account_id=account_id, at=now)


async def set_enabled(tx: Tx, account_id: str, *, is_enabled: bool, by: str = "") -> None:
    """*by*: who may enable it again, ``""`` for administrators alone."""
    await tx.run(_SET_ENABLED, account_id=account_id, flag=is_enabled, by=by)


async def set_admin(tx: Tx, account_id: str, *, is_admin: bool) -> None:
    await tx.run(_SET_ADMIN, account_id=account_id, flag=is_admin)


async def replace_password(tx: Tx, account_id: str, *, old_hash: str, new_hash: str) -> bool:
    """Whether the account still had *old_hash*, and now has *new_hash*."""
    return await tx.run(_SET_PASSWORD, account_id=account_id, old_hash=old_hash, new_hash=new_hash) == 1


async def set_password(tx: Tx, account_id: str, new_hash: str) -> None:
    """Whatever it was before."""
    await tx.run(_PUT_PASSWORD, account_id=account_id, new_hash=new_hash)


async def delete_account(tx: Tx, account_id: str) -> None:
    """The account and all that is its own; sessions are the caller's to end."""
    for statement in (*_DELETE_OWN, _DELETE_GRANTS):
        await tx.run(statement, account_id=account_id)
    await tx.run(_DELETE, account_id=account_id)


async def list_admins(tx: ReadTx) -> list[Account]:
    """Every enabled administrator."""
    return [read_account(row) for row in await tx.all(_ADMINS)]


async def admins_with_password(tx: ReadTx) -> set[str]:
    """Enabled administrators who can come in by form login."""
    return {row[0] for row in await tx.all(_ADMINS_WITH_PASSWORD)}


async def admins_of_issuer(tx: ReadTx, issuer: str) -> set[str]:
    """Enabled administrators who have come in by this issuer."""
    return {row[0] for row in await tx.all(_ADMINS_OF_ISSUER, issuer=issuer)}


async def find_identity(tx: ReadTx, issuer: str, subject: str) -> Identity | None:
    row = await tx.one(_FIND_IDENTITY, issuer=issuer, subject=subject)
    return _read_identity(row) if row else None


async def list_identities(tx: ReadTx, account_id: str) -> list[Identity]:
    return [_read_identity(row) for row in await tx.all(_IDENTITIES, account_id=account_id)]


async def put_identity(tx: Tx, identity: Identity) -> None:
    """``UniqueViolation`` when another sign-in of the same subject came first."""
    await tx.run(
        _PUT_IDENTITY,
        issuer=identity.issuer,
        subject=identity.subject,
        account_id=identity.account_id,
        created_at=identity.created_at,
        signed_in_at=identity.signed_in_at,
        provider=identity.provider,
        claims=identity.claims,
    )


async def mark_identity(tx: Tx, issuer: str, subject: str, now: Epoch, *, provider: str, claims: str) -> None:
    """It has just been used; *claims* are what the provider said, as JSON."""
    await tx.run(
        _MARK_IDENTITY, its_issuer=issuer, its_subject=subject, at=now, its_provider=provider, its_claims=claims
    )


async def delete_identity(tx: Tx, account_id: str, issuer: str, subject: str) -> bool:
    return await tx.run(_DELETE_IDENTITY, account_id=account_id, issuer=issuer, subject=subject) == 1


def _read_identity(row: tuple[Any, ...]) -> Identity:
    return Identity(
        issuer=row[0],
        subject=row[1],
        account_id=row[2],
        created_at=row[3],
        signed_in_at=row[4],
        provider=row[5],
        claims=row[6],
    )
