"""
What must hold of every hosted page: WCAG 2.2 AA as far as a program can tell, in both themes, for keys, zoom and load.

Screenshots of all of them in three languages, at phone and desktop width, light and dark, are kept in
``artifacts/pages``.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

import msgspec
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.axe import findings
from tests.pages.every_account_page import OWN_PAGES
from tests.pages.every_page import EMAIL, OWN, PAGES, WRONG, Known, Stage, shown_code
from tests.pages.server import Server, running
from tests.pages.test_in_browser import ARTEFACTS, WIDE, browser
from tests.support.builders import PASSWORD, a_schema, with_mfa
from tests.support.web import PAGES as SOURCE

__all__ = ["browser"]
LANGUAGES = ("en", "de", "ar")
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WEIGHT = 60_000
_BASE = re.compile(r'{% extends "([^"]+)" %}')
STOPS_AT_MOST = 60
REFUSED = [page for page in PAGES if page.name.endswith("_refused")]
# Which elements take keys, in the order of the document.
_STOPS = """() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary, iframe')]
    .filter((each) => !each.disabled && each.tabIndex >= 0 && each.type !== 'hidden' && each.checkVisibility())
    .filter((each) => each.type !== 'radio' || each.checked)
    .map((each) => each.id || each.ariaLabel || each.textContent.trim() || each.name || each.getAttribute('href'))"""
_TO_THE_START = """() => {
    scrollTo(0, 0);
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute('tabindex');
}"""
# Once the page has scrolled to it.
_FOCUSED = """async () => {
    for (let n = 0; n < 2; n++) await new Promise(requestAnimationFrame);
    const width = (each) => {
        const style = getComputedStyle(each);
        return style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth);
    };
    const it = document.activeElement, box = it.getBoundingClientRect();
    return {
        name: it.id || it.ariaLabel || it.textContent.trim() || it.name || it.getAttribute('href'),
        is_body: it === document.body,
        outline: Math.max(width(it), ...[...document.querySelectorAll(':focus-within')].map(width)),
        is_seen: box.top >= -1 && box.bottom <= innerHeight + 1 && box.left >= 0 && box.right <= innerWidth,
        at: `${box.left},${box.top},${box.right},${box.bottom} in ${innerWidth} x ${innerHeight} at ${scrollY}`,
    };
}"""
_WEIGHT = """() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .reduce((sum, each) => sum + each.encodedBodySize, 0)"""
_WAITED_FOR = """() => performance.getEntriesByType('resource')
    .filter((each) => each.renderBlockingStatus === 'blocking').map((each) => each.name)"""
_SHIFT = """() => new Promise((done) => {
    let sum = 0;
    new PerformanceObserver((list) => { for (const each of list.getEntries()) sum += each.value; })
        .observe({type: 'layout-shift', buffered: true});
    setTimeout(() => done(sum), 50);
})"""


def test_every_template_is_the_page_of_a_recipe() -> None:
    folder = SOURCE / "templates" / "hosted"
    bases = {str(path.relative_to(folder)): _BASE.findall(path.read_text()) for path in folder.rglob("*.html")}
    extended = {base.removeprefix("hosted/") for found in bases.values() for base in found}

    assert {name for name, found in bases.items() if found} - extended == {page.template for page in PAGES}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """By a name: browsers bind no passkey to an address."""
    with running("localhost") as started:
        yield started


@contextmanager
def staged(server: Server, browser: Browser, language: str = "en", script: bool = True) -> Iterator[Stage]:
    """A browser without cookies in that language."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, locale=language, reduced_motion="reduce", device_scale_factor=1,
        java_script_enabled=script,
    )  # fmt: skip
    page = context.new_page()
    page.set_default_timeout(10_000)
    yield Stage(server, page)
    context.close()


@pytest.fixture
def stage(server: Server, browser: Browser) -> Iterator[Stage]:
    with staged(server, browser) as opened:
        yield opened


class Reached(msgspec.Struct, frozen=True):
    """A page that is open, as it was when it had been loaded: its bytes, and how far it has moved since its first paint."""

    known: Known
    language: str
    page: Page
    template: str
    weight: int
    shift: float


@pytest.fixture(scope="module")
def reached(request: pytest.FixtureRequest, server: Server, browser: Browser) -> Iterator[Reached]:
    known, language = request.param
    with staged(server, browser, language) as opened:
        known.reach(opened)
        opened.page.wait_for_load_state()
        seen = server.html.last, opened.page.evaluate(_WEIGHT), opened.page.evaluate(_SHIFT)
        yield Reached(known, language, opened.page, *seen)


def every(pages: Iterable[Known], *languages: str) -> pytest.MarkDecorator:
    """A test of each of them; those of one page share it, so none may leave it."""
    each = [(page, language) for page in pages for language in languages or ("en",)]
    names = [f"{page.name}-{language}" for page, language in each]
    return pytest.mark.parametrize("reached", each, ids=names, indirect=True, scope="module")


