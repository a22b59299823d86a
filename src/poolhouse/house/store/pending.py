"""Sign-ins under way, and the brakes on guessing."""

from sqlalchemy import BigInteger, LargeBinary, Text, and_, bindparam, case, delete, func, insert, select, update

from poolhouse.house.model import PendingLogin
from poolhouse.house.tables import brakes as b
from poolhouse.house.tables import pending_logins as p
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement, one_of, upsert

PENDING_OF_BROWSER = 20
BRAKE_SECONDS = 24 * 3600

_columns = (
    p.c.provider, p.c.settings_version, p.c.nonce_digest, p.c.sealed_verifier, p.c.return_to, p.c.link_account_id,
    p.c.created_at, p.c.expires_at, p.c.purpose,
)  # fmt: skip
_PUT = compile_statement(insert(p))
_TAKE = compile_statement(
    delete(p)
    .where(
        and_(
            p.c.state_digest == bindparam("state_digest", type_=LargeBinary),
            p.c.browser_digest == bindparam("browser_digest", type_=LargeBinary),
            p.c.provider == bindparam("provider", type_=Text),
            p.c.expires_at > bindparam("now", type_=BigInteger),
        )
    )
    .returning(*_columns)
)
_DELETE_DEAD = compile_statement(delete(p).where(p.c.expires_at <= bindparam("now", type_=BigInteger)))
_newest = (
    select(p.c.state_digest)
    .where(p.c.browser_digest == bindparam("browser_digest", type_=LargeBinary))
    .order_by(p.c.created_at.desc(), p.c.state_digest)
    .limit(PENDING_OF_BROWSER - 1)
)
_DELETE_OLDEST = compile_statement(
    delete(p).where(
        and_(
            p.c.browser_digest == bindparam("browser_digest", type_=LargeBinary),
            p.c.state_digest.not_in(_newest),
        )
    )
)
_COUNT = compile_statement(select(func.count(p.c.state_digest)))

_BRAKES = compile_statement(select(b.c.key, b.c.failures, b.c.failed_at).where(one_of(b.c.key, "keys")))
_FAIL = upsert(b, ["key"], {"failures": b.c.failures + 1, "failed_at": bindparam("at", type_=BigInteger)})
_REFUND = compile_statement(update(b).where(b.c.key == bindparam("key", type_=Text)).values(failures=b.c.failures - 1))
_RELEASE = compile_statement(delete(b).where(one_of(b.c.key, "keys")))
_is_over = b.c.failed_at <= bindparam("before", type_=BigInteger)
_COUNT_UP = upsert(
    b,
    ["key"],
    {
        "failures": case((_is_over, 1), else_=b.c.failures + 1),
        "failed_at": case((_is_over, bindparam("at", type_=BigInteger)), else_=b.c.failed_at),
    },
    returning=["failures"],
)
_FORGET = compile_statement(delete(b).where(b.c.failed_at <= bindparam("before", type_=BigInteger)))


async def put_pending(tx: Tx, pending: PendingLogin, *, state_digest: bytes, browser_digest: bytes) -> None:
    """Remember an attempt; one browser has at most twenty, its oldest go first."""
    await tx.run(_DELETE_DEAD, now=pending.created_at)
    await tx.run(_DELETE_OLDEST, browser_digest=browser_digest)
    await tx.run(
        _PUT,
        state_digest=state_digest,
        browser_digest=browser_digest,
        provider=pending.provider,
        settings_version=pending.settings_version,
        nonce_digest=pending.nonce_digest,
        sealed_verifier=pending.sealed_verifier,
        return_to=pending.return_to,
        link_account_id=pending.link_account_id,
        created_at=pending.created_at,
        expires_at=pending.expires_at,
        purpose=pending.purpose,
    )


async def take_pending(
    tx: Tx, *, state_digest: bytes, browser_digest: bytes, provider: str, now: Epoch
) -> PendingLogin | None:
    """
    The attempt, to exactly one caller: it is gone afterwards.

    Browser and provider are part of the condition, so an answer shown to another browser spends nothing.
    """
    row = await tx.one(_TAKE, state_digest=state_digest, browser_digest=browser_digest, provider=provider, now=now)
    if row is None:
        return None
    return PendingLogin(
        provider=row[0],
        settings_version=row[1],
        nonce_digest=row[2],
        sealed_verifier=row[3],
        return_to=row[4],
        link_account_id=row[5],
        created_at=row[6],
        expires_at=row[7],
        purpose=row[8],
    )


async def count_pending(tx: ReadTx) -> int:
    row = await tx.one(_COUNT)
    return int(row[0]) if row else 0


async def find_brakes(tx: ReadTx, keys: list[str]) -> dict[str, tuple[int, Epoch]]:
    """Failures and the time of the last one, for those of *keys* that have failed."""
    return {row[0]: (row[1], Epoch(row[2])) for row in await tx.all(_BRAKES, keys=keys)}


async def count_failure(tx: Tx, keys: list[str], now: Epoch) -> None:
    """One more failure for each key; what is a day old is forgotten."""
    await tx.run(_FORGET, before=now - BRAKE_SECONDS)
    for key in keys:
        await tx.run(_FAIL, key=key, failures=1, failed_at=now, at=now)


async def refund_failure(tx: Tx, key: str) -> None:
    """Take back one failure that was counted before the outcome was known."""
    await tx.run(_REFUND, key=key)


async def release_brakes(tx: Tx, keys: list[str]) -> None:
    await tx.run(_RELEASE, keys=keys)


async def count_up(tx: Tx, key: str, now: Epoch, *, seconds: int) -> int:
    """One more of something that is counted for *seconds* from its first; how many that makes."""
    row = await tx.one(_COUNT_UP, key=key, failures=1, failed_at=now, at=now, before=now - seconds)
    return int(row[0]) if row else 0
