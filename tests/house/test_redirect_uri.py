"""Where the provider sends browsers back to, and where they go afterwards: rule 1; rows 1, 2, 11, 21, 22 of the CVE list."""

from urllib.parse import parse_qs, quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.house.app import House
from poolhouse.house.rp.urls import local_path
from tests.house.op import Provider
from tests.house.world import BASE, Browser

ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/ /evil.example",
    "/%09/evil.example\t",
    "/.//evil.example",
    "/./..//evil.example",
    "/..//evil.example",
    "/a/../..//evil.example",
    "/./../\\evil.example",
    "/%2e%2e//evil.example",
    "/%2E/\\evil.example",
    "/a//evil.example",
    "https://evil.example",
    "HTTPS://evil.example",
    "https:evil.example",
    "https:/evil.example",
    "http://localhost:8500@evil.example",
    "http://localhost:8500.evil.example/",
    "//localhost:8500@evil.example/",
    "//badlocalhost:8500/",
    "javascript:alert(1)",
    "data:text/html,hello",
    "evil.example",
    ".evil.example",
    "@evil.example",
    "?//evil.example",
    "#//evil.example",
    "",
    "/\x00/evil.example",
    "/\u2028//evil.example",
    "/\uff0f/evil.example",
    "/" + "a" * 3000,
]
OWN_SIGN_IN = [
    "/user/login",
    "/user/login?to=/x",
    "/user/logout",
    "/oauth2/authorization/oidc",
    "/login/oauth2/code/oidc?code=x",
]
OURS = [
    "/",
    "/settings/users",
    "/settings/users?q=a%20b&x=//y",
    "/settings/audit-log?q=https://x.example",
    "/user/account#password",
    "/%E2%82%AC",
]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_way_of_writing_it_leads_elsewhere(target: str) -> None:
    assert "/" == local_path(target)


@pytest.mark.parametrize("target", OWN_SIGN_IN)
def test_the_sign_in_is_no_target_of_itself(target: str) -> None:
    assert "/" == local_path(target)


@pytest.mark.parametrize("target", OURS)
def test_a_path_of_the_house_is_kept(target: str) -> None:
    assert target == local_path(target)


@given(st.text(alphabet=st.sampled_from("/\\.%2e5c09:@?#a \t\n"), max_size=12))
def test_whatever_comes_out_stays_on_the_host(target: str) -> None:
    out = local_path(target)

    assert out.startswith("/")
    assert "localhost:8500" == urlsplit(BASE + out).netloc
    assert not out.startswith(("//", "/\\"))


@pytest.mark.parametrize("target", ["//evil.example", "/\\evil.example", "https://evil.example"])
async def test_a_sign_in_never_ends_elsewhere(target: str, ready: House, browser: Browser) -> None:
    answer = await browser.sso(quote(target, safe=""))

    assert "/" == answer.headers["location"]


@pytest.mark.parametrize("target", ["//evil.example", "/\\evil.example", "https://evil.example"])
async def test_form_login_never_ends_elsewhere(target: str, house: House, browser: Browser) -> None:
    answer = await browser.log_in(to=target)

    assert "/" == answer.headers["location"]


async def test_the_deep_link_is_kept_on_the_server(ready: House, browser: Browser, provider: Provider) -> None:
    wanted = "/user/account?from=mail"
    asked = await browser.get(wanted)
    assert 303 == asked.status_code
    assert f"/user/login?to={quote(wanted, safe='')}" == asked.headers["location"]

    answer = await browser.sso(quote(wanted, safe=""))

    assert wanted == answer.headers["location"]
    assert not any("account" in value for value in provider.authorizations[-1].values())


async def test_form_login_goes_on_to_the_deep_link(house: House, browser: Browser) -> None:
    answer = await browser.log_in(to="/settings/users?q=maria")

    assert "/settings/users?q=maria" == answer.headers["location"]


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"x_forwarded_host": "evil.example", "x_forwarded_proto": "https"},
        {"forwarded": "host=evil.example;proto=https"},
        {"x_forwarded_prefix": "/evil"},
    ],
)
async def test_the_redirect_uri_never_comes_from_request_headers(
    headers: dict[str, str], ready: House, browser: Browser
) -> None:
    departure = await browser.depart(**headers)

    asked = parse_qs(urlsplit(departure.headers["location"]).query)
    assert [f"{BASE}/login/oauth2/code/oidc"] == asked["redirect_uri"]


async def test_another_name_of_this_machine_is_sent_to_the_base_url(house: House, browser: Browser) -> None:
    answer = await browser.get("/settings/users?q=a", host="127.0.0.1:8500")

    assert 307 == answer.status_code
    assert f"{BASE}/settings/users?q=a" == answer.headers["location"]


async def test_a_foreign_host_is_not_sent_anywhere(house: House, browser: Browser) -> None:
    answer = await browser.get("/user/login", host="evil.example")

    assert 200 == answer.status_code
