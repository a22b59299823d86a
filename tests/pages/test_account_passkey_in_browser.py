"""A passkey is added at the account page, in Chromium with a virtual authenticator."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from poolhouse.pool.spec import shapes
from tests.pages.server import Server, running
from tests.pages.test_account_in_browser import a_home, sign_in
from tests.pages.test_in_browser import Open, browser, open_page

pytestmark = pytest.mark.browser
__all__ = ["browser", "open_page"]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """By a name: browsers bind no passkey to an address."""
    with running("localhost") as started:
        yield started


def test_a_passkey_is_added_and_removed(server: Server, open_page: Open) -> None:
    allowed = shapes.SignInPolicyType(allowed_first_auth_factors=["PASSWORD", "WEB_AUTHN"])
    home = a_home(server, policies=shapes.UserPoolPolicyType(sign_in_policy=allowed))
    page = open_page()
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto(f"{home.account}/security")
    sign_in(page)

    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Create passkey").click()
    expect(page.get_by_text("The passkey is added.")).to_be_visible()
    page.get_by_role("button", name="Remove: Passkey").click()

    expect(page.get_by_text("It is removed.")).to_be_visible()
    expect(page.get_by_text("No passkeys yet")).to_be_visible()
