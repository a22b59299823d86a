"""Grants, refresh tokens, authorization codes and browser sessions: what a sign-in leaves behind."""

from sqlalchemy import Table, bindparam, delete, false, func, select, true, update

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement
from poolhouse.pool.model.grant import AuthorizationCode, BrowserSession, Grant, RefreshToken
from poolhouse.pool.store import tables as t
from poolhouse.pool.store.record import Record

_GRANT = Record(t.grants, Grant)
_TOKEN = Record(t.refresh_tokens, RefreshToken)
_CODE = Record(t.authorization_codes, AuthorizationCode)
_SESSION = Record(t.browser_sessions, BrowserSession)

_ALIVE = compile_statement(_GRANT.select(t.grants.c.event_id == bindparam("event_id")))
_LOCK = compile_statement(
    update(t.grants)
    .where(t.grants.c.id == bindparam("key"))
    .values(event_id=t.grants.c.event_id)
    .returning(*_GRANT.columns())
)
_NEWEST = compile_statement(
    select(func.max(t.refresh_tokens.c.generation)).where(t.refresh_tokens.c.grant_id == bindparam("grant_id"))
)
_DROP_TOKENS = compile_statement(delete(t.refresh_tokens).where(t.refresh_tokens.c.grant_id == bindparam("grant_id")))
_SPEND_TOKEN = compile_statement(
    update(t.refresh_tokens)
    .where(t.refresh_tokens.c.digest == bindparam("key"), t.refresh_tokens.c.spent_at.is_(None))
    .values(spent_at=bindparam("at"))
    .returning(t.refresh_tokens.c.generation)
)
_HAS_SESSION = compile_statement(
    select(t.browser_sessions.c.digest).where(t.browser_sessions.c.digest == bindparam("key"))
)
_SPEND_CODE = compile_statement(
    update(t.authorization_codes)
    .where(t.authorization_codes.c.digest == bindparam("key"), t.authorization_codes.c.spent == false())
    .values(spent=true())
    .returning(t.authorization_codes.c.grant_id)
)


def _of_user(table: Table) -> tuple[object, object]:
    return table.c.pool_id == bindparam("pool_id"), table.c.username == bindparam("username")


_LIST_OF_USER = compile_statement(_GRANT.select(*_of_user(t.grants)))  # type: ignore[arg-type]
_USER_GRANTS = select(t.grants.c.id).where(*_of_user(t.grants))  # type: ignore[arg-type]
_DROP_ALL_TOKENS = compile_statement(delete(t.refresh_tokens).where(t.refresh_tokens.c.grant_id.in_(_USER_GRANTS)))
_DROP_ALL_GRANTS = compile_statement(delete(t.grants).where(*_of_user(t.grants)))  # type: ignore[arg-type]
_DROP_ALL_CODES = compile_statement(
    delete(t.authorization_codes).where(*_of_user(t.authorization_codes))  # type: ignore[arg-type]
)
_DROP_ALL_DEVICES = compile_statement(
    delete(t.device_codes).where(*_of_user(t.device_codes))  # type: ignore[arg-type]
)
_DROP_PENDING = tuple(
    compile_statement(
        delete(table).where(*_of_user(table), table.c.client_id == bindparam("client_id"))  # type: ignore[arg-type]
    )
    for table in (t.authorization_codes, t.device_codes)
)
_DROP_OTHER_CODES = compile_statement(
    delete(t.authorization_codes).where(
        *_of_user(t.authorization_codes),  # type: ignore[arg-type]
        t.authorization_codes.c.spent == false(),
        func.coalesce(t.authorization_codes.c.sid, "") != bindparam("kept"),
    )
)
_DROP_ALL_SESSIONS = tuple(
    compile_statement(delete(table).where(*_of_user(table)))  # type: ignore[arg-type]
    for table in (t.browser_sessions, t.session_apps)
)


async def put_grant(tx: Tx, grant: Grant) -> None:
    await _GRANT.put(tx, grant)


async def find_grant(tx: ReadTx, grant_id: str) -> Grant | None:
    return await _GRANT.find(tx, id=grant_id)


