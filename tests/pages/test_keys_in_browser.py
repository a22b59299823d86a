"""What people do at the hosted pages and at their account, done with keys alone: Tab, Enter, the space bar, text."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from poolhouse.pool.spec import shapes
from tests.pages.every_account_page import at_home
from tests.pages.every_page import EMAIL, OWN, Stage, _choosing, _device, shown_code
from tests.pages.server import Server, running
from tests.pages.test_accessibility import stage
from tests.pages.test_in_browser import browser
from tests.support.builders import PASSWORD, messages

pytestmark = pytest.mark.browser
__all__ = ["browser", "stage"]
IN = "You are in"
_NAMED = """() => {
    const it = document.activeElement;
    const own = it.ariaLabel || [...(it.labels ?? [])].map((each) => each.textContent).join(" ") || it.textContent;
    return own.replace("*", "").replace(/\\s+/g, " ").trim();
}"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """By a name: browsers bind no passkey to an address."""
    with running("localhost") as started:
        yield started


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the control of that name has the focus."""
    seen: list[str] = []
    for _ in range(60):
        seen.append(page.evaluate(_NAMED))
        if seen[-1] == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{name!r} is not among {seen}")


def press(page: Page, name: str, key: str = "Enter") -> None:
    tab_to(page, name)
    page.keyboard.press(key)


def write(page: Page, name: str, text: str) -> None:
    tab_to(page, name)
    page.keyboard.type(text)


def an_authenticator(page: Page) -> None:
    """A device that answers for its user."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_passkey_is_added_and_signed_in_with(stage: Stage) -> None:
    page = stage.page
    # Without the list in the field of the name, which the device would answer by itself.
    page.add_init_script("PublicKeyCredential.isConditionalMediationAvailable = async () => false")
    an_authenticator(page)
    _choosing(stage, "WEB_AUTHN").fill(username=EMAIL).press()
    expect(page.get_by_role("button", name="Password", exact=True)).to_be_visible()
    press(page, "Password")
    expect(page.get_by_label("Password", exact=True)).to_be_visible()
    write(page, "Password", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Add a passkey")).to_be_visible()
    press(page, "Add a passkey")
    expect(page.get_by_role("heading", name=IN)).to_be_visible(timeout=20_000)

    page.context.clear_cookies()
    stage.open()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_visible()
    press(page, "Sign in with a passkey")

    expect(page.get_by_role("heading", name=IN)).to_be_visible(timeout=20_000)


def test_an_app_is_let_in(stage: Stage) -> None:
    stage.build().person().extend(third_party=True).sign_in()
    expect(stage.page.get_by_role("heading", name="Allow Wiki?")).to_be_visible()
    press(stage.page, "Allow")

    expect(stage.page.get_by_role("heading", name=IN)).to_be_visible(timeout=20_000)


def test_a_device_is_connected(stage: Stage) -> None:
    code, page = _device(stage), stage.page
    write(page, "Code", code)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Password", exact=True)).to_be_visible()
    write(page, "Email", EMAIL)
    write(page, "Password", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Connect this device?")).to_be_visible()
    press(page, "Connect")

    expect(page.get_by_role("heading", name="Connect this device?")).to_be_hidden()
    assert stage.server.html.last == "hosted/done.html"


def test_somebody_signs_out(stage: Stage) -> None:
    stage.build().person().sign_in()
    stage.page.wait_for_url(f"{stage.callback}?**")
    stage.page.goto(f"{stage.url}/logout")
    press(stage.page, "Sign out")

    expect(stage.page.get_by_role("heading", name="You are signed out")).to_be_visible()


def test_a_profile_is_changed(stage: Stage) -> None:
    page = at_home(stage, "/profile").page
    write(page, "Nickname", "JD")
    press(page, "Save profile")

    expect(page.get_by_role("status").filter(has_text="saved")).to_be_visible()
    expect(page.get_by_label("Nickname")).to_have_value("JD")


def test_an_address_is_changed(stage: Stage) -> None:
    page = at_home(stage, "/profile").page
    press(page, "Change: Email")
    expect(page.get_by_role("heading", name="Email address")).to_be_visible()
    write(page, "Email", "new@example.com")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Code", exact=True)).to_be_visible()
    sent = stage.server.do(messages(stage.server.flow, stage.pool))
    write(page, "Code", next(content.code for _, content in sent if content.code))
    page.keyboard.press("Enter")

    expect(page.get_by_text("new@example.com").first).to_be_visible()


def test_a_password_of_the_account_is_changed(stage: Stage) -> None:
    page = at_home(stage, "/password").page
    write(page, "Current password", PASSWORD)
    write(page, "New password", OWN)
    write(page, "Confirm new password", OWN)
    press(page, "Change password")

    expect(page.get_by_text("Your password is changed")).to_be_visible()


def test_an_authenticator_app_is_set_up_at_the_account(stage: Stage) -> None:
    page = at_home(stage, "/factor/app").page
    press(page, "Show the picture")
    secret = page.get_by_label("Secret key", exact=True).input_value()
    write(page, "Code", shown_code(stage.server, secret))
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Security")).to_be_visible()


def test_an_account_is_deleted(stage: Stage) -> None:
    page = at_home(stage, "/delete", policies=shapes.UserPoolPolicyType()).page
    write(page, f"To confirm, type {EMAIL}", EMAIL)
    press(page, "Delete account")

    expect(page.get_by_role("heading", name="Your account is deleted")).to_be_visible()
