"""Signing in by choice in Chromium: passkeys of a virtual authenticator, codes, the ways between them; how it looks."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from playwright.sync_api import CDPSession, Page, expect

from poolhouse.pool.flows import pool_extension
from poolhouse.pool.flows.people import change
from poolhouse.pool.model.user import Factors, User
from poolhouse.pool.spec import shapes
from tests.pages.server import Server, running
from tests.pages.test_in_browser import Look, Open, Place, sign_in
from tests.support.builders import PASSWORD, messages, the_user
from tests.support.web import a_web_client

pytestmark = pytest.mark.browser

IN = "You are in"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """By a name: browsers bind no passkey to an address."""
    with running("localhost") as started:
        yield started


class Choosing(Place):
    """A pool whose people choose how to sign in."""

    def __init__(self, server: Server, *factors: str, **settings: Any) -> None:
        policy = shapes.UserPoolPolicyType(
            sign_in_policy=shapes.SignInPolicyType(allowed_first_auth_factors=["PASSWORD", *factors])
        )
        super().__init__(server, policies=policy, **settings)
        flows = ["ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
        self.client = server.do(
            a_web_client(server.flow, self.pool, callback_urls=[self.callback], explicit_auth_flows=flows)
        )

    def other_code(self, first: str) -> str:
        """The code that was sent besides *first*: of one second, the order is nobody's."""
        sent = self.server.do(messages(self.server.flow, self.pool))
        return next(content.code for _, content in sent if content.code not in {None, first}) or ""


def an_authenticator(page: Page, *, verifies: bool = True, present: bool = True) -> tuple[CDPSession, str]:
    """A platform authenticator, as a laptop or a phone has one."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    made = devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": verifies,
                "automaticPresenceSimulation": present,
            }
        },
    )
    return devtools, made["authenticatorId"]


def named(page: Page, name: str = "jane@example.com") -> None:
    page.get_by_label("Email", exact=True).fill(name)
    page.get_by_role("button", name="Next", exact=True).click()


def by_password(page: Page, name: str = "jane@example.com") -> None:
    named(page, name)
    page.get_by_role("button", name="Password", exact=True).click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def with_passkey(place: Choosing, page: Page) -> None:
    """Sign in by password, accept the invitation, and sign out again; without the browser's habit."""
    page.goto(place.page())
    by_password(page)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name=IN)).to_be_visible()
    page.context.clear_cookies()


def test_a_passkey_is_added_on_invitation_and_signs_in_without_a_name(server: Server, open_page: Open) -> None:
    place = Choosing(server, "WEB_AUTHN")
    place.person()
    page = open_page()
    an_authenticator(page, present=True)
    with_passkey(place, page)

    page.goto(place.page())

    # Beside the name field: the virtual authenticator accepts at once what the browser would list there.
    expect(page.get_by_role("heading", name=IN)).to_be_visible()
    assert page.url.startswith(f"{place.callback}?code=")


def test_the_button_signs_in_without_a_name(server: Server, open_page: Open) -> None:
    place = Choosing(server, "WEB_AUTHN")
    place.person()
    page = open_page()
    an_authenticator(page)
    with_passkey(place, page)
    # Else the virtual authenticator accepts what the browser would list beside the name field, before the button.
    page.add_init_script("PublicKeyCredential.isConditionalMediationAvailable = async () => false")
    page.goto(place.page())

    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page.get_by_role("heading", name=IN)).to_be_visible()


def test_a_passkey_is_one_of_the_ways_after_the_name(server: Server, open_page: Open) -> None:
    place = Choosing(server, "WEB_AUTHN")
    place.person()
    page = open_page()
    an_authenticator(page)
    with_passkey(place, page)
    page.add_init_script("PublicKeyCredential.isConditionalMediationAvailable = async () => false")
    page.goto(place.page())
    named(page)
    page.get_by_role("button", name="Passkey", exact=True).click()

    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page.get_by_role("heading", name=IN)).to_be_visible()


