"""
The hosted pages in Chromium: the way back to an app on another origin, with and without script, and how they look.

Screenshots of every page, light and dark, wide and narrow, are kept in ``artifacts/hosted``.
"""

import base64
import itertools
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs, urlencode

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from poolhouse.pool.core import totp
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.spec import shapes
from tests.pages.server import Server, running
from tests.support.builders import PASSWORD, a_schema, a_user, last_code
from tests.support.web import a_web_client, a_web_pool

pytestmark = pytest.mark.browser

ARTEFACTS = Path(os.environ.get("POOLHOUSE_TEST_ARTEFACTS", "artifacts")) / "hosted"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
OWN = "Own-password-2-keep"
NUMBERS = itertools.count()
LOOKS: list[tuple[int, Literal["light", "dark"]]] = [(1280, "light"), (1280, "dark"), (360, "light"), (360, "dark")]
MFA = shapes.GetUserPoolMfaConfigResponse(
    mfa_configuration="ON",
    software_token_mfa_configuration=shapes.SoftwareTokenMfaConfigType(enabled=True),
    email_mfa_configuration=shapes.EmailMfaConfigType(),
)
WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as started:
        yield started


@pytest.fixture(scope="module")
def browser(server: Server) -> Iterator[Browser]:  # after the server, which runs an event loop of its own
    executable = os.environ.get("POOLHOUSE_TEST_CHROMIUM") or shutil.which("chromium")
    if executable is None:
        pytest.fail("no Chromium: run tools/system.sh, or name one in POOLHOUSE_TEST_CHROMIUM", pytrace=False)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield chromium
        chromium.close()


class Place:
    """A pool with one app and one person; addresses of its pages."""

    def __init__(self, server: Server, **settings: Any) -> None:
        self.server = server
        self.name = f"place{next(NUMBERS)}"
        usual = {"username_attributes": ["email"], "auto_verified_attributes": ["email"]}
        self.pool: PoolEntry = server.do(a_web_pool(server.flow, domain=self.name, **(usual | settings)))
        self.callback = f"{server.elsewhere}/callback"
        self.client: ClientEntry = server.do(a_web_client(server.flow, self.pool, callback_urls=[self.callback]))
        self.url = f"{server.base}/domains/{self.name}"

    def person(self, email: str = "jane@example.com", **more: Any) -> None:
        self.server.do(a_user(self.server.flow, self.pool, **({"email": email, "email_verified": "true"} | more)))

    def page(self, path: str = "/oauth2/authorize", **more: str) -> str:
        asked = {
            "response_type": "code", "client_id": self.client.client.id, "redirect_uri": self.callback, "state": "s",
        }  # fmt: skip
        return f"{self.url}{path}?{urlencode(asked | more)}"

    def code(self) -> str:
        return self.server.do(last_code(self.server.flow, self.pool))


Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """A browser without cookies; no page may have anything to complain about."""
    complaints: list[str] = []
    opened: list[Page] = []

    def open_one(width: int = 1280, scheme: Literal["light", "dark"] = "light", *, script: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme=scheme, java_script_enabled=script,
            reduced_motion="reduce",
        )  # fmt: skip
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        opened.append(page)
        return page

    yield open_one
    for page in opened:
        page.context.close()
    # A status of its own is no fault of a page, nor that it cannot be framed, nor that a test types before the first paint.
    expected = re.compile("responded with a status of 4|frame-ancestors 'none'|Autofocus processing was blocked")
    assert [each for each in complaints if not expected.search(each)] == []


def sign_in(page: Page, password: str = PASSWORD, email: str = "jane@example.com", label: str = "Email") -> None:
    page.get_by_label(label, exact=True).fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


@pytest.mark.parametrize("script", [True, False])
def test_a_password_leads_to_an_app_on_another_origin(server: Server, open_page: Open, script: bool) -> None:
    # form-action 'self' would stop Chromium at the redirect
    place = Place(server)
    place.person()
    page = open_page(script=script)
    page.goto(place.page())

    sign_in(page)

    expect(page.get_by_role("heading", name="You are in")).to_be_visible()
    assert page.url.startswith(f"{place.callback}?code=")
    page.goto(place.page())
    assert page.url.startswith(f"{place.callback}?code=")


@pytest.mark.parametrize("script", [True, False])
def test_an_answer_is_posted_to_an_app_by_itself_or_by_a_button(server: Server, open_page: Open, script: bool) -> None:
    # OAuth 2.0 Form Post Response Mode, under our own policy for scripts and forms
    place = Place(server)
    place.person()
    page = open_page(script=script)
    posted: list[str] = []
    page.on("request", lambda sent: posted.append(sent.post_data or "") if sent.url == place.callback else None)
    page.goto(place.page(response_mode="form_post"))

    sign_in(page)
    if not script:
        page.get_by_role("button", name="Continue", exact=True).click()

    expect(page.get_by_role("heading", name="You are in")).to_be_visible()
    assert place.callback == page.url
    assert {"code", "state", "iss"} == set(parse_qs("&".join(posted)))


def test_somebody_elses_page_cannot_send_the_form(server: Server, open_page: Open) -> None:
    # login CSRF, in the browser that enforces SameSite and sends Origin
    place = Place(server)
    place.person()
    page = open_page()
    page.goto(place.page())
    token = page.locator("input[name=_csrf]").input_value()
    fields = {"_csrf": token, "username": "jane@example.com", "password": PASSWORD}
    page.goto(f"{server.elsewhere}/form?{urlencode({'url': place.page('/login'), **fields})}")

    page.get_by_role("button", name="Go").click()

    expect(page.get_by_role("heading", name="This form is no longer valid")).to_be_visible()


