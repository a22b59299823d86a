"""
The branding editor in Chromium: what is typed is shown at once, and people see nothing of it until it is saved.

Screenshots are kept in ``artifacts/branding``.
"""

import base64
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import boto3
import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from poolhouse.pool.core import contrast, look
from poolhouse.pool.pages.preview import PAGES
from tests.console.test_in_browser import LOOKS, NAMELESS, REPEATED, Pool
from tests.console.test_in_browser import browser as browser  # noqa: PLC0414 (fixtures)
from tests.console.test_in_browser import open_page as open_page  # noqa: PLC0414
from tests.console.test_in_browser import place as place  # noqa: PLC0414
from tests.console.test_in_browser import pool as pool  # noqa: PLC0414
from tests.console.test_in_browser import state as state  # noqa: PLC0414

pytestmark = pytest.mark.browser

ARTEFACTS = Path(os.environ.get("POOLHOUSE_TEST_ARTEFACTS", "artifacts")) / "branding"
BUTTON = "Buttons: Primary button, light"
INK = "Buttons: Primary button, text, light"
LOGO = b"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 40"><rect width="40" height="40" rx="8"
 fill="#7c3aed"/><text x="50" y="28" font-size="24" font-family="sans-serif" fill="#7c3aed">Acme</text></svg>"""
PNG = base64.b64decode(
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)

Open = Callable[..., Page]


@pytest.fixture
def here(pool: Pool) -> str:
    return f"{pool.here}/clients/{pool.client}/branding"


def shown(page: Page) -> FrameLocator:
    return page.frame_locator("iframe[name=preview]")


def button_is(page: Page, colour: str) -> None:
    expect(shown(page).get_by_role("button", name="Sign in")).to_have_css("background-color", colour)


def test_what_is_typed_is_shown_at_once_and_undone(open_page: Open, here: str) -> None:
    page = open_page(here)
    button_is(page, "rgb(0, 121, 132)")
    page.get_by_label(BUTTON, exact=True).fill("#7c3aed")
    button_is(page, "rgb(124, 58, 237)")
    expect(page.locator("[data-look-word]")).to_contain_text("Not saved yet")
    page.get_by_label(BUTTON, exact=True).fill("#be123c")
    button_is(page, "rgb(190, 18, 60)")
    page.get_by_role("button", name="Undo").click()
    button_is(page, "rgb(124, 58, 237)")
    page.get_by_role("button", name="Undo").click()
    button_is(page, "rgb(0, 121, 132)")
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()

    page.get_by_role("button", name="Discard changes").click()
    expect(page.get_by_label(BUTTON, exact=True)).to_have_value("")


def test_the_pages_are_looked_at_in_both_modes_and_widths(open_page: Open, here: str) -> None:
    page = open_page(here)
    page.get_by_label("Mode", exact=True).select_option("dark")
    button_is(page, "rgb(80, 189, 201)")
    page.get_by_label("Page", exact=True).select_option("sign-up")
    expect(shown(page).get_by_role("heading", name="Create an account")).to_be_visible()
    wide = shown(page).locator("html").evaluate("root => root.clientWidth")
    page.get_by_label("Width", exact=True).select_option("phone")
    narrow = shown(page).locator("html").evaluate("root => root.clientWidth")

    assert wide > 768
    assert 340 <= narrow <= 360


def test_a_contrast_that_is_too_low_is_said_while_it_is_typed(open_page: Open, here: str) -> None:
    page = open_page(here)
    line = page.locator(".contrast", has_text="Text on the primary button, light mode")
    expect(line).to_be_hidden()
    page.get_by_label(BUTTON, exact=True).fill("#7fb")
    expect(line).to_be_visible()
    said = float(line.locator("[data-ratio]").inner_text())
    page.get_by_label(INK, exact=True).fill("#000")
    expect(line).to_be_hidden()

    assert said == pytest.approx(contrast.ratio("ffffffff", "77ffbbff"), abs=0.1)
    page.get_by_role("button", name="Discard changes").click()
    expect(page.get_by_label(BUTTON, exact=True)).not_to_have_value("#7fb")


def test_what_is_no_colour_is_said_and_not_shown(open_page: Open, here: str) -> None:
    page = open_page(here)
    page.get_by_label(BUTTON, exact=True).fill("red; } body { display: none")
    expect(page.locator("[data-look-word]")).to_have_text("Enter a colour such as #007984.")
    button_is(page, "rgb(0, 121, 132)")


def test_an_image_is_added_by_choosing_it(open_page: Open, here: str) -> None:
    page = open_page(here)
    page.get_by_label("File", exact=True).set_input_files(
        {"name": "acme.svg", "mimeType": "image/svg+xml", "buffer": LOGO}
    )
    page.get_by_role("button", name="Add image").click()
    expect(page.get_by_text("Form logo, both modes, SVG", exact=False).first).to_be_visible()
    drawn = shown(page).locator(".hosted-brand").evaluate("it => getComputedStyle(it, '::before').backgroundImage")

    assert "form_logo.dynamic" in drawn
    page.get_by_role("button", name="Discard changes").click()


@pytest.mark.parametrize("script", [True, False])
def test_a_saved_style_is_what_people_get(
    open_page: Open, here: str, pool: Pool, place: Any, browser: Browser, script: bool
) -> None:
    api = boto3.client(
        "cognito-idp", endpoint_url=place.base, region_name="us-east-1", aws_access_key_id="A" * 20,
        aws_secret_access_key="x",
    )  # fmt: skip
    api.update_user_pool_domain(UserPoolId=pool.id, Domain="team-sso", ManagedLoginVersion=2)
    page = open_page(here, script=script)
    page.get_by_label(BUTTON, exact=True).fill("#7c3aed" if script else "#be123c")
    page.get_by_role("button", name="Preview", exact=True).click()
    button_is(page, "rgb(124, 58, 237)" if script else "rgb(190, 18, 60)")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("The style was saved.")).to_be_visible()

    found = api.describe_managed_login_branding_by_client(UserPoolId=pool.id, ClientId=pool.client)
    button = found["ManagedLoginBranding"]["Settings"]["components"]["primaryButton"]
    assert {"lightMode": {"defaults": {"backgroundColor": "7c3aedff" if script else "be123cff"}}} == button


def test_every_classic_class_has_its_place_on_some_page(open_page: Open, here: str) -> None:
    page = open_page(here.replace("branding", "classic-branding"))
    page.get_by_label("File", exact=True).set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": PNG})
    page.get_by_role("button", name="Add logo").click()
    expect(page.get_by_text("There is a logo.")).to_be_visible()
    missing = dict(look._CLASSIC)
    for name, _ in PAGES:
        page.goto(f"{here.replace('branding', 'classic-branding')}/preview/{name}")
        missing = {each: place for each, place in missing.items() if not page.locator(place).count()}
    page.goto(here.replace("branding", "classic-branding"))
    page.get_by_role("button", name="Discard changes").click()

    # which the script of the pages marks while a password is typed; a preview has none
    assert {"passwordCheck-valid": ".hosted .rules .rule-kept"} == missing


@pytest.mark.parametrize("name", [name for name, _ in PAGES])
def test_a_page_reads_from_right_to_left_and_prints(open_page: Open, here: str, name: str) -> None:
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    page = open_page(f"{here}/preview/{name}", 360)
    before = page.locator("h1").bounding_box()
    page.evaluate("document.documentElement.dir = 'rtl'")
    after = page.locator("h1").bounding_box()
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert before is not None
    assert after is not None
    assert before["y"] == after["y"]
    page.screenshot(path=ARTEFACTS / f"rtl-{name}.png")
    page.emulate_media(media="print", color_scheme="dark")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground in {"rgba(0, 0, 0, 0)", "rgb(255, 255, 255)"}
    page.emulate_media(media="screen", forced_colors="active")
    page.screenshot(path=ARTEFACTS / f"forced-colors-{name}.png")


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_the_editors_look_as_they_should(
    open_page: Open, here: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    wrong = {}
    page = open_page(here, width, scheme=scheme)
    for name, address in {
        "editor": here, "editor-json": here + "?tab=json", "editor-classic": here.replace("branding", "classic-branding")
    }.items():  # fmt: skip
        page.goto(address)
        expect(shown(page).get_by_role("heading", name="Sign in")).to_be_visible()
        page.screenshot(path=ARTEFACTS / f"{name}-{width}-{scheme}.png")
        found = (
            page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"),
            page.evaluate(NAMELESS), page.evaluate(REPEATED), page.locator("h1").count(),
        )  # fmt: skip
        if found != (False, [], [], 1):
            wrong[name] = found

    assert wrong == {}
