"""Certificates of the house's own making: those from an authority, with their state, and the temporary one."""

import msgspec
from sqlalchemy import BigInteger, Text, and_, bindparam, delete, select, update

from poolhouse.house.tables import acme_accounts as a
from poolhouse.house.tables import acme_challenges as c
from poolhouse.house.tables import certificates as t
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement, upsert

CHANNEL = "house_certificates"
"""Announced whenever another certificate is to be served."""
TEMPORARY = ""
"""The host of the temporary certificate."""

LIMITED = "The authority's limit is reached."
"""How the error begins of a host that the authority wants to be left alone about."""

_CERTIFICATE = ("chain", "sealed_key", "issued_at", "expires_at", "failures", "next_at", "error")
_COLUMNS = ("host", *_CERTIFICATE)
_LIST = compile_statement(select(*(t.c[name] for name in _COLUMNS)).order_by(t.c.host))
_FIND = compile_statement(select(*(t.c[name] for name in _COLUMNS)).where(t.c.host == bindparam("host", type_=Text)))
_PUT = compile_statement(
    update(t)
    .where(t.c.host == bindparam("of", type_=Text))
    .values({name: bindparam(f"new_{name}", type_=t.c[name].type) for name in _CERTIFICATE})
)
_MAKE = upsert(t, ["host"], ())
_CLAIM = compile_statement(
    update(t)
    .where(and_(t.c.host == bindparam("of", type_=Text), t.c.next_at <= bindparam("now", type_=BigInteger)))
    .values(next_at=bindparam("until", type_=BigInteger))
)
_FAIL = compile_statement(
    update(t)
    .where(t.c.host == bindparam("of", type_=Text))
    .values(
        failures=t.c.failures + 1,
        next_at=bindparam("at", type_=BigInteger),
        error=bindparam("why", type_=Text),
    )
)
_AT_ONCE = compile_statement(
    update(t)
    .where(and_(t.c.host != TEMPORARY, t.c.failures > 0, t.c.error.not_like(f"{LIMITED}%")))
    .values(next_at=bindparam("at", type_=BigInteger))
)
_DELETE = compile_statement(delete(t).where(t.c.host == bindparam("host", type_=Text)))
_ACCOUNT = compile_statement(select(a.c.url, a.c.sealed_key).where(a.c.directory == bindparam("directory", type_=Text)))
_PUT_ACCOUNT = upsert(a, ["directory"], ("url", "sealed_key", "made_at"))
_DELETE_ACCOUNT = compile_statement(delete(a).where(a.c.directory == bindparam("directory", type_=Text)))
_ANSWER = compile_statement(
    select(c.c.answer).where(
        and_(c.c.token == bindparam("token", type_=Text), c.c.expires_at > bindparam("now", type_=BigInteger))
    )
)
_ASK = upsert(c, ["token"], ("answer", "expires_at"))
_FORGET = compile_statement(delete(c).where(c.c.token == bindparam("token", type_=Text)))
_FORGET_OLD = compile_statement(delete(c).where(c.c.expires_at <= bindparam("now", type_=BigInteger)))


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """
    One host's row; without a *sealed_key* there is no certificate yet.

    *next_at* is when it is to be tried (again), or renewed; *error* what went wrong the last time.
    """

    host: str
    chain: str = ""
    sealed_key: bytes | None = None
    issued_at: Epoch = Epoch(0)
    expires_at: Epoch = Epoch(0)
    failures: int = 0
    next_at: Epoch = Epoch(0)
    error: str = ""


async def list_certificates(tx: ReadTx) -> list[Certificate]:
    return [_read(row) for row in await tx.all(_LIST)]


async def find_certificate(tx: ReadTx, host: str) -> Certificate | None:
    row = await tx.one(_FIND, host=host)
    return _read(row) if row else None


async def make_certificate(tx: Tx, certificate: Certificate) -> bool:
    """Put a row for a host that has none; whether there was none."""
    made = bool(await tx.run(_MAKE, **msgspec.structs.asdict(certificate)))
    if made and certificate.sealed_key is not None:
        tx.announce(CHANNEL, certificate.host)
    return made


async def put_certificate(tx: Tx, certificate: Certificate) -> bool:
    """Keep what was issued, and have every replica serve it; False if its host is not wanted any more."""
    values = {f"new_{name}": getattr(certificate, name) for name in _CERTIFICATE}
    if not await tx.run(_PUT, of=certificate.host, **values):
        return False
    tx.announce(CHANNEL, certificate.host)
    return True


async def claim(tx: Tx, host: str, *, now: Epoch, until: Epoch) -> bool:
    """Take a host that is due, for one try: nobody else tries before *until*."""
    return bool(await tx.run(_CLAIM, of=host, now=now, until=until))


async def note_failure(tx: Tx, host: str, *, next_at: Epoch, error: str) -> None:
    await tx.run(_FAIL, of=host, at=next_at, why=error)


async def try_at_once(tx: Tx, now: Epoch) -> int:
    """Have every host that has failed tried in the next round."""
    return await tx.run(_AT_ONCE, at=now)


async def delete_certificate(tx: Tx, host: str) -> None:
    if await tx.run(_DELETE, host=host):
        tx.announce(CHANNEL, host)


async def find_account(tx: ReadTx, directory: str) -> tuple[str, bytes] | None:
    """The account's URL and its sealed key."""
    row = await tx.one(_ACCOUNT, directory=directory)
    return (str(row[0]), bytes(row[1])) if row else None


async def put_account(tx: Tx, directory: str, *, url: str, sealed_key: bytes, now: Epoch) -> None:
    await tx.run(_PUT_ACCOUNT, directory=directory, url=url, sealed_key=sealed_key, made_at=now)


async def delete_account(tx: Tx, directory: str) -> None:
    await tx.run(_DELETE_ACCOUNT, directory=directory)


async def find_answer(tx: ReadTx, token: str, now: Epoch) -> str | None:
    """What the authority is to read under *token*."""
    row = await tx.one(_ANSWER, token=token, now=now)
    return str(row[0]) if row else None


async def put_answer(tx: Tx, token: str, answer: str, *, now: Epoch, expires_at: Epoch) -> None:
    """Those that have expired go."""
    await tx.run(_FORGET_OLD, now=now)
    await tx.run(_ASK, token=token, answer=answer, expires_at=expires_at)


async def delete_answer(tx: Tx, token: str) -> None:
    await tx.run(_FORGET, token=token)


def _read(row: tuple[object, ...]) -> Certificate:
    return msgspec.convert(dict(zip(_COLUMNS, row, strict=True)), Certificate)
