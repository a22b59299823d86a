"""The design system where it counts: names that a screen reader says, keys, narrow windows, and no script at all."""

import re
from collections.abc import Callable, Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from poolhouse.kit.edge import Reply
from poolhouse.kit.html import CSS_ORDER, KIT, Static
from tools import gallery

pytestmark = pytest.mark.browser

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def served() -> dict[str, Reply]:
    static = Static()
    return gallery.replies(static, gallery.render(static))


@pytest.fixture(scope="module")
def browser(served: dict[str, Reply]) -> Iterator[Browser]:  # after served, which runs an event loop of its own
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=gallery.CHROMIUM, args=gallery.ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, served: dict[str, Reply]) -> Iterator[Open]:
    """Opens a page of the gallery; at the end of the test the page must have had nothing to complain about."""
    pages: list[Page] = []
    complaints: list[str] = []

    def serve(route: Route) -> None:
        reply = served.get(route.request.url.removeprefix(gallery.ORIGIN), Reply(404))
        route.fulfill(status=reply.status, headers=dict(reply.headers), body=reply.body)

    def opened(
        name: str = "gallery", width: int = 1280, *, script: bool = True, scheme: Literal["light", "dark"] = "light"
    ) -> Page:
        page = browser.new_page(
            viewport={"width": width, "height": 800},
            reduced_motion="reduce",
            java_script_enabled=script,
            color_scheme=scheme,
        )
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.route(f"{gallery.ORIGIN}/**", serve)
        page.goto(f"{gallery.ORIGIN}/{name}")
        pages.append(page)
        return page

    yield opened
    for page in pages:
        page.close()
    assert complaints == []


# Names


def test_a_label_alone_is_the_name_of_its_control(open_page: Open) -> None:
    page = open_page()

    for role, name in [
        ("textbox", "User pool name"),
        ("textbox", "Cognito domain"),
        ("combobox", "Authentication flow session duration"),
        ("radio", "No MFA"),
        ("checkbox", "Email"),
        ("checkbox", "OpenID"),
        ("switch", "Enable self-registration"),
        ("textbox", "Client secret"),
        ("button", "Copy Client ID"),
        ("button", "Show Client secret"),
        ("button", "Switch theme"),
        ("group", "Multi-factor authentication"),
        ("link", "App Integration"),
        ("searchbox", "Search users"),
        ("progressbar", "Importing users"),
    ]:
        expect(page.get_by_role(role, name=name, exact=True).first).to_be_visible()  # type: ignore[arg-type]
    for label in ("User pool name", "Client ID", "Client secret", "Issuer", "Password", "No MFA"):
        expect(page.get_by_label(label, exact=True)).to_have_count(1)


def test_hint_and_error_describe_their_control(open_page: Open) -> None:
    page = open_page()

    expect(page.get_by_label("Cognito domain", exact=True)).to_have_accessible_description(
        "https:// .auth.example.com The domain team is taken. Choose another prefix."
    )
    expect(page.get_by_role("radio", name="No MFA")).to_have_accessible_description("People sign in with one factor.")
    expect(page.get_by_label("Cognito domain", exact=True)).to_have_attribute("aria-invalid", "true")


def test_the_present_tab_and_step_are_marked(open_page: Open) -> None:
    tab = open_page().locator("[aria-current=page]", has_text="App Integration")
    step = open_page("gallery-wizard").locator("[aria-current=step]")

    expect(tab).to_have_count(1)
    expect(step).to_have_text("3Configure sign-up experience")


# Room


@pytest.mark.parametrize("name", gallery.PAGES)
@pytest.mark.parametrize("width", [320, 360, 640, 1280])  # 640 is 1280 at 200 %, 320 is WCAG 2.2 SC 1.4.10
def test_nothing_is_wider_than_the_window(name: str, width: int, open_page: Open) -> None:
    assert width >= open_page(name, width).evaluate("document.documentElement.scrollWidth")


