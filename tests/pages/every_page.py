"""
The way to every hosted page, for whatever must hold of all of them.

A recipe goes by the names of fields, never by words: it leads there in every language.
"""

import base64
from collections.abc import Callable
from itertools import count
from typing import Any
from urllib.parse import urlencode

import httpx
import msgspec
from playwright.sync_api import Page

from poolhouse.pool.core import totp
from poolhouse.pool.flows import client_extension, device_grant, feedback
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.spec import shapes
from tests.pages.server import Server
from tests.support.builders import PASSWORD, a_schema, a_user, last_code, the_client, the_user, with_mfa
from tests.support.web import a_web_client, a_web_pool

OWN = "Own-password-2-keep"
WRONG = "Wrong-password-1"
EMAIL = "jane@example.com"
_numbers = count(1)


class Stage:
    """A pool with one app, and a browser in front of it."""

    def __init__(self, server: Server, page: Page) -> None:
        self.server = server
        self.page = page
        self.callback = f"{server.elsewhere}/callback"
        self.pool: PoolEntry
        self.client: ClientEntry
        self.url = ""

    def build(self, **settings: Any) -> "Stage":
        usual = {"username_attributes": ["email"], "auto_verified_attributes": ["email"]}
        name = f"every{next(_numbers)}"
        self.pool = self.server.do(a_web_pool(self.server.flow, domain=name, **(usual | settings)))
        self.client = self.server.do(a_web_client(self.server.flow, self.pool, callback_urls=[self.callback]))
        self.url = f"{self.server.base}/domains/{name}"
        return self

    def extend(self, **changes: Any) -> "Stage":
        """Settings of the client that the service does not have."""
        ids = (self.pool.pool.id, self.client.client.id)
        self.server.do(client_extension.change(self.server.flow, *ids, changes))
        self.client = self.server.do(the_client(self.server.flow, self.client.client.id))
        return self

    def person(self, email: str = EMAIL, **more: Any) -> "Stage":
        self.server.do(a_user(self.server.flow, self.pool, **({"email": email, "email_verified": "true"} | more)))
        return self

    def address(self, path: str = "/login", **more: str) -> str:
        asked = {
            "response_type": "code", "client_id": self.client.client.id, "redirect_uri": self.callback, "state": "s",
        }  # fmt: skip
        return f"{self.url}{path}?{urlencode(asked | more)}"

    def open(self, path: str = "/login", **more: str) -> "Stage":
        self.page.goto(self.address(path, **more))
        return self

    def fill(self, **fields: str) -> "Stage":
        for name, value in fields.items():
            self.page.locator(f'form [name="{name}"]').first.fill(value)
        return self

    def press(self, selector: str = ".button-primary") -> "Stage":
        self.page.locator(selector).first.click()
        self.page.wait_for_load_state()
        return self

    def sign_in(self, password: str = PASSWORD, name: str = EMAIL) -> "Stage":
        self.open().fill(username=name)
        if not self.page.locator('form [name="password"]').count():
            self.press()
        return self.fill(password=password).press()

    def code(self) -> str:
        return self.server.do(last_code(self.server.flow, self.pool))


Recipe = Callable[[Stage], object]


class Known(msgspec.Struct, frozen=True):
    """A page by a name, the template that it is made of, and the way there."""

    name: str
    template: str
    reach: Recipe


PAGES: list[Known] = []


def page_of(template: str, name: str = "") -> Callable[[Recipe], Recipe]:
    def known(reach: Recipe) -> Recipe:
        PAGES.append(Known(name or template.removesuffix(".html"), template, reach))
        return reach

    return known


@page_of("sign_in.html")
def _(stage: Stage) -> None:
    stage.build().open()


@page_of("sign_in.html", "sign_in_refused")
def _(stage: Stage) -> None:
    stage.build().sign_in(WRONG)


@page_of("sign_up.html")
def _(stage: Stage) -> None:
    stage.build(schema_attributes=a_schema(required=("given_name", "phone_number", "birthdate"))).open("/signup")


