"""Browsers that are signed in.  A row is found by the digest of the cookie's opaque id and by nothing else."""

from sqlalchemy import BigInteger, LargeBinary, Text, and_, bindparam, case, delete, func, insert, or_, select, update

from poolhouse.house.model import Session, SessionLine
from poolhouse.house.store.accounts import ACCOUNT_COLUMNS, WITH_HOLDER, read_account
from poolhouse.house.store.standing import standing_of
from poolhouse.house.tables import accounts as a
from poolhouse.house.tables import sessions as s
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx, Row, Tx
from poolhouse.kit.db.statement import compile_statement

CHANNEL = "house_sessions"
"""Announced whenever sessions end before their time, or people may open more or less than before."""

SESSION_COLUMNS = (
    *ACCOUNT_COLUMNS, s.c.id_digest, s.c.method, s.c.issuer, s.c.subject, s.c.sealed_id_token, s.c.created_at,
    s.c.seen_at, s.c.expires_at, s.c.claims,
)  # fmt: skip
WITH_ACCOUNT = WITH_HOLDER.join(s, s.c.account_id == a.c.id)
IS_ALIVE = and_(
    s.c.expires_at > bindparam("now", type_=BigInteger),
    s.c.seen_at > bindparam("idle_before", type_=BigInteger),
    a.c.is_enabled,
)
_its_id = s.c.id_digest == bindparam("id_digest", type_=LargeBinary)

_FIND = compile_statement(select(*SESSION_COLUMNS).select_from(WITH_ACCOUNT).where(and_(_its_id, IS_ALIVE)))
_PUT = compile_statement(insert(s))
_TOUCH = compile_statement(update(s).where(_its_id).values(seen_at=bindparam("at", type_=BigInteger)))
_DELETE = compile_statement(delete(s).where(_its_id).returning(s.c.sealed_refresh_token))
_DELETE_OF_ACCOUNT = compile_statement(delete(s).where(s.c.account_id == bindparam("account_id", type_=Text)))
_DELETE_ONE_OF = compile_statement(
    delete(s).where(and_(_its_id, s.c.account_id == bindparam("account_id", type_=Text)))
)
_DELETE_OTHERS = compile_statement(
    delete(s).where(
        and_(
            s.c.account_id == bindparam("account_id", type_=Text),
            s.c.id_digest != bindparam("id_digest", type_=LargeBinary),
        )
    )
)
_DELETE_BY_METHOD = compile_statement(
    delete(s).where(
        and_(
            s.c.method == bindparam("method", type_=Text),
            s.c.id_digest != bindparam("id_digest", type_=LargeBinary),
        )
    )
)
_DELETE_DEAD = compile_statement(delete(s).where(s.c.expires_at <= bindparam("now", type_=BigInteger)))
_CHANGE_LIFETIME = compile_statement(
    update(s)
    .where(
        or_(
            s.c.expires_at == s.c.created_at + bindparam("old", type_=BigInteger),
            s.c.expires_at > s.c.created_at + bindparam("new", type_=BigInteger),
        )
    )
    .values(expires_at=s.c.created_at + bindparam("new", type_=BigInteger))
)
_is_kept = case((s.c.id_digest == bindparam("keep", type_=LargeBinary), 0), else_=1)
_order = (_is_kept, s.c.seen_at.desc(), s.c.created_at.desc(), s.c.id_digest)
_ranked = select(
    s.c.id_digest,
    s.c.account_id,
    func.row_number().over(partition_by=s.c.account_id, order_by=_order).label("place"),
).subquery()
_DELETE_SURPLUS = compile_statement(
    delete(s).where(
        s.c.id_digest.in_(
            select(_ranked.c.id_digest).where(
                and_(
                    _ranked.c.place > bindparam("most", type_=BigInteger),
                    or_(
                        bindparam("account_id", type_=Text) == "",
                        _ranked.c.account_id == bindparam("account_id", type_=Text),
                    ),
                )
            )
        )
    )
)
_LIST = compile_statement(
    select(s.c.id_digest, s.c.method, s.c.address, s.c.agent, s.c.created_at, s.c.seen_at)
    .where(
        and_(
            s.c.account_id == bindparam("account_id", type_=Text),
            s.c.expires_at > bindparam("now", type_=BigInteger),
            s.c.seen_at > bindparam("idle_before", type_=BigInteger),
        )
    )
    .order_by(s.c.seen_at.desc())
    .limit(100)
)


async def find_session(tx: ReadTx, id_digest: bytes, *, now: Epoch, idle_seconds: int) -> Session | None:
    """The session if it is neither over, nor idle too long, nor of a disabled account."""
    row = await tx.one(_FIND, id_digest=id_digest, now=now, idle_before=now - idle_seconds)
    return await read_session(tx, row) if row else None


