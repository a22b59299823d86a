"""The pool server's own administrators: accounts, console sessions, drafts of the wizard."""

import msgspec
from sqlalchemy import bindparam, delete, func, select, update

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement, upsert
from poolhouse.pool.store import tables as t
from poolhouse.pool.store.record import Record


class Administrator(msgspec.Struct, frozen=True, kw_only=True):
    """One person who may open the console."""

    email: str
    password_hash: str
    created_ms: int


class ConsoleSession(msgspec.Struct, frozen=True, kw_only=True):
    """A signed-in console; times in seconds."""

    digest: bytes
    email: str
    created_at: int
    seen_at: int
    expires_at: int


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A form that takes several pages; sealed: purpose "draft", row = id."""

    id: str
    email: str
    sealed: bytes
    expires_at: int


_ADMIN = Record(t.administrators, Administrator)
_SESSION = Record(t.console_sessions, ConsoleSession)
_DRAFT = Record(t.console_drafts, Draft)

_COUNT = compile_statement(select(func.count()).select_from(t.administrators))
_ADMINS = compile_statement(_ADMIN.select().order_by(t.administrators.c.email))
_PUT_ADMIN = upsert(t.administrators, ("email",), ("password_hash",))
_SEEN = compile_statement(
    update(t.console_sessions).where(t.console_sessions.c.digest == bindparam("key")).values(seen_at=bindparam("at"))
)
_END_ALL = compile_statement(delete(t.console_sessions).where(t.console_sessions.c.email == bindparam("email")))
_PUT_DRAFT = upsert(t.console_drafts, ("id",), ("email", "sealed", "expires_at"))


async def count_administrators(tx: ReadTx) -> int:
    row = await tx.one(_COUNT)
    return int(row[0]) if row else 0


async def list_administrators(tx: ReadTx) -> list[Administrator]:
    return await _ADMIN.all(tx, _ADMINS)


async def find_administrator(tx: ReadTx, email: str) -> Administrator | None:
    return await _ADMIN.find(tx, email=email)


async def set_administrator(tx: Tx, administrator: Administrator) -> None:
    """Make the account, or give it a new password; either way its sessions end."""
    await tx.run(_END_ALL, email=administrator.email)
    await tx.run(_PUT_ADMIN, **_ADMIN.params(administrator))


async def drop_administrator(tx: Tx, email: str) -> bool:
    await tx.run(_END_ALL, email=email)
    return await _ADMIN.drop(tx, email=email)


async def put_console_session(tx: Tx, session: ConsoleSession) -> None:
    await _SESSION.put(tx, session)


async def find_console_session(tx: ReadTx, digest: bytes) -> ConsoleSession | None:
    return await _SESSION.find(tx, digest=digest)


async def touch_console_session(tx: Tx, digest: bytes, at: int) -> None:
    await tx.run(_SEEN, key=digest, at=at)


async def drop_console_session(tx: Tx, digest: bytes) -> bool:
    return await _SESSION.drop(tx, digest=digest)


async def put_draft(tx: Tx, draft: Draft) -> None:
    """Write the draft, new or again."""
    await tx.run(_PUT_DRAFT, **_DRAFT.params(draft))


async def find_draft(tx: ReadTx, draft_id: str) -> Draft | None:
    return await _DRAFT.find(tx, id=draft_id)


async def drop_draft(tx: Tx, draft_id: str) -> bool:
    return await _DRAFT.drop(tx, id=draft_id)
