"""The rules of threat protection and the destinations of logs, as an administrator sets them."""

from collections.abc import Sequence

import msgspec

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.pool.core.settings import tiers
from poolhouse.pool.core.settings.logs import check_logs, needs_plus
from poolhouse.pool.core.settings.risk import check_rules, rules_of
from poolhouse.pool.flows import clients, feedback, pools
from poolhouse.pool.flows.context import Flow, stop
from poolhouse.pool.model.risk import LogConfiguration, RiskConfiguration
from poolhouse.pool.spec import shapes
from poolhouse.pool.store import risk as store


async def describe(flow: Flow, region: str, pool_id: str, client_id: str | None) -> shapes.RiskConfigurationType:
    """AWS API: DescribeRiskConfiguration. What was set at this level; a client that inherits has nothing of its own."""

    async def read(tx: ReadTx) -> RiskConfiguration | None:
        pool = await pools.get_in(tx, region, pool_id)
        feedback.require_on(pool)
        if client_id is not None:
            await clients.get_in(tx, pool.id, client_id)
        return await store.find_risk(tx, pool.id, client_id or "")

    return _shown(pool_id, client_id, await flow.database.read(read))


async def put(flow: Flow, region: str, request: shapes.SetRiskConfigurationRequest) -> shapes.RiskConfigurationType:
    """AWS API: SetRiskConfiguration. All rules of a level are replaced; without any they are taken back."""
    rules = rules_of(request)
    client_id = request.client_id
    can_mail = flow.config.can_mail or flow.config.development

    async def unit(tx: Tx) -> RiskConfiguration | None:
        pool = await pools.get_in(tx, region, request.user_pool_id)
        feedback.require_on(pool)
        if client_id is not None:
            await clients.get_in(tx, pool.id, client_id)
        if rules is None:
            await store.drop_risk(tx, pool.id, client_id or "")
            return None
        refusal = check_rules(rules, can_mail=can_mail)
        if refusal is not None:
            stop(refusal)
        made = RiskConfiguration(
            pool_id=pool.id, client_id=client_id or "", modified_ms=flow.clock.now_ms(), settings=rules
        )
        await store.set_risk(tx, made)
        return made

    return _shown(request.user_pool_id, client_id, await flow.database.write(unit))


async def find_logs(flow: Flow, region: str, pool_id: str) -> Sequence[shapes.LogConfigurationType]:
    """AWS API: GetLogDeliveryConfiguration."""

    async def read(tx: ReadTx) -> LogConfiguration | None:
        pool = await pools.get_in(tx, region, pool_id)
        return await store.find_logs(tx, pool.id)

    found = await flow.database.read(read)
    return () if found is None else found.configurations


async def set_logs(
    flow: Flow, region: str, pool_id: str, configurations: Sequence[shapes.LogConfigurationType]
) -> None:
    """AWS API: SetLogDeliveryConfiguration. A destination that the server does not know is refused."""

    async def unit(tx: Tx) -> None:
        pool = await pools.get_in(tx, region, pool_id)
        tier = str(pool.settings.user_pool_tier)
        if flow.config.strict and tier != tiers.PLUS and needs_plus(configurations):
            refusal = tiers.unavailable(tier, ["User Activity Log Export"])
            if refusal is not None:
                stop(refusal)
        refusal = check_logs(configurations, flow.sinks.is_known)
        if refusal is not None:
            stop(refusal)
        await store.set_logs(tx, LogConfiguration(pool_id=pool.id, configurations=tuple(configurations)))

    await flow.database.write(unit)


def _shown(pool_id: str, client_id: str | None, found: RiskConfiguration | None) -> shapes.RiskConfigurationType:
    if found is None:
        return shapes.RiskConfigurationType(user_pool_id=pool_id, client_id=client_id)
    return msgspec.structs.replace(
        found.settings, user_pool_id=pool_id, client_id=client_id, last_modified_date=found.modified_ms / 1000
    )
