"""The check against bots: a proof of work or a captcha before the forms that make an account or have a code sent."""

import hashlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import msgspec
import pytest
from aiohttp import web as aio
from aiohttp.test_utils import TestServer
from playwright.sync_api import Page as Tab
from playwright.sync_api import Route, expect

from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.outgoing import Http
from poolhouse.pool.core.proof_of_work import is_answer
from poolhouse.pool.flows import bots, pool_extension
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import User
from poolhouse.pool.pages.bots import FREE
from tests.pages.server import Server
from tests.pages.test_in_browser import Look, Open, Place, server  # noqa: F401 (a fixture)
from tests.support.builders import PASSWORD, messages, the_pool
from tests.support.hosted import Page, Person, is_at_app
from tests.support.web import DOMAIN, a_browser, a_web_client, a_web_pool, application

WORK = {"bot_check": "proof_of_work", "bot_check_difficulty": 10}
NEW = "new@example.com"
KNOWN = "jane@example.com"
WRONG = "Wrong-password-1"
REFUSED = "The check that no program sends this form did not go through."
SECRET = "0x4AAAAAAA-the-secret"
FIELD = "cf-turnstile-response"
SCRIPT = "https://challenges.example/turnstile/v0/api.js"

Setting = Callable[..., Awaitable[PoolEntry]]


@pytest.fixture
async def setting(flow: Flow, pool: PoolEntry) -> Setting:
    async def change(**changes: Any) -> PoolEntry:
        await pool_extension.change(flow, pool.pool.id, changes)
        return await the_pool(flow, pool.pool.id)

    return change


def solve(seed: str, bits: int = 10) -> str:
    return next(str(n) for n in itertools.count() if is_answer(seed, str(n), bits))


def proved(page: Page, fields: dict[str, str], form: int = 0) -> dict[str, str]:
    """*fields* with the answer that the page's script finds."""
    seed = page.forms[form].fields["proof_seed"]
    return {**fields, "proof_seed": seed, "proof_answer": solve(seed)}


async def form_of(someone: Person, path: str = "/signup") -> tuple[Page, dict[str, str]]:
    page = await someone.open(path)
    known = {"Email": NEW, "Password": PASSWORD} if path == "/signup" else {"Email": KNOWN}
    return page, page.filled(**known)


async def test_off_changes_nothing(web: httpx.AsyncClient, client: ClientEntry) -> None:
    page, fields = await form_of(Person(web, client))

    assert "proof_seed" not in page.reply.text
    assert "worker-src" not in page.reply.headers["content-security-policy"]
    assert "/confirm" in (await Person(web, client).post(page, fields)).headers["location"]


async def test_a_proof_makes_an_account(web: httpx.AsyncClient, client: ClientEntry, setting: Setting) -> None:
    await setting(**WORK)
    someone = Person(web, client)
    page, fields = await form_of(someone)

    assert "worker-src 'self'" in page.reply.headers["content-security-policy"]
    assert "/confirm" in (await someone.post(page, proved(page, fields))).headers["location"]


@pytest.mark.parametrize("path", ["/signup", "/forgotPassword"])
@pytest.mark.parametrize(
    "wrong", [{"proof_answer": ""}, {"proof_seed": ""}, {"proof_answer": "-1"}, {"proof_seed": "A" * 64}, {}]
)
async def test_a_form_without_a_proof_does_nothing_and_keeps_what_was_typed(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User, setting: Setting, path: str,
    wrong: dict[str, str],
) -> None:  # fmt: skip
    entry = await setting(**WORK)
    someone = Person(web, client)
    page, fields = await form_of(someone, path)
    given = {**proved(page, fields), **wrong} if wrong else {k: v for k, v in fields.items() if "proof" not in k}

    again = Page(await someone.post(page, given))

    assert again.status == 400
    assert REFUSED in again.words
    assert again.forms[0].fields["username"] == fields["username"]
    assert PASSWORD not in again.reply.text
    assert again.forms[0].fields["proof_seed"] != page.forms[0].fields["proof_seed"]
    assert await messages(flow, entry) == []
    assert person.username


async def test_a_proof_is_good_once(web: httpx.AsyncClient, client: ClientEntry, setting: Setting) -> None:
    await setting(**WORK)
    someone = Person(web, client)
    page, fields = await form_of(someone)
    given = proved(page, fields)

    assert (await someone.post(page, given)).status_code == 303
    assert REFUSED in Page(await someone.post(page, {**given, "username": "other@example.com"})).words


async def test_a_proof_ends_after_ten_minutes(
    web: httpx.AsyncClient, client: ClientEntry, setting: Setting, clock: FixedClock
) -> None:
    await setting(**WORK)
    someone = Person(web, client)
    page, fields = await form_of(someone)
    given = proved(page, fields)
    clock.advance(bots.SEED_SECONDS)

    assert REFUSED in Page(await someone.post(page, given)).words


