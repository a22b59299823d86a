"""Requests for access: one for each person and app, the last one."""

from typing import Any

from sqlalchemy import BigInteger, Text, and_, bindparam, delete, func, select, update

from poolhouse.house.model import Account
from poolhouse.house.portal.request import OPEN, AccessRequest
from poolhouse.house.store.accounts import ACCOUNT_COLUMNS, WITH_HOLDER, read_account
from poolhouse.house.tables import access_requests as r
from poolhouse.house.tables import accounts as a
from poolhouse.house.tables import apps
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement, upsert

LIMIT = 200
_columns = (
    r.c.id, r.c.app_id, r.c.account_id, r.c.reason, r.c.state, r.c.asked_at, r.c.decided_at, r.c.decided_by, r.c.answer,
)  # fmt: skip
_account = r.c.account_id == bindparam("account_id", type_=Text)
_app = r.c.app_id == bindparam("app_id", type_=Text)
_its_id = r.c.id == bindparam("request_id", type_=Text)
_is_open = r.c.state == OPEN
_DROP = compile_statement(delete(r).where(and_(_account, _app, r.c.state != OPEN)))
_PUT = upsert(r, ["app_id", "account_id"], [])
_FIND = compile_statement(select(*_columns).where(_its_id))
_FIND_OF = compile_statement(select(*_columns).where(and_(_account, _app)))
_OF_ACCOUNT = compile_statement(select(*_columns).where(_account))
_COUNT = compile_statement(select(func.count()).select_from(r).where(_is_open))
_COUNT_OF = compile_statement(select(func.count()).select_from(r).where(and_(_is_open, _account)))
_DECIDE = compile_statement(
    update(r)
    .where(and_(_its_id, _is_open))
    .values(
        state=bindparam("new_state", type_=Text),
        decided_at=bindparam("now", type_=BigInteger),
        decided_by=bindparam("by", type_=Text),
        answer=bindparam("new_answer", type_=Text),
    )
)
_with_account = WITH_HOLDER.join(r, r.c.account_id == a.c.id).join(apps, apps.c.id == r.c.app_id)
_lines = select(*ACCOUNT_COLUMNS, *_columns, apps.c.name.label("app_name")).select_from(_with_account)
_WAITING = compile_statement(_lines.where(_is_open).order_by(r.c.asked_at, r.c.id).limit(LIMIT))
_DECIDED = compile_statement(_lines.where(r.c.state != OPEN).order_by(r.c.decided_at.desc(), r.c.id).limit(50))


async def put_request(tx: Tx, request: AccessRequest) -> bool:
    """In the place of a former one that is decided; False when one is open."""
    await tx.run(_DROP, account_id=request.account_id, app_id=request.app_id)
    return await tx.run(_PUT, **{name: getattr(request, name) for name in request.__struct_fields__}) == 1


async def find_request(tx: ReadTx, request_id: str) -> AccessRequest | None:
    row = await tx.one(_FIND, request_id=request_id)
    return _read(row) if row else None


async def find_request_of(tx: ReadTx, account_id: str, app_id: str) -> AccessRequest | None:
    row = await tx.one(_FIND_OF, account_id=account_id, app_id=app_id)
    return _read(row) if row else None


async def requests_of(tx: ReadTx, account_id: str) -> dict[str, AccessRequest]:
    """By the app's id."""
    found = [_read(row) for row in await tx.all(_OF_ACCOUNT, account_id=account_id)]
    return {each.app_id: each for each in found}


async def count_open(tx: ReadTx, account_id: str = "") -> int:
    """Of everybody, or of one account."""
    row = await (tx.one(_COUNT_OF, account_id=account_id) if account_id else tx.one(_COUNT))
    return int(row[0]) if row else 0


async def decide_request(tx: Tx, request_id: str, state: str, *, by: str, answer: str, now: Epoch) -> bool:
    """Whether it was open until now: of two who decide at once one does."""
    return await tx.run(_DECIDE, request_id=request_id, new_state=state, by=by, new_answer=answer, now=now) == 1


async def list_waiting(tx: ReadTx) -> list[tuple[Account, AccessRequest, str]]:
    """Open ones with who asks and the app's name, the oldest first."""
    return [_line(row) for row in await tx.all(_WAITING)]


async def list_decided(tx: ReadTx) -> list[tuple[Account, AccessRequest, str]]:
    """The last fifty, the newest first."""
    return [_line(row) for row in await tx.all(_DECIDED)]


def _line(row: tuple[Any, ...]) -> tuple[Account, AccessRequest, str]:
    return read_account(row), _read(row[len(ACCOUNT_COLUMNS) :]), row[-1]


def _read(row: tuple[Any, ...]) -> AccessRequest:
    return AccessRequest(
        id=row[0],
        app_id=row[1],
        account_id=row[2],
        reason=row[3],
        state=row[4],
        asked_at=Epoch(row[5]),
        decided_at=Epoch(row[6]),
        decided_by=row[7],
        answer=row[8],
    )
