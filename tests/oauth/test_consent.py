"""A third party's app asks the user, once, and only for what was said yes to (OIDC Core section 3.1.2.4)."""

import json
import re
from urllib.parse import urlencode

import httpx
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.flows import client_extension, consent
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.flows.users import delete
from poolhouse.pool.model.user import User
from tests.support.builders import PASSWORD, a_user
from tests.support.proofs import extend
from tests.support.web import Asking, answer_of, authorize, redeem, signed_in, token


@pytest.fixture
async def app(flow: Flow, client: ClientEntry) -> ClientEntry:
    """The client, marked as a third party's."""
    changes = {"third_party": True, "policy_uri": "https://app.example/privacy"}
    await client_extension.change(flow, client.client.pool_id, client.client.id, changes)
    found = await flow.directory.find_client(client.client.id)
    assert found is not None
    return found


async def the_page(web: httpx.AsyncClient, sent: httpx.Response) -> httpx.Response:
    assert "/consent?" in sent.headers["location"], sent.headers["location"]
    page = await web.get(sent.headers["location"])
    assert page.status_code == 200, page.text
    return page


async def say(web: httpx.AsyncClient, page: httpx.Response, answer: str) -> httpx.Response:
    csrf = re.search(r'name="_csrf" value="([^"]+)"', page.text)
    assert csrf is not None
    return await web.post(str(page.url), data={"_csrf": csrf[1], "answer": answer})


async def test_the_user_is_asked_in_words(flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User) -> None:
    await signed_in(flow, web, person)
    page = await the_page(web, await authorize(web, app))

    assert "See your email address" in page.text
    assert "You are signed in as jane." in page.text
    assert "app.example" in page.text
    assert "https://app.example/privacy" in page.text


async def test_a_yes_goes_on_to_the_app_and_is_remembered(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User
) -> None:
    await signed_in(flow, web, person)
    allowed = await say(web, await the_page(web, await authorize(web, app)), "allow")
    assert (await redeem(web, app, answer_of(allowed)["code"])).status_code == 200

    assert "code" in answer_of(await authorize(web, app))
    assert "code" in answer_of(await authorize(web, app, prompt="none"))


@pytest.mark.parametrize("answer", ["deny", "", "yes"])
async def test_whatever_is_no_yes_is_a_no(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User, answer: str
) -> None:
    await signed_in(flow, web, person)
    denied = answer_of(await say(web, await the_page(web, await authorize(web, app)), answer))

    assert (denied["error"], denied["state"]) == ("access_denied", "s t&te")
    assert "code" not in denied
    assert "/consent?" in (await authorize(web, app)).headers["location"]


async def test_who_signs_in_is_asked_after_it(web: httpx.AsyncClient, app: ClientEntry, person: User) -> None:
    sent = await authorize(web, app)
    form = await web.get(sent.headers["location"])
    csrf = re.search(r'name="_csrf" value="([^"]+)"', form.text)
    assert csrf is not None
    given = {"_csrf": csrf[1], "username": person.username, "password": PASSWORD}
    page = await the_page(web, await web.post(sent.headers["location"], data=given))

    assert "code" in answer_of(await say(web, page, "allow"))


async def test_a_fresh_sign_in_that_was_asked_for_is_not_asked_for_twice(
    web: httpx.AsyncClient, app: ClientEntry, person: User
) -> None:
    sent = await authorize(web, app, prompt="login", max_age="0")
    form = await web.get(sent.headers["location"])
    csrf = re.search(r'name="_csrf" value="([^"]+)"', form.text)
    assert csrf is not None
    given = {"_csrf": csrf[1], "username": person.username, "password": PASSWORD}
    page = await the_page(web, await web.post(sent.headers["location"], data=given))

    assert "code" in answer_of(await say(web, page, "allow"))


async def test_more_than_was_agreed_to_is_asked_for_again(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User
) -> None:
    app = await extend(flow, app, dialect="openid")
    await signed_in(flow, web, person)
    await say(web, await the_page(web, await authorize(web, app, scope="openid")), "allow")
    assert "code" in answer_of(await authorize(web, app, scope="openid"))

    assert "/consent?" in (await authorize(web, app, scope="openid email")).headers["location"]
    named = json.dumps({"userinfo": {"email": None}})
    assert "/consent?" in (await authorize(web, app, scope="openid", claims=named)).headers["location"]


