"""
The whole way, as a person goes it: from an empty machine to a person who is signed in.

Labels are those that guides for Amazon Cognito print, letter for letter; a control that loses its label fails here.
"""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journey.installation import Installation

pytestmark = pytest.mark.browser

PERSON = "ada@example.com"
TEMPORARY, OWN = "Temporary-1-pass", "Own-password-2-keep"


def test_from_an_empty_machine_to_a_person_who_is_signed_in(
    installation: Installation, page: Page, shots: Path
) -> None:
    guide = Guide(installation, page, shots)
    guide.read_the_redirect_url()

    guide.create_user_pool("team")
    guide.create_cognito_domain("team-sso")
    guide.read_the_app_client("house")
    guide.edit_hosted_ui()
    guide.create_user()
    guide.configure_oidc()
    guide.press_sign_in_with_oidc_sso()

    expect(page).to_have_url(installation.house + "/")
    expect(page.get_by_text(PERSON).first).to_be_visible()
    guide.shot("13-in")


class Guide:
    """One section of the guide a method; what is copied in one is pasted in another."""

    def __init__(self, place: Installation, page: Page, shots: Path) -> None:
        self.place, self.page, self.shots = place, page, shots
        self.copied: dict[str, str] = {}

    def shot(self, name: str) -> None:
        self.page.screenshot(path=self.shots / f"{name}.png", full_page=True)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def fill(self, label: str, value: str) -> None:
        self.page.get_by_label(label, exact=True).fill(value)

    def pane(self, heading: str) -> None:
        expect(self.page.get_by_role("heading", name=heading, exact=True).first).to_be_visible()

    def choose(self, group: str, option: str) -> None:
        self.page.get_by_role("group", name=group, exact=True).get_by_label(option, exact=True).check()

    def open_house_settings(self) -> None:
        self.page.goto(self.place.house)
        if self.page.get_by_role("button", name="Sign in", exact=True).is_visible():
            self.page.get_by_label(re.compile("^E-?mail$")).fill(self.place.email)
            self.fill("Password", self.place.password)
            self.press("Sign in")
        expect(self.page.get_by_role("navigation").get_by_text("Admin Settings", exact=True)).to_be_visible()
        self.page.get_by_role("link", name="Authentication", exact=True).click()
        self.oidc().get_by_role("link", name="Enable", exact=True).click()

    def oidc(self) -> Locator:
        return self.page.get_by_role("group", name="OIDC", exact=True)

    def read_the_redirect_url(self) -> None:
        self.open_house_settings()
        self.copied["Redirect URL"] = self.page.get_by_label("Redirect URL", exact=True).input_value()
        self.shot("01-redirect-url")

    def create_user_pool(self, name: str) -> None:
        page = self.page
        page.goto(self.place.console)
        self.fill("Email", self.place.email)
        self.fill("Password", self.place.password)
        self.shot("02-console-sign-in")
        self.press("Sign in")
        self.pane("User pools")
        self.shot("03-user-pools")
        self.press("Create user pool")

        self.pane("Configure sign-in experience")
        self.choose("Cognito user pool sign-in options", "Email")
        self.shot("04-sign-in-experience")
        self.press("Next")
        self.pane("Configure security requirements")
        self.choose("Multi-factor authentication", "No MFA")
        self.shot("05-security-requirements")
        self.press("Next")
        self.pane("Configure sign-up experience")
        self.shot("06-sign-up-experience")
        self.press("Next")
        self.pane("Configure message delivery")
        self.choose("Email", "Send email with Cognito")
        self.press("Next")
        self.pane("Integrate your app")
        self.fill("User pool name", name)
        self.pane("Initial app client")
        self.fill("App client name", "house")
        self.choose("Client secret", "Generate a client secret")
        self.shot("07-integrate-your-app")
        self.press("Next")
        self.pane("Review and create")
        self.shot("08-review")
        self.press("Create user pool")
        self.pane("User pools")
        page.get_by_role("link", name=name, exact=True).click()

    def create_cognito_domain(self, prefix: str) -> None:
        page = self.page
        page.get_by_role("link", name="App Integration", exact=True).click()
        domain = page.get_by_role("region", name="Domain", exact=True)
        domain.get_by_text("Actions", exact=True).click()
        self.shot("09-domain-actions")
        expect(domain.get_by_text("Create a custom domain", exact=True)).to_be_visible()
        domain.get_by_text("Create a Cognito domain", exact=True).click()
        self.pane("Create Cognito domain")
        self.fill("Cognito domain", prefix)
        self.press("Create Cognito domain")
        self.pane("App client list")

    def read_the_app_client(self, name: str) -> None:
        page = self.page
        clients = page.get_by_role("region", name="App client list", exact=True)
        clients.get_by_role("link", name=name, exact=True).click()
        for label in ("Client ID", "Client Secret"):
            page.get_by_role("button", name=f"Copy {label}", exact=True).click()
            expect(page.get_by_text("Copied").first).to_be_visible()
            self.copied[label] = page.evaluate("navigator.clipboard.readText()")
        for label in ("Authorization URL", "Token URL", "User Info URL", "JWK Set URL"):
            page.get_by_role("button", name=f"Copy {label}", exact=True).click()
            self.copied[label] = page.evaluate("navigator.clipboard.readText()")
        assert len(set(self.copied.values())) == len(self.copied)
        self.shot("10-app-client")

    def edit_hosted_ui(self) -> None:
        page = self.page
        page.get_by_role("region", name="Hosted UI", exact=True).get_by_role("button", name="Edit").click()
        self.pane("Edit Hosted UI")
        self.press("Add Callback URL")
        page.get_by_role("group", name="Allowed callback URLs").get_by_label("URL", exact=True).last.fill(
            self.copied["Redirect URL"]
        )
        self.choose("Identity providers", "Cognito user pool")
        self.choose("OAuth 2.0 grant types", "Authorization code grant")
        for scope in ("OpenID", "Email", "Profile"):
            self.choose("OpenID Connect scopes", scope)
        self.shot("11-hosted-ui")
        self.press("Save changes")
        expect(page.get_by_role("region", name="Hosted UI", exact=True)).to_contain_text(self.copied["Redirect URL"])

    def create_user(self) -> None:
        page = self.page
        page.get_by_role("link", name="team", exact=True).click()
        page.get_by_role("link", name="Users", exact=True).click()
        self.press("Create user")
        self.fill("Email address", PERSON)
        page.get_by_label("Mark email address as verified", exact=True).check()
        self.choose("Invitation message", "Don't send an invitation")
        self.choose("Temporary password", "Set a password")
        self.fill("Password", TEMPORARY)
        self.press("Create user")
        expect(page.get_by_text(PERSON).first).to_be_visible()

    def configure_oidc(self) -> None:
        self.open_house_settings()
        for label in (
            "Client ID", "Client Secret", "Authorization URL", "Token URL", "User Info URL", "JWK Set URL",
        ):  # fmt: skip
            self.fill(label, self.copied[label])
        self.shot("12-oidc")
        self.press("SAVE & RESTART")
        expect(self.page.get_by_text("is live").first).to_be_visible()

    def press_sign_in_with_oidc_sso(self) -> None:
        page = self.page
        page.locator("[popovertarget=account-menu]").click()
        self.press("Sign out")
        page.get_by_role("link", name="Sign in again", exact=True).click()
        expect(page.get_by_role("button", name="SIGN IN WITH OIDC SSO", exact=True)).to_be_visible()
        self.shot("12-login")
        self.press("SIGN IN WITH OIDC SSO")
        expect(page.get_by_label("Password", exact=True)).to_be_visible()
        self.shot("12-hosted-sign-in")
        page.locator("input[name=username]").fill(PERSON)
        page.locator("input[name=password]").fill(TEMPORARY)
        self.press("Sign in")
        self.shot("12-new-password")
        self.fill("New password", OWN)
        self.fill("Confirm new password", OWN)
        page.get_by_role("button", name="Change password").click()
