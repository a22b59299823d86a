"""Sign-ins in progress, sent codes, failure counters: the short-lived and the single-use."""

from sqlalchemy import bindparam, delete, select, update

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement, lock_row, upsert
from poolhouse.pool.model.sign_in import Attempt
from poolhouse.pool.model.user import CodePurpose, SentCode
from poolhouse.pool.store import tables as t
from poolhouse.pool.store.record import Record

_ATTEMPT = Record(t.attempts, Attempt)
_CODE = Record(t.sent_codes, SentCode)

_DROP_ATTEMPTS = compile_statement(
    delete(t.attempts).where(
        t.attempts.c.pool_id == bindparam("pool_id"), t.attempts.c.username == bindparam("username")
    )
)
_WAITING = compile_statement(
    _ATTEMPT.select(
        t.attempts.c.pool_id == bindparam("pool_id"),
        t.attempts.c.username == bindparam("username"),
        t.attempts.c.client_id == bindparam("client_id"),
        t.attempts.c.challenge == bindparam("challenge"),
    ).order_by(t.attempts.c.expires_at.desc())
)
_PUT_CODE = upsert(t.sent_codes, ("pool_id", "username", "purpose"),
                   ("digest", "attribute", "pending_value", "expires_at", "failures"))  # fmt: skip
_CODE_IS = (
    t.sent_codes.c.pool_id == bindparam("key_pool"),
    t.sent_codes.c.username == bindparam("key_user"),
    t.sent_codes.c.purpose == bindparam("key_purpose"),
)
_TAKE_MATCHING = compile_statement(
    delete(t.sent_codes)
    .where(*_CODE_IS, t.sent_codes.c.digest == bindparam("digest"), t.sent_codes.c.expires_at > bindparam("now"))
    .returning(*_CODE.columns())
)
_FAILED = compile_statement(
    update(t.sent_codes)
    .where(*_CODE_IS)
    .values(failures=t.sent_codes.c.failures + 1)
    .returning(t.sent_codes.c.failures)
)
_LOCK_CODE = compile_statement(
    update(t.sent_codes).where(*_CODE_IS).values(failures=t.sent_codes.c.failures).returning(*_CODE.columns())
)
_FIND_FAILURES = compile_statement(
    select(t.failures.c.count, t.failures.c.last_at, t.failures.c.locked_until).where(
        t.failures.c.key == bindparam("key")
    )
)
_COUNTER = ("count", "last_at", "locked_until")
_LOCK_FAILURES = lock_row(t.failures, ("key",), dict.fromkeys(_COUNTER, 0), _COUNTER)
_PUT_FAILURES = upsert(t.failures, ("key",), _COUNTER)
_DROP_FAILURES = compile_statement(delete(t.failures).where(t.failures.c.key == bindparam("key")))


async def put_attempt(tx: Tx, attempt: Attempt) -> None:
    await _ATTEMPT.put(tx, attempt)


async def find_attempt(tx: ReadTx, digest: bytes) -> Attempt | None:
    return await _ATTEMPT.find(tx, digest=digest)


async def list_waiting(tx: ReadTx, pool_id: str, username: str, client_id: str, challenge: str) -> list[Attempt]:
    """The sign-ins of a user at a client that have come to *challenge*, newest first."""
    return await _ATTEMPT.all(
        tx, _WAITING, pool_id=pool_id, username=username, client_id=client_id, challenge=challenge
    )


async def take_attempt(tx: Tx, digest: bytes) -> Attempt | None:
    """The attempt, to exactly one caller: a challenge is answered once."""
    return await _ATTEMPT.take(tx, digest=digest)


async def drop_attempts_of(tx: Tx, pool_id: str, username: str) -> None:
    """End every sign-in of a user that is in progress."""
    await tx.run(_DROP_ATTEMPTS, pool_id=pool_id, username=username)


async def put_sent_code(tx: Tx, code: SentCode) -> None:
    """The code of this user and purpose; a former one stops working."""
    await tx.run(_PUT_CODE, **_CODE.params(code))


async def find_sent_code(tx: ReadTx, pool_id: str, username: str, purpose: CodePurpose) -> SentCode | None:
    return await _CODE.find(tx, pool_id=pool_id, username=username, purpose=purpose.value)


async def lock_sent_code(tx: Tx, pool_id: str, username: str, purpose: CodePurpose) -> SentCode | None:
    """The same, held until the transaction ends: of parallel guesses each sees the failures of those before it."""
    return await _CODE.one(tx, _LOCK_CODE, key_pool=pool_id, key_user=username, key_purpose=purpose.value)


async def take_matching_code(
    tx: Tx, pool_id: str, username: str, purpose: CodePurpose, digest: bytes, now: int
) -> SentCode | None:
    """
    The code if *digest* is its digest and it has not expired, removed in the same statement.

    Digests are keyed, so comparing them in SQL tells an attacker nothing about the code.
    """
    return await _CODE.one(
        tx, _TAKE_MATCHING, key_pool=pool_id, key_user=username, key_purpose=purpose.value, digest=digest, now=now
    )


async def count_code_failure(tx: Tx, pool_id: str, username: str, purpose: CodePurpose) -> int:
    """One more wrong answer; how many there are now (0 when no code is live)."""
    row = await tx.one(_FAILED, key_pool=pool_id, key_user=username, key_purpose=purpose.value)
    return 0 if row is None else int(row[0])


async def drop_sent_code(tx: Tx, pool_id: str, username: str, purpose: CodePurpose) -> bool:
    return await _CODE.drop(tx, pool_id=pool_id, username=username, purpose=purpose.value)


async def find_failures(tx: ReadTx, key: str) -> tuple[int, int, int] | None:
    """``(count, last_at, locked_until)`` of one counter, in seconds."""
    row = await tx.one(_FIND_FAILURES, key=key)
    return None if row is None else (int(row[0]), int(row[1]), int(row[2]))


async def lock_failures(tx: Tx, key: str) -> tuple[int, int, int]:
    """
    The same, zeros where there is none, held until the transaction ends.

    Whoever reads in order to count starts here: of parallel guesses each sees the count of those before it
    (CVE-2024-1722).
    """
    row = await tx.one(_LOCK_FAILURES, key=key)
    return (0, 0, 0) if row is None else (int(row[0]), int(row[1]), int(row[2]))


async def put_failures(tx: Tx, key: str, count: int, last_at: int, locked_until: int) -> None:
    await tx.run(_PUT_FAILURES, key=key, count=count, last_at=last_at, locked_until=locked_until)


async def drop_failures(tx: Tx, key: str) -> None:
    await tx.run(_DROP_FAILURES, key=key)
