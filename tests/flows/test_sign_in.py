from poolhouse.pool.flows import sign_in
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.sign_in import SignedIn
from tests.support.builders import PASSWORD, a_client, a_pool, a_user


async def test_a_password_signs_in(flow: Flow) -> None:
    entry = await a_pool(flow)
    client = await a_client(flow, entry)
    await a_user(flow, entry, "jane")
    outcome = await sign_in.begin(flow, entry, client.client, username="jane", password=PASSWORD)
    assert isinstance(outcome, SignedIn)
    assert outcome.amr == ("pwd",)
