"""
The console in Chromium, from ``poolhouse up``: narrow windows, keys, names of controls, and no script at all.

Screenshots of the pages, light and dark, wide and narrow, are kept in ``artifacts/console``.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import boto3
import msgspec
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from poolhouse.pool.console.sections import SECTIONS
from tests.journey.installation import Installation, up
from tests.pages.axe import findings

pytestmark = pytest.mark.browser

ARTEFACTS = Path(os.environ.get("POOLHOUSE_TEST_ARTEFACTS", "artifacts")) / "console"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
LOOKS: list[tuple[int, Literal["light", "dark"]]] = [(1280, "light"), (1280, "dark"), (360, "light"), (360, "dark")]
NAMELESS = """() => [...document.querySelectorAll('input:not([type=hidden]), select, textarea, button, a')]
  .filter(each => each.getAttribute('aria-hidden') !== 'true')
  .filter(each => !(each.labels?.length || each.getAttribute('aria-label') || each.textContent.trim()))
  .map(each => each.outerHTML)"""
REPEATED = """() => [...document.querySelectorAll('[id]')].map(each => each.id)
  .filter((id, at, all) => all.indexOf(id) !== at)"""
EXPECTED = ("the server responded with a status of 422", "the server responded with a status of 404")

Open = Callable[..., Page]


class Pool(msgspec.Struct, frozen=True):
    """A pool with one of everything."""

    id: str
    client: str
    user: str

    @property
    def here(self) -> str:
        return f"/console/pools/{self.id}"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with up(tmp_path_factory.mktemp("up"), "--bare") as started:
        yield started


@pytest.fixture(scope="module")
def pool(place: Installation) -> Pool:
    api = boto3.client(
        "cognito-idp", endpoint_url=place.base, region_name="us-east-1", aws_access_key_id="A" * 20,
        aws_secret_access_key="x",
    )  # fmt: skip
    made = api.create_user_pool(PoolName="team", UsernameAttributes=["email"], UserPoolTags={"stage": "test"})
    pool_id = made["UserPool"]["Id"]
    api.create_user_pool_domain(UserPoolId=pool_id, Domain="team-sso")
    scopes = [{"ScopeName": "read", "ScopeDescription": "Read orders"}]
    api.create_resource_server(UserPoolId=pool_id, Identifier="https://api.example", Name="Orders", Scopes=scopes)
    client = api.create_user_pool_client(UserPoolId=pool_id, ClientName="house", GenerateSecret=True)
    api.create_group(UserPoolId=pool_id, GroupName="admins", Description="Everything")
    user = api.admin_create_user(UserPoolId=pool_id, Username="ada@example.com", TemporaryPassword="Temporary-1-pass")
    name = user["User"]["Username"]
    api.admin_add_user_to_group(UserPoolId=pool_id, Username=name, GroupName="admins")
    return Pool(pool_id, client["UserPoolClient"]["ClientId"], name)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = os.environ.get("POOLHOUSE_TEST_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def state(browser: Browser, place: Installation) -> Any:
    """The cookies of somebody who has signed in."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(place.console)
    page.get_by_label("Email", exact=True).fill(place.email)
    page.get_by_label("Password", exact=True).fill(place.password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="User pools", exact=True)).to_be_visible()
    kept = context.storage_state()
    context.close()
    return kept