@page_of("sign_up.html", "sign_up_refused")
def _(stage: Stage) -> None:
    stage.build().open("/signup").fill(username="new@example.com", password="short").press()


def _signed_up(stage: Stage, **settings: Any) -> Stage:
    return stage.build(**settings).open("/signup").fill(username="new@example.com", password=PASSWORD).press()


@page_of("confirm.html")
def _(stage: Stage) -> None:
    _signed_up(stage)


@page_of("confirm.html", "confirm_refused")
def _(stage: Stage) -> None:
    _signed_up(stage).fill(authentication_code="000000").press()


@page_of("done.html")
def _(stage: Stage) -> None:
    _signed_up(stage, auto_verified_attributes=None)


@page_of("link.html")
def _(stage: Stage) -> None:
    stage.build()
    query = {"client_id": stage.client.client.id, "user_name": EMAIL, "confirmation_code": "123456"}
    stage.page.goto(f"{stage.url}/confirmUser?{urlencode(query)}")


@page_of("forgot.html")
def _(stage: Stage) -> None:
    stage.build().open("/forgotPassword")


def _forgotten(stage: Stage) -> Stage:
    return stage.build().person().open("/forgotPassword").fill(username=EMAIL).press()


@page_of("reset.html")
def _(stage: Stage) -> None:
    _forgotten(stage)


@page_of("reset.html", "reset_refused")
def _(stage: Stage) -> None:
    _forgotten(stage).fill(authentication_code="000000", new_password=OWN, confirm_password=OWN).press()


@page_of("sign_in.html", "reset_done")
def _(stage: Stage) -> None:
    _forgotten(stage).fill(authentication_code=stage.code(), new_password=OWN, confirm_password=OWN).press()


@page_of("new_password.html")
def _(stage: Stage) -> None:
    stage.build().person(temporary=True).sign_in()


@page_of("choice.html")
def _(stage: Stage) -> None:
    stage.build(mfa=with_mfa("ON", "sms", "totp")).person().sign_in()


@page_of("contact.html")
def _(stage: Stage) -> None:
    stage.build(mfa=with_mfa("ON", "sms", "totp")).person().sign_in().press('[value="SMS_MFA"]').press()


@page_of("authenticator.html")
def _(stage: Stage) -> None:
    stage.build(mfa=with_mfa("ON", "sms", "totp")).person().sign_in().press('[value="SOFTWARE_TOKEN_MFA"]').press()


@page_of("code.html")
def _(stage: Stage) -> None:
    stage.build(mfa=with_mfa("ON", "sms")).person(phone_number="+12065550100", phone_number_verified="true").sign_in()


@page_of("code.html", "code_refused")
def _(stage: Stage) -> None:
    stage.build(mfa=with_mfa("ON", "sms")).person(phone_number="+12065550100", phone_number_verified="true").sign_in()
    stage.fill(authentication_code="000000").press()


@page_of("consent.html")
def _(stage: Stage) -> None:
    stage.build().person().extend(third_party=True, policy_uri="https://app.example/privacy").sign_in()


def _device(stage: Stage) -> str:
    stage.build().person().extend(extra_grants=[device_grant.GRANT])
    proof = (stage.client.client.id, stage.client.secrets[0])
    asked = httpx.post(f"{stage.url}/oauth2/device_authorization", data={"scope": "openid"}, auth=proof).json()
    stage.page.goto(asked["verification_uri"])
    return str(asked["user_code"])


@page_of("device.html")
def _(stage: Stage) -> None:
    _device(stage)


@page_of("device.html", "device_refused")
def _(stage: Stage) -> None:
    _device(stage)
    stage.fill(user_code="AAAA-AAAA").press()


@page_of("device_question.html")
def _(stage: Stage) -> None:
    code = _device(stage)
    stage.fill(user_code=code).press().fill(username=EMAIL, password=PASSWORD).press()


@page_of("form_post.html")
def _(stage: Stage) -> None:
    stage.page.route("**/form-post*.js", lambda route: route.abort())
    stage.build().person().open(response_mode="form_post").fill(username=EMAIL, password=PASSWORD).press()