async def test_an_app_can_have_it_asked_again(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User
) -> None:
    await signed_in(flow, web, person)
    await say(web, await the_page(web, await authorize(web, app)), "allow")

    assert "/consent?" in (await authorize(web, app, prompt="consent")).headers["location"]


async def test_a_request_that_may_show_nothing_is_told(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User
) -> None:
    await signed_in(flow, web, person)

    assert answer_of(await authorize(web, app, prompt="none"))["error"] == "consent_required"


async def test_the_agreement_of_one_user_is_not_anothers(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, pool: PoolEntry, person: User
) -> None:
    await signed_in(flow, web, person)
    await say(web, await the_page(web, await authorize(web, app)), "allow")
    await signed_in(flow, web, await a_user(flow, pool, "john"))

    assert "/consent?" in (await authorize(web, app)).headers["location"]


async def test_the_page_of_one_user_is_not_answered_by_another(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, pool: PoolEntry, person: User
) -> None:
    """Another tab signed somebody else in meanwhile: nothing is given away in that name."""
    await signed_in(flow, web, person)
    page = await the_page(web, await authorize(web, app))
    await signed_in(flow, web, await a_user(flow, pool, "john"))
    sent = await say(web, page, "allow")

    assert "/login?" in sent.headers["location"]


@pytest.mark.parametrize("more", [{"prompt": "login"}, {"max_age": "0"}, {"max_age": "1"}, {"scope": "openid"}])
async def test_the_page_of_one_request_does_not_answer_another(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User, clock: FixedClock, more: dict[str, str]
) -> None:
    """A step that was skipped: the second request asks for a sign-in that the first was spared."""
    await signed_in(flow, web, person)
    clock.advance(60)
    page = await the_page(web, await authorize(web, app))
    other = (await authorize(web, app, prompt="login")).headers["location"].split("/login?")[0]
    changed = f"{other}/consent?{urlencode(Asking(app).params(**more))}"

    assert "/login?" in (await web.get(changed)).headers["location"]
    await authorize(web, app)
    csrf = re.search(r'name="_csrf" value="([^"]+)"', page.text)
    assert csrf is not None
    sent = await web.post(changed, data={"_csrf": csrf[1], "answer": "allow"})
    assert "/login?" in sent.headers["location"]


async def test_a_forged_form_is_not_believed(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User
) -> None:
    await signed_in(flow, web, person)
    page = await the_page(web, await authorize(web, app))

    refused = await web.post(str(page.url), data={"answer": "allow", "_csrf": "0" * 36})
    assert refused.status_code == 403
    framed = page.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in framed


async def test_the_page_without_a_sign_in_leads_to_one(web: httpx.AsyncClient, app: ClientEntry, person: User) -> None:
    sent = await authorize(web, app)
    reply = await web.get(sent.headers["location"].replace("/login?", "/consent?"))

    assert "/login?" in reply.headers["location"]


async def test_an_agreement_can_be_taken_back_with_the_tokens(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User
) -> None:
    await signed_in(flow, web, person)
    allowed = await say(web, await the_page(web, await authorize(web, app)), "allow")
    made = (await redeem(web, app, answer_of(allowed)["code"])).json()
    assert [each.app for each in await consent.list_given(flow, person)] == ["Wiki"]

    assert await consent.withdraw(flow, person, app.client.id)
    assert not await consent.withdraw(flow, person, app.client.id)
    refused = await token(web, app, grant_type="refresh_token", refresh_token=made["refresh_token"])
    assert refused.json()["error"] == "invalid_grant"
    assert "/consent?" in (await authorize(web, app)).headers["location"]


async def test_an_agreement_that_is_taken_back_leaves_no_code(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User
) -> None:
    await signed_in(flow, web, person)
    allowed = await say(web, await the_page(web, await authorize(web, app)), "allow")

    assert await consent.withdraw(flow, person, app.client.id)
    assert (await redeem(web, app, answer_of(allowed)["code"])).json()["error"] == "invalid_grant"


async def test_agreements_go_with_the_user(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, pool: PoolEntry, person: User
) -> None:
    await signed_in(flow, web, person)
    await say(web, await the_page(web, await authorize(web, app)), "allow")
    await delete(flow, pool.pool, person.username)

    assert await consent.list_given(flow, person) == []


async def test_an_app_of_the_house_skips_it(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    await signed_in(flow, web, person)

    assert "code" in answer_of(await authorize(web, client, prompt="consent"))
