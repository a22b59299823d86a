"""Rules of threat protection and destinations of logs.  Each change announces the pool, with which they are cached."""

from sqlalchemy import bindparam

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement
from poolhouse.pool.model.pool import PoolId
from poolhouse.pool.model.risk import LogConfiguration, RiskConfiguration
from poolhouse.pool.store import tables as t
from poolhouse.pool.store.pools import CHANGED
from poolhouse.pool.store.record import Record

_RISK = Record(t.risk_configurations, RiskConfiguration)
_LOGS = Record(t.log_configurations, LogConfiguration)
_OF_POOL = compile_statement(_RISK.select(t.risk_configurations.c.pool_id == bindparam("pool_id")))


async def list_risks(tx: ReadTx, pool_id: str) -> list[RiskConfiguration]:
    """The pool's own rules and those of its clients."""
    return await _RISK.all(tx, _OF_POOL, pool_id=pool_id)


async def find_risk(tx: ReadTx, pool_id: str, client_id: str) -> RiskConfiguration | None:
    """Of a client, or of the pool itself (``""``)."""
    return await _RISK.find(tx, pool_id=pool_id, client_id=client_id)


async def set_risk(tx: Tx, risk: RiskConfiguration) -> None:
    """In the place of what was there."""
    await drop_risk(tx, risk.pool_id, risk.client_id)
    await _RISK.put(tx, risk)


async def drop_risk(tx: Tx, pool_id: PoolId, client_id: str) -> None:
    tx.announce(CHANGED, pool_id)
    await _RISK.drop(tx, pool_id=pool_id, client_id=client_id)


async def find_logs(tx: ReadTx, pool_id: str) -> LogConfiguration | None:
    return await _LOGS.find(tx, pool_id=pool_id)


async def set_logs(tx: Tx, logs: LogConfiguration) -> None:
    """In the place of what was there."""
    tx.announce(CHANGED, logs.pool_id)
    await _LOGS.drop(tx, pool_id=logs.pool_id)
    await _LOGS.put(tx, logs)
