"""The sign-in page: home realm by e-mail domain, straight to the only way, and sign-ins that a portal begins."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec
import pytest

from poolhouse.house.app import House
from poolhouse.house.model import Document
from poolhouse.house.provider import Options, Provider
from poolhouse.house.sign_in_page import SignInPage
from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.db.protocol import Tx
from tests.house.op import Provider as Op
from tests.house.op import merged
from tests.house.test_providers import put
from tests.house.world import ADMIN, BASE, PASSWORD, Browser, words

NewBrowser = Callable[..., Browser]
EVIL = ("https://evil.example/", "//evil.example", f"{BASE}.evil.example/", f"{BASE}@evil.example/", f"{BASE}//evil")


@pytest.fixture
async def realm(ready: House, provider: Op) -> House:
    """The provider is home to ``corp.example``."""
    await put(ready, Provider(id="oidc", settings=provider.settings(), domains=("corp.example",)))
    return ready


async def change_page(house: House, *, goes_straight: bool, has_form: bool) -> None:
    async def change(_tx: Tx, document: Document) -> Document:
        form = msgspec.structs.replace(document.form_login, is_enabled=has_form)
        return msgspec.structs.replace(document, sign_in=SignInPage(goes_straight=goes_straight), form_login=form)

    await house.ctx.live.change(change, by="test")


@pytest.mark.parametrize("email", ["ann@corp.example", "Ann@CORP.example", " ann@corp.example "])
async def test_an_address_of_a_providers_domain_leads_there_with_a_hint(
    email: str, realm: House, browser: Browser, provider: Op
) -> None:
    answer = await browser.post("/user/login/continue", {"email": email, "to": "/user/account"}, page="/user/login")

    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert answer.headers["location"].startswith(f"{provider.base}/oauth2/authorize?")
    assert [email.strip()] == asked["login_hint"]


async def test_whether_there_is_an_account_is_never_said(realm: House, new_browser: NewBrowser) -> None:
    pages = []
    for email in (ADMIN, "nobody@example.com"):
        answer = await new_browser().post("/user/login/continue", {"email": email}, page="/user/login")
        pages.append((answer.status_code, words(answer).replace(email, "")))

    assert pages[0] == pages[1]
    assert 200 == pages[0][0]
    assert "Password" in pages[0][1]


@pytest.mark.parametrize(
    "email", ["ann@sub.corp.example", "ann@corp.example.evil", "ann@evil@corp.example", "corp.example", "@corp.example"]
)
async def test_a_domain_is_the_whole_domain(email: str, realm: House, browser: Browser) -> None:
    """CVE-2021-21291 and CVE-2026-40574: neither a part of it, nor what several ``@`` make of it."""
    answer = await browser.post("/user/login/continue", {"email": email}, page="/user/login")

    assert "location" not in answer.headers


async def test_the_second_step_is_the_form_that_was_there_before(realm: House, browser: Browser) -> None:
    first = await browser.get("/user/login")
    assert "Password" not in words(first)

    assert 303 == (await browser.post("/user/login", {"email": ADMIN, "password": PASSWORD})).status_code


async def test_without_domains_the_page_asks_for_both_at_once(ready: House, browser: Browser) -> None:
    assert "Password" in words(await browser.get("/user/login"))


async def test_an_address_without_a_home_is_told_so_where_there_is_no_form(realm: House, browser: Browser) -> None:
    await change_page(realm, goes_straight=False, has_form=False)

    answer = await browser.post("/user/login/continue", {"email": "ann@else.example"}, page="/user/login")

    assert 422 == answer.status_code
    assert "There is no sign-in for this e-mail address here" in words(answer)


async def test_the_only_way_is_gone_straight_where_that_was_chosen(ready: House, browser: Browser) -> None:
    await change_page(ready, goes_straight=True, has_form=False)

    answer = await browser.get("/user/login?to=%2Fuser%2Faccount")

    assert "/oauth2/authorization/oidc?to=%2Fuser%2Faccount" == answer.headers["location"]
    cross = await browser.depart(sec_fetch_dest="document", sec_fetch_site="cross-site")
    assert "/oauth2/authorize?" in cross.headers["location"]


@pytest.mark.parametrize(("goes_straight", "has_form"), [(False, False), (True, True)])
async def test_otherwise_there_is_a_page(goes_straight: bool, has_form: bool, ready: House, browser: Browser) -> None:
    await change_page(ready, goes_straight=goes_straight, has_form=has_form)

    assert "SIGN IN WITH OIDC SSO" in words(await browser.get("/user/login"))
    cross = await browser.depart(sec_fetch_dest="document", sec_fetch_site="cross-site")
    assert "/user/login" == cross.headers["location"]


async def test_with_two_ways_there_is_something_to_choose(ready: House, browser: Browser, provider: Op) -> None:
    settings = provider.settings(issuer="https://second.example")
    await put(ready, Provider(id="second", label="SECOND", settings=settings))
    await change_page(ready, goes_straight=True, has_form=False)

    assert "SECOND" in words(await browser.get("/user/login"))


async def test_the_page_itself_is_always_there(ready: House, browser: Browser, provider: Op) -> None:
    """Nobody is locked out: whatever the provider does, its failure page leads here, and here is no redirect."""
    await change_page(ready, goes_straight=True, has_form=False)
    provider.change_callback = lambda found: {"state": found["state"], "error": "access_denied"}
    failed = await browser.sso()

    assert 'href="/user/login?local=1"' in failed.text
    assert 200 == (await browser.get("/user/login?local=1")).status_code
    assert "location" not in (await browser.get("/user/logged-out")).headers


async def test_an_administrator_chooses_it(ready: House, admin: Browser) -> None:
    page = "/settings/authentication"

    assert 303 == (await admin.post(f"{page}/sign-in-page", {"goes_straight": "on"}, page=page)).status_code

    assert ready.ctx.live.document.sign_in.goes_straight
    assert "Go straight to the provider: on" in words(await admin.get("/settings/audit-log"))


async def test_your_account_offers_to_refresh_what_a_provider_says(
    ready: House, browser: Browser, admin: Browser
) -> None:
    await browser.sso()

    assert "Refresh my access" in words(await browser.get("/user/account"))
    assert "Refresh my access" not in words(await admin.get("/user/account"))


# third-party initiated login


def initiate(**fields: str) -> str:
    return f"/login/initiate?{urlencode(fields)}"


@pytest.mark.parametrize(
    ("target", "path"), [("", "/"), (BASE, "/"), (f"{BASE}/user/account?a=b", "/user/account?a=b")]
)
async def test_oidcc_client_test_3rd_party_init_login(
    target: str, path: str, ready: House, browser: Browser, provider: Op
) -> None:
    asked = {"iss": provider.base, "login_hint": "ann"} | ({"target_link_uri": target} if target else {})
    departure = await browser.get(initiate(**asked), sec_fetch_dest="document", sec_fetch_site="cross-site")

    assert departure.headers["location"].startswith(f"{provider.base}/oauth2/authorize?")
    assert "login_hint=ann" in departure.headers["location"]
    back = (await browser.outside.get(departure.headers["location"])).headers["location"]
    assert path == (await browser.get(back)).headers["location"]


async def test_it_may_come_as_a_form_and_takes_no_cookie_away(ready: House, browser: Browser, provider: Op) -> None:
    await browser.get("/user/login")
    headers = {"origin": provider.base, "sec-fetch-site": "cross-site", "cookie": ""}

    answer = await browser.client.post("/login/initiate", data={"iss": provider.base}, headers=headers)

    assert initiate(iss=provider.base) == answer.headers["location"]
    assert "set-cookie" not in answer.headers
    assert 303 == (await browser.get(answer.headers["location"])).status_code


@pytest.mark.parametrize("iss", ["https://evil.example", "", f"{BASE}"])
async def test_d19_a_foreign_issuer_is_refused(iss: str, ready: House, browser: Browser) -> None:
    answer = await browser.get(initiate(iss=iss))

    assert 400 == answer.status_code
    assert "evil.example" not in answer.text


@pytest.mark.parametrize(
    "target", [*EVIL, "javascript:alert(1)", "/user/account", f"{BASE}/user/logout", f"{BASE}/\\evil"]
)
async def test_d19_a_foreign_target_is_refused(target: str, ready: House, browser: Browser, provider: Op) -> None:
    """CVE-2021-32786 and its kin."""
    answer = await browser.get(initiate(iss=provider.base, target_link_uri=target))

    assert 400 == answer.status_code
    assert "evil" not in answer.text


async def test_d19_a_frame_or_an_image_starts_nothing(ready: House, browser: Browser, provider: Op) -> None:
    for dest in ("iframe", "image", "empty"):
        answer = await browser.get(initiate(iss=provider.base), sec_fetch_dest=dest, sec_fetch_site="cross-site")
        assert 403 == answer.status_code


async def test_a_repeated_parameter_is_refused(ready: House, browser: Browser, provider: Op) -> None:
    assert 400 == (await browser.get(initiate(iss=provider.base) + f"&iss={provider.base}")).status_code


async def test_whoever_is_signed_in_goes_straight_on(ready: House, admin: Browser, provider: Op) -> None:
    answer = await admin.get(initiate(iss=provider.base, target_link_uri=f"{BASE}/user/account"))

    assert "/user/account" == answer.headers["location"]


# oldest sign-in


@pytest.mark.parametrize(("ago", "status"), [(0, 303), (3600, 303), (3700, 400), (None, 400)])
async def test_a_sign_in_that_is_too_old_is_refused(
    ago: int | None, status: int, ready: House, browser: Browser, provider: Op, clock: FixedClock
) -> None:
    """Whoever sits at the browser could take ``max_age`` out of the address."""
    await put(ready, Provider(id="oidc", settings=provider.settings(), options=Options(max_age=3600)))
    provider.change_claims = merged(auth_time=... if ago is None else clock.now() - ago)

    assert status == (await browser.sso()).status_code
    assert "3600" == provider.authorizations[-1]["max_age"]