def test_a_cancelled_passkey_is_told_and_can_be_tried_again(server: Server, open_page: Open) -> None:
    place = Choosing(server, "WEB_AUTHN")
    place.person()
    page = open_page()
    page.add_init_script("PublicKeyCredential.isConditionalMediationAvailable = async () => false")
    devtools, authenticator = an_authenticator(page)
    with_passkey(place, page)
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    devtools.send("WebAuthn.clearCredentials", {"authenticatorId": authenticator})
    page.goto(place.page())

    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page.get_by_role("alert")).to_contain_text("The passkey was not used")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_enabled()


def test_a_browser_without_passkeys_is_not_shown_the_button(server: Server, open_page: Open) -> None:
    place = Choosing(server, "WEB_AUTHN")
    page = open_page()
    page.add_init_script("delete window.PublicKeyCredential")
    page.goto(place.page())

    expect(page.get_by_role("button", name="Next")).to_be_visible()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    named(page)
    page.get_by_role("button", name="Passkey", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text("This browser cannot use passkeys. Choose another way.")


def test_an_invitation_is_declined_once(server: Server, open_page: Open) -> None:
    place = Choosing(server, "WEB_AUTHN")
    place.person()
    page = open_page()
    page.goto(place.page())
    by_password(page)
    page.get_by_role("button", name="Not now").click()
    expect(page.get_by_role("heading", name=IN)).to_be_visible()

    page.goto(place.page("/login", prompt="login"))
    # The way that was taken last is not asked about again.
    named(page)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()

    expect(page.get_by_role("heading", name=IN)).to_be_visible()


def test_an_app_sends_a_person_to_add_a_passkey(server: Server, open_page: Open) -> None:
    place = Choosing(server, "WEB_AUTHN")
    place.person()
    page = open_page()
    an_authenticator(page)
    page.goto(place.page())
    by_password(page)
    page.get_by_role("button", name="Not now").click()
    expect(page.get_by_role("heading", name=IN)).to_be_visible()

    page.goto(place.page("/passkeys/add"))
    page.get_by_role("button", name="Add a passkey").click()

    expect(page.get_by_role("heading", name=IN)).to_be_visible()
    assert f"{place.callback}?result=success" == page.url


@pytest.mark.parametrize("script", [True, False])
def test_a_code_by_mail_signs_in(server: Server, open_page: Open, script: bool) -> None:
    place = Choosing(server, "EMAIL_OTP", "WEB_AUTHN")
    place.person()
    page = open_page(script=script)
    page.goto(place.page())
    named(page)
    page.get_by_role("button", name="Email code").click()
    first = place.code()
    page.get_by_role("button", name="Send a new code").click()
    expect(page.get_by_text("A new code was sent.")).to_be_visible()

    page.get_by_label("Code", exact=True).fill(first)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("That code is not right.")
    page.get_by_label("Code", exact=True).fill(place.other_code(first))
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Not now").click()

    expect(page.get_by_role("heading", name=IN)).to_be_visible()


@pytest.mark.parametrize("script", [True, False])
def test_a_person_changes_the_way(server: Server, open_page: Open, script: bool) -> None:
    place = Choosing(server, "EMAIL_OTP", "SMS_OTP")
    place.person()
    page = open_page(script=script)
    page.goto(place.page())
    named(page)
    page.get_by_role("button", name="Email code").click()

    page.get_by_role("link", name="Use another way to sign in").click()
    page.get_by_role("button", name="Password", exact=True).click()
    page.get_by_label("Password", exact=True).fill("Wrong-password-1")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("The username or password is not right")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()

    expect(page.get_by_role("heading", name=IN)).to_be_visible()


def test_without_script_a_passkey_says_what_it_needs(server: Server, open_page: Open) -> None:
    place = Choosing(server, "WEB_AUTHN")
    page = open_page(script=False)
    page.goto(place.page())

    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    named(page)
    page.get_by_role("button", name="Passkey", exact=True).click()

    expect(page.get_by_text("A passkey needs JavaScript.")).to_be_visible()
    expect(page.get_by_role("link", name="Use another way to sign in")).to_be_visible()


def test_keys_alone_choose_a_way(server: Server, open_page: Open) -> None:
    place = Choosing(server, "EMAIL_OTP")
    place.person()
    page = open_page()
    page.goto(place.page())
    page.locator("input:focus").wait_for()

    page.keyboard.type("jane@example.com")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Email code").wait_for()
    page.get_by_role("button", name="Email code").focus()
    page.keyboard.press("Enter")
    page.locator("input:focus").wait_for()
    page.keyboard.type(place.code())
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name=IN)).to_be_visible()


