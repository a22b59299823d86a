"""How a browser comes from the house to an app's own host, and what it has there."""

from sqlalchemy import BigInteger, LargeBinary, Text, and_, bindparam, delete, insert, select

from poolhouse.house.model import EntryCode, Session
from poolhouse.house.store.sessions import IS_ALIVE, SESSION_COLUMNS, WITH_ACCOUNT, read_session
from poolhouse.house.tables import app_sessions as e
from poolhouse.house.tables import entry_codes as c
from poolhouse.house.tables import sessions as s
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement

_now = bindparam("now", type_=BigInteger)
_PUT_CODE = compile_statement(insert(c))
_TAKE_CODE = compile_statement(
    delete(c)
    .where(
        and_(
            c.c.code_digest == bindparam("code_digest", type_=LargeBinary),
            c.c.app_id == bindparam("app_id", type_=Text),
            c.c.challenge == bindparam("challenge", type_=LargeBinary),
            c.c.expires_at > _now,
        )
    )
    .returning(c.c.session_digest, c.c.path)
)
_DELETE_DEAD_CODES = compile_statement(delete(c).where(c.c.expires_at <= _now))
_PUT = compile_statement(insert(e))
_DELETE_DEAD = compile_statement(delete(e).where(e.c.expires_at <= _now))
_DELETE = compile_statement(delete(e).where(e.c.id_digest == bindparam("id_digest", type_=LargeBinary)))
_FIND = compile_statement(
    select(*SESSION_COLUMNS)
    .select_from(WITH_ACCOUNT.join(e, e.c.session_digest == s.c.id_digest))
    .where(
        and_(
            e.c.id_digest == bindparam("id_digest", type_=LargeBinary),
            e.c.app_id == bindparam("app_id", type_=Text),
            IS_ALIVE,
        )
    )
)


async def put_code(
    tx: Tx, *, code_digest: bytes, app_id: str, challenge: bytes, code: EntryCode, now: Epoch, expires_at: Epoch
) -> None:
    await tx.run(_DELETE_DEAD_CODES, now=now)
    await tx.run(
        _PUT_CODE,
        code_digest=code_digest,
        app_id=app_id,
        challenge=challenge,
        session_digest=code.session_key,
        path=code.path,
        expires_at=expires_at,
    )


async def take_code(tx: Tx, *, code_digest: bytes, app_id: str, challenge: bytes, now: Epoch) -> EntryCode | None:
    """
    What the code stands for, to exactly one caller.

    App and browser are part of the condition: a code shown elsewhere spends nothing.
    """
    row = await tx.one(_TAKE_CODE, code_digest=code_digest, app_id=app_id, challenge=challenge, now=now)
    return EntryCode(session_key=row[0], path=row[1]) if row else None


async def put_app_session(
    tx: Tx, *, id_digest: bytes, app_id: str, session_key: bytes, now: Epoch, expires_at: Epoch
) -> None:
    await tx.run(_DELETE_DEAD, now=now)
    await tx.run(
        _PUT, id_digest=id_digest, app_id=app_id, session_digest=session_key, created_at=now, expires_at=expires_at
    )


async def delete_app_session(tx: Tx, id_digest: bytes) -> None:
    await tx.run(_DELETE, id_digest=id_digest)


async def find_app_session(
    tx: ReadTx, id_digest: bytes, *, app_id: str, now: Epoch, idle_seconds: int
) -> Session | None:
    """The house's session behind an app's cookie, if that is alive: it ends there as well when it ends."""
    row = await tx.one(_FIND, id_digest=id_digest, app_id=app_id, now=now, idle_before=now - idle_seconds)
    return await read_session(tx, row) if row else None
