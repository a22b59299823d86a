"""Signing in, staying in, signing out; and what is refused before any page is reached."""

import re

import httpx
import pytest
from starlette.routing import Router

from poolhouse.kit.ambient import FixedClock, Secret
from poolhouse.kit.html import Html
from poolhouse.pool.api.dispatch import Api
from poolhouse.pool.console.app import ROWS, routes
from poolhouse.pool.console.done import cookie_name, done_cookie
from poolhouse.pool.flows import admins
from poolhouse.pool.flows.context import Flow
from tests.console.browser import Page, Visitor
from tests.console.conftest import EMAIL, PASSWORD, Service

SESSION = "__Host-poolhouse_console"
GUARDED = [row for row in ROWS if not row.public]
POSTS = [row for row in ROWS if row.method == "POST"]
EXAMPLES = {
    "change": "reset", "page": "sign-in", "file": "style.0.light.css",
    "pool": "us-east-1_abcDEF123", "user": "5f2c7e0a-1111-4222-8333-444455556666", "client": "abcdefghij0123456789klmnop",
    "draft": "AAAAAAAAAAAAAAAAAAAAAA", "step": "review", "action": "disable", "section": "tags", "anywhere:path": "x/y",
    "job": "import-AbCdEf1234", "message": "5f2c7e0a-1111-4222-8333-444455556666",
}  # fmt: skip


def example(path: str) -> str:
    return re.sub(r"\{([^}]+)\}", lambda found: EXAMPLES[found[1]], path)


async def sign_in(visitor: Visitor, email: str = EMAIL, password: str = PASSWORD, at: str = "/console") -> Page:
    return await visitor.press(await visitor.open(at), "Sign in", email=email, password=password)


# In


async def test_who_asks_for_a_page_signs_in_and_comes_back_to_it(stranger: Visitor, service: Service) -> None:
    pool = await service.a_pool()
    page = await stranger.open(f"/console/pools/{pool['Id']}/users?attribute=email&match=is&value=a")

    assert page.title == "Sign in to the console"
    page = await stranger.press(page, "Sign in", email=EMAIL, password=PASSWORD)
    assert str(page.url).endswith(f"/console/pools/{pool['Id']}/users?attribute=email&match=is&value=a")


async def test_the_console_begins_with_the_list_of_user_pools(stranger: Visitor) -> None:
    page = await sign_in(stranger)

    assert page.title == "User pools"
    assert f"Signed in as {EMAIL}" in page.text


async def test_the_address_is_one_account_however_it_is_typed(stranger: Visitor) -> None:
    assert (await sign_in(stranger, f"  {EMAIL.upper()} ")).title == "User pools"


async def test_a_wrong_password_and_an_unknown_account_read_the_same(stranger: Visitor) -> None:
    wrong = await sign_in(stranger, password="not the password")
    unknown = await sign_in(stranger, email="nobody@example.com", password="not the password")

    assert (422, 422) == (wrong.status, unknown.status)
    assert "The email or the password is not right." in wrong.text
    assert wrong.text == unknown.text
    assert SESSION not in stranger.web.cookies


async def test_a_password_is_never_sent_back(stranger: Visitor) -> None:
    page = await sign_in(stranger, password="not the password")

    assert "not the password" not in page.reply.text
    assert page.value("email") == EMAIL


async def test_empty_fields_are_named(stranger: Visitor) -> None:
    page = await stranger.press(await stranger.open("/console"), "Sign in", email=" ", password="")

    assert page.errors == ["Enter your email address.", "Enter your password."]


async def test_guessing_is_stopped(stranger: Visitor) -> None:
    pages = [await sign_in(stranger, password="not the password") for _ in range(20)]

    assert "There were too many attempts. Wait a moment" in pages[-1].text
    assert "There were too many attempts." in (await sign_in(stranger)).text


async def test_the_session_cookie_is_kept_from_scripts_neighbours_and_plain_http(stranger: Visitor) -> None:
    page = await stranger.open("/console")
    form = [*page.form("Sign in")[0].defaults(), ("email", EMAIL), ("password", PASSWORD)]
    fields = [pair for pair in form if pair[1]]
    reply = await stranger.post("/console/sign-in", fields)

    cookie = next(each for each in reply.headers.get_list("set-cookie") if each.startswith(f"{SESSION}="))
    assert reply.status_code == 303
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


