"""Who is signed in, where: open sessions of everybody, with the apps that each has open."""

import msgspec
from sqlalchemy import BigInteger, LargeBinary, and_, bindparam, delete, func, or_, select

from poolhouse.house.store.directory import is_like, like_pattern
from poolhouse.house.store.sessions import CHANNEL
from poolhouse.house.tables import accounts as a
from poolhouse.house.tables import app_sessions as e
from poolhouse.house.tables import apps
from poolhouse.house.tables import sessions as s
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx, Row, Tx
from poolhouse.kit.db.statement import compile_statement, one_of

PAGE = 50
_now = bindparam("now", type_=BigInteger)
_is_open = and_(s.c.expires_at > _now, s.c.seen_at > bindparam("idle_before", type_=BigInteger), a.c.is_enabled)
_with_account = s.join(a, a.c.id == s.c.account_id)
_before = bindparam("before", type_=BigInteger)
_fits = and_(
    _is_open,
    is_like(a.c.username, a.c.email, a.c.name, s.c.address, s.c.agent),
    or_(
        s.c.created_at < _before,
        and_(s.c.created_at == _before, s.c.id_digest > bindparam("after", type_=LargeBinary)),
    ),
)
_PAGE = compile_statement(
    select(
        s.c.id_digest, s.c.account_id, a.c.username, a.c.name, s.c.method, s.c.created_at, s.c.seen_at, s.c.address,
        s.c.agent,
    )
    .select_from(_with_account)
    .where(_fits)
    .order_by(s.c.created_at.desc(), s.c.id_digest)
    .limit(PAGE + 1)
)  # fmt: skip
_COUNT = compile_statement(
    select(func.count(), func.count(s.c.account_id.distinct())).select_from(_with_account).where(_is_open)
)
_APPS = compile_statement(
    select(e.c.session_digest, apps.c.name, e.c.id_digest)
    .select_from(e.join(apps, apps.c.id == e.c.app_id).join(s, s.c.id_digest == e.c.session_digest))
    .where(and_(one_of(s.c.account_id, "account_ids"), e.c.expires_at > _now))
    .order_by(apps.c.name)
)
_DELETE_BUT = compile_statement(delete(s).where(s.c.id_digest != bindparam("id_digest", type_=LargeBinary)))
_ACCOUNT_OF = compile_statement(
    select(s.c.account_id).where(s.c.id_digest == bindparam("id_digest", type_=LargeBinary))
)
NEWEST = 1 << 60


class Present(msgspec.Struct, frozen=True, kw_only=True):
    """
    An open session; *apps* are names of those with a host of their own that were opened with it.

    *keys* are digests of the cookies by which it is known, here and there.
    """

    key: bytes
    account_id: str
    username: str
    name: str
    method: str
    created_at: Epoch
    seen_at: Epoch
    address: str
    agent: str
    apps: tuple[str, ...] = ()
    keys: tuple[bytes, ...] = ()


async def list_present(
    tx: ReadTx, *, wanted: str, before: int, after: bytes, now: Epoch, idle_seconds: int
) -> tuple[list[Present], bool]:
    """A page, the newest first, and whether more follow."""
    rows = await tx.all(
        _PAGE, pattern=like_pattern(wanted), before=before, after=after, now=now, idle_before=now - idle_seconds
    )
    opened = await _opened(tx, sorted({row[1] for row in rows}), now)
    return [_read(row, opened.get(row[0], [])) for row in rows[:PAGE]], len(rows) > PAGE


async def count_present(tx: ReadTx, *, now: Epoch, idle_seconds: int) -> tuple[int, int]:
    """Open sessions, and people who have one."""
    row = await tx.one(_COUNT, now=now, idle_before=now - idle_seconds)
    return (int(row[0]), int(row[1])) if row else (0, 0)


async def owner_of(tx: ReadTx, key: bytes) -> str:
    """The id of the account; "" for a session that is over."""
    row = await tx.one(_ACCOUNT_OF, id_digest=key)
    return str(row[0]) if row else ""


async def end_all_but(tx: Tx, key: bytes) -> int:
    """End every session but one; how many that were."""
    tx.announce(CHANNEL, "")
    return await tx.run(_DELETE_BUT, id_digest=key)


async def _opened(tx: ReadTx, account_ids: list[str], now: Epoch) -> dict[bytes, list[tuple[str, bytes]]]:
    found: dict[bytes, list[tuple[str, bytes]]] = {}
    for key, name, there in await tx.all(_APPS, account_ids=account_ids, now=now):
        found.setdefault(key, []).append((name, there))
    return found


def _read(row: Row, opened: list[tuple[str, bytes]]) -> Present:
    return Present(
        key=row[0],
        account_id=row[1],
        username=row[2],
        name=row[3],
        method=row[4],
        created_at=Epoch(row[5]),
        seen_at=Epoch(row[6]),
        address=row[7],
        agent=row[8],
        apps=tuple(dict.fromkeys(name for name, _ in opened)),
        keys=(row[0], *(there for _, there in opened)),
    )