@pytest.mark.browser
@every(PAGES, *LANGUAGES)
def test_axe_finds_nothing(reached: Reached) -> None:
    folder = ARTEFACTS.with_name("pages")
    folder.mkdir(parents=True, exist_ok=True)
    page = reached.page
    found: list[str] = []

    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            found += [f"{width} {scheme} {each}" for each in findings(page)]
            place = folder / f"{reached.known.name.replace('/', '-')}-{reached.language}-{width}-{scheme}.png"
            page.screenshot(path=place, full_page=True)

    assert f"hosted/{reached.known.template}" == reached.template
    assert [] == found


@pytest.mark.browser
def test_axe_finds_what_is_wrong(stage: Stage) -> None:
    stage.page.set_content(
        '<html lang="en"><title>x</title><main><h1>x</h1><input><p style="color: #ccc; background: #fff">pale</p></main>'
    )

    assert {"color-contrast", "label"} == {each.partition(":")[0] for each in findings(stage.page)}


@pytest.mark.browser
@every(PAGES, "en", "ar")
def test_nothing_is_cut_off_at_400_percent(reached: Reached) -> None:
    # WCAG 2.2, 1.4.4 and 1.4.10: 1280 pixels at 200 % are 640, at 400 % they are 320
    for width in (640, 360, 320):
        reached.page.set_viewport_size({"width": width, "height": 640})
        assert not reached.page.evaluate(WIDE), width


@pytest.mark.browser
@every(PAGES)
def test_a_page_is_light_and_stands_still(reached: Reached) -> None:
    assert 0 < reached.weight < WEIGHT
    assert reached.shift == 0


@pytest.mark.browser
@pytest.mark.parametrize("name", ["sign_in", "forgot", "choice", "account/overview", "account/apps"])
def test_a_page_stands_still_however_slowly_it_arrives(stage: Stage, name: str) -> None:
    next(page for page in PAGES if page.name == name).reach(stage)
    network = stage.page.context.new_cdp_session(stage.page)
    network.send("Network.enable")
    slow = {"offline": False, "latency": 20, "downloadThroughput": 12_000, "uploadThroughput": 100_000}
    network.send("Network.emulateNetworkConditions", slow)
    stage.page.reload()

    assert stage.page.evaluate(_SHIFT) == 0


@pytest.mark.browser
@every(page for page in PAGES if page not in OWN_PAGES)
def test_the_first_paint_waits_for_the_page_alone(reached: Reached) -> None:
    # The account's pages have one sheet that a browser keeps: people stay there.
    assert [] == reached.page.evaluate(_WAITED_FOR)


@pytest.mark.browser
@pytest.mark.parametrize("colors", ["none", "active"])
@every(PAGES)
def test_keys_go_through_a_page_in_its_order_and_are_seen(reached: Reached, colors: Any) -> None:
    # WCAG 2.2, 2.1.1, 2.1.2, 2.4.3, 2.4.7 and 2.4.11, in the colours of the system as well
    page = reached.page
    page.set_viewport_size({"width": 1280, "height": 800})
    page.emulate_media(forced_colors=colors)
    wanted: list[str] = page.evaluate(_STOPS)
    page.evaluate(_TO_THE_START)
    seen: list[str] = []

    for _ in range(STOPS_AT_MOST):
        page.keyboard.press("Tab")
        focused = page.evaluate(_FOCUSED)
        if focused["is_body"]:
            break
        # A date has a stop for each of its parts.
        if focused["name"] not in seen[-1:]:
            seen.append(focused["name"])
        assert focused["outline"] >= 2, focused["name"]
        assert focused["is_seen"], focused["at"]

    assert wanted == seen


@pytest.mark.browser
@every(REFUSED)
def test_what_is_wrong_is_said_once_and_first(reached: Reached) -> None:
    # In an alert, or at the one field that it is about, which has the focus.  An alert that is there as the page loads
    # is not read out by every screen reader; the title is.
    alerts = reached.page.locator("[role=alert]:not([hidden])")
    if alerts.count():
        expect(alerts).to_have_count(1)
        assert alerts.inner_text().strip()
    else:
        wrong = reached.page.locator("[aria-invalid=true]")
        expect(wrong).to_have_count(1)
        described = (wrong.get_attribute("aria-describedby") or "").split()
        assert [each for each in described if each.endswith("-error") and reached.page.locator(f"#{each}").inner_text()]
        assert wrong.get_attribute("autofocus") is not None
    assert reached.page.title().startswith("Error: ")


@pytest.mark.browser
@every(page for page in PAGES if page.name in {"consent", "device_question"})
def test_a_warning_that_belongs_to_a_question_is_no_alert(reached: Reached) -> None:
    # WAI-ARIA 1.2, alert: for what has just happened
    assert reached.page.locator("[role=alert]:not([hidden]), .notice[role]").count() == 0


