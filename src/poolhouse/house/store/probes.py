"""What was found of apps by asking them around the gateway, the last time."""

import msgspec
from sqlalchemy import BigInteger, Text, bindparam, select

from poolhouse.house.portal.findings import Finding, Found
from poolhouse.house.tables import probes as t
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement, upsert

_FIND = compile_statement(select(t.c.probed_at, t.c.findings).where(t.c.app_id == bindparam("app_id", type_=Text)))
_LIST = compile_statement(select(t.c.app_id, t.c.probed_at, t.c.findings))
_PUT = upsert(
    t, ["app_id"], {"probed_at": bindparam("at", type_=BigInteger), "findings": bindparam("found", type_=Text)}
)


async def find_found(tx: ReadTx, app_id: str) -> Found | None:
    row = await tx.one(_FIND, app_id=app_id)
    return _read(row[0], row[1]) if row else None


async def all_found(tx: ReadTx) -> dict[str, Found]:
    """By the app's id."""
    return {row[0]: _read(row[1], row[2]) for row in await tx.all(_LIST)}


async def put_found(tx: Tx, app_id: str, found: Found) -> None:
    text = msgspec.json.encode(found.findings).decode()
    await tx.run(_PUT, app_id=app_id, probed_at=found.at, findings=text, at=found.at, found=text)


def _read(at: int, text: str) -> Found:
    return Found(Epoch(at), msgspec.json.decode(text, type=tuple[Finding, ...]))
