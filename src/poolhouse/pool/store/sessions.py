"""Tracked sessions: grants and browser sessions of which is known where and when they were used."""

from sqlalchemy import BigInteger, bindparam, delete, func, select, update

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement
from poolhouse.pool.model.grant import BrowserSession, Grant
from poolhouse.pool.model.session import Tracked
from poolhouse.pool.store import tables as t
from poolhouse.pool.store.record import Record, as_json

_GRANT = Record(t.grants, Grant)
_SSO = Record(t.browser_sessions, BrowserSession)
_NONE = "null"
"""How a document that is absent is stored."""

_TOKENS = compile_statement(
    _GRANT.select(
        t.grants.c.pool_id == bindparam("pool_id"),
        t.grants.c.username == bindparam("username"),
        t.grants.c.tracked != _NONE,
        t.grants.c.expires_at > bindparam("now"),
    )
)
_BROWSERS = compile_statement(
    _SSO.select(
        t.browser_sessions.c.pool_id == bindparam("pool_id"),
        t.browser_sessions.c.username == bindparam("username"),
        t.browser_sessions.c.tracked != _NONE,
        t.browser_sessions.c.expires_at > bindparam("now"),
    )
)
_NOTE_TOKEN = compile_statement(
    update(t.grants).where(t.grants.c.id == bindparam("key")).values(tracked=bindparam("tracked"))
)
_NOTE_SSO = compile_statement(
    update(t.browser_sessions)
    .where(t.browser_sessions.c.digest == bindparam("key"))
    .values(tracked=bindparam("tracked"))
)
_DROP_CODES = compile_statement(
    delete(t.authorization_codes).where(
        t.authorization_codes.c.pool_id == bindparam("pool_id"),
        t.authorization_codes.c.username == bindparam("username"),
        t.authorization_codes.c.sso_id == bindparam("sso_id"),
    )
)
_LONGEST = compile_statement(
    select(func.max(func.coalesce(t.clients.c.sso_minutes, bindparam("default", type_=BigInteger)))).where(
        t.clients.c.pool_id == bindparam("pool_id")
    )
)


async def list_token_sessions(tx: ReadTx, pool_id: str, username: str, now: int) -> list[Grant]:
    """The tracked grants of a user that have not expired."""
    return await _GRANT.all(tx, _TOKENS, pool_id=pool_id, username=username, now=now)


async def list_sso_sessions(tx: ReadTx, pool_id: str, username: str, now: int) -> list[BrowserSession]:
    """The tracked browser sessions of a user that have not expired."""
    return await _SSO.all(tx, _BROWSERS, pool_id=pool_id, username=username, now=now)


async def note_token_use(tx: Tx, grant_id: str, tracked: Tracked) -> bool:
    """Write what is known of a token session; whether it is still there."""
    return await tx.run(_NOTE_TOKEN, key=grant_id, tracked=as_json(tracked)) > 0


async def note_sso_use(tx: Tx, digest: bytes, tracked: Tracked) -> bool:
    """The same for an SSO session."""
    return await tx.run(_NOTE_SSO, key=digest, tracked=as_json(tracked)) > 0


async def drop_codes_of(tx: Tx, pool_id: str, username: str, sso_id: str) -> None:
    """Codes that came through an SSO session and wait to be redeemed."""
    await tx.run(_DROP_CODES, pool_id=pool_id, username=username, sso_id=sso_id)


async def longest_reuse(tx: ReadTx, pool_id: str, default: int) -> int:
    """The most minutes that a client of the pool goes on with an SSO session."""
    row = await tx.one(_LONGEST, pool_id=pool_id, default=default)
    return int(row[0]) if row is not None and row[0] is not None else default