@pytest.mark.browser
@every(page for page in PAGES if page not in REFUSED)
def test_the_title_says_what_the_page_is(reached: Reached) -> None:
    assert reached.page.title()
    assert "Error: " not in reached.page.title()
    assert reached.page.locator("h1").count() == 1


@pytest.mark.browser
@pytest.mark.parametrize("known", OWN_PAGES, ids=[page.name for page in OWN_PAGES])
def test_the_account_is_kept_without_script(server: Server, browser: Browser, known: Known) -> None:
    if known.name == "account/passkey_asked":
        return  # browsers make passkeys for scripts alone; that this is said is seen on the page before it
    with staged(server, browser, script=False) as stage:
        known.reach(stage)

        assert f"hosted/{known.template}" == server.html.last
        expect(stage.page.locator(".needs-script:visible")).to_have_count(0)
        expect(
            stage.page.locator("#main .button:visible, #main a:visible, #main td, #main p:visible").first
        ).to_be_visible()


def _type(page: Page, *keys: str) -> None:
    """Text is typed; the name of a key in angle brackets is pressed."""
    # A page has its focus from its first painting on, which may come after it has loaded.
    page.locator("input:focus, select:focus, button:focus, a:focus").wait_for()
    for key in keys:
        if key.startswith("<"):
            page.keyboard.press(key[1:-1])
        else:
            page.keyboard.type(key)


@pytest.mark.browser
def test_keys_alone_set_up_a_second_factor_and_sign_in_with_it(stage: Stage) -> None:
    stage.build(mfa=with_mfa("ON", "sms", "totp")).person().open()
    page = stage.page
    _type(page, EMAIL, "<Tab>", PASSWORD, "<Enter>")
    expect(page.get_by_role("radio", name="Text message")).to_be_visible()
    _tab_to(page, "radio")
    _type(page, "<ArrowDown>" if not page.get_by_role("radio", name="Authenticator app").is_checked() else "<Shift>")
    _type(page, "<Enter>")
    secret = page.get_by_label("Secret key", exact=True).input_value()
    _type(page, shown_code(stage.server, secret), "<Enter>")

    expect(page.get_by_role("heading", name="You are in")).to_be_visible(timeout=20_000)


@pytest.mark.browser
def test_keys_alone_make_an_account(stage: Stage) -> None:
    stage.build(schema_attributes=a_schema(required=("given_name",))).open()
    page = stage.page
    page.get_by_role("link", name="Create an account").focus()
    _type(page, "<Enter>")
    page.wait_for_url("**/signup?**")
    _type(page, EMAIL, "<Tab>", "Jane", "<Tab>", PASSWORD, "<Enter>")
    page.wait_for_url("**/confirm?**")
    _type(page, stage.code(), "<Enter>")

    expect(page.get_by_role("heading", name="You are in")).to_be_visible(timeout=20_000)


@pytest.mark.browser
def test_keys_alone_choose_a_new_password(stage: Stage) -> None:
    stage.build().person().open("/forgotPassword")
    page = stage.page
    _type(page, EMAIL, "<Enter>")
    page.wait_for_url("**/confirmforgotPassword?**")
    _type(page, stage.code(), "<Tab>", OWN, "<Tab>", "<Tab>", OWN, "<Enter>")
    page.wait_for_url("**/login?**")
    _type(page, OWN, "<Enter>")

    expect(page.get_by_role("heading", name="You are in")).to_be_visible(timeout=20_000)


def _tab_to(page: Page, kind: str) -> None:
    for _ in range(20):
        if page.evaluate("document.activeElement.type") == kind:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no {kind} is reached by Tab")


@pytest.mark.browser
@pytest.mark.parametrize(
    ("name", "hints"),
    [
        ("sign_in", {"username": "username", "password": "current-password"}),
        ("sign_up", {"username": "username", "password": "new-password"}),
        ("confirm", {"authentication_code": "one-time-code"}),
        ("code", {"authentication_code": "one-time-code"}),
        ("forgot", {"username": "username"}),
        (
            "reset",
            {
                "shown_username": "username",
                "authentication_code": "one-time-code",
                "new_password": "new-password",
                "confirm_password": "new-password",
            },
        ),
        (
            "new_password",
            {"shown_username": "username", "new_password": "new-password", "confirm_password": "new-password"},
        ),
    ],
)
def test_password_managers_know_each_field(stage: Stage, name: str, hints: dict[str, str]) -> None:
    # WCAG 2.2, 1.3.5 and 3.3.8
    next(page for page in PAGES if page.name == name).reach(stage)

    assert hints == {
        field: stage.page.locator(f'form [name="{field}"]').first.get_attribute("autocomplete") for field in hints
    }


@pytest.mark.browser
def test_a_password_can_be_pasted_and_shown(stage: Stage) -> None:
    # WCAG 2.2, 3.3.8: nothing has to be remembered or copied out by hand
    stage.build().open().fill(password=WRONG)
    password = stage.page.get_by_label("Password", exact=True)
    stage.page.get_by_role("button", name="Show Password").click()

    expect(password).to_have_attribute("type", "text")
