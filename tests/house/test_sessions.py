"""Sessions and cookies: rules 21, 22 and 24; rows 10 and 24 of the CVE list."""

from collections.abc import AsyncIterator, Callable
from http.cookies import SimpleCookie

import httpx
import pytest

from poolhouse.house.app import House, Look, build
from poolhouse.kit.ambient import FixedClock, SystemEntropy
from tests.house.op import LOGGED_OUT, REGISTERED, Provider, merged
from tests.house.world import Browser, house_settings, words

NewBrowser = Callable[..., Browser]
HTTPS = "https://house.example.com"


@pytest.fixture
async def https_house(clock: FixedClock, look: Look) -> AsyncIterator[House]:
    built = await build(house_settings(base_url=HTTPS), clock=clock, entropy=SystemEntropy(), look=look)
    yield built
    await built.close()


def cookies_of(response: httpx.Response) -> dict[str, SimpleCookie]:
    found: dict[str, SimpleCookie] = {}
    for line in response.headers.get_list("set-cookie"):
        jar: SimpleCookie = SimpleCookie(line)
        found.update(dict.fromkeys(jar, jar))
    return found


async def test_cookies_on_https_are_bound_to_the_host(https_house: House, new_browser: NewBrowser) -> None:
    browser = new_browser(https_house, base=HTTPS)
    page = await browser.get("/user/login")
    signed_in = await browser.log_in()

    for response, name in ((page, "__Host-house_browser"), (signed_in, "__Host-house_session")):
        morsel = cookies_of(response)[name][name]
        assert morsel["secure"]
        assert morsel["httponly"]
        assert "Lax" == morsel["samesite"]
        assert "/" == morsel["path"]
        assert "" == morsel["domain"]
        assert "" == morsel["max-age"]


async def test_deleting_a_cookie_uses_the_attributes_it_was_set_with(
    https_house: House, new_browser: NewBrowser
) -> None:
    browser = new_browser(https_house, base=HTTPS)
    name = "__Host-house_session"
    set_ = cookies_of(await browser.log_in())[name][name]
    gone = cookies_of(await browser.post("/user/logout", page="/"))[name][name]

    assert "0" == gone["max-age"]
    assert "" == gone.value
    for attribute in ("secure", "httponly", "samesite", "path", "domain"):
        assert set_[attribute] == gone[attribute]


async def test_cookies_on_loopback_have_names_of_the_house(browser: Browser) -> None:
    await browser.log_in()

    assert {"house_browser", "house_session"} == set(browser.client.cookies.keys())


@pytest.mark.parametrize("method", ["form", "oidc"])
async def test_a_planted_session_id_is_not_signed_in(method: str, ready: House, new_browser: NewBrowser) -> None:
    browser, attacker = new_browser(), new_browser()
    planted = "attackers-choice"
    for each in (browser, attacker):
        each.plant("house_session", planted)

    answer = await (browser.log_in() if method == "form" else browser.sso())

    assert 303 == answer.status_code
    fresh = cookies_of(answer)["house_session"]["house_session"].value
    assert planted != fresh
    assert 303 == (await attacker.get("/")).status_code


@pytest.mark.parametrize("method", ["form", "oidc"])
async def test_every_sign_in_makes_a_new_id_and_ends_the_old_one(
    method: str, ready: House, new_browser: NewBrowser
) -> None:
    browser = new_browser()
    await browser.log_in()
    old = browser.cookie("house_session")
    assert old is not None
    thief = new_browser()
    thief.plant("house_session", old)
    assert 200 == (await thief.get("/")).status_code

    if method == "form":
        browser.plant("house_session", "unknown")
        await browser.log_in()
        assert old != browser.cookie("house_session")
    else:
        answer = await browser.post("/user/account/connect", page="/user/account")
        back = (await browser.outside.get(answer.headers["location"])).headers["location"]
        assert 303 == (await browser.get(back)).status_code
        assert 303 == (await thief.get("/")).status_code


async def test_only_the_digest_of_the_id_is_stored(ready: House, browser: Browser) -> None:
    from sqlalchemy import select

    from poolhouse.house.tables import sessions
    from poolhouse.kit.db.statement import compile_statement

    await browser.log_in()
    session_id = browser.cookie("house_session")
    assert session_id is not None

    rows = await ready.ctx.db.all(compile_statement(select(sessions)))

    assert 1 == len(rows)
    assert session_id not in repr(rows)
    assert session_id.encode() not in repr(rows).encode()


async def test_an_idle_session_ends(house: House, browser: Browser, clock: FixedClock) -> None:
    await browser.log_in()
    for _ in range(3):
        clock.advance(house.ctx.idle_seconds - 61)
        assert 200 == (await browser.get("/")).status_code

    clock.advance(house.ctx.idle_seconds + 1)
    assert 303 == (await browser.get("/")).status_code


