"""The apps that a user has let in: shown on the user's page, and taken back there."""

from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.console.users import attributes_of
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.model.openid import Consent
from poolhouse.pool.store import consents as store
from tests.console.browser import Visitor
from tests.console.conftest import Service


async def test_an_agreement_is_shown_and_taken_back(visitor: Visitor, service: Service, flow: Flow) -> None:
    pool_id = (await service.a_pool())["Id"]
    client_id = (await service.a_client(pool_id, ClientName="Photo printer"))["ClientId"]
    sub = attributes_of(await service.a_user(pool_id))["sub"]
    given = Consent(pool_id=pool_id, sub=sub, client_id=client_id, scope="email openid", created_ms=1, modified_ms=1)

    async def unit(tx: Tx) -> None:
        await store.put_consent(tx, given)

    await flow.database.write(unit)
    page = await visitor.open(f"/console/pools/{pool_id}/users/{sub}")
    assert "Photo printer" in page.text
    assert "email openid" in page.text

    page = await visitor.press(page, "Withdraw")
    assert "its tokens are revoked" in page.text
    assert "Photo printer" not in page.text


async def test_whoever_has_let_nobody_in_has_no_such_list(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    sub = attributes_of(await service.a_user(pool_id))["sub"]

    assert "Apps with consent" not in (await visitor.open(f"/console/pools/{pool_id}/users/{sub}")).text