async def test_a_proof_for_another_form_or_pool_is_refused(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, setting: Setting
) -> None:
    await setting(**WORK)
    other = await a_web_pool(flow, domain="other", username_attributes=["email"])
    someone = Person(web, client)
    page, fields = await form_of(someone)
    entry = await the_pool(flow, client.client.pool_id)

    for seed in (bots.seed(flow, entry, "recovery", 10), bots.seed(flow, other, "sign_up", 10)):
        answer = Page(await someone.post(page, {**fields, "proof_seed": seed, "proof_answer": solve(seed)}))
        assert REFUSED in answer.words


async def test_the_difficulty_is_that_of_the_seed(flow: Flow, pool: PoolEntry) -> None:
    seed = bots.seed(flow, pool, "sign_up", 14)
    easy = next(str(n) for n in itertools.count() if is_answer(seed, str(n), 10) and not is_answer(seed, str(n), 14))

    assert hashlib.sha256(f"{seed}{easy}".encode()).digest()[0] == 0
    assert not await bots.is_worked(flow, pool, "sign_up", seed, easy)
    assert await bots.is_worked(flow, pool, "sign_up", seed, solve(seed, 14))
    assert not await bots.is_worked(flow, pool, "sign_up", seed, solve(seed, 14))


async def test_a_code_is_not_sent_again_without_a_proof(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, setting: Setting
) -> None:
    entry = await setting(**WORK)
    someone = Person(web, client)
    page, fields = await form_of(someone)
    confirm = await someone.follow(await someone.post(page, proved(page, fields)))
    resend = confirm.forms[1].fields

    refused = Page(await someone.post(confirm, {**resend, "proof_answer": "0x"}, form=1))
    assert (400, True) == (refused.status, REFUSED in refused.words)
    assert len(await messages(flow, entry)) == 1
    reply = await someone.post(refused, proved(refused, refused.forms[1].fields, 1), form=1)
    assert reply.status_code == 303
    assert len(await messages(flow, entry)) == 2


@pytest.mark.usefixtures("person")
async def test_a_sign_in_has_the_check_after_failures(flow: Flow, client: ClientEntry, setting: Setting) -> None:
    await setting(**WORK, bot_check_when="after_failures")
    async with a_browser(application(flow), address="203.0.113.7") as web:
        someone = Person(web, client)
        page = await someone.open()
        for _ in range(FREE):
            assert "proof_seed" not in page.forms[0].fields
            page = await someone.send(page, Email="nobody@example.com", Password=WRONG)
        assert "proof_seed" in page.forms[0].fields
        fields = page.filled(Email=KNOWN, Password=PASSWORD)

        refused = Page(await someone.post(page, fields))
        assert (400, True) == (refused.status, REFUSED in refused.words)
        assert KNOWN == refused.forms[0].fields["username"]
        assert is_at_app(Page(await someone.post(refused, proved(refused, fields))))
    async with a_browser(application(flow), address="203.0.113.8") as web:
        assert is_at_app(await Person(web, client).sign_in(KNOWN, PASSWORD))


@pytest.mark.usefixtures("person")
async def test_a_sign_in_has_no_check_unless_it_is_wanted(flow: Flow, client: ClientEntry, setting: Setting) -> None:
    await setting(**WORK)
    async with a_browser(application(flow), address="203.0.113.7") as web:
        someone = Person(web, client)
        for _ in range(FREE + 2):
            await someone.sign_in("nobody@example.com", WRONG)
        assert is_at_app(await someone.sign_in(KNOWN, PASSWORD))


class Verifier:
    """A provider's siteverify."""

    def __init__(self) -> None:
        self.seen: list[dict[str, str]] = []

    async def handle(self, request: aio.Request) -> aio.Response:
        given = {name: str(value) for name, value in (await request.post()).items()}
        self.seen.append(given)
        if given["response"] == "down":
            return aio.Response(status=503)
        if given["response"] == "odd":
            return aio.json_response({"success": "true"})
        right = given["secret"] == SECRET and given["response"] == "right"
        return aio.json_response({"success": right, "error-codes": [] if right else ["invalid-input-response"]})


@pytest.fixture
async def verifier() -> AsyncIterator[tuple[Verifier, str]]:
    found, app = Verifier(), aio.Application()
    app.router.add_post("/siteverify", found.handle)
    async with TestServer(app) as started:
        yield found, str(started.make_url("/siteverify"))


@pytest.fixture
async def calling(flow: Flow) -> AsyncIterator[Flow]:
    http = Http(allow_loopback=True, allow_private=False)
    yield msgspec.structs.replace(flow, http=http)
    await http.close()


def captcha(verify: str) -> dict[str, Any]:
    return {
        "bot_check": "captcha", "captcha_script": SCRIPT, "captcha_verify": verify, "captcha_site_key": "0x4AAA",
        "captcha_secret": SECRET, "captcha_field": FIELD,
    }  # fmt: skip