def test_a_page_cannot_be_framed(server: Server, open_page: Open) -> None:
    place = Place(server)
    page = open_page()
    with page.expect_event("console", lambda message: "frame" in message.text.lower()):
        page.goto(f"{server.elsewhere}/frame?{urlencode({'url': place.page('/login')})}")

    assert "Sign in" not in [frame.title() for frame in page.frames[1:]]


Look = Callable[[str], None]


@pytest.fixture(params=LOOKS, ids=lambda look: f"{look[0]}-{look[1]}")
def seen(request: pytest.FixtureRequest, open_page: Open) -> tuple[Page, Look]:
    """A page, and what takes its picture; none may be wider than the window."""
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    width, scheme = request.param
    page = open_page(width, scheme)

    def look(name: str) -> None:
        page.wait_for_load_state()
        assert not page.evaluate(WIDE), name
        page.screenshot(path=ARTEFACTS / f"{name}-{width}-{scheme}.png", full_page=True)

    return page, look


def test_signing_in_looks_as_it_should(server: Server, seen: tuple[Page, Look]) -> None:
    page, look = seen
    place = Place(server)
    place.person("new@example.com", temporary=True)

    page.goto(place.page())
    look("sign-in")
    sign_in(page, "Wrong-password-1")
    look("sign-in-refused")
    sign_in(page, email="new@example.com")
    look("new-password")
    page.get_by_label("New password", exact=True).fill("weak")
    page.get_by_label("Confirm new password", exact=True).fill("weak")
    page.get_by_role("button", name="Change password").click()
    look("new-password-refused")


def test_recovery_looks_as_it_should(server: Server, seen: tuple[Page, Look]) -> None:
    page, look = seen
    place = Place(server)
    place.person()

    page.goto(place.page("/login"))
    page.get_by_role("link", name="Forgot your password?").click()
    look("forgot")
    page.get_by_label("Email").fill("jane@example.com")
    page.get_by_role("button", name="Send code").click()
    look("reset")
    page.get_by_label("Code", exact=True).fill(place.code())
    page.get_by_label("New password", exact=True).fill(OWN)
    page.get_by_label("Confirm new password", exact=True).fill(OWN)
    page.get_by_role("button", name="Change password").click()
    look("reset-done")


def test_signing_up_looks_as_it_should(server: Server, seen: tuple[Page, Look]) -> None:
    page, look = seen
    place = Place(server, schema_attributes=a_schema(required=("given_name", "phone_number")))

    page.goto(place.page("/login"))
    page.get_by_role("link", name="Create an account").click()
    look("sign-up")
    page.get_by_label("Email").fill("somebody@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Given name").fill("Jo")
    page.get_by_label("Phone number").fill("+12065550100")
    page.get_by_role("button", name="Create account").click()
    look("confirm")
    page.get_by_role("button", name="Send a new code").click()
    look("confirm-again")
    page.get_by_label("Code", exact=True).fill(place.code())
    page.get_by_role("button", name="Confirm account").click()
    look("confirmed")


def test_second_factors_look_as_they_should(server: Server, seen: tuple[Page, Look]) -> None:
    page, look = seen
    place = Place(server, mfa=MFA, username_attributes=None)
    place.person(username="jane", email="", email_verified="false")

    page.goto(place.page())
    sign_in(page, email="jane", label="Username")
    look("set-up-choice")
    page.get_by_label("Authenticator app").check()
    page.get_by_role("button", name="Continue").click()
    look("set-up-app")
    secret = page.get_by_label("Secret key", exact=True).input_value()
    page.get_by_label("Code", exact=True).fill("000000")
    page.get_by_role("button", name="Sign in").click()
    look("set-up-app-refused")
    page.get_by_label("Code", exact=True).fill(_code(server, secret))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="You are in")).to_be_visible()
    page.goto(place.page("/login", prompt="login"))
    sign_in(page, email="jane", label="Username")
    look("second-factor")


def test_errors_look_as_they_should(server: Server, seen: tuple[Page, Look]) -> None:
    page, look = seen
    place = Place(server)

    page.goto(place.page(redirect_uri="https://app.example/wrong"))
    look("error-redirect-mismatch")
    page.goto(f"{place.url}/logout?client_id={place.client.client.id}&logout_uri=https://app.example/x")
    look("error-logout")
    page.goto(f"{server.base}/domains/nobody/login")
    look("error-no-domain")
    page.goto(f"{place.url}/confirmUser?client_id=x&user_name=jane@example.com&confirmation_code=1")
    look("link")
    page.get_by_role("button", name="Confirm account").click()
    look("link-refused")


def _code(server: Server, text: str) -> str:
    secret = base64.b32decode(text + "=" * (-len(text) % 8))
    return totp.code_at(secret, totp.step_at(server.flow.clock.now()))


def test_keys_alone_are_enough(server: Server, open_page: Open) -> None:
    place = Place(server)
    place.person()
    page = open_page()
    page.goto(place.page())
    page.locator("input:focus").wait_for()

    page.keyboard.type("jane@example.com")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="You are in")).to_be_visible()


def test_what_was_wrong_is_announced(server: Server, open_page: Open) -> None:
    page = open_page()
    page.goto(Place(server).page())

    sign_in(page)

    expect(page.get_by_role("alert")).to_have_text(re.compile("The username or password is not right"))