async def test_a_session_ends_in_the_end_even_when_it_is_used(
    house: House, browser: Browser, clock: FixedClock
) -> None:
    await browser.log_in()
    for _ in range(house.ctx.session_seconds // 36_000):
        clock.advance(36_000)
        assert 200 == (await browser.get("/")).status_code

    clock.advance(36_000)
    assert 303 == (await browser.get("/")).status_code


async def test_signing_out_here_ends_the_session_on_the_server(house: House, new_browser: NewBrowser) -> None:
    browser, thief = new_browser(), new_browser()
    await browser.log_in()
    thief.client.cookies = httpx.Cookies(browser.client.cookies)

    answer = await browser.post("/user/logout", page="/")

    assert (303, "/user/logged-out") == (answer.status_code, answer.headers["location"])
    assert 303 == (await thief.get("/")).status_code
    assert "You are signed out" in words(await browser.get("/user/logged-out"))


async def test_nobody_is_signed_out_by_a_link(house: House, browser: Browser) -> None:
    await browser.log_in()

    assert 404 == (await browser.get("/user/logout")).status_code
    assert 200 == (await browser.get("/")).status_code


async def test_signing_out_at_cognito_uses_its_own_form(ready: House, browser: Browser, provider: Provider) -> None:
    await browser.sso()
    home = await browser.get("/")
    assert "Sign out at the provider too" in words(home)
    assert f"form-action 'self' {provider.base}" in home.headers["content-security-policy"]

    answer = await browser.post("/user/logout", {"where": "provider"}, page="/")
    there = await browser.outside.get(answer.headers["location"])

    assert answer.headers["location"].startswith(f"{provider.base}/logout?")
    assert LOGGED_OUT == there.headers["location"]
    assert [{"client_id": "house-client", "logout_uri": LOGGED_OUT}] == provider.logouts
    assert 303 == (await browser.get("/")).status_code


async def test_signing_out_elsewhere_posts_the_id_token_as_a_hint(
    house: House, browser: Browser, new_browser: NewBrowser, provider: Provider
) -> None:
    provider.change_discovery = merged(end_session_endpoint=f"{provider.base}/end-session")
    await new_browser().set_up(provider.form())
    await browser.sso()

    page = await browser.post("/user/logout", {"where": "provider"}, page="/")

    assert 200 == page.status_code
    assert "no-store" == page.headers["cache-control"]
    assert f'action="{provider.base}/end-session"' in page.text
    assert f"form-action 'self' {provider.base}" in page.headers["content-security-policy"]
    import re

    fields = dict(re.findall(r'name="(client_id|post_logout_redirect_uri|id_token_hint)" value="([^"]*)"', page.text))
    assert {"client_id", "post_logout_redirect_uri", "id_token_hint"} == set(fields)
    assert fields["id_token_hint"].startswith("eyJ")
    assert fields["id_token_hint"] not in str(page.url)
    there = await browser.outside.post(f"{provider.base}/end-session", data=fields)
    assert LOGGED_OUT == there.headers["location"]


async def test_the_id_token_is_kept_only_where_sign_out_wants_it(ready: House, browser: Browser) -> None:
    from sqlalchemy import select

    from poolhouse.house.tables import sessions
    from poolhouse.kit.db.statement import compile_statement

    await browser.sso()

    rows = await ready.ctx.db.all(compile_statement(select(sessions.c.sealed_id_token)))
    assert [(None,)] == rows


async def test_who_signed_in_by_form_is_not_offered_the_providers_sign_out(ready: House, browser: Browser) -> None:
    await browser.log_in()

    home = await browser.get("/")

    assert "Sign out at the provider" not in words(home)
    assert "form-action 'self';" in home.headers["content-security-policy"] + ";"


async def test_the_redirect_url_of_another_base_url_follows_it(https_house: House) -> None:
    assert f"{HTTPS}/login/oauth2/code/oidc" == https_house.ctx.redirect_url("oidc")
    assert "http://localhost:8500/login/oauth2/code/oidc" == REGISTERED


async def test_a_script_without_a_session_is_told_401_not_sent_to_a_page(house: House, browser: Browser) -> None:
    answer = await browser.get("/settings/users", sec_fetch_mode="cors")

    assert 401 == answer.status_code


@pytest.mark.parametrize("cookie", ["", "x" * 100_000, "\x7f", "a; b=c", "%00", '"quoted"'])
async def test_a_garbage_cookie_is_nobody(cookie: str, house: House, browser: Browser) -> None:
    answer = await browser.get("/settings/users", cookie=f"house_session={cookie}")

    assert 303 == answer.status_code