async def test_each_sign_in_makes_a_new_session_and_ends_the_one_before(stranger: Visitor, flow: Flow) -> None:
    await sign_in(stranger)
    first = stranger.web.cookies[SESSION]
    stranger.web.cookies.delete(SESSION)
    page = await stranger.open("/console/sign-in")
    # The browser still has the old cookie when it sends the form.
    form = [pair for pair in page.form("Sign in")[0].defaults() if pair[1]]
    stranger.web.cookies.set(SESSION, first, domain="pool.example")
    reply = await stranger.post("/console/sign-in", [*form, ("email", EMAIL), ("password", PASSWORD)])

    assert reply.status_code == 403  # signed in: the proof of the form is another one now
    ended = await stranger.press(await stranger.open("/console/pools"), "Sign out")
    assert ended.title == "Sign in to the console"
    await sign_in(stranger)
    assert stranger.web.cookies[SESSION] != first
    assert await admins.find_session(flow, first) is None


async def test_who_is_signed_in_is_not_asked_again(visitor: Visitor) -> None:
    assert (await visitor.open("/console/sign-in?to=/console/access-keys")).title == "Access keys"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/", "//evil.example/", "/\\evil.example", "/console/../../evil", "/console/%2E%2e/evil", "/console/..?a=b", "/consolation",
        "/console//evil.example", "/console\\evil", "/console/\nx", "javascript:alert(1)", "", "/", "/console/" + "a" * 3000,
    ],
)  # fmt: skip
async def test_sign_in_leads_to_pages_of_the_console_only(stranger: Visitor, target: str) -> None:
    page = await stranger.open("/console/sign-in")
    fields = [("csrf", page.value("csrf") or ""), ("to", target), ("email", EMAIL), ("password", PASSWORD)]
    reply = await stranger.post("/console/sign-in", fields)

    assert reply.headers["location"] == "/console"


# Out


async def test_signing_out_ends_the_session_on_the_server(visitor: Visitor, flow: Flow) -> None:
    handle = visitor.web.cookies[SESSION]
    page = await visitor.press(await visitor.open("/console/pools"), "Sign out")

    assert page.title == "Sign in to the console"
    assert SESSION not in visitor.web.cookies
    assert await admins.find_session(flow, handle) is None


async def test_a_session_ends_when_it_is_idle(visitor: Visitor, clock: FixedClock) -> None:
    clock.advance(admins.IDLE_SECONDS - 1)
    assert (await visitor.open("/console/pools")).title == "User pools"
    clock.advance(admins.IDLE_SECONDS)

    page = await visitor.open("/console/pools")

    assert page.title == "Sign in to the console"
    assert "Your session has ended." in page.text


async def test_a_session_ends_after_its_lifetime_however_busy(visitor: Visitor, clock: FixedClock) -> None:
    for _ in range(admins.SESSION_SECONDS // 3600):
        assert (await visitor.open("/console/pools")).title == "User pools"
        clock.advance(3600)

    assert (await visitor.open("/console/pools")).title == "Sign in to the console"


async def test_a_new_password_ends_the_sessions_of_the_old_one(visitor: Visitor, flow: Flow) -> None:
    await admins.set_password(flow, EMAIL, Secret("Another-long-password-2"))

    assert (await visitor.open("/console/pools")).title == "Sign in to the console"


async def test_a_form_that_comes_too_late_leads_back_to_its_page(
    visitor: Visitor, service: Service, clock: FixedClock
) -> None:
    pool = await service.a_pool()
    page = await visitor.open(f"/console/pools/{pool['Id']}/edit/name")
    clock.advance(admins.SESSION_SECONDS)

    asked = await visitor.press(page, "Save changes", pool_name="other")

    assert asked.title == "Sign in to the console"
    assert "What you had not saved was not kept." in asked.text
    back = await visitor.press(asked, "Sign in", email=EMAIL, password=PASSWORD)
    assert back.title == "Edit user pool name"
    assert (await service.pool(pool["Id"]))["Name"] == "team"


# What is refused


@pytest.mark.parametrize("row", GUARDED, ids=lambda row: f"{row.method} {row.path}")
async def test_no_page_is_reached_without_a_session(stranger: Visitor, row: object) -> None:
    assert isinstance(row, type(ROWS[0]))
    path = example(row.path)
    reply = await (stranger.post(path, []) if row.method == "POST" else stranger.web.get(path))

    assert reply.status_code == 303
    assert reply.headers["location"].startswith("/console/sign-in")
    assert not reply.content


@pytest.mark.parametrize("row", POSTS, ids=lambda row: row.path)
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://pool.example", "https://pool.example:8443"])
async def test_no_form_of_another_origin_is_taken(visitor: Visitor, row: object, origin: str) -> None:
    assert isinstance(row, type(ROWS[0]))
    proof = (await visitor.open("/console/pools")).value("csrf") or ""
    reply = await visitor.post(example(row.path), [("csrf", proof)], origin=origin)

    assert reply.status_code == 403
    assert "This form came from another address" in reply.text


@pytest.mark.parametrize("row", POSTS, ids=lambda row: row.path)
async def test_no_form_is_taken_without_the_proof_of_the_session(visitor: Visitor, row: object) -> None:
    assert isinstance(row, type(ROWS[0]))
    proof = (await visitor.open("/console/pools")).value("csrf") or ""
    for given in ([], [("csrf", "")], [("csrf", proof[:-1])], [("csrf", proof + "x")], [("csrf", "\N{SNOWMAN}")]):
        reply = await visitor.post(example(row.path), given)

        assert reply.status_code == 403
        assert "This page was too old" in reply.text


async def test_the_proof_of_another_session_is_none(visitor: Visitor, flow: Flow, api: Api, html: Html) -> None:
    app = Router(routes(flow, api, html))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="https://pool.example") as web:
        other = Visitor(web)
        await sign_in(other)
        foreign = (await other.open("/console/pools")).value("csrf") or ""
    reply = await visitor.post("/console/sign-out", [("csrf", foreign)])

    assert reply.status_code == 403