async def lock_grant(tx: Tx, grant_id: str) -> Grant | None:
    """The grant, held until the transaction ends: of parallel rotations of one family each sees those before it."""
    return await _GRANT.one(tx, _LOCK, key=grant_id)


async def newest_generation(tx: ReadTx, grant_id: str) -> int:
    """The highest generation among the refresh tokens of a grant."""
    row = await tx.one(_NEWEST, grant_id=grant_id)
    return int(row[0]) if row is not None and row[0] is not None else 0


async def find_by_event(tx: ReadTx, event_id: str) -> Grant | None:
    """The live grant that an access token's ``event_id`` names; None once it is revoked."""
    return await _GRANT.one(tx, _ALIVE, event_id=event_id)


async def drop_grant(tx: Tx, grant_id: str) -> bool:
    """Revoke: the grant and every refresh token of its family."""
    await tx.run(_DROP_TOKENS, grant_id=grant_id)
    return await _GRANT.drop(tx, id=grant_id)


async def list_grants_of(tx: ReadTx, pool_id: str, username: str) -> list[Grant]:
    """All that a user holds."""
    return await _GRANT.all(tx, _LIST_OF_USER, pool_id=pool_id, username=username)


async def drop_grants_of(tx: Tx, pool_id: str, username: str) -> None:
    """
    Revoke everything that one user holds: refresh tokens, access tokens, codes not yet redeemed.

    The browser session survives, as Cognito's does: only ``drop_sessions_of`` ends it.
    """
    for statement in (_DROP_ALL_TOKENS, _DROP_ALL_GRANTS, _DROP_ALL_CODES, _DROP_ALL_DEVICES):
        await tx.run(statement, pool_id=pool_id, username=username)


async def drop_pending_of(tx: Tx, pool_id: str, username: str, client_id: str) -> None:
    """What one app could still turn into tokens of the user: codes not yet redeemed."""
    for statement in _DROP_PENDING:
        await tx.run(statement, pool_id=pool_id, username=username, client_id=client_id)


async def drop_unfinished_of(tx: Tx, pool_id: str, username: str, kept: str | None) -> None:
    """What could still become tokens of the user: codes, but for those of the browser session *kept*, and devices."""
    await tx.run(_DROP_OTHER_CODES, pool_id=pool_id, username=username, kept=kept or "")
    await tx.run(_DROP_ALL_DEVICES, pool_id=pool_id, username=username)


async def put_refresh_token(tx: Tx, token: RefreshToken) -> None:
    await _TOKEN.put(tx, token)


async def find_refresh_token(tx: ReadTx, digest: bytes) -> RefreshToken | None:
    return await _TOKEN.find(tx, digest=digest)


async def spend_refresh_token(tx: Tx, digest: bytes, at: int) -> bool:
    """Mark it as rotated away; True for exactly one caller (CVE-2026-1035)."""
    return await tx.one(_SPEND_TOKEN, key=digest, at=at) is not None


async def put_code(tx: Tx, code: AuthorizationCode) -> None:
    await _CODE.put(tx, code, spent=False)


async def spend_code(tx: Tx, digest: bytes) -> bool:
    """Spend it; True for exactly one caller.  Afterwards its row tells a replay from an unknown code."""
    return await tx.one(_SPEND_CODE, key=digest) is not None


async def put_session(tx: Tx, session: BrowserSession) -> None:
    await _SESSION.put(tx, session)


async def find_session(tx: ReadTx, digest: bytes) -> BrowserSession | None:
    return await _SESSION.find(tx, digest=digest)


async def has_session(tx: ReadTx, digest: bytes) -> bool:
    return await tx.one(_HAS_SESSION, key=digest) is not None


async def drop_session(tx: Tx, digest: bytes) -> bool:
    return await _SESSION.drop(tx, digest=digest)


async def drop_sessions_of(tx: Tx, pool_id: str, username: str) -> None:
    """End every browser session of a user."""
    for statement in _DROP_ALL_SESSIONS:
        await tx.run(statement, pool_id=pool_id, username=username)