@pytest.fixture
def open_page(browser: Browser, place: Installation, state: Any) -> Iterator[Open]:
    """Opens a page; at the end of the test no page may have complained."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def hear(text: str) -> None:
        if not any(each in text for each in EXPECTED) and "[DOM]" not in text:
            complaints.append(text)

    def opened(
        path: str, width: int = 1280, *, script: bool = True, scheme: Literal["light", "dark"] = "light"
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 800}, java_script_enabled=script, color_scheme=scheme,
            reduced_motion="reduce", storage_state=state, base_url=place.base,
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: hear(message.text))
        page.on("pageerror", lambda error: hear(str(error)))
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def addresses(pool: Pool) -> dict[str, str]:
    here, client, user = pool.here, f"{pool.here}/clients/{pool.client}", f"{pool.here}/users/{pool.user}"
    return {
        "pools": "/console/pools", "access-keys": "/console/access-keys", "not-found": "/console/nowhere",
        "overview": here, "users": here + "/users", "user-create": here + "/users/create", "user": user,
        "user-password": user + "/password", "user-attributes": user + "/attributes", "user-mfa": user + "/mfa",
        "groups": here + "/groups", "group-create": here + "/groups/create",
        "group": here + "/groups/group?name=admins", "group-edit": here + "/groups/group/edit?name=admins",
        "sign-in": here + "/sign-in", "sign-up": here + "/sign-up", "messaging": here + "/messaging",
        "app-integration": here + "/app-integration",
        "create-cognito-domain": here + "/app-integration/create-cognito-domain",
        "create-custom-domain": here + "/app-integration/create-custom-domain",
        "server-create": here + "/resource-servers/create",
        "server": here + "/resource-servers/server?id=https://api.example",
        "server-edit": here + "/resource-servers/server/edit?id=https://api.example",
        "client-create": here + "/clients/create", "client": client, "client-edit": client + "/edit",
        "client-permissions": client + "/permissions", "client-hosted-ui": client + "/hosted-ui",
        "properties": here + "/properties", "delete": here + "/delete",
        **{f"edit-{each.slug}": f"{here}/edit/{each.slug}" for each in SECTIONS},
    }  # fmt: skip


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_every_page_fits_its_window_and_names_its_controls(
    open_page: Open, pool: Pool, width: int, scheme: Literal["light", "dark"]
) -> None:
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    page = open_page("/console/pools", width, scheme=scheme)
    wrong: dict[str, Any] = {}
    for name, address in addresses(pool).items():
        page.goto(address)
        page.screenshot(path=ARTEFACTS / f"{name}-{width}-{scheme}.png", full_page=True)
        wide = page.evaluate("document.documentElement.scrollWidth")
        found = (wide > width and wide, page.evaluate(NAMELESS), page.evaluate(REPEATED), page.locator("h1").count())
        if found != (False, [], [], 1):
            wrong[name] = found

    assert wrong == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(open_page: Open, pool: Pool, scheme: Literal["light", "dark"]) -> None:
    page = open_page("/console/pools", scheme=scheme)
    wrong: dict[str, list[str]] = {}
    for name, address in addresses(pool).items():
        page.goto(address)
        found = findings(page)
        if found:
            wrong[name] = found

    assert wrong == {}


def test_enter_goes_on_and_never_back(open_page: Open) -> None:
    page = open_page("/console/pools/create")
    page.get_by_label("Email", exact=True).check()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Configure security requirements")).to_be_visible()
    page.get_by_label("Custom", exact=True).check()
    page.get_by_label("Password minimum length", exact=True).fill("12")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Configure sign-up experience")).to_be_visible()


def test_what_depends_on_a_choice_is_shown_with_it(open_page: Open, pool: Pool) -> None:
    page = open_page(pool.here + "/edit/password-policy")
    length = page.get_by_label("Password minimum length", exact=True)
    expect(length).to_be_hidden()
    page.get_by_label("Custom", exact=True).check()
    expect(length).to_be_visible()
    page.goto(pool.here + "/edit/email")
    expect(page.get_by_label("SES Region", exact=True)).to_be_hidden()
    page.get_by_label("Send email with Amazon SES", exact=True).check()

    expect(page.get_by_label("SES Region", exact=True)).to_be_visible()


def test_menus_open_and_close_by_keys(open_page: Open, pool: Pool) -> None:
    page = open_page(pool.here + "/app-integration")
    region = page.get_by_role("region", name="Domain", exact=True)
    region.get_by_role("button", name="Actions").focus()
    page.keyboard.press("Enter")
    expect(region.get_by_role("link", name="Create a Cognito domain")).to_be_visible()
    page.keyboard.press("Escape")
    expect(region.get_by_role("link", name="Create a Cognito domain")).to_be_hidden()


def test_the_guides_way_to_cognito(open_page: Open) -> None:
    page = open_page("/console/access-keys")
    page.get_by_role("button", name="Services", exact=True).click()
    expect(page.get_by_text("Security, Identity & Compliance", exact=True)).to_be_visible()
    page.get_by_role("link", name="Cognito", exact=True).click()

    expect(page.get_by_role("heading", name="User pools", exact=True)).to_be_visible()


def test_a_secret_is_shown_on_demand_only(open_page: Open, pool: Pool) -> None:
    page = open_page(f"{pool.here}/clients/{pool.client}")
    secret = page.get_by_label("Client Secret", exact=True)
    expect(secret).to_have_value("\N{BULLET}" * 24)
    page.get_by_role("button", name="Show Client Secret", exact=True).click()

    assert len(secret.input_value()) > 40
    assert "\N{BULLET}" not in secret.input_value()


def test_deleting_asks_for_the_name(open_page: Open, pool: Pool) -> None:
    page = open_page(f"{pool.here}/clients/{pool.client}")
    page.get_by_role("button", name="Delete app client", exact=True).click()
    dialog = page.get_by_role("dialog")
    confirm = dialog.get_by_role("button", name="Delete app client", exact=True)
    expect(confirm).to_be_disabled()
    dialog.get_by_label("To confirm, type house").fill("house")

    expect(confirm).to_be_enabled()


def test_without_script_the_guide_still_works(open_page: Open, pool: Pool) -> None:
    page = open_page(f"{pool.here}/clients/{pool.client}/hosted-ui", script=False)
    group = page.get_by_role("group", name="Allowed callback URLs", exact=True)
    group.get_by_label("URL", exact=True).first.fill("https://app.example/callback")
    page.get_by_label("Cognito user pool", exact=True).check()
    page.get_by_label("Authorization code grant", exact=True).check()
    page.get_by_label("OpenID", exact=True).check()
    page.get_by_role("button", name="Save changes", exact=True).click()
    region = page.get_by_role("region", name="Hosted UI", exact=True)

    expect(region).to_contain_text("https://app.example/callback")
    page.locator("summary", has_text="Show Client Secret").click()
    expect(page.locator("details code")).to_be_visible()
