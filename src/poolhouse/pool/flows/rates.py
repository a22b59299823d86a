"""Request rates of the token endpoint and the pages; those of the API are ``api.rates``."""

from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.spec.errors import Reason


def count(flow: Flow, pool_id: str, category: str) -> None:
    """Count a request in its category, the refused ones as well; RATE_EXCEEDED beyond the rate that is set."""
    rate = flow.config.rates.get(category)
    if rate is not None and not flow.buckets.take(pool_id, category, rate, flow.clock.now_ms()):
        raise Refused(Reason.RATE_EXCEEDED)
