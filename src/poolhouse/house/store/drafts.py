"""Drafts of a provider's settings, and the sign-ins that try them."""

import msgspec
from sqlalchemy import BigInteger, LargeBinary, Text, and_, bindparam, delete, insert, select, update

from poolhouse.house.tables import drafts as d
from poolhouse.house.tables import test_logins as t
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement

DRAFTS_KEPT = 5

_its_own = and_(
    d.c.id == bindparam("draft_id", type_=Text),
    d.c.account_id == bindparam("account_id", type_=Text),
    d.c.expires_at > bindparam("now", type_=BigInteger),
)
_PUT = compile_statement(insert(d))
_FIND = compile_statement(select(d.c.sealed).where(_its_own))
_CHANGE = compile_statement(update(d).where(_its_own).values(sealed=bindparam("new_sealed", type_=LargeBinary)))
_TAKE = compile_statement(delete(d).where(_its_own).returning(d.c.sealed))
_DELETE_DEAD = compile_statement(delete(d).where(d.c.expires_at <= bindparam("now", type_=BigInteger)))
_newest = (
    select(d.c.id)
    .where(d.c.account_id == bindparam("account_id", type_=Text))
    .order_by(d.c.created_at.desc(), d.c.id)
    .limit(DRAFTS_KEPT - 1)
)
_DELETE_OLDEST = compile_statement(
    delete(d).where(and_(d.c.account_id == bindparam("account_id", type_=Text), d.c.id.not_in(_newest)))
)

_PUT_LOGIN = compile_statement(insert(t))
_DELETE_DEAD_LOGINS = compile_statement(delete(t).where(t.c.expires_at <= bindparam("now", type_=BigInteger)))
_TAKE_LOGIN = compile_statement(
    delete(t)
    .where(
        and_(
            t.c.state_digest == bindparam("state_digest", type_=LargeBinary),
            t.c.browser_digest == bindparam("browser_digest", type_=LargeBinary),
            t.c.provider == bindparam("provider", type_=Text),
            t.c.expires_at > bindparam("now", type_=BigInteger),
        )
    )
    .returning(t.c.draft_id, t.c.nonce_digest, t.c.sealed_verifier)
)


class TestLogin(msgspec.Struct, frozen=True):
    """What the return of a sign-in with a draft has to agree with."""

    draft_id: str
    nonce_digest: bytes
    sealed_verifier: bytes


async def put_draft(tx: Tx, *, draft_id: str, account_id: str, sealed: bytes, now: Epoch, expires_at: Epoch) -> None:
    """Store a draft; an administrator has at most five, the oldest go first."""
    await tx.run(_DELETE_DEAD, now=now)
    await tx.run(_DELETE_OLDEST, account_id=account_id)
    await tx.run(_PUT, id=draft_id, account_id=account_id, sealed=sealed, created_at=now, expires_at=expires_at)


async def find_draft(tx: ReadTx, *, draft_id: str, account_id: str, now: Epoch) -> bytes | None:
    """The sealed draft, for the administrator whose it is."""
    row = await tx.one(_FIND, draft_id=draft_id, account_id=account_id, now=now)
    return row[0] if row else None


async def change_draft(tx: Tx, *, draft_id: str, account_id: str, sealed: bytes, now: Epoch) -> bool:
    """Whether the draft was still there to be changed."""
    return await tx.run(_CHANGE, draft_id=draft_id, account_id=account_id, new_sealed=sealed, now=now) == 1


async def take_draft(tx: Tx, *, draft_id: str, account_id: str, now: Epoch) -> bytes | None:
    """The sealed draft, which is gone afterwards."""
    row = await tx.one(_TAKE, draft_id=draft_id, account_id=account_id, now=now)
    return row[0] if row else None


async def sweep_drafts(tx: Tx, *, now: Epoch) -> None:
    """Clear away what is over, and sign-ins that tried it."""
    await tx.run(_DELETE_DEAD, now=now)
    await tx.run(_DELETE_DEAD_LOGINS, now=now)


async def put_login(
    tx: Tx,
    login: TestLogin,
    *,
    state_digest: bytes,
    browser_digest: bytes,
    provider: str,
    now: Epoch,
    expires_at: Epoch,
) -> None:
    """Remember a sign-in with a draft, and clear away what is over."""
    await tx.run(_DELETE_DEAD_LOGINS, now=now)
    await tx.run(
        _PUT_LOGIN,
        state_digest=state_digest,
        browser_digest=browser_digest,
        draft_id=login.draft_id,
        provider=provider,
        nonce_digest=login.nonce_digest,
        sealed_verifier=login.sealed_verifier,
        expires_at=expires_at,
    )


async def take_login(
    tx: Tx, *, state_digest: bytes, browser_digest: bytes, provider: str, now: Epoch
) -> TestLogin | None:
    """The sign-in, to exactly one caller, in the browser in which it began."""
    row = await tx.one(
        _TAKE_LOGIN, state_digest=state_digest, browser_digest=browser_digest, provider=provider, now=now
    )
    return TestLogin(*row) if row else None