@page_of("sign_out.html")
def _(stage: Stage) -> None:
    stage.build().person().sign_in()
    stage.page.wait_for_url(f"{stage.callback}?**")
    stage.page.goto(f"{stage.url}/logout")


@page_of("signed_out.html")
def _(stage: Stage) -> None:
    stage.build().person().sign_in()
    stage.page.wait_for_url(f"{stage.callback}?**")
    stage.page.goto(f"{stage.url}/logout")
    stage.press()


@page_of("feedback.html")
def _(stage: Stage) -> None:
    stage.build(user_pool_add_ons=shapes.UserPoolAddOnsType(advanced_security_mode="ENFORCED")).person().sign_in()
    stage.page.wait_for_url(f"{stage.callback}?**")
    flow, do = stage.server.flow, stage.server.do
    event = do(feedback.list_events(flow, stage.pool, do(the_user(flow, stage.pool, EMAIL)), "", 1))[0]
    query = {"token": feedback.mint(flow, event), "value": "Invalid"}
    stage.page.goto(f"{stage.url}/authEventFeedback?{urlencode(query)}")


def _choosing(stage: Stage, *factors: str) -> Stage:
    """Somebody who may choose how to sign in, once named."""
    allowed = shapes.SignInPolicyType(allowed_first_auth_factors=["PASSWORD", *factors])
    stage.build(policies=shapes.UserPoolPolicyType(sign_in_policy=allowed)).person()
    flows = ["ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    stage.client = stage.server.do(
        a_web_client(stage.server.flow, stage.pool, callback_urls=[stage.callback], explicit_auth_flows=flows)
    )
    return stage.open()


@page_of("sign_in.html", "sign_in_by_name")
def _(stage: Stage) -> None:
    _choosing(stage, "EMAIL_OTP", "WEB_AUTHN")


@page_of("ways.html")
def _(stage: Stage) -> None:
    _choosing(stage, "EMAIL_OTP", "WEB_AUTHN").fill(username=EMAIL).press()


@page_of("password.html")
def _(stage: Stage) -> None:
    _choosing(stage, "EMAIL_OTP", "WEB_AUTHN").fill(username=EMAIL).press().press('[value="PASSWORD"]')


@page_of("password.html", "password_refused")
def _(stage: Stage) -> None:
    _choosing(stage, "EMAIL_OTP", "WEB_AUTHN").fill(username=EMAIL).press().press('[value="PASSWORD"]')
    stage.fill(password=WRONG).press()


@page_of("first_code.html")
def _(stage: Stage) -> None:
    _choosing(stage, "EMAIL_OTP", "WEB_AUTHN").fill(username=EMAIL).press().press('[value="EMAIL_OTP"]')


@page_of("first_code.html", "first_code_refused")
def _(stage: Stage) -> None:
    _choosing(stage, "EMAIL_OTP", "WEB_AUTHN").fill(username=EMAIL).press().press('[value="EMAIL_OTP"]')
    stage.fill(authentication_code="00000000").press()


@page_of("passkey_page.html")
def _(stage: Stage) -> None:
    _choosing(stage, "EMAIL_OTP", "WEB_AUTHN").fill(username=EMAIL).press().press('[value="WEB_AUTHN"]')


@page_of("passkey_add.html")
def _(stage: Stage) -> None:
    _choosing(stage, "WEB_AUTHN").fill(username=EMAIL).press().press('[value="PASSWORD"]')
    stage.fill(password=PASSWORD).press()


@page_of("problem.html")
def _(stage: Stage) -> None:
    stage.build().open("/oauth2/authorize", redirect_uri="https://app.example/wrong")


@page_of("problem.html", "nothing_here")
def _(stage: Stage) -> None:
    stage.page.goto(f"{stage.server.base}/domains/nobody/login")


def shown_code(server: Server, secret: str) -> str:
    """What an authenticator app shows for *secret* now."""
    raw = base64.b32decode(secret + "=" * (-len(secret) % 8))
    return totp.code_at(raw, totp.step_at(server.flow.clock.now()))