@pytest.mark.parametrize("width", [320, 390])
def test_a_table_hides_no_cell_where_there_is_no_room(width: int, open_page: Open) -> None:
    cells = open_page(width=width).locator(".table tbody :is(td, th):not(:empty)")
    boxes = [cell.bounding_box() for cell in cells.all()]

    assert boxes
    assert all(box and box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes)


def test_a_table_is_a_table_for_screen_readers_where_it_is_shown_as_a_list(open_page: Open) -> None:
    page = open_page(width=390)

    expect(page.get_by_role("table").first.get_by_role("cell").first).to_be_visible()


def test_a_choice_is_made_by_pressing_anywhere_on_its_card(open_page: Open) -> None:
    page = open_page()
    description = page.get_by_text("Everyone sets up a second factor")
    description.scroll_into_view_if_needed()
    box = description.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] - 1, box["y"] + box["height"])

    expect(page.get_by_role("radio", name="Require MFA")).to_be_checked()


def test_what_is_copied_does_not_move_the_page(open_page: Open) -> None:
    page = open_page()
    button = page.get_by_role("button", name="Copy Client ID", exact=True)
    button.scroll_into_view_if_needed()
    before = button.bounding_box()
    button.click()
    expect(page.get_by_role("status").filter(has_text="Copied")).to_have_count(1)

    assert before == button.bounding_box()


def test_the_head_of_a_table_stays_below_the_bar(open_page: Open) -> None:
    page = open_page()
    head = page.get_by_role("columnheader", name="Client ID")
    top = "found => found.getBoundingClientRect().top"
    page.evaluate("y => scrollTo(0, y)", head.evaluate(top) + 20)

    assert head.evaluate(top) == page.locator(".bar").evaluate("found => found.getBoundingClientRect().bottom")


def test_an_item_of_a_menu_opens_its_dialog_and_closes_the_menu(open_page: Open) -> None:
    page = open_page()
    page.get_by_role("button", name="Actions").nth(1).click()
    item = page.locator(":popover-open").get_by_role("button", name="Delete")
    item.click()

    expect(page.get_by_role("dialog", name="Delete team-directory?")).to_be_visible()
    expect(page.locator(":popover-open")).to_have_count(0)


def test_packing_changes_no_rule(open_page: Open) -> None:
    source = "\n".join((KIT / "static" / "css" / f"{name}.css").read_text() for name in CSS_ORDER)
    rules = "[...sheet.cssRules].map(rule => rule.cssText)"
    page = open_page()
    written = page.evaluate(
        f"css => {{ const sheet = new CSSStyleSheet(); sheet.replaceSync(css); return {rules}; }}", source
    )
    served = page.evaluate(f"() => {{ const sheet = document.styleSheets[0]; return {rules}; }}")

    def alike(rule: str) -> str:
        """Custom properties keep the very text that they were written with."""
        return re.sub(r"(?<![\w.])0\.(?=\d)", ".", re.sub(r"([,:]) ", r"\1", rule))

    assert len(written) > 100
    assert [alike(rule) for rule in written] == [alike(rule) for rule in served]


# Script


def test_a_secret_is_shown_on_demand_and_copied_either_way(open_page: Open) -> None:
    page = open_page()
    secret = page.get_by_label("Client secret", exact=True)
    expect(secret).to_have_value("•" * 24)
    page.get_by_role("button", name="Show Client secret").click()
    expect(secret).to_have_value("1b7r9f0example0secret0value0that0is0long0enough0x")
    page.get_by_role("button", name="Hide Client secret").click()
    expect(secret).to_have_value("•" * 24)

    copy = page.get_by_role("button", name="Copy Client secret")
    copy.click()
    expect(copy).to_contain_text("Copied")
    page.get_by_label("User pool name").fill("")
    page.keyboard.press("Control+V")
    expect(page.get_by_label("User pool name")).to_have_value("1b7r9f0example0secret0value0that0is0long0enough0x")