TWO = shapes.GetUserPoolMfaConfigResponse(
    mfa_configuration="OPTIONAL",
    sms_mfa_configuration=shapes.SmsMfaConfigType(),
    email_mfa_configuration=shapes.EmailMfaConfigType(),
)


def a_place_with_codes(server: Server) -> Place:
    """A pool whose people get codes by mail or by text message, and have browsers remembered when they say so."""
    tracking = shapes.DeviceConfigurationType(
        challenge_required_on_new_device=True, device_only_remembered_on_user_prompt=True
    )
    place = Place(server, mfa=TWO, device_configuration=tracking)
    server.do(pool_extension.change(server.flow, place.pool.pool.id, {"remember_browsers": True}))
    place.person(phone_number="+12065550100", phone_number_verified="true")
    user = server.do(the_user(server.flow, place.pool, "jane@example.com"))

    def switch(current: User) -> User:
        held = msgspec.structs.replace(
            current.credentials, factors=Factors(email=True, sms=True, preferred="EMAIL_OTP")
        )
        return msgspec.structs.replace(current, credentials=held)

    server.do(change(server.flow, place.pool.pool, user, switch))
    return place


@pytest.mark.parametrize("script", [True, False])
def test_a_remembered_browser_is_not_asked_for_a_code(server: Server, open_page: Open, script: bool) -> None:
    place = a_place_with_codes(server)
    page = open_page(script=script)
    page.goto(place.page())
    sign_in(page)
    page.get_by_role("button", name="Confirm another way").click()
    page.get_by_label("Email", exact=True).check()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Remember this device")).to_be_visible()
    page.get_by_label("Code", exact=True).fill(place.code())
    page.get_by_label("Remember this device").check()
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name=IN)).to_be_visible()

    page.goto(place.page("/login", prompt="login"))
    sign_in(page)

    expect(page.get_by_role("heading", name=IN)).to_be_visible()


def test_another_factor_looks_as_it_should(server: Server, seen: tuple[Page, Look]) -> None:
    page, look = seen
    place = a_place_with_codes(server)

    page.goto(place.page())
    sign_in(page)
    look("code-by-mail")
    page.get_by_role("button", name="Send a new code").click()
    look("code-again")
    page.get_by_role("button", name="Confirm another way").click()
    look("factors")


def test_the_ways_look_as_they_should(server: Server, seen: tuple[Page, Look]) -> None:
    page, look = seen
    place = Choosing(server, "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN")
    place.person()

    page.goto(place.page())
    look("by-name")
    named(page)
    look("ways")
    page.get_by_role("button", name="Email code").click()
    look("first-code")
    page.get_by_label("Code", exact=True).fill("00000000")
    page.get_by_role("button", name="Sign in", exact=True).click()
    look("first-code-refused")
    page.get_by_role("link", name="Use another way to sign in").click()
    page.get_by_role("button", name="Passkey", exact=True).click()
    look("passkey")
    page.get_by_role("link", name="Use another way to sign in").click()
    page.get_by_role("button", name="Password", exact=True).click()
    look("password")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    look("invitation")
