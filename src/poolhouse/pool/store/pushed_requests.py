"""Authorization requests that clients have pushed (RFC 9126), by the digest of their handle."""

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.pool.model.openid import PushedRequest
from poolhouse.pool.store import tables as t
from poolhouse.pool.store.record import Record

_PUSHED = Record(t.pushed_requests, PushedRequest)


async def put_pushed(tx: Tx, request: PushedRequest) -> None:
    await _PUSHED.put(tx, request)


async def find_pushed(tx: ReadTx, digest: bytes) -> PushedRequest | None:
    return await _PUSHED.find(tx, digest=digest)


async def take_pushed(tx: Tx, digest: bytes) -> PushedRequest | None:
    """The request, to exactly one caller: it is answered with one code."""
    return await _PUSHED.take(tx, digest=digest)
