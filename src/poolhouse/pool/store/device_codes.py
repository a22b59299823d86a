"""Requests of devices (RFC 8628), from the request to the one redemption."""

from sqlalchemy import bindparam, update

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement
from poolhouse.pool.model.openid import DeviceCode
from poolhouse.pool.store import tables as t
from poolhouse.pool.store.record import Record, as_json

_CODE = Record(t.device_codes, DeviceCode)
_BY_USER_CODE = compile_statement(
    _CODE.select(t.device_codes.c.pool_id == bindparam("pool_id"), t.device_codes.c.user_code == bindparam("user_code"))
)
_DECIDE = compile_statement(
    update(t.device_codes)
    .where(
        t.device_codes.c.digest == bindparam("key"),
        t.device_codes.c.state == "pending",
        t.device_codes.c.expires_at > bindparam("now"),
    )
    .values(
        state=bindparam("new_state"),
        username=bindparam("new_username"),
        sub=bindparam("new_sub"),
        auth_time=bindparam("new_auth_time"),
        amr=bindparam("new_amr"),
        sid=bindparam("new_sid"),
    )
    .returning(t.device_codes.c.digest)
)
_LOCK = compile_statement(
    update(t.device_codes)
    .where(t.device_codes.c.digest == bindparam("key"))
    .values(state=t.device_codes.c.state)
    .returning(*_CODE.columns())
)
_NOTE_POLL = compile_statement(
    update(t.device_codes)
    .where(t.device_codes.c.digest == bindparam("key"))
    .values(interval=bindparam("new_interval"), polled_at=bindparam("at"))
)


async def put_device_code(tx: Tx, code: DeviceCode) -> None:
    """``UniqueViolation`` when its user code is another's of the pool."""
    await _CODE.put(tx, code)


async def find_device_code(tx: ReadTx, digest: bytes) -> DeviceCode | None:
    return await _CODE.find(tx, digest=digest)


async def find_by_user_code(tx: ReadTx, pool_id: str, user_code: bytes) -> DeviceCode | None:
    return await _CODE.one(tx, _BY_USER_CODE, pool_id=pool_id, user_code=user_code)


async def decide(tx: Tx, code: DeviceCode, now: int) -> bool:
    """Write the user's decision; True for exactly one, and only while the code waits for it."""
    return (
        await tx.one(
            _DECIDE,
            key=code.digest,
            now=now,
            new_state=code.state,
            new_username=code.username,
            new_sub=code.sub,
            new_auth_time=code.auth_time,
            new_amr=as_json(code.amr),
            new_sid=code.sid,
        )
        is not None
    )


async def lock_device_code(tx: Tx, digest: bytes) -> DeviceCode | None:
    """The code, held until the transaction ends: of parallel polls each sees those before it."""
    return await _CODE.one(tx, _LOCK, key=digest)


async def note_poll(tx: Tx, digest: bytes, *, interval: int, at: int) -> None:
    await tx.run(_NOTE_POLL, key=digest, new_interval=interval, at=at)


async def take_device_code(tx: Tx, digest: bytes) -> DeviceCode | None:
    """The code, removed; to exactly one caller."""
    return await _CODE.take(tx, digest=digest)
