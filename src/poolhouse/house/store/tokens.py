"""Tokens for API calls, each with who holds it and what a provider said last of that person."""

from typing import Any

import msgspec
from sqlalchemy import BigInteger, LargeBinary, Text, and_, bindparam, delete, insert, or_, select, update

from poolhouse.house.store.accounts import ACCOUNT_COLUMNS, read_account
from poolhouse.house.store.standing import standing_of
from poolhouse.house.tables import accounts as a
from poolhouse.house.tables import email_holders as e
from poolhouse.house.tables import identities as i
from poolhouse.house.tables import tokens as t
from poolhouse.house.tokens import Held, Kind, Token
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement

CHANNEL = "house_tokens"
"""Announced whenever tokens end before their time, or may do less than they did."""
PER_PERSON = 100
PAGE = 100
_AFTER_ALL = (1 << 62, "")

_COLUMNS = (
    t.c.id, t.c.kind, t.c.account_id, t.c.name, t.c.start, t.c.apps, t.c.is_for_all_apps, t.c.groups, t.c.networks,
    t.c.created_at, t.c.created_by, t.c.expires_at, t.c.used_at, t.c.used_from,
)  # fmt: skip
# What a provider said last of the holder: there is no session to ask (CVE-2021-41230 is what claims of long ago are).
_said_last = (
    select(i.c.claims)
    .where(i.c.account_id == t.c.account_id)
    .order_by(i.c.signed_in_at.desc(), i.c.issuer)
    .limit(1)
    .scalar_subquery()
)
_HELD = select(*ACCOUNT_COLUMNS, *_COLUMNS, _said_last).select_from(
    t.outerjoin(a, a.c.id == t.c.account_id).outerjoin(e, e.c.account_id == a.c.id)
)
_its_id = t.c.id == bindparam("token_id", type_=Text)
_its_account = t.c.account_id == bindparam("account_id", type_=Text)

_FIND = compile_statement(_HELD.where(t.c.digest == bindparam("digest", type_=LargeBinary)))
_FIND_BY_ID = compile_statement(_HELD.where(_its_id))
_PUT = compile_statement(insert(t))
_OF_ACCOUNT = compile_statement(
    select(*_COLUMNS).where(_its_account).order_by(t.c.created_at.desc(), t.c.id).limit(PER_PERSON)
)
_OF_KIND = compile_statement(
    _HELD.where(t.c.kind == bindparam("kind", type_=Text)).order_by(t.c.created_at.desc(), t.c.id)
)
_before = bindparam("before", type_=BigInteger)
_PAGE = compile_statement(
    _HELD.where(
        and_(
            t.c.kind == bindparam("kind", type_=Text),
            or_(bindparam("everybody", type_=BigInteger) == 1, _its_account),
            or_(
                t.c.created_at < _before,
                and_(t.c.created_at == _before, t.c.id > bindparam("after_id", type_=Text)),
            ),
        )
    )
    .order_by(t.c.created_at.desc(), t.c.id)
    .limit(PAGE + 1)
)
_DELETE = compile_statement(delete(t).where(_its_id))
_DELETE_DEAD = compile_statement(delete(t).where(t.c.expires_at <= bindparam("before", type_=BigInteger)))
_SET_GROUPS = compile_statement(update(t).where(_its_id).values(groups=bindparam("new_groups", type_=Text)))
_USED = compile_statement(
    update(t).where(_its_id).values(used_at=bindparam("at", type_=BigInteger), used_from=bindparam("where", type_=Text))
)


async def find_token(tx: ReadTx, digest: bytes) -> Held | None:
    """Whatever its state: who asks decides whether it is good, and can say why not."""
    row = await tx.one(_FIND, digest=digest)
    if row is None:
        return None
    held = _read_held(row)
    groups, _ = await standing_of(tx, held.token.account_id)
    return msgspec.structs.replace(held, groups=groups)


async def find_token_by_id(tx: ReadTx, token_id: str) -> Held | None:
    row = await tx.one(_FIND_BY_ID, token_id=token_id)
    return _read_held(row) if row else None


async def put_token(tx: Tx, token: Token, digest: bytes) -> None:
    await tx.run(
        _PUT,
        id=token.id,
        digest=digest,
        kind=token.kind.value,
        account_id=token.account_id,
        name=token.name,
        start=token.start,
        apps=_text(token.apps),
        is_for_all_apps=token.is_for_all_apps,
        groups=_text(token.groups),
        networks=_text(token.networks),
        created_at=token.created_at,
        created_by=token.created_by,
        expires_at=token.expires_at,
        used_at=token.used_at,
        used_from=token.used_from,
    )


async def list_tokens_of(tx: ReadTx, account_id: str) -> list[Token]:
    """A person's, the newest first."""
    return [_read(row) for row in await tx.all(_OF_ACCOUNT, account_id=account_id)]


async def list_tokens(tx: ReadTx, kind: Kind) -> list[Held]:
    """Everybody's, the newest first."""
    return [_read_held(row) for row in await tx.all(_OF_KIND, kind=kind.value)]


async def page_of_tokens(
    tx: ReadTx, kind: Kind, *, account_id: str = "", after: tuple[int, str] | None = None
) -> tuple[list[Held], bool]:
    """A page of everybody's or of one account's, from when and which id on, and whether more follow."""
    before, after_id = after or _AFTER_ALL
    rows = await tx.all(
        _PAGE,
        kind=kind.value,
        everybody=0 if account_id else 1,
        account_id=account_id,
        before=before,
        after_id=after_id,
    )
    return [_read_held(row) for row in rows[:PAGE]], len(rows) > PAGE


async def delete_token(tx: Tx, token_id: str) -> bool:
    """Whether it was there; from now on it opens nothing, on every replica."""
    tx.announce(CHANNEL, token_id)
    return await tx.run(_DELETE, token_id=token_id) == 1


async def delete_dead_tokens(tx: Tx, before: Epoch) -> int:
    return await tx.run(_DELETE_DEAD, before=before)


async def set_groups(tx: Tx, token_id: str, groups: tuple[str, ...]) -> None:
    """A service's groups, one of which has another name now."""
    tx.announce(CHANNEL, token_id)
    await tx.run(_SET_GROUPS, token_id=token_id, new_groups=_text(groups))


async def mark_used(tx: Tx, token_id: str, *, now: Epoch, address: str) -> None:
    await tx.run(_USED, token_id=token_id, at=now, where=address)


def _text(words: tuple[str, ...]) -> str:
    return msgspec.json.encode(words).decode()


def _words(text: str) -> tuple[str, ...]:
    return msgspec.json.decode(text, type=tuple[str, ...])


def _read(row: tuple[Any, ...]) -> Token:
    return Token(
        id=row[0],
        kind=Kind(row[1]),
        account_id=row[2],
        name=row[3],
        start=row[4],
        apps=_words(row[5]),
        is_for_all_apps=row[6],
        groups=_words(row[7]),
        networks=_words(row[8]),
        created_at=row[9],
        created_by=row[10],
        expires_at=row[11],
        used_at=row[12],
        used_from=row[13],
    )


def _read_held(row: tuple[Any, ...]) -> Held:
    width = len(ACCOUNT_COLUMNS)
    account = read_account(row) if row[0] is not None else None
    return Held(token=_read(row[width:]), account=account, claims=row[-1] or "")
