"""
The account page in Chromium, with and without script: from an app's user to somebody who has everything set up.

Screenshots of every page, light and dark, wide and narrow, are kept in ``artifacts/account``.
"""

from typing import Any, Literal

import pytest
from playwright.sync_api import Page, expect

from poolhouse.pool.core.tokens import ADMIN_SCOPE
from poolhouse.pool.flows import client_extension
from poolhouse.pool.model.session import SessionTracking
from poolhouse.pool.spec import shapes
from tests.pages.axe import findings
from tests.pages.server import Server
from tests.pages.test_in_browser import ARTEFACTS, LOOKS, WIDE, Open, Place, browser, open_page, server
from tests.support.builders import PASSWORD, a_schema, reconfigure
from tests.support.web import a_web_client

pytestmark = pytest.mark.browser
__all__ = ["browser", "open_page", "server"]

OWN = "Own-password-2-keep"
MFA = shapes.GetUserPoolMfaConfigResponse(
    mfa_configuration="OPTIONAL",
    software_token_mfa_configuration=shapes.SoftwareTokenMfaConfigType(enabled=True),
    email_mfa_configuration=shapes.EmailMfaConfigType(),
    sms_mfa_configuration=shapes.SmsMfaConfigType(),
)


class Home(Place):
    """A pool with an account page: at ``localhost``, since no passkey is bound to an address."""

    def __init__(self, server: Server, **settings: Any) -> None:
        super().__init__(server, **({"schema_attributes": a_schema(required=("email", "name"))} | settings))
        server.do(
            a_web_client(
                server.flow, self.pool, client_name="Wiki", callback_urls=[self.callback],
                allowed_o_auth_scopes=["openid", "email", "profile", ADMIN_SCOPE],
            )
        )  # fmt: skip
        self.account = f"{self.url}/account"


def sign_in(page: Page, password: str = PASSWORD) -> None:
    name = page.get_by_label("Email", exact=True)
    if not name.input_value():
        name.fill("jane@example.com")
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def a_home(server: Server, **settings: Any) -> Home:
    home = Home(server, **settings)
    home.person(name="Jane Doe", phone_number="+15550100", phone_number_verified="true")
    return home


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_every_page_looks_right(server: Server, open_page: Open, width: int, scheme: Literal["light", "dark"]) -> None:
    policies = shapes.UserPoolPolicyType(
        sign_in_policy=shapes.SignInPolicyType(allowed_first_auth_factors=["PASSWORD", "WEB_AUTHN"])
    )
    home = a_home(
        server, mfa=MFA, policies=policies,
        device_configuration=shapes.DeviceConfigurationType(challenge_required_on_new_device=True),
        user_pool_add_ons=shapes.UserPoolAddOnsType(advanced_security_mode="AUDIT"),
    )  # fmt: skip
    home.pool = server.do(reconfigure(server.flow, home.pool, sessions=SessionTracking(enabled=True)))
    server.do(client_extension.change(server.flow, home.pool.pool.id, home.client.client.id, {"third_party": True}))
    page = open_page(width, scheme)

    def look(name: str) -> None:
        ARTEFACTS.parent.joinpath("account").mkdir(parents=True, exist_ok=True)
        page.screenshot(path=ARTEFACTS.parent / "account" / f"{name}-{width}-{scheme}.png", full_page=True)
        assert not page.evaluate(WIDE), name
        assert [] == findings(page), name

    page.goto(home.page())
    sign_in(page)
    page.get_by_role("button", name="Allow", exact=True).click()
    expect(page.get_by_role("heading", name="You are in")).to_be_visible()
    for name in ("", "profile", "security", "sessions", "apps", "activity", "password", "contact/email", "delete"):
        page.goto(f"{home.account}/{name}" if name else home.account)
        expect(page.get_by_role("navigation", name="Your account")).to_be_visible()
        look(name.replace("/", "-") or "overview")
    page.goto(f"{home.account}/factor/app")
    look("app")
    page.get_by_role("button", name="Show the picture").click()
    look("app-scan")
    page.goto(f"{home.account}/factor/email")
    page.get_by_role("button", name="Send a code").click()
    look("code")
