"""Which processes serve this house, and the version of the settings that each runs."""

from sqlalchemy import BigInteger, Text, and_, bindparam, delete, select

from poolhouse.house.model import Replica
from poolhouse.house.tables import replicas as t
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement, upsert

CHANNEL = "house_replicas"

_PUT = upsert(t, ["id"], ["version", "seen_at", "held", "open_by"])
_SEEN = compile_statement(
    select(t.c.id, t.c.host, t.c.program, t.c.version, t.c.started_at, t.c.seen_at, t.c.held)
    .where(t.c.seen_at > bindparam("after", type_=BigInteger))
    .order_by(t.c.started_at, t.c.id)
)
_OPEN = compile_statement(
    select(t.c.open_by).where(
        and_(t.c.seen_at > bindparam("after", type_=BigInteger), t.c.id != bindparam("but", type_=Text))
    )
)
_DELETE = compile_statement(delete(t).where(t.c.id == bindparam("key", type_=Text)))
_SWEEP = compile_statement(delete(t).where(t.c.seen_at < bindparam("before", type_=BigInteger)))


async def put_replica(tx: Tx, replica: Replica, *, open_by: str, tells: bool) -> None:
    """Store what one process says of itself, and what it has open; *tells* the others to look."""
    await tx.run(
        _PUT, id=replica.id, host=replica.host, program=replica.program, version=replica.version,
        started_at=replica.started_at, seen_at=replica.seen_at, held=replica.held, open_by=open_by,
    )  # fmt: skip
    if tells:
        tx.announce(CHANNEL, replica.id)


async def list_replicas(tx: ReadTx, *, after: Epoch) -> list[Replica]:
    """Those that were seen after that moment, the oldest process first."""
    return [
        Replica(id=row[0], host=row[1], program=row[2], version=row[3], started_at=row[4], seen_at=row[5], held=row[6])
        for row in await tx.all(_SEEN, after=after)
    ]


async def list_open(tx: ReadTx, *, after: Epoch, but: str) -> list[str]:
    """What the others have open that were seen after that moment, as they wrote it."""
    return [row[0] for row in await tx.all(_OPEN, after=after, but=but) if row[0]]


async def delete_replica(tx: Tx, replica_id: str) -> None:
    await tx.run(_DELETE, key=replica_id)
    tx.announce(CHANNEL, replica_id)


async def sweep_replicas(tx: Tx, *, before: Epoch) -> None:
    await tx.run(_SWEEP, before=before)
