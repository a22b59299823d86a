"""The way to every page of the account, as ``every_page`` has it for the others."""

from typing import Any

from poolhouse.pool.core.tokens import ADMIN_SCOPE
from poolhouse.pool.flows import client_extension
from poolhouse.pool.model.session import SessionTracking
from poolhouse.pool.spec import shapes
from tests.pages.every_page import EMAIL, OWN, PAGES, WRONG, Known, Stage, page_of
from tests.support.builders import PASSWORD, reconfigure
from tests.support.web import a_web_client

MFA = shapes.GetUserPoolMfaConfigResponse(
    mfa_configuration="OPTIONAL",
    software_token_mfa_configuration=shapes.SoftwareTokenMfaConfigType(enabled=True),
    email_mfa_configuration=shapes.EmailMfaConfigType(),
    sms_mfa_configuration=shapes.SmsMfaConfigType(),
)
FOLDER = "account/"


def at_home(stage: Stage, path: str, **settings: Any) -> Stage:
    """Somebody at a page of the account, where everything can be set up."""
    allowed = shapes.SignInPolicyType(allowed_first_auth_factors=["PASSWORD", "WEB_AUTHN"])
    usual = {
        "mfa": MFA,
        "policies": shapes.UserPoolPolicyType(sign_in_policy=allowed),
        "device_configuration": shapes.DeviceConfigurationType(challenge_required_on_new_device=True),
        "user_pool_add_ons": shapes.UserPoolAddOnsType(advanced_security_mode="AUDIT"),
    }
    stage.build(**(usual | settings)).person(name="Jane Doe", phone_number="+15550100", phone_number_verified="true")
    flow, do = stage.server.flow, stage.server.do
    stage.pool = do(reconfigure(flow, stage.pool, sessions=SessionTracking(enabled=True)))
    scopes = ["openid", "email", "profile", ADMIN_SCOPE]
    do(a_web_client(flow, stage.pool, callback_urls=[stage.callback], allowed_o_auth_scopes=scopes))
    stage.page.goto(f"{stage.url}/account{path}")
    return stage.fill(username=EMAIL, password=PASSWORD).press()


@page_of("account/overview.html")
def _(stage: Stage) -> None:
    at_home(stage, "")


@page_of("account/profile.html")
def _(stage: Stage) -> None:
    at_home(stage, "/profile")


@page_of("account/contact.html")
def _(stage: Stage) -> None:
    at_home(stage, "/contact/email")


@page_of("account/password.html")
def _(stage: Stage) -> None:
    at_home(stage, "/password")


@page_of("account/password.html", "account/password_refused")
def _(stage: Stage) -> None:
    at_home(stage, "/password")
    fields = stage.page.locator('main input[type="password"]')
    fields.first.fill(WRONG)
    for number in range(1, fields.count()):
        fields.nth(number).fill(OWN)
    stage.press()


@page_of("account/security.html")
def _(stage: Stage) -> None:
    at_home(stage, "/security")


@page_of("account/app.html")
def _(stage: Stage) -> None:
    at_home(stage, "/factor/app")


@page_of("account/app.html", "account/app_shown")
def _(stage: Stage) -> None:
    at_home(stage, "/factor/app").press("main .button-primary")


@page_of("account/code_factor.html")
def _(stage: Stage) -> None:
    at_home(stage, "/factor/email")


@page_of("account/code_factor.html", "account/code_factor_sent")
def _(stage: Stage) -> None:
    at_home(stage, "/factor/email").press("main .button-primary")


@page_of("account/passkey.html")
def _(stage: Stage) -> None:
    at_home(stage, "/passkey")


@page_of("account/passkey.html", "account/passkey_asked")
def _(stage: Stage) -> None:
    at_home(stage, "/passkey").press("main .button-primary")


@page_of("account/sessions.html")
def _(stage: Stage) -> None:
    at_home(stage, "/sessions")


@page_of("account/apps.html")
def _(stage: Stage) -> None:
    at_home(stage, "/apps")
    ids = (stage.pool.pool.id, stage.client.client.id)
    stage.server.do(client_extension.change(stage.server.flow, *ids, {"third_party": True}))
    stage.open().press('[value="allow"]')
    stage.page.wait_for_url(f"{stage.callback}?**")
    stage.page.goto(f"{stage.url}/account/apps")


@page_of("account/activity.html")
def _(stage: Stage) -> None:
    at_home(stage, "/activity")


@page_of("account/delete.html")
def _(stage: Stage) -> None:
    at_home(stage, "/delete")


OWN_PAGES: list[Known] = [page for page in PAGES if page.template.startswith(FOLDER)]
