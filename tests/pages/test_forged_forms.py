"""Forms that no page of ours has sent, and what each page and cookie carries against them."""

import httpx
import pytest
from starlette.routing import Route

from poolhouse.pool.flows.browser import SESSION_COOKIE
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry
from poolhouse.pool.pages.routes import routes
from tests.support.builders import PASSWORD
from tests.support.hosted import Person, from_here, is_at_app
from tests.support.web import BASE, DOMAIN, Asking, hosted_html

EMAIL = "jane@example.com"
TOKEN = "01234567-0123-4123-8123-0123456789ab"
FROM_APPS = {"/oauth2/authorize", "/logout"}
FORGED = {
    "no token": ({}, {"origin": BASE, "sec-fetch-site": "same-origin"}),
    "a token of somebody else": ({"_csrf": TOKEN.replace("0", "1")}, {"origin": BASE, "sec-fetch-site": "same-origin"}),
    "another site": ({"_csrf": TOKEN}, {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}),
    "another site in an old browser": ({"_csrf": TOKEN}, {"origin": "https://evil.example"}),
    "an origin that is hidden": ({"_csrf": TOKEN}, {"origin": "null"}),
    "no origin but a site": ({"_csrf": TOKEN}, {"sec-fetch-site": "cross-site"}),
    # It can set our cookie for the whole of pool.example: the token is then one that it knows.
    "a neighbour with a tossed cookie": (
        {"_csrf": TOKEN}, {"origin": "https://evil.pool.example", "sec-fetch-site": "same-site"},
    ),
}  # fmt: skip


def paths(flow: Flow) -> list[str]:
    html = hosted_html()
    found = [route.path for route in routes(flow, html) if isinstance(route, Route)]
    assert "/login" in found
    return [path for path in found if "{" not in path]


@pytest.mark.parametrize("forged", FORGED)
async def test_no_route_believes_a_forged_form(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, forged: str
) -> None:
    fields, headers = FORGED[forged]
    web.cookies.set("XSRF-TOKEN", TOKEN, domain="pool.example", path="/")
    statuses = {}
    for path in paths(flow):
        reply = await web.post(
            f"/domains/{DOMAIN}{path}",
            params=Asking(client).params(),
            data={**fields, "username": EMAIL, "password": PASSWORD},
            headers=headers,
        )
        statuses[path] = reply.status_code
        assert "session" not in str(reply.headers.get_list("set-cookie")), path

    assert {403, 405} == {status for path, status in statuses.items() if path not in FROM_APPS}


@pytest.mark.usefixtures("person")
async def test_the_same_form_from_here_is_believed(web: httpx.AsyncClient, client: ClientEntry) -> None:
    web.cookies.set("XSRF-TOKEN", TOKEN, domain="pool.example", path="/")
    reply = await web.post(
        f"/domains/{DOMAIN}/login",
        params=Asking(client).params(),
        data={"_csrf": TOKEN, "username": EMAIL, "password": PASSWORD},
        headers=from_here(web),
    )

    assert reply.status_code == 302


async def test_every_page_says_how_it_may_be_used(flow: Flow, web: httpx.AsyncClient, client: ClientEntry) -> None:
    for path in [*paths(flow), "/nowhere"]:
        for params in ({}, Asking(client).params()):
            reply = await web.get(f"/domains/{DOMAIN}{path}", params=params)
            policy = reply.headers.get("content-security-policy", "")
            if not reply.text:
                assert reply.status_code in {302, 303}, path
                assert "no-store" in reply.headers["cache-control"], path
                continue
            assert "default-src 'none'" in policy, path
            assert "frame-ancestors 'none'" in policy, path
            assert "base-uri 'none'" in policy, path
            assert "unsafe" not in policy, path
            assert reply.headers["x-frame-options"] == "DENY", path
            assert reply.headers["x-content-type-options"] == "nosniff", path
            assert reply.headers["referrer-policy"] == "same-origin", path
            assert reply.headers["cache-control"] == "no-store", path


@pytest.mark.usefixtures("person")
async def test_a_planted_session_is_not_the_one_that_is_signed_in(web: httpx.AsyncClient, client: ClientEntry) -> None:
    name, place = f"__Secure-{SESSION_COOKIE}", {"domain": "pool.example", "path": f"/domains/{DOMAIN}"}
    web.cookies.set(name, "planted", **place)
    assert is_at_app(await Person(web, client).sign_in(EMAIL, PASSWORD))
    first = web.cookies[name]
    page = await Person(web, client).open("/login", prompt="login")
    await Person(web, client).send(page, Email=EMAIL, Password=PASSWORD)

    assert "planted" != first
    assert first != web.cookies[name]
    old = {"cookie": f"{name}={first}"}
    web.cookies.clear()
    reply = await web.get(f"/domains/{DOMAIN}/oauth2/authorize", params=Asking(client).params(), headers=old)
    assert "/login" in reply.headers["location"]


@pytest.mark.usefixtures("person")
async def test_every_cookie_is_for_this_domain_and_no_script(web: httpx.AsyncClient, client: ClientEntry) -> None:
    person = Person(web, client)
    page = await person.open()
    reply = await person.post(page, page.filled(Email=EMAIL, Password=PASSWORD))
    cookies = page.reply.headers.get_list("set-cookie") + reply.headers.get_list("set-cookie")

    assert len(cookies) >= 4
    for cookie in cookies:
        name, *flags = (part.strip() for part in cookie.lower().split(";"))
        assert {"httponly", "secure", "samesite=lax", f"path=/domains/{DOMAIN}"} <= set(flags), cookie
        assert not [flag for flag in flags if flag.startswith("domain=")], cookie
        assert name.startswith(("__secure-", "xsrf-token=")), cookie


@pytest.mark.parametrize("target", [
    "https://evil.example/", "//evil.example/", "https://app.example.evil.example/callback",
    "https://app.example/callback@evil.example", "javascript:alert(1)", "https://app.example/callback/../x",
])  # fmt: skip
async def test_nobody_is_sent_to_an_address_that_is_not_registered(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, target: str
) -> None:
    asked = {**Asking(client).params(redirect_uri=target), "logout_uri": target, "post_logout_redirect_uri": target}
    for path in paths(flow):
        reply = await web.get(f"/domains/{DOMAIN}{path}", params=asked)
        location = reply.headers.get("location", BASE)

        assert location.startswith((f"{BASE}/", "/domains/")) or location == BASE, (path, location)
