"""What an endpoint of a domain answers when it is the server that cannot."""

from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient, Response
from starlette.routing import Route, Router

from poolhouse.kit.cpu import Busy
from poolhouse.kit.db.protocol import DatabaseBusy, DatabaseDown
from poolhouse.kit.edge import Raw, Reply
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.flows.site import Site
from poolhouse.pool.oauth.answers import answering
from tests.support.web import DOMAIN, error_of, token


async def ask(flow: Flow, failure: Exception) -> Response:
    async def fail(_flow: Flow, _site: Site, _raw: Raw) -> Reply:
        raise failure

    router = Router([Route("/domains/{domain}/fail", answering(flow, fail, "GET"))])
    async with AsyncClient(transport=ASGITransport(router), base_url="https://pool.example") as web:
        return await web.get(f"/domains/{DOMAIN}/fail")


@pytest.mark.usefixtures("pool")
@pytest.mark.parametrize("failure", [Busy(), DatabaseBusy("no connection within the bound")])
async def test_too_much_work_is_a_reason_to_try_again(flow: Flow, failure: Exception) -> None:
    reply = await ask(flow, failure)

    assert ("temporarily_unavailable", 503, "1") == (*error_of(reply), reply.headers["retry-after"])


@pytest.mark.usefixtures("pool")
@pytest.mark.parametrize("failure", [DatabaseDown("no route to 192.0.2.1"), RuntimeError("192.0.2.1")])
async def test_a_failure_of_ours_tells_nothing(flow: Flow, failure: Exception) -> None:
    reply = await ask(flow, failure)

    assert ("server_error", 500) == error_of(reply)
    assert "192.0.2.1" not in reply.text
    assert reply.headers["x-amz-cognito-request-id"] in reply.json()["error_description"]


@pytest.mark.parametrize("name", ["client_id", "code"])
async def test_a_value_that_cannot_be_kept_is_the_callers_mistake(
    pool: PoolEntry, client: ClientEntry, web: AsyncClient, name: str
) -> None:
    assert pool.domains
    form: dict[str, Any] = {
        "grant_type": "authorization_code",
        "code": "a",
        "redirect_uri": "https://app.example/",
        name: "a\0b",
    }
    reply = await token(web, client, **form)

    assert reply.status_code == 400
    assert error_of(reply)[0] in {"invalid_request", "invalid_client", "invalid_grant"}
