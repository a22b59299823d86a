"""What a sign-in asks for after the password: a new one, a second factor, and setting one up."""

import base64
import re
from typing import Any

import httpx
import msgspec
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.core import totp
from poolhouse.pool.flows.browser import SESSION_COOKIE, THREAD_COOKIE
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.flows.people import change
from poolhouse.pool.model.user import Factors, Status, User
from poolhouse.pool.spec import shapes
from tests.support.builders import PASSWORD, a_schema, a_user, last_code, reconfigure, the_user
from tests.support.hosted import Person, is_at_app
from tests.support.web import DOMAIN, Asking, a_web_client, a_web_pool, answer_of, authorize, claims_of, redeem

OWN = "Own-password-2-keep"
TOTP_ONLY = shapes.GetUserPoolMfaConfigResponse(
    mfa_configuration="ON", software_token_mfa_configuration=shapes.SoftwareTokenMfaConfigType(enabled=True)
)
ALL = shapes.GetUserPoolMfaConfigResponse(
    mfa_configuration="ON",
    software_token_mfa_configuration=shapes.SoftwareTokenMfaConfigType(enabled=True),
    sms_mfa_configuration=shapes.SmsMfaConfigType(),
    email_mfa_configuration=shapes.EmailMfaConfigType(),
)


async def with_factors(flow: Flow, pool: PoolEntry, user: User, secret: bytes | None, **factors: Any) -> None:
    def decide(current: User) -> User:
        row = f"{current.pool_id}/{current.username}"
        sealed = None if secret is None else flow.ring.seal(secret, purpose="totp", row=row)
        held = msgspec.structs.replace(current.credentials, totp_sealed=sealed, factors=Factors(**factors))
        return msgspec.structs.replace(current, credentials=held)

    await change(flow, pool.pool, user, decide)


def code_now(flow: Flow, secret: bytes, *, steps: int = 0) -> str:
    return totp.code_at(secret, totp.step_at(flow.clock.now()) + steps)


class TestATemporaryPassword:
    async def test_is_replaced_before_anything_else(
        self, flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry
    ) -> None:
        await a_user(flow, pool, email="new@example.com", email_verified="true", temporary=True)
        someone = Person(web, client)

        page = await someone.sign_in("new@example.com", PASSWORD)

        assert ["New password", "Confirm new password"] == page.labels()
        assert "At least 8 characters" in page.words
        end = await someone.send(page, New_password=OWN, Confirm_new_password=OWN)
        assert is_at_app(end)
        assert Status.CONFIRMED is (await the_user(flow, pool, "new@example.com")).status
        assert "code" in answer_of(await authorize(web, client))

    async def test_cannot_be_skipped(
        self, flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry
    ) -> None:
        # CVE-2024-47070, CVE-2026-49443: a step left out, or sent empty
        await a_user(flow, pool, email="new@example.com", temporary=True)
        someone = Person(web, client)
        page = await someone.sign_in("new@example.com", PASSWORD)

        empty = await someone.send(page, New_password="", Confirm_new_password="")

        assert 400 == empty.status
        assert "/login?" in (await authorize(web, client)).headers["location"]
        for path in ("/login", "/mfa", "/mfa/setup", "/confirm", "/confirmforgotPassword"):
            assert not is_at_app(await someone.open(path))

    async def test_is_asked_for_again_when_the_new_one_will_not_do(
        self, flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry
    ) -> None:
        await a_user(flow, pool, email="new@example.com", temporary=True)
        someone = Person(web, client)
        page = await someone.sign_in("new@example.com", PASSWORD)

        short = await someone.send(page, New_password="Short-1", Confirm_new_password="Short-1")
        differs = await someone.send(short, New_password=OWN, Confirm_new_password=OWN + "x")
        end = await someone.send(differs, New_password=OWN, Confirm_new_password=OWN)

        assert (400, True) == (short.status, "That password is too short." in short.words)
        assert (400, True) == (differs.status, "The two passwords are not the same." in differs.words)
        assert is_at_app(end)

    async def test_brings_the_attributes_that_the_pool_requires(self, flow: Flow, web: httpx.AsyncClient) -> None:
        pool = await a_web_pool(
            flow, username_attributes=["email"], schema_attributes=a_schema(required=("given_name",))
        )
        client = await a_web_client(flow, pool)
        await a_user(flow, pool, email="new@example.com", temporary=True)
        someone = Person(web, client)
        page = await someone.sign_in("new@example.com", PASSWORD)

        missing = await someone.send(page, New_password=OWN, Confirm_new_password=OWN)
        end = await someone.send(missing, New_password=OWN, Confirm_new_password=OWN, Given_name="Jane")

        assert 400 == missing.status
        assert is_at_app(end)
        assert "Jane" == (await the_user(flow, pool, "new@example.com")).attributes["given_name"]

    async def test_of_a_user_with_much_to_tell_still_fits_into_a_cookie(
        self, flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry
    ) -> None:
        much: dict[str, Any] = dict.fromkeys(
            ("name", "given_name", "nickname", "picture", "profile", "website"), "x" * 2000
        )
        await a_user(flow, pool, email="new@example.com", temporary=True, **much)

        page = await Person(web, client).sign_in("new@example.com", PASSWORD)

        assert ["New password", "Confirm new password"] == page.labels()
        assert max(len(cookie.value or "") for cookie in web.cookies.jar) < 2000

    async def test_that_expired_leads_nowhere(
        self, flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, clock: FixedClock
    ) -> None:
        await a_user(flow, pool, email="new@example.com", temporary=True)
        clock.advance(7 * 86_400)

        page = await Person(web, client).sign_in("new@example.com", PASSWORD)

        assert (401, True) == (page.status, "Your temporary password has expired." in page.words)


