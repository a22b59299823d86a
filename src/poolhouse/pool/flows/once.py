"""Showing something a second time: refused, on every replica (GHSA-3p3g-vpw6-4w66)."""

import hashlib

from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.store import seen_once as store


async def is_first(flow: Flow, kind: str, *named: str, expires_at: int) -> bool:
    """Whether nobody has shown what *kind* and *named* name before; from now on somebody has."""
    digest, now = _digest(kind, *named), flow.clock.now()

    async def unit(tx: Tx) -> bool:
        return await store.remember(tx, digest, now=now, expires_at=expires_at)

    return await flow.database.write(unit)


async def is_seen(flow: Flow, kind: str, *named: str) -> bool:
    """Whether somebody has."""
    digest, now = _digest(kind, *named), flow.clock.now()
    return await flow.database.read(lambda tx: store.is_seen(tx, digest, now=now))


def _digest(*named: str) -> bytes:
    fields = [each.encode() for each in named]
    return hashlib.sha256(b"".join(len(each).to_bytes(4) + each for each in fields)).digest()