async def test_the_sign_in_form_belongs_to_the_browser_that_got_it(stranger: Visitor) -> None:
    page = await stranger.open("/console/sign-in")
    fields = [("csrf", page.value("csrf") or ""), ("email", EMAIL), ("password", PASSWORD)]
    stranger.web.cookies.clear()

    assert (await stranger.post("/console/sign-in", fields)).status_code == 403


async def test_without_an_origin_the_browser_must_not_say_that_it_is_cross_site(visitor: Visitor) -> None:
    proof = (await visitor.open("/console/pools")).value("csrf") or ""
    body = str(httpx.QueryParams([("csrf", proof)]))
    kind = {"content-type": "application/x-www-form-urlencoded"}
    for site, status in (("cross-site", 403), ("same-site", 403), ("same-origin", 404)):
        reply = await visitor.web.post("/console/nowhere", content=body, headers={**kind, "sec-fetch-site": site})

        assert reply.status_code == status


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"csrf=%ff", "application/x-www-form-urlencoded"),
        (b"\xff", "application/x-www-form-urlencoded"),
        (b"&".join(b"a=1" for _ in range(3000)), "application/x-www-form-urlencoded"),
        (b"{}", "application/json"),
        (b"x", "text/plain"),
    ],
)
async def test_what_is_not_a_form_is_refused(visitor: Visitor, body: bytes, kind: str) -> None:
    headers = {"content-type": kind, "origin": visitor.origin}
    reply = await visitor.web.post("/console/sign-out", content=body, headers=headers)

    assert reply.status_code == 400


async def test_a_body_that_is_too_large_is_not_read(visitor: Visitor) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded", "origin": visitor.origin}
    reply = await visitor.web.post("/console/sign-out", content=b"a=" + b"b" * 300_000, headers=headers)

    assert reply.status_code == 413


@pytest.mark.parametrize("path", ["/console/sign-in", "/console/pools", "/console/nowhere"])
async def test_every_page_travels_with_the_strict_policy_and_is_not_kept(visitor: Visitor, path: str) -> None:
    if path == "/console/sign-in":
        visitor.web.cookies.clear()
    reply = await visitor.web.get(path)

    assert "script-src 'self'" in reply.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in reply.headers["content-security-policy"]
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["x-content-type-options"] == "nosniff"


async def test_an_address_that_is_no_page_says_so_in_the_same_look(visitor: Visitor) -> None:
    page = await visitor.open("/console/nowhere/at/all")

    assert (404, "Not found") == (page.status, page.title)
    assert f"Signed in as {EMAIL}" in page.text


@pytest.mark.parametrize("pool_id", ["us-east-1_nosuch000", "nonsense", "us-east-1_%3Cb%3E", "_x", "US_EAST_1"])
async def test_an_unknown_user_pool_is_not_found(visitor: Visitor, pool_id: str) -> None:
    for tab in ("", "/users", "/app-integration", "/edit/tags", "/clients/none/edit"):
        page = await visitor.open(f"/console/pools/{pool_id}{tab}")

        assert (404, "Not found") == (page.status, page.title)


async def test_a_word_that_somebody_else_put_into_the_cookie_is_not_shown(visitor: Visitor, flow: Flow) -> None:
    name, value = done_cookie(flow.ring, b"another session", "Call 555-0100 now", secure=True)
    assert name == "set-cookie"
    for forged in (value.partition("=")[2].partition(";")[0], "Q2FsbA.Q2FsbA", "\N{BULLET}".encode().hex(), ".", "x"):
        visitor.web.cookies.set(cookie_name(secure=True), forged, domain="pool.example")
        page = await visitor.open("/console/pools")

        assert page.status == 200
        assert "Call" not in page.text
