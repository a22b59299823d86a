"""aws-amplify, unmodified, in Chromium, against a server that is reached by https."""

import base64
import time
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Page, expect

from poolhouse.pool.core.totp import code_at, step_at
from tests.clients.connections import PASSWORD, a_client, a_pool, a_user, connect
from tests.clients.known import Known
from tests.clients.mailbox import last_code
from tests.clients.secure import up_by_https
from tests.clients.spa import chromium, site_of
from tests.clients.tokens import unverified
from tests.journey.installation import Installation

pytestmark = [pytest.mark.client, pytest.mark.browser]


class App(msgspec.Struct, frozen=True):
    """An app that uses Amplify: its page, its pool, and how Amplify is told of both."""

    page: Page
    url: str
    pool_id: str
    configuration: dict[str, Any]

    def open(self) -> None:
        """The page as somebody sees it who was never here."""
        self.page.context.clear_cookies()
        self.page.goto(self.url)
        self.page.evaluate("localStorage.clear()")
        self.page.evaluate("given => amplify.configure(given)", self.configuration)

    def __call__(self, name: str, given: Any = None) -> Any:
        """`app("signIn", {...})`."""
        return self.page.evaluate("([name, given]) => amplify[name](given ?? undefined)", [name, given])


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with up_by_https(tmp_path_factory.mktemp("https")) as (running, _):
        yield running


@pytest.fixture(scope="module")
def idp(place: Installation, known: Known) -> Iterator[Any]:
    client = connect(place, known)
    yield client
    client.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the app's page is: a bundle of Amplify, on a host of its own."""
    with site_of("amplify.mjs", tmp_path_factory.mktemp("site")) as url:
        yield url


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def app(idp: Any, place: Installation, site: str, page: Page) -> App:
    pool_id = a_pool(idp, "amplify", AutoVerifiedAttributes=["email"])
    idp.set_user_pool_mfa_config(
        UserPoolId=pool_id, MfaConfiguration="OPTIONAL", SoftwareTokenMfaConfiguration={"Enabled": True}
    )
    idp.create_user_pool_domain(UserPoolId=pool_id, Domain="team-of-amplify")
    client = a_client(
        idp, pool_id, ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        AllowedOAuthFlowsUserPoolClient=True, AllowedOAuthFlows=["code"], CallbackURLs=[site], LogoutURLs=[site],
        AllowedOAuthScopes=["openid", "email", "aws.cognito.signin.user.admin"], SupportedIdentityProviders=["COGNITO"],
    )  # fmt: skip
    hosted = {
        "domain": place.base.partition("://")[2] + "/domains/team-of-amplify",
        "scopes": ["openid", "email", "aws.cognito.signin.user.admin"],
        "redirectSignIn": [site],
        "redirectSignOut": [site],
        "responseType": "code",
    }
    cognito = {
        "userPoolId": pool_id,
        "userPoolClientId": client["ClientId"],
        "userPoolEndpoint": place.base,
        "loginWith": {"oauth": hosted},
    }
    return App(page, site, pool_id, {"Auth": {"Cognito": cognito}})


def shown(seed: str, ahead: int = 0) -> str:
    """What an authenticator app shows."""
    return code_at(base64.b32decode(seed + "=" * (-len(seed) % 8)), step_at(int(time.time()) + ahead))  # noqa: TID251


def test_somebody_signs_up_and_in_with_an_app_and_out(app: App, place: Installation, known: Known) -> None:
    app.open()
    who = {"username": "grace", "password": PASSWORD}
    made = app("signUp", {**who, "options": {"userAttributes": {"email": "grace@example.com"}}})
    assert made["nextStep"]["signUpStep"] == "CONFIRM_SIGN_UP"
    code = last_code(place, known, app.pool_id, "grace@example.com")
    confirmed = app("confirmSignUp", {"username": "grace", "confirmationCode": code})
    assert confirmed["nextStep"]["signUpStep"] == "DONE"

    assert app("signIn", who)["nextStep"]["signInStep"] == "DONE"
    assert app("getCurrentUser")["username"] == "grace"
    assert unverified(app("tokens")["id"])["email"] == "grace@example.com"
    fresh = app("tokens", {"forceRefresh": True})
    assert unverified(fresh["access"])["token_use"] == "access"

    seed = app("seed")
    app("verifyTOTPSetup", {"code": shown(seed)})
    app("updateMFAPreference", {"totp": "PREFERRED"})
    app("signOut")
    assert app("tokens") is None
    assert app("signIn", who)["nextStep"]["signInStep"] == "CONFIRM_SIGN_IN_WITH_TOTP_CODE"
    signed_in = app("confirmSignIn", {"challengeResponse": shown(seed, ahead=30)})
    assert signed_in["nextStep"]["signInStep"] == "DONE"
    app("signOut", {"global": True})
    assert app("tokens") is None


def test_a_wrong_password_is_told_so(app: App, idp: Any) -> None:
    a_user(idp, app.pool_id, "ada")
    app.open()
    with pytest.raises(Exception, match=r"Incorrect username or password\."):
        app("signIn", {"username": "ada", "password": "Wrong-Horse-7"})