def test_rows_are_added_with_names_of_their_own_and_removed(open_page: Open) -> None:
    page = open_page()
    urls = page.get_by_label("URL", exact=True)
    for _ in range(2):
        page.get_by_role("button", name="Add Callback URL").click()
    expect(urls).to_have_count(4)
    expect(urls.nth(3)).to_be_focused()
    expect(urls.nth(3)).to_have_attribute("name", "callback_urls")
    assert len(set(urls.evaluate_all("found => found.map(input => input.id)"))) == 4

    group = page.get_by_role("group", name="Allowed callback URLs")
    group.get_by_role("button", name="Remove").nth(3).click()
    expect(urls).to_have_count(3)
    expect(urls.nth(2)).to_be_focused()


def test_a_destructive_action_waits_for_its_phrase(open_page: Open) -> None:
    page = open_page()
    page.get_by_role("button", name="Delete user pool", exact=True).first.click()
    dialog = page.get_by_role("dialog", name="Delete team-directory?")
    submit = dialog.get_by_role("button", name="Delete user pool")
    expect(submit).to_be_disabled()
    dialog.get_by_label("To confirm, type team-directory").fill("team-director")
    expect(submit).to_be_disabled()
    dialog.get_by_label("To confirm, type team-directory").fill("team-directory")
    expect(submit).to_be_enabled()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_a_password_that_was_shown_is_sent_as_a_password(open_page: Open) -> None:
    page = open_page("gallery-hosted")
    password = page.get_by_label("Password", exact=True)
    page.get_by_role("button", name="Show Password").click()
    expect(password).to_have_attribute("type", "text")
    page.evaluate("document.forms[0].dispatchEvent(new Event('submit', {bubbles: true, cancelable: true}))")

    expect(password).to_have_attribute("type", "password")


def test_a_form_pressed_twice_is_sent_once(open_page: Open) -> None:
    page = open_page("gallery-wizard")
    page.evaluate(
        "addEventListener('submit', event => { window.sent = (window.sent ?? 0) + !event.defaultPrevented; event.preventDefault(); })"
    )
    for _ in range(2):
        page.get_by_role("button", name="Next").click()

    assert page.evaluate("window.sent") == 1


@pytest.mark.parametrize(("system", "other"), [("light", "dark"), ("dark", "light")])
def test_the_theme_is_switched_kept_and_given_back_to_the_system(system: str, other: str, open_page: Open) -> None:
    page = open_page(scheme=system)
    root = page.locator("html")
    background = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(background)
    page.get_by_role("button", name="Switch theme").click()
    expect(root).to_have_attribute("data-theme", other)
    assert before != page.evaluate(background)

    page.reload()
    expect(root).to_have_attribute("data-theme", other)
    page.get_by_role("button", name="Switch theme").click()
    assert (before, None) == (page.evaluate(background), root.get_attribute("data-theme"))


# Without script


def test_menus_and_dialogs_open_without_script(open_page: Open) -> None:
    page = open_page(script=False)
    page.get_by_role("button", name="Actions").first.press("Enter")
    expect(page.get_by_role("link", name="Create a Cognito domain")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Create a Cognito domain")).to_be_hidden()

    page.get_by_role("button", name="Delete user pool", exact=True).first.click()
    expect(page.get_by_role("dialog").get_by_role("button", name="Delete user pool")).to_be_enabled()


def test_rows_and_secrets_are_within_reach_without_script(open_page: Open) -> None:
    page = open_page(script=False)

    expect(page.get_by_label("URL", exact=True)).to_have_count(5)
    expect(page.get_by_role("button", name="Add Callback URL")).to_be_hidden()
    page.locator("summary", has_text="Show Client secret").click()
    expect(page.locator("details[open] code")).to_have_text("1b7r9f0example0secret0value0that0is0long0enough0x")


def test_the_keyboard_reaches_the_content_first(open_page: Open) -> None:
    page = open_page()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    expect(page.get_by_role("navigation", name="Breadcrumb").get_by_role("link")).to_be_focused()
