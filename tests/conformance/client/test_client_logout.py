"""
oidcc-client-rp-initiated-logout-rp-basic and oidcc-client-back-channel-logout-rp-basic.

D20: signature, issuer, audience, time, event, no nonce, once, sid or sub.
"""

import re
from collections.abc import Callable

import httpx
import pytest
from aiohttp import web

from poolhouse.house.app import House
from poolhouse.house.provider import Provider as Configured
from poolhouse.house.rp.logout import provider_logout, wants_id_token
from poolhouse.kit.ambient import FixedClock
from tests.conformance.client.conftest import Client
from tests.house.op import Provider, merged
from tests.house.test_providers import put
from tests.house.world import Browser, words

NewBrowser = Callable[..., Browser]
BACKCHANNEL = "/login/oauth2/backchannel/oidc"
EVENT = "http://schemas.openid.net/event/backchannel-logout"


@pytest.fixture
async def signed_in(house: House, browser: Browser, provider: Provider) -> Client:
    settings = provider.settings(end_session_url=f"{provider.base}/end-session")
    await put(house, Configured(id="oidc", settings=settings))
    provider.sid = "sid-1"
    client = Client(house, browser, provider)
    await client.accepts()
    return client


async def sign_out(client: Client) -> httpx.Response:
    """Over the provider; the page that the browser ends on."""
    page = await client.browser.post("/user/logout", {"where": "provider"}, page="/")
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', page.text))
    there = await client.browser.outside.post(f"{client.op.base}/end-session", data=fields)
    return await client.browser.get(there.headers["location"].removeprefix("http://localhost:8500"))