class TestASecondFactor:
    async def test_is_the_code_of_an_app(
        self, flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
    ) -> None:
        await reconfigure(flow, pool, mfa=TOTP_ONLY)
        secret = b"s" * 20
        await with_factors(flow, pool, person, secret, totp=True)
        someone = Person(web, client)

        page = await someone.sign_in("jane@example.com", PASSWORD)
        wrong = await someone.send(page, Code="000000")
        end = await someone.send(wrong, Code=f" {code_now(flow, secret)[:3]} {code_now(flow, secret)[3:]} ")

        assert "Enter the code that your authenticator app shows now." in page.words
        assert (400, True) == (wrong.status, "That code is not right." in wrong.words)
        assert is_at_app(end)
        code = answer_of(end.reply)["code"]
        assert 200 == (await redeem(web, client, code)).status_code

    async def test_is_asked_for_before_there_is_a_session(
        self, flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
    ) -> None:
        await reconfigure(flow, pool, mfa=TOTP_ONLY)
        await with_factors(flow, pool, person, b"s" * 20, totp=True)

        page = await Person(web, client).sign_in("jane@example.com", PASSWORD)

        assert not [cookie for cookie in web.cookies.jar if SESSION_COOKIE in cookie.name]
        assert "/login?" in (await authorize(web, client)).headers["location"]
        thread = next(cookie for cookie in web.cookies.jar if THREAD_COOKIE in cookie.name)
        assert thread.has_nonstandard_attr("HttpOnly")
        assert Asking(client).params().keys() == dict(page.reply.url.params).keys()

    async def test_used_once_is_used_up(
        self, flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
    ) -> None:
        await reconfigure(flow, pool, mfa=TOTP_ONLY)
        secret = b"s" * 20
        await with_factors(flow, pool, person, secret, totp=True)
        someone = Person(web, client)
        code = code_now(flow, secret)
        await someone.send(await someone.sign_in("jane@example.com", PASSWORD), Code=code)

        page = await someone.open("/login", prompt="login")
        again = await someone.send(await someone.send(page, Email="jane@example.com", Password=PASSWORD), Code=code)

        assert (400, True) == (again.status, "That code was used already." in again.words)

    async def test_may_come_by_mail(
        self, flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
    ) -> None:
        await reconfigure(flow, pool, mfa=ALL)
        await with_factors(flow, pool, person, None, email=True)
        someone = Person(web, client)

        page = await someone.sign_in("jane@example.com", PASSWORD)
        end = await someone.send(page, Code=await last_code(flow, pool))

        assert "Enter the code that was sent to j***@e***." in page.words
        assert is_at_app(end)

    async def test_is_chosen_among_several(
        self, flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
    ) -> None:
        await reconfigure(flow, pool, mfa=ALL)
        secret = b"s" * 20
        await with_factors(flow, pool, person, secret, totp=True, email=True)
        someone = Person(web, client)

        page = await someone.sign_in("jane@example.com", PASSWORD)
        stray = await someone.follow(await someone.post(page, {**page.forms[0].fields, "answer": "SMS_MFA"}))
        chosen = await someone.follow(
            await someone.post(page, {**page.forms[0].fields, "answer": "SOFTWARE_TOKEN_MFA"})
        )
        end = await someone.send(chosen, Code=code_now(flow, secret))

        assert ["Authenticator app", "Email"] == page.labels()
        assert 400 == stray.status
        assert is_at_app(end)

    async def test_takes_no_longer_than_the_attempt_lives(
        self, flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User, clock: FixedClock
    ) -> None:
        await reconfigure(flow, pool, mfa=TOTP_ONLY)
        secret = b"s" * 20
        await with_factors(flow, pool, person, secret, totp=True)
        someone = Person(web, client)
        page = await someone.sign_in("jane@example.com", PASSWORD)
        clock.advance(180)

        late = await someone.send(page, Code=code_now(flow, secret))

        assert (401, ["Email", "Password"]) == (late.status, late.labels())
        assert "This sign-in took too long." in late.words

    async def test_of_one_app_is_none_of_another(
        self, flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
    ) -> None:
        await reconfigure(flow, pool, mfa=TOTP_ONLY)
        await with_factors(flow, pool, person, b"s" * 20, totp=True)
        await Person(web, client).sign_in("jane@example.com", PASSWORD)

        page = await Person(web, await a_web_client(flow, pool)).open("/mfa")

        assert ["Email", "Password"] == page.labels()

    async def test_thread_cannot_be_made_up_or_changed(
        self, flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
    ) -> None:
        # CVE-2026-7571: tamper every blob that makes the round trip
        await reconfigure(flow, pool, mfa=TOTP_ONLY)
        await with_factors(flow, pool, person, b"s" * 20, totp=True)
        someone = Person(web, client)
        await someone.sign_in("jane@example.com", PASSWORD)
        name = f"__Secure-{THREAD_COOKIE}"
        true = web.cookies.get(name) or ""
        middle = len(true) // 2
        changed = "A" if true[middle] != "A" else "B"

        for value in ("", "x", true[:middle], true[:middle] + changed + true[middle + 1 :], true + "A", true[1:]):
            web.cookies.delete(name)
            web.cookies.set(name, value, domain="pool.example", path=f"/domains/{DOMAIN}")
            assert ["Email", "Password"] == (await someone.open("/mfa")).labels()
        web.cookies.delete(name)
        web.cookies.set(name, true, domain="pool.example", path=f"/domains/{DOMAIN}")
        assert ["Code"] == (await someone.open("/mfa")).labels()


