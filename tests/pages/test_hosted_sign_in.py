"""The sign-in page: the service's form contract, the session, and who is kept out."""

import re

import httpx
import msgspec
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.flows.browser import SESSION_COOKIE
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.flows.people import change
from poolhouse.pool.model.user import Status, User
from poolhouse.pool.spec import shapes
from tests.support.builders import PASSWORD, a_user, reconfigure
from tests.support.hosted import Page, Person, from_here, is_at_app
from tests.support.web import (
    CALLBACK,
    DOMAIN,
    Asking,
    a_browser,
    a_web_client,
    a_web_pool,
    answer_of,
    application,
    authorize,
    claims_of,
    redeem,
)  # fmt: skip

LOGIN = f"/domains/{DOMAIN}/login"


async def test_the_right_password_leads_back_to_the_app(
    web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    end = await Person(web, client).sign_in("jane@example.com", PASSWORD)

    assert 302 == end.status
    assert is_at_app(end)
    assert "s t&te" == answer_of(end.reply)["state"]
    tokens = (await redeem(web, client, answer_of(end.reply)["code"])).json()
    assert person.sub == claims_of(tokens["id_token"])["sub"]


async def test_the_form_contract_of_scripts_in_the_wild(
    web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    # GET /login, then POST to the same query with the cookie's value as _csrf
    query = Asking(client).params()
    shown = await web.get(LOGIN, params=query)
    xsrf = next(cookie for cookie in shown.headers.get_list("set-cookie") if cookie.startswith("XSRF-TOKEN="))

    reply = await web.post(
        LOGIN,
        params=query,
        data={
            "_csrf": xsrf.partition(";")[0].partition("=")[2],
            "username": "jane@example.com",
            "password": PASSWORD,
            "cognitoAsfData": "e30=",
            "signInSubmitButton": "Sign in",
        },
    )

    assert re.match(r"XSRF-TOKEN=[0-9a-f-]{36}; HttpOnly; Path=/domains/demo; SameSite=Lax; Secure", xsrf)
    assert (302, True) == (reply.status_code, reply.headers["location"].startswith(f"{CALLBACK}?code="))


async def test_the_session_cookie_is_for_this_domain_only_and_lasts_an_hour(
    web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    end = await Person(web, client).sign_in("jane@example.com", PASSWORD)

    cookies = [each for each in end.reply.headers.get_list("set-cookie") if SESSION_COOKIE in each]
    attributes = cookies[0].partition("; ")[2]
    assert cookies[0].startswith(f"__Secure-{SESSION_COOKIE}=")
    assert "HttpOnly; Max-Age=3600; Path=/domains/demo; SameSite=Lax; Secure" == attributes


async def test_a_second_app_does_not_ask_again(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
) -> None:
    await Person(web, client).sign_in("jane@example.com", PASSWORD)
    board = await a_web_client(flow, pool, client_name="Board")

    assert "code" in answer_of(await authorize(web, board))
    assert is_at_app(await Person(web, board).open("/login"))


async def test_after_an_hour_it_asks_again(
    web: httpx.AsyncClient, client: ClientEntry, person: User, clock: FixedClock
) -> None:
    await Person(web, client).sign_in("jane@example.com", PASSWORD)

    clock.advance(3599)
    assert "code" in answer_of(await authorize(web, client))
    clock.advance(1)
    assert "/login?" in (await authorize(web, client)).headers["location"]


async def test_a_session_of_one_pool_is_none_of_another(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    await Person(web, client).sign_in("jane@example.com", PASSWORD)
    handle = next(c.value for c in web.cookies.jar if SESSION_COOKIE in c.name)
    other = await a_web_client(flow, await a_web_pool(flow, domain="other"))
    web.cookies.set(f"__Secure-{SESSION_COOKIE}", handle or "", domain="pool.example", path="/domains/other")

    reply = await web.get("/domains/other/oauth2/authorize", params=Asking(other).params())

    assert reply.headers["location"].startswith("/domains/other/login?")


async def test_each_sign_in_makes_a_new_session_and_ends_the_old(
    web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    someone = Person(web, client)
    await someone.sign_in("jane@example.com", PASSWORD)
    old = next(cookie.value for cookie in web.cookies.jar if SESSION_COOKIE in cookie.name)
    page = await someone.open("/login", prompt="login")
    await someone.send(page, Email="jane@example.com", Password=PASSWORD)
    new = next(cookie.value for cookie in web.cookies.jar if SESSION_COOKIE in cookie.name)

    assert old != new
    web.cookies.set(f"__Secure-{SESSION_COOKIE}", old or "", domain="pool.example", path=f"/domains/{DOMAIN}")
    assert "/login?" in (await authorize(web, client)).headers["location"]


async def test_a_disabled_user_has_no_session(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
) -> None:
    # CVE-2025-53942
    await Person(web, client).sign_in("jane@example.com", PASSWORD)
    await change(flow, pool.pool, person, lambda user: msgspec.structs.replace(user, enabled=False))

    assert "/login?" in (await authorize(web, client)).headers["location"]


async def test_a_session_does_not_stand_for_a_password_that_must_be_changed(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
) -> None:
    await Person(web, client).sign_in("jane@example.com", PASSWORD)
    await change(flow, pool.pool, person, lambda user: msgspec.structs.replace(user, status=Status.RESET_REQUIRED))

    assert "/login?" in (await authorize(web, client)).headers["location"]


async def test_a_session_does_not_stand_for_a_second_factor_that_is_required_by_now(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
) -> None:
    await Person(web, client).sign_in("jane@example.com", PASSWORD)
    await reconfigure(
        flow,
        pool,
        mfa=shapes.GetUserPoolMfaConfigResponse(
            mfa_configuration="ON", software_token_mfa_configuration=shapes.SoftwareTokenMfaConfigType(enabled=True)
        ),
    )

    assert "/login?" in (await authorize(web, client)).headers["location"]


async def test_unknown_disabled_and_wrong_get_the_same_page(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
) -> None:
    await a_user(flow, pool, email="off@example.com", enabled=False)
    someone = Person(web, client)

    pages = [
        await someone.sign_in(name, password)
        for name, password in (
            ("jane@example.com", "Wrong-password-1"),
            ("nobody@example.com", PASSWORD),
            ("off@example.com", PASSWORD),
            ("off@example.com", "Wrong-password-1"),
            (person.sub[:-1] + "x", PASSWORD),
        )
    ]

    seen = {(page.status, re.sub(r"[\w.-]+@example\.com|[0-9a-f-]{30,}x?", "-", page.reply.text)) for page in pages}
    assert 1 == len(seen)
    assert "The username or password is not right. Check both and try again." in pages[0].words
    assert not [each for page in pages for each in page.reply.headers.get_list("set-cookie") if SESSION_COOKIE in each]


@pytest.mark.parametrize("name", ["", " ", "a b", "nul\x00", "x" * 129, "tab\tbed"])
async def test_names_that_nobody_can_have_are_as_unknown(
    web: httpx.AsyncClient, client: ClientEntry, name: str
) -> None:
    # CVE-2026-49443
    page = await Person(web, client).sign_in(name, PASSWORD)

    assert (401, True) == (page.status, "The username or password is not right." in page.words)


async def test_an_empty_password_is_wrong(web: httpx.AsyncClient, client: ClientEntry, person: User) -> None:
    # CVE-2026-49443
    for fields in ({"username": "jane@example.com", "password": ""}, {"username": "jane@example.com"}, {}):
        page = await Person(web, client).open()
        reply = await Person(web, client).post(page, {"_csrf": page.forms[0].fields["_csrf"], **fields})

        assert 401 == reply.status_code


async def test_too_many_wrong_passwords_lock_known_and_unknown_alike(
    web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    # CVE-2024-1722, CVE-2025-24806
    someone = Person(web, client)
    for name in ("jane@example.com", "nobody@example.com"):
        for _ in range(5):
            await someone.sign_in(name, "Wrong-password-1")
        page = await someone.sign_in(name, PASSWORD)

        # The first wait is a second.
        assert "There were too many attempts. Wait a moment" in page.words


@pytest.mark.usefixtures("person")
class TestAForm:
    """Login CSRF: somebody else's page signs a person in as somebody else."""

    @pytest.fixture
    def form(self) -> dict[str, str]:
        return {"username": "jane@example.com", "password": PASSWORD}

    async def post(
        self, web: httpx.AsyncClient, client: ClientEntry, form: dict[str, str], **headers: str
    ) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await web.post(LOGIN, params=Asking(client).params(), data=form, headers=named)

    async def csrf(self, web: httpx.AsyncClient, client: ClientEntry) -> str:
        return (await Person(web, client).open()).forms[0].fields["_csrf"]

    async def test_needs_the_value_of_the_cookie(
        self, web: httpx.AsyncClient, client: ClientEntry, form: dict[str, str]
    ) -> None:
        own = await self.csrf(web, client)

        for value in ({}, {"_csrf": ""}, {"_csrf": own[:-1] + ("0" if own[-1] != "0" else "1")}):
            assert 403 == (await self.post(web, client, form | value)).status_code
        assert 302 == (await self.post(web, client, form | {"_csrf": own})).status_code

    async def test_needs_the_cookie(
        self, flow: Flow, web: httpx.AsyncClient, client: ClientEntry, form: dict[str, str]
    ) -> None:
        own = await self.csrf(web, client)
        async with a_browser(application(flow)) as victim:
            assert 403 == (await self.post(victim, client, form | {"_csrf": own})).status_code
            victim.cookies.set("XSRF-TOKEN", "")
            assert 403 == (await self.post(victim, client, form | {"_csrf": ""})).status_code

    @pytest.mark.parametrize(
        "foreign",
        [
            {"origin": "https://evil.example"},
            {"origin": "null"},
            {"origin": "https://pool.example.evil.example"},
            {"sec_fetch_site": "cross-site"},
            {"sec_fetch_site": "same-site", "origin": "https://pool.example"},
        ],
    )
    async def test_of_another_site_is_not_believed(
        self, web: httpx.AsyncClient, client: ClientEntry, form: dict[str, str], foreign: dict[str, str]
    ) -> None:
        own = await self.csrf(web, client)

        assert 403 == (await self.post(web, client, form | {"_csrf": own}, **foreign)).status_code

    async def test_may_pass_a_proxy_that_changes_the_host(
        self, web: httpx.AsyncClient, client: ClientEntry, form: dict[str, str]
    ) -> None:
        own = await self.csrf(web, client)

        reply = await self.post(
            web, client, form | {"_csrf": own}, host="pool.internal:8400", origin="https://pool.example"
        )

        assert 302 == reply.status_code

    async def test_is_a_form(self, web: httpx.AsyncClient, client: ClientEntry, form: dict[str, str]) -> None:
        own = await self.csrf(web, client)

        reply = await web.post(LOGIN, params=Asking(client).params(), json=form | {"_csrf": own})

        assert 403 == reply.status_code

    async def test_without_cookies_says_what_to_do(self, web: httpx.AsyncClient, client: ClientEntry) -> None:
        reply = await self.post(web, client, {"_csrf": "x"})

        assert "Allow cookies" in reply.text


async def test_pages_cannot_be_framed_and_run_nothing_of_others(web: httpx.AsyncClient, client: ClientEntry) -> None:
    page = await Person(web, client).open()
    headers = page.reply.headers

    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert ("DENY", "nosniff", "no-store", "same-origin") == (
        headers["x-frame-options"], headers["x-content-type-options"], headers["cache-control"],
        headers["referrer-policy"],
    )  # fmt: skip
    assert "max-age=" in headers["strict-transport-security"]
    assert headers["x-amz-cognito-request-id"]
    assert "access-control-allow-origin" not in headers


async def test_only_pages_that_end_at_the_app_go_without_form_action(
    web: httpx.AsyncClient, client: ClientEntry
) -> None:
    # Chromium applies form-action to the redirect that answers the form.
    someone = Person(web, client)

    assert "form-action" not in (await someone.open("/login")).reply.headers["content-security-policy"]
    assert "form-action 'self'" in (await someone.open("/forgotPassword")).reply.headers["content-security-policy"]


async def test_a_login_hint_fills_in_the_name(web: httpx.AsyncClient, client: ClientEntry) -> None:
    page = await Person(web, client).open(login_hint='jane"><script>@example.com')

    assert 'jane"><script>@example.com' == page.forms[0].fields["username"]
    assert "<script>@" not in page.reply.text


@pytest.mark.parametrize(
    ("settings", "label"),
    [
        ({}, "Username"),
        ({"alias_attributes": ["email"]}, "Username or email"),
        ({"alias_attributes": ["email", "phone_number", "preferred_username"]}, "Username, email or phone number"),
        ({"username_attributes": ["email"]}, "Email"),
        ({"username_attributes": ["phone_number"]}, "Phone number"),
        ({"username_attributes": ["phone_number", "email"]}, "Email or phone number"),
    ],
)
async def test_the_name_is_called_what_it_is(
    flow: Flow, web: httpx.AsyncClient, settings: dict[str, list[str]], label: str
) -> None:
    client = await a_web_client(flow, await a_web_pool(flow, **settings))

    assert [label, "Password"] == (await Person(web, client).open()).labels()


async def test_what_is_not_offered_has_no_link(flow: Flow, web: httpx.AsyncClient) -> None:
    only_admin = shapes.AccountRecoverySettingType(
        recovery_mechanisms=[shapes.RecoveryOptionType(name="admin_only", priority=1)]
    )
    closed = shapes.AdminCreateUserConfigType(allow_admin_create_user_only=True)
    client = await a_web_client(
        flow, await a_web_pool(flow, account_recovery_setting=only_admin, admin_create_user_config=closed)
    )

    page = await Person(web, client).open()

    assert not {"Forgot your password?", "Create an account"} & page.links.keys()
    refused = await web.get(f"/domains/{DOMAIN}/signup", params=Asking(client).params())
    assert "You cannot create an account here yourself." in Page(refused).words


async def test_a_bad_request_ends_the_same_way_on_every_page(web: httpx.AsyncClient, client: ClientEntry) -> None:
    for path in ("login", "signup", "forgotPassword", "mfa", "changePassword", "confirm", "mfa/setup"):
        wrong = Asking(client).params(redirect_uri="https://evil.example")
        reply = await web.get(f"/domains/{DOMAIN}/{path}", params=wrong)
        told = await web.get(f"/domains/{DOMAIN}/{path}", params=Asking(client).params(scope="nothing"))

        assert "/error?error=redirect_mismatch" in reply.headers["location"]
        assert "invalid_scope" == answer_of(told)["error"]


async def test_a_busy_server_says_so_at_once(flow: Flow, client: ClientEntry, person: User) -> None:
    from poolhouse.kit.cpu import CpuPool

    full = CpuPool(1, 0)
    async with a_browser(application(msgspec.structs.replace(flow, cpu=full))) as web:
        page = await Person(web, client).sign_in("jane@example.com", PASSWORD)
    full.close()

    assert (503, "1", True) == (page.status, page.reply.headers["retry-after"], "The server is busy" in page.words)


async def test_a_failure_is_a_page_with_a_reference(flow: Flow, web: httpx.AsyncClient, client: ClientEntry) -> None:
    await flow.database.close()

    reply = await web.get(
        LOGIN, params=Asking(client).params(), headers={"cookie": f"__Secure-{SESSION_COOKIE}=x", **from_here(web)}
    )

    assert 500 == reply.status_code
    assert f"Reference: {reply.headers['x-amz-cognito-request-id']}" in Page(reply).words


async def test_there_is_no_page_at_another_path(web: httpx.AsyncClient, pool: PoolEntry) -> None:
    assert 404 == (await web.get(f"/domains/{DOMAIN}/nothing")).status_code
    assert (405, "GET, HEAD, POST") == (
        (reply := await web.delete(LOGIN)).status_code, reply.headers["allow"],
    )  # fmt: skip


async def test_a_pool_with_other_first_factors_says_that_the_page_takes_a_password(
    web: httpx.AsyncClient, client: ClientEntry, person: User, flow: Flow, pool: PoolEntry
) -> None:
    hint = "This page takes a password."
    assert hint not in (await web.get(LOGIN, params=Asking(client).params())).text
    policy = shapes.SignInPolicyType(allowed_first_auth_factors=["PASSWORD", "EMAIL_OTP", "WEB_AUTHN"])
    await reconfigure(flow, pool, policies=shapes.UserPoolPolicyType(sign_in_policy=policy))
    assert hint in (await web.get(LOGIN, params=Asking(client).params())).text
    assert is_at_app(await Person(web, client).sign_in("jane@example.com", PASSWORD))