async def test_a_captcha_is_verified_by_its_provider(
    calling: Flow, client: ClientEntry, setting: Setting, verifier: tuple[Verifier, str]
) -> None:
    entry = await setting(**captcha(verifier[1]))
    async with a_browser(application(calling), address="203.0.113.7") as web:
        someone = Person(web, client)
        page, fields = await form_of(someone)
        policy = page.reply.headers["content-security-policy"]
        words = {
            "wrong": REFUSED, "": REFUSED, "down": "Try again in a few minutes", "odd": "Try again in a few minutes",
        }  # fmt: skip
        for response, text in words.items():
            refused = Page(await someone.post(page, {**fields, FIELD: response}))
            assert (400, True) == (refused.status, text in refused.words)
            assert NEW == refused.forms[0].fields["username"]
        assert await messages(calling, entry) == []
        assert (await someone.post(page, {**fields, FIELD: "right"})).status_code == 303
        sign_in = await someone.open()

    assert f'<script src="{SCRIPT}" async defer>' in page.reply.text
    assert '<div class="cf-turnstile" data-sitekey="0x4AAA">' in page.reply.text
    for directive in ("script-src 'self'", "connect-src 'self'", "frame-src"):
        assert f"{directive} https://challenges.example" in policy
    assert "challenges.example" not in sign_in.reply.headers["content-security-policy"]
    assert SECRET not in page.reply.text
    assert {"secret": SECRET, "response": "right", "remoteip": "203.0.113.7"} == verifier[0].seen[-1]
    # Nothing is asked of the provider for a form without an answer.
    assert "" not in [each["response"] for each in verifier[0].seen]


async def test_a_provider_that_cannot_be_reached_lets_nobody_in(
    calling: Flow, client: ClientEntry, setting: Setting, verifier: tuple[Verifier, str]
) -> None:
    await setting(**captcha("http://127.0.0.1:9/siteverify"))
    async with a_browser(application(calling)) as web:
        someone = Person(web, client)
        page, fields = await form_of(someone)
        refused = Page(await someone.post(page, {**fields, FIELD: "right"}))

    assert (400, True) == (refused.status, "Try again in a few minutes" in refused.words)
    assert verifier[0].seen == []


async def test_the_secret_is_sealed_for_its_pool(flow: Flow, setting: Setting) -> None:
    entry = await setting(**captcha("https://challenges.example/siteverify"))
    held = (await setting(help_url="https://help.example")).pool.extended.captcha_secret or ""

    assert entry.pool.extended.captcha_secret == held
    assert SECRET not in held
    other = await a_web_pool(flow, domain="other")
    moved = msgspec.structs.replace(other.pool, hosted=entry.pool.extended)
    verdict = await bots.verified(flow, msgspec.structs.replace(other, pool=moved), "right", "203.0.113.7")
    assert verdict == "unreachable"


async def test_the_pool_of_a_client_is_the_one_that_is_asked(flow: Flow, web: httpx.AsyncClient) -> None:
    """A pool with the check beside one without."""
    first, second = await a_web_pool(flow, domain="first"), await a_web_pool(flow, domain=DOMAIN)
    await pool_extension.change(flow, first.pool.id, WORK)
    page = await Person(web, await a_web_client(flow, second)).open("/signup")

    assert "proof_seed" not in page.reply.text


def extended(place: Place, **changes: Any) -> None:
    place.server.do(pool_extension.change(place.server.flow, place.pool.pool.id, changes))


@pytest.mark.browser
def test_a_browser_proves_itself_while_the_form_is_filled_in(server: Server, open_page: Open) -> None:  # noqa: F811
    place = Place(server)
    extended(place, bot_check="proof_of_work")
    page = open_page()
    page.goto(place.page("/login"))
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("Email").fill(NEW)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()

    expect(page.get_by_role("heading", name="Confirm your account")).to_be_visible()
    page.get_by_label("Code").fill(place.code())
    page.get_by_role("button", name="Confirm account").click()
    expect(page.get_by_role("heading", name="You are in")).to_be_visible()


@pytest.mark.browser
def test_a_button_that_is_pressed_first_waits(server: Server, seen: tuple[Tab, Look]) -> None:  # noqa: F811
    page, look = seen
    place = Place(server)
    extended(place, bot_check="proof_of_work")
    held: list[Route] = []
    page.route("**/proof-worker.*", lambda route: held.append(route))  # noqa: PLW0108 (Playwright writes on it)
    page.goto(place.page("/forgotPassword"))
    page.get_by_label("Email").fill(KNOWN)
    page.get_by_role("button", name="Send code").click()
    expect(page.get_by_text("Checking that no program sends this form")).to_be_visible()
    look("proof-waits")
    held[0].continue_()

    expect(page.get_by_label("New password", exact=True)).to_be_visible(timeout=60_000)


@pytest.mark.browser
def test_without_script_the_page_says_what_it_needs(server: Server, open_page: Open) -> None:  # noqa: F811
    place = Place(server)
    extended(place, bot_check="proof_of_work")
    page = open_page(script=False)
    page.goto(place.page("/forgotPassword"))

    expect(page.get_by_text("This form needs JavaScript")).to_be_visible()