class TestSettingUp:
    @pytest.mark.usefixtures("person")
    async def test_an_app_by_its_picture_and_first_code(
        self, flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry
    ) -> None:
        await reconfigure(flow, pool, mfa=TOTP_ONLY)
        someone = Person(web, client)

        page = await someone.sign_in("jane@example.com", PASSWORD)
        shown = await someone.send(page)
        text = re.search(r'id="v-secret-key"[^>]*>([A-Z2-7]+)<', shown.reply.text)
        assert text is not None
        secret = base64.b32decode(text[1] + "=" * (-len(text[1]) % 8))
        wrong = await someone.send(shown, Code="000000")
        end = await someone.send(wrong, Code=code_now(flow, secret))

        assert ["Authenticator app"] == page.labels()
        assert '<svg viewBox="0 0' in shown.reply.text
        assert (400, True) == (wrong.status, text[1] in wrong.reply.text)
        assert is_at_app(end)
        assert (await the_user(flow, pool, "jane@example.com")).credentials.factors.totp

    async def test_an_address_by_a_code_that_goes_to_it(self, flow: Flow, web: httpx.AsyncClient) -> None:
        pool = await a_web_pool(flow, mfa=ALL)
        client = await a_web_client(flow, pool)
        await a_user(flow, pool, "jane")
        someone = Person(web, client)

        page = await someone.sign_in("jane", PASSWORD)
        chosen = await someone.follow(await someone.post(page, {**page.forms[0].fields, "answer": "SMS_MFA"}))
        wrong = await someone.send(chosen, Phone_number="12065550100")
        sent = await someone.send(wrong, Phone_number="+12065550100")
        end = await someone.send(sent, Code=await last_code(flow, pool))

        assert ["Text message", "Authenticator app", "Email"] == page.labels()
        assert 400 == wrong.status
        assert "+*******0100" in sent.words
        assert is_at_app(end)
        assert "true" == (await the_user(flow, pool, "jane")).attributes["phone_number_verified"]

    @pytest.mark.usefixtures("person")
    async def test_cannot_be_skipped(
        self, flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry
    ) -> None:
        # fakecloud#2240: a factor that is required and missing must stop the sign-in
        await reconfigure(flow, pool, mfa=TOTP_ONLY)
        someone = Person(web, client)
        page = await someone.sign_in("jane@example.com", PASSWORD)
        token = page.forms[0].fields["_csrf"]

        for fields in ({}, {"answer": ""}, {"answer": "SMS_MFA"}, {"authentication_code": "123456"}):
            reply = await someone.post(page, {"_csrf": token, **fields})
            assert 400 == reply.status_code
        assert "/login?" in (await authorize(web, client)).headers["location"]


async def test_every_page_of_a_sign_in_keeps_the_apps_parameters(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
) -> None:
    await reconfigure(flow, pool, mfa=TOTP_ONLY)
    secret = b"s" * 20
    await with_factors(flow, pool, person, secret, totp=True)
    someone = Person(web, client)
    page = await someone.open(nonce="n-1", state="keep me")

    page = await someone.send(page, Email="jane@example.com", Password=PASSWORD)
    end = await someone.send(page, Code=code_now(flow, secret))

    assert "keep me" == answer_of(end.reply)["state"]
    tokens = (await redeem(web, client, answer_of(end.reply)["code"])).json()
    assert "n-1" == claims_of(tokens["id_token"])["nonce"]
    assert Asking(client).params()["client_id"] == claims_of(tokens["id_token"])["aud"]