def test_somebody_signs_in_on_the_hosted_page_and_out_again(app: App, idp: Any) -> None:
    a_user(idp, app.pool_id, "hedy")
    app.open()
    app.page.evaluate("() => { amplify.signInWithRedirect(); }")
    app.page.wait_for_url("**/login**")
    app.page.get_by_label("Username").fill("hedy")
    app.page.get_by_label("Password", exact=True).fill(PASSWORD)
    app.page.get_by_role("button", name="Sign in", exact=True).click()
    app.page.wait_for_url(app.url + "*")
    app.page.wait_for_function("() => amplify.seen.includes('signedIn')")
    assert unverified(app("tokens")["id"])["cognito:username"] == "hedy"

    app.page.evaluate("() => { amplify.signOut(); }")
    app.page.wait_for_event("framenavigated", predicate=lambda frame: frame.url.startswith(app.url))
    app.page.wait_for_load_state()
    assert app("tokens") is None
    # Signed out of the hosted page as well: it asks again.
    app.page.evaluate("() => { amplify.signInWithRedirect(); }")
    app.page.wait_for_url("**/login**")
    expect(app.page.get_by_label("Username")).to_be_visible()


@pytest.fixture(scope="module")
def choosing(app: App, idp: Any) -> App:
    """The app in a pool whose users choose what they begin with."""
    factors = ["PASSWORD", "EMAIL_OTP", "WEB_AUTHN"]
    policies = {"SignInPolicy": {"AllowedFirstAuthFactors": factors}}
    pool = a_pool(idp, "choosing", AutoVerifiedAttributes=["email"], Policies=policies)
    idp.set_user_pool_mfa_config(
        UserPoolId=pool, MfaConfiguration="OFF",
        WebAuthnConfiguration={"RelyingPartyId": "localhost", "UserVerification": "preferred"},
    )  # fmt: skip
    client = a_client(idp, pool, ExplicitAuthFlows=["ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"])
    known = app.configuration["Auth"]["Cognito"]
    cognito = {**known, "userPoolId": pool, "userPoolClientId": client["ClientId"]}
    return msgspec.structs.replace(app, pool_id=pool, configuration={"Auth": {"Cognito": cognito}})


def test_somebody_adds_a_passkey_and_signs_in_with_it(choosing: App, idp: Any) -> None:
    here = choosing
    a_user(idp, here.pool_id, "joan")
    here.open()
    with_authenticator(here.page)

    choice = {"authFlowType": "USER_AUTH", "preferredChallenge": "PASSWORD_SRP"}
    signed_in = here("signIn", {"username": "joan", "password": PASSWORD, "options": choice})
    assert signed_in["nextStep"]["signInStep"] == "DONE"
    here("associateWebAuthnCredential")
    (passkey,) = here("listWebAuthnCredentials")["credentials"]
    assert passkey["relyingPartyId"] == "localhost"
    # The authenticator has one for this user: the browser makes no second.
    with pytest.raises(Exception, match="PasskeyAlreadyExists"):
        here("associateWebAuthnCredential")
    here("signOut")

    choice = {"authFlowType": "USER_AUTH", "preferredChallenge": "WEB_AUTHN"}
    assert here("signIn", {"username": "joan", "options": choice})["nextStep"]["signInStep"] == "DONE"
    assert unverified(here("tokens")["access"])["username"] == "joan"
    here("deleteWebAuthnCredential", {"credentialId": passkey["credentialId"]})
    assert here("listWebAuthnCredentials")["credentials"] == []
    here("signOut")

    offered = here("signIn", {"username": "joan", "options": choice})["nextStep"]
    assert offered["signInStep"] == "CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION"
    assert set(offered["availableChallenges"]) == {"PASSWORD", "PASSWORD_SRP", "EMAIL_OTP"}


def test_somebody_without_a_password_signs_up_and_in_by_a_code(
    choosing: App, place: Installation, known: Known
) -> None:
    here = choosing
    here.open()
    attributes = {"userAttributes": {"email": "edith@example.com"}}
    here("signUp", {"username": "edith", "options": {**attributes, "autoSignIn": {"authFlowType": "USER_AUTH"}}})
    code = last_code(place, known, here.pool_id, "edith@example.com")
    confirmed = here("confirmSignUp", {"username": "edith", "confirmationCode": code})
    assert confirmed["nextStep"]["signUpStep"] == "COMPLETE_AUTO_SIGN_IN"
    # Amplify sends ConfirmSignUp no session, and is given one: the code of the sign-up was the first factor.
    assert here("autoSignIn")["nextStep"]["signInStep"] == "DONE"
    assert unverified(here("tokens")["access"])["username"] == "edith"
    here("signOut")

    choice = {"authFlowType": "USER_AUTH", "preferredChallenge": "EMAIL_OTP"}
    asked = here("signIn", {"username": "edith", "options": choice})["nextStep"]
    assert asked["signInStep"] == "CONFIRM_SIGN_IN_WITH_EMAIL_CODE"
    with pytest.raises(Exception, match=r"CodeMismatchException"):
        here("confirmSignIn", {"challengeResponse": code})
    code = last_code(place, known, here.pool_id, "edith@example.com")
    assert here("confirmSignIn", {"challengeResponse": code})["nextStep"]["signInStep"] == "DONE"
    assert unverified(here("tokens")["access"])["username"] == "edith"


def with_authenticator(page: Page) -> None:
    """A security key that is touched and unlocked whenever it is asked for."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
                "isUserVerified": True, "automaticPresenceSimulation": True,
            }
        },
    )  # fmt: skip