async def read_session(tx: ReadTx, row: Row) -> Session:
    """A row of ``SESSION_COLUMNS``, with what its account is in and has now."""
    key, method, issuer, subject, sealed_id_token, created_at, seen_at, expires_at, claims = row[len(ACCOUNT_COLUMNS) :]
    account = read_account(row)
    groups, roles = await standing_of(tx, account.id)
    return Session(
        key=key,
        account=account,
        method=method,
        issuer=issuer,
        subject=subject,
        sealed_id_token=sealed_id_token,
        created_at=created_at,
        seen_at=seen_at,
        expires_at=expires_at,
        claims=claims,
        groups=groups,
        roles=roles,
    )


async def put_session(
    tx: Tx,
    *,
    id_digest: bytes,
    account_id: str,
    method: str,
    issuer: str,
    subject: str,
    claims: str,
    sealed_id_token: bytes | None,
    sid: str = "",
    nonce_digest: bytes | None = None,
    userinfo_names: str = "",
    sealed_refresh_token: bytes | None = None,
    renew_at: Epoch | None = None,
    address: str,
    agent: str,
    now: Epoch,
    expires_at: Epoch,
) -> None:
    """Store a new session, and clear away what is over."""
    await tx.run(_DELETE_DEAD, now=now)
    await tx.run(
        _PUT,
        id_digest=id_digest,
        account_id=account_id,
        method=method,
        issuer=issuer,
        subject=subject,
        claims=claims,
        sealed_id_token=sealed_id_token,
        sid=sid,
        nonce_digest=nonce_digest,
        userinfo_names=userinfo_names,
        sealed_refresh_token=sealed_refresh_token,
        renew_at=renew_at if sealed_refresh_token is not None else None,
        claimed_at=None,
        address=address,
        agent=agent,
        created_at=now,
        seen_at=now,
        expires_at=expires_at,
    )


async def touch_session(tx: Tx, id_digest: bytes, now: Epoch) -> None:
    await tx.run(_TOUCH, id_digest=id_digest, at=now)


async def delete_session(tx: Tx, id_digest: bytes) -> bytes | None:
    """End it; the sealed refresh token that it had."""
    row = await tx.one(_DELETE, id_digest=id_digest)
    tx.announce(CHANNEL, "")
    return row[0] if row else None


async def delete_sessions_of(tx: Tx, account_id: str) -> int:
    """Sign an account out everywhere; how many browsers that were."""
    tx.announce(CHANNEL, "")
    return await tx.run(_DELETE_OF_ACCOUNT, account_id=account_id)


async def delete_session_of(tx: Tx, account_id: str, key: bytes) -> bool:
    """End one session, if it is this account's."""
    tx.announce(CHANNEL, "")
    return await tx.run(_DELETE_ONE_OF, account_id=account_id, id_digest=key) == 1


async def delete_other_sessions(tx: Tx, account_id: str, keep: bytes) -> int:
    """Sign an account out everywhere else."""
    tx.announce(CHANNEL, "")
    return await tx.run(_DELETE_OTHERS, account_id=account_id, id_digest=keep)


async def delete_sessions_by_method(tx: Tx, method: str, *, keep: bytes) -> int:
    """End every session that was opened by *method*, but for the one that does it; how many that were."""
    tx.announce(CHANNEL, "")
    return await tx.run(_DELETE_BY_METHOD, method=method, id_digest=keep)


async def list_sessions(tx: ReadTx, account_id: str, *, now: Epoch, idle_seconds: int) -> list[SessionLine]:
    """The account's living sessions, the most recent first."""
    rows = await tx.all(_LIST, account_id=account_id, now=now, idle_before=now - idle_seconds)
    return [
        SessionLine(key=row[0], method=row[1], address=row[2], agent=row[3], created_at=row[4], seen_at=row[5])
        for row in rows
    ]


async def change_lifetime(tx: Tx, *, old: int, new: int) -> None:
    """Open sessions last *new* seconds instead of *old*; those that were given less keep what they have, if it is."""
    await tx.run(_CHANGE_LIFETIME, old=old, new=new)
    tx.announce(CHANNEL, "")


async def keep_newest(tx: Tx, account_id: str, *, keep: bytes, limit: int) -> int:
    """End all but *limit* sessions of an account: *keep*, and those that were used last; how many that were."""
    tx.announce(CHANNEL, "")
    return await tx.run(_DELETE_SURPLUS, account_id=account_id, keep=keep, most=limit)


async def keep_newest_of_all(tx: Tx, *, limit: int) -> int:
    """The same for every account."""
    tx.announce(CHANNEL, "")
    return await tx.run(_DELETE_SURPLUS, account_id="", keep=b"", most=limit)
