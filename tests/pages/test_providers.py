"""
The place of identity providers on the sign-in page.

No kind of provider can be used yet, so no pool shows a button.  What a page would show, and where it would lead, is put
into the real template here.
"""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.routing import Mount, Route, Router

from poolhouse.kit.edge import Reply
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.provider import IdentityProvider
from poolhouse.pool.pages.providers import to_provider
from poolhouse.pool.pages.sign_in_views import ProviderButton, SignInView
from poolhouse.pool.pages.views import NameField
from poolhouse.pool.pages.visit import Visit, page, visiting
from poolhouse.pool.store import providers as store
from tests.support.hosted import Page, Person
from tests.support.web import DOMAIN, Asking, a_browser, a_web_client, answer_of, hosted_html


@pytest.fixture
async def google(flow: Flow, pool: PoolEntry) -> IdentityProvider:
    made = IdentityProvider(
        pool_id=pool.pool.id, name="Google", type="Google", details={}, identifiers=("example.com",), created_ms=1,
        modified_ms=1,
    )  # fmt: skip
    await flow.database.write(lambda tx: store.put_provider(tx, made))
    return made


async def shown(flow: Flow, client: ClientEntry, *buttons: ProviderButton) -> Page:
    async def visitor(visit: Visit) -> Reply:
        view = SignInView(app="Wiki", action="/login", name=NameField(label="Email", missing=""), providers=buttons)
        return page(visit, "sign_in.html", view)

    return await _visited(flow, client, visitor)


async def _visited(flow: Flow, client: ClientEntry, visitor: object, **more: str) -> Page:
    html = hosted_html()
    route = Route("/probe", visiting(flow, html, get=visitor))  # type: ignore[arg-type]
    async with a_browser(Router([Mount("/domains/{domain}", routes=[route])])) as web:
        return Page(await web.get(f"/domains/{DOMAIN}/probe", params=Asking(client).params(**more)))


async def test_a_button_is_a_link_below_the_form(flow: Flow, client: ClientEntry) -> None:
    button = ProviderButton(label="Continue with <Corp>", kind="SAML", href="/x?identity_provider=Corp")

    page = await shown(flow, client, button)

    assert "/x?identity_provider=Corp" == page.links["Continue with <Corp>"]
    assert "<Corp>" not in page.reply.text


@pytest.mark.usefixtures("google")
async def test_a_provider_that_cannot_be_used_is_not_shown(flow: Flow, web: httpx.AsyncClient, pool: PoolEntry) -> None:
    client = await a_web_client(flow, pool, supported_identity_providers=["COGNITO", "Google"])

    page = await Person(web, client).open()

    assert "Google" not in page.reply.text


@pytest.mark.usefixtures("google")
@pytest.mark.parametrize("named", [{"identity_provider": "Google"}, {"idp_identifier": "example.com"}])
async def test_a_request_for_such_a_provider_is_refused(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, named: dict[str, str]
) -> None:
    client = await a_web_client(flow, pool, supported_identity_providers=["COGNITO", "Google"])

    reply = await web.get(f"/domains/{DOMAIN}/oauth2/authorize", params=Asking(client).params(**named))

    assert "invalid_request" == answer_of(reply)["error"]
    assert "not available on this server" in answer_of(reply)["error_description"]


async def test_the_way_to_a_provider_stays_here_and_names_it_once(flow: Flow, client: ClientEntry) -> None:
    async def visitor(visit: Visit) -> Reply:
        return to_provider(visit, "Corp & Sons")

    page = await _visited(flow, client, visitor, identity_provider="Other", idp_identifier="example.com")

    target = urlsplit(page.reply.headers["location"])
    query = parse_qs(target.query)
    assert ("", f"/domains/{DOMAIN}/oauth2/authorize") == (target.netloc, target.path)
    assert ["Corp & Sons"] == query["identity_provider"]
    assert "idp_identifier" not in query
    assert Asking(client).params()["state"] == query["state"][0]