async def tell(client: Client, token: str) -> httpx.Response:
    """As the provider's server does it: no cookie, no origin."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=client.house.app), base_url="http://localhost:8500"
    ) as op:
        return await op.post(BACKCHANNEL, data={"logout_token": token})


async def knock(client: Client, token: str, address: str) -> int:
    transport = httpx.ASGITransport(app=client.house.app, client=(address, 40000))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8500") as op:
        return (await op.post(BACKCHANNEL, data={"logout_token": token})).status_code


@pytest.mark.parametrize(("stranger", "last"), [("203.0.113.9", 429), ("10.0.0.9", 400)])
async def test_an_address_with_bad_logout_tokens_waits_for_the_minute_and_no_other_does(
    stranger: str, last: int, signed_in: Client, clock: FixedClock
) -> None:
    """One of a private network may be a proxy that nobody has named, with the provider behind it."""
    answers = [await knock(signed_in, "no.token", stranger) for _ in range(31)]

    assert [*[400] * 30, last] == answers
    assert 400 == await knock(signed_in, "no.token", "203.0.113.10")
    clock.advance(60)
    assert 400 == await knock(signed_in, "no.token", stranger)


async def is_in(browser: Browser) -> bool:
    return 200 == (await browser.get("/")).status_code


async def test_oidcc_client_test_rp_init_logout(signed_in: Client) -> None:
    answer = await sign_out(signed_in)

    assert 200 == answer.status_code
    asked = signed_in.op.logouts[-1]
    assert {"client_id", "post_logout_redirect_uri", "id_token_hint", "state"} <= set(asked)
    assert len(asked["state"]) >= 22
    assert signed_in.browser.cookie("house_logout") is None


async def test_oidcc_client_test_rp_init_logout_other_state(signed_in: Client) -> None:
    signed_in.op.change_logout_answer = merged(state="another")

    answer = await sign_out(signed_in)

    assert 400 == answer.status_code
    assert "Look whether you are signed out there as well" in words(answer)
    assert not await is_in(signed_in.browser)


async def test_oidcc_client_test_rp_init_logout_no_state(signed_in: Client) -> None:
    signed_in.op.change_logout_answer = merged(state=...)

    assert 400 == (await sign_out(signed_in)).status_code


async def test_signing_out_here_alone_waits_for_no_state(signed_in: Client) -> None:
    answer = await signed_in.browser.post("/user/logout", page="/")

    assert 200 == (await signed_in.browser.get(answer.headers["location"])).status_code


async def test_oidcc_client_test_rp_backchannel_rpinitlogout(signed_in: Client) -> None:
    answer = await tell(signed_in, signed_in.op.logout_token())

    assert (200, "no-store") == (answer.status_code, answer.headers["cache-control"])
    assert not await is_in(signed_in.browser)


async def test_oidcc_client_test_rp_backchannel_rpinitlogout_alg_none(signed_in: Client) -> None:
    signed_in.op.signer = "none"
    await refuses(signed_in)


@pytest.mark.parametrize("signer", ["public-key-as-secret", "other", "tampered"])
async def test_oidcc_client_test_rp_backchannel_rpinitlogout_wrong_alg(signer: str, signed_in: Client) -> None:
    signed_in.op.signer = signer
    await refuses(signed_in)


async def test_oidcc_client_test_rp_backchannel_rpinitlogout_no_event(signed_in: Client) -> None:
    await refuses(signed_in, events=...)


@pytest.mark.parametrize("events", [{}, {"http://wrong.example": {}}, {EVENT: "yes"}, {EVENT: None}, [EVENT], EVENT])
async def test_oidcc_client_test_rp_backchannel_rpinitlogout_wrong_event(events: object, signed_in: Client) -> None:
    await refuses(signed_in, events=events)


async def test_oidcc_client_test_rp_backchannel_rpinitlogout_with_nonce(signed_in: Client) -> None:
    await refuses(signed_in, nonce="any")


@pytest.mark.parametrize("aud", ["another-client", ..., ["a", "b"]])
async def test_oidcc_client_test_rp_backchannel_rpinitlogout_wrong_aud(aud: object, signed_in: Client) -> None:
    await refuses(signed_in, aud=aud)


@pytest.mark.parametrize("iss", ["https://another.example", ...])
async def test_oidcc_client_test_rp_backchannel_rpinitlogout_wrong_iss(iss: object, signed_in: Client) -> None:
    await refuses(signed_in, iss=iss)


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": ..., "sid": ...},
        {"jti": ...},
        {"jti": 7},
        {"iat": ...},
        {"iat": "now"},
        {"iat": 1},
        {"iat": 99_999_999_999},
        {"exp": 1},
        {"exp": "later"},
        {"sid": ["sid-1"]},
    ],
)
async def test_d20_what_else_a_logout_token_must_not_be(claims: dict[str, object], signed_in: Client) -> None:
    await refuses(signed_in, **claims)


async def refuses(client: Client, **claims: object) -> None:
    answer = await tell(client, client.op.logout_token(**claims))
    assert 400 == answer.status_code
    assert {"error": "invalid_request"} == answer.json()
    assert await is_in(client.browser)


async def test_d20_a_logout_token_is_good_once(signed_in: Client, new_browser: NewBrowser) -> None:
    token = signed_in.op.logout_token(sid=...)
    assert 200 == (await tell(signed_in, token)).status_code
    signed_in.op.hits.clear()
    await Client(signed_in.house, signed_in.browser, signed_in.op).sign_in()

    assert 400 == (await tell(signed_in, token)).status_code
    assert await is_in(signed_in.browser)


async def test_an_id_token_is_no_logout_token_and_a_typed_one_is_of_the_type(signed_in: Client) -> None:
    id_token = signed_in.op.id_token({"nonce": "n", "auth_time": "1"}, "access")
    assert 400 == (await tell(signed_in, id_token)).status_code
    signed_in.op.change_header = merged(typ="at+jwt")
    assert 400 == (await tell(signed_in, signed_in.op.logout_token())).status_code
    signed_in.op.change_header = merged(typ="logout+jwt")
    assert 200 == (await tell(signed_in, signed_in.op.logout_token())).status_code


async def test_a_sid_ends_that_session_alone_and_a_subject_ends_all(signed_in: Client, new_browser: NewBrowser) -> None:
    op, second = signed_in.op, new_browser()
    op.sid = "sid-2"
    await Client(signed_in.house, second, op).sign_in()

    assert 200 == (await tell(signed_in, op.logout_token(sid="sid-1", sub=...))).status_code
    assert (False, True) == (await is_in(signed_in.browser), await is_in(second))

    assert 200 == (await tell(signed_in, op.logout_token(sid=...))).status_code
    assert not await is_in(second)


async def test_a_sid_of_somebody_else_ends_nothing(signed_in: Client) -> None:
    assert 200 == (await tell(signed_in, signed_in.op.logout_token(sub="somebody-else"))).status_code

    assert await is_in(signed_in.browser)


async def test_sessions_of_another_provider_are_not_its_business(
    signed_in: Client, house: House, clock: FixedClock
) -> None:
    other = Provider(clock)
    await other.start()
    try:
        await put(house, Configured(id="other", settings=other.settings()))
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=house.app), base_url="http://localhost:8500"
        ) as op:
            path = BACKCHANNEL.replace("oidc", "other")
            other.sid = "sid-1"
            assert 200 == (await op.post(path, data={"logout_token": other.logout_token()})).status_code
            forged = signed_in.op.logout_token()
            assert 400 == (await op.post(path, data={"logout_token": forged})).status_code
        assert await is_in(signed_in.browser)
    finally:
        await other.stop()


@pytest.mark.parametrize("body", [{}, {"logout_token": ""}, {"logout_token": "a.b.c"}, {"logout_token": "x" * 40_000}])
async def test_what_is_no_token_is_refused(body: dict[str, str], signed_in: Client) -> None:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=signed_in.house.app), base_url="http://localhost:8500"
    ) as op:
        assert 400 == (await op.post(BACKCHANNEL, data=body)).status_code
        assert 400 == (await op.post(BACKCHANNEL.replace("oidc", "nobody"), data=body)).status_code
    assert await is_in(signed_in.browser)


async def test_who_was_signed_out_is_in_the_audit_log(signed_in: Client, admin: Browser) -> None:
    await tell(signed_in, signed_in.op.logout_token())

    page = words(await admin.get("/settings/audit-log"))
    assert "signed out at the provider; sessions ended: 1" in page


@pytest.mark.parametrize(("status", "is_posted"), [(404, False), (405, False), (400, True), (200, True)])
async def test_a_provider_that_takes_no_form_gets_an_address_without_a_token(
    status: int, is_posted: bool, house: House, admin: Browser, provider: Provider
) -> None:
    provider.change_discovery = merged(end_session_endpoint=f"{provider.base}/end-session")
    provider.answers["end-session"] = web.Response(status=status)
    await admin.set_up(provider.form())

    settings = house.ctx.live.document.providers[0].settings
    there = provider_logout(settings, return_url="https://house.example/out", id_token="a.b.c", state="s")

    assert is_posted == settings.is_end_session_posted == bool(there and there.fields)
    assert there is not None
    assert "a.b.c" not in there.url
    assert is_posted or "state=s" in there.url
    assert is_posted == wants_id_token(settings)
