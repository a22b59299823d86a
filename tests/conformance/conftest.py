import httpx
import pytest

from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from tests.conformance.provider import a_person_with_every_claim, an_openid_client
from tests.conformance.relying_party import RelyingParty
from tests.oauth.conftest import *  # noqa: F403


@pytest.fixture
def mode() -> str | None:
    """The response mode of the plan; None asks for none."""
    return None


@pytest.fixture
async def rp(flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, mode: str | None) -> RelyingParty:
    """An app of the openid dialect, in the browser of somebody who has every standard claim."""
    user = await a_person_with_every_claim(flow, pool)
    return await RelyingParty.discover(web, await an_openid_client(flow, pool), user, mode)
