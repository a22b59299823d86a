"""The account page: second steps and passkeys."""

import base64
import re

import httpx
import msgspec
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.core import totp
from poolhouse.pool.flows import mfa, people
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.model.passkey import Passkey
from poolhouse.pool.model.user import Factors, User
from poolhouse.pool.spec import shapes
from poolhouse.pool.store import passkeys as passkey_store
from tests.support.builders import a_user, reconfigure, the_user, with_mfa
from tests.support.hosted import Page
from tests.support.own import HERE, Owner, an_account_client, at_home, handle_of, notices, sent_code
from tests.support.web import a_browser, a_web_pool, application, signed_in

TOTP, SMS, EMAIL = "SOFTWARE_TOKEN_MFA", "SMS_MFA", "EMAIL_OTP"


@pytest.fixture
async def pool(flow: Flow) -> PoolEntry:
    made = await a_web_pool(flow, mfa=with_mfa("OPTIONAL", "sms", "totp", "email"))
    await an_account_client(flow, made)
    return made


@pytest.fixture
async def jane(flow: Flow, pool: PoolEntry) -> User:
    return await a_user(
        flow, pool, "jane", email="jane@example.com", email_verified="true", phone_number="+15550100",
        phone_number_verified="true",
    )  # fmt: skip


async def with_factors(flow: Flow, pool: PoolEntry, user: User, *, secret: bytes | None = None, **on: object) -> User:
    sealed = None if secret is None else flow.ring.seal(secret, purpose="totp", row=f"{user.pool_id}/{user.username}")
    held = msgspec.structs.replace(user.credentials, totp_sealed=sealed, factors=msgspec.convert(on, Factors))
    return await people.change(flow, pool.pool, user, lambda each: msgspec.structs.replace(each, credentials=held))


async def factors_of(flow: Flow, pool: PoolEntry) -> Factors:
    return (await the_user(flow, pool, "jane")).credentials.factors


def secret_on(page: Page) -> bytes:
    found = re.search(r'id="v-secret-key"[^>]*>([A-Z2-7]+)<', page.reply.text)
    assert found is not None
    text = found[1].replace(" ", "")
    return base64.b32decode(text + "=" * (-len(text) % 8))


class TestAnAuthenticatorApp:
    async def test_is_in_use_from_its_first_code(
        self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, jane: User
    ) -> None:
        async with a_browser(application(flow)) as other:
            await signed_in(flow, other, jane)
            owner = await at_home(flow, web, jane)
            before = handle_of(web)
            page = await owner.send("/factor/app", do="start")
            form = next(n for n, each in enumerate(page.forms) if "shown" in each.fields)

            wrong = await owner.fill(page, form, authentication_code="000000")
            again = next(n for n, each in enumerate(wrong.forms) if "shown" in each.fields)
            code = totp.code_at(secret_on(wrong), totp.step_at(flow.clock.now()))
            end = await owner.fill(wrong, again, authentication_code=f" {code[:3]} {code[3:]} ")

            assert (400, secret_on(page)) == (wrong.status, secret_on(wrong))
            assert "The second step is set up." in end.words
            # This browser has shown it; any other has to.
            assert "/login" in (await other.get(HERE)).headers["location"]
        assert before != handle_of(web)
        assert (True, "") == ((await factors_of(flow, pool)).totp, (await factors_of(flow, pool)).preferred)
        assert [("jane@example.com", "A second step was added")] == await notices(flow, pool)

    async def test_of_which_the_page_has_not_shown_the_secret_is_not_registered(
        self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, jane: User
    ) -> None:
        # whoever has an access token could have put a secret of his own there in between
        owner = await at_home(flow, web, jane)
        page = await owner.send("/factor/app", do="start")
        form = next(n for n, each in enumerate(page.forms) if "shown" in each.fields)
        await owner.send("/factor/app", do="start")
        theirs = mfa.open_pending(flow, await the_user(flow, pool, "jane"))
        assert theirs is not None

        await owner.fill(page, form, authentication_code=totp.code_at(theirs, totp.step_at(flow.clock.now())))

        assert not (await factors_of(flow, pool)).totp

    async def test_is_not_made_by_opening_the_page(
        self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, jane: User
    ) -> None:
        await (await at_home(flow, web, jane)).open("/factor/app")

        assert None is (await the_user(flow, pool, "jane")).credentials.totp_pending

    async def test_is_there_only_where_the_pool_allows_it(
        self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, jane: User
    ) -> None:
        await reconfigure(flow, pool, mfa=with_mfa("OPTIONAL", "email"))
        owner = await at_home(flow, web, jane)

        page = await owner.send("/factor/app", do="start")

        assert "Authenticator app" not in page.words
        assert None is (await the_user(flow, pool, "jane")).credentials.totp_pending


class TestCodesThatAreSent:
    @pytest.mark.parametrize(("path", "member"), [("/factor/email", "email"), ("/factor/sms", "sms")])
    async def test_are_in_use_from_the_first_one(
        self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, jane: User, path: str, member: str
    ) -> None:
        owner = await at_home(flow, web, jane)

        sent = await owner.send(path, do="send")
        wrong = await owner.send(path, do="verify", authentication_code="000000")
        unproved = getattr(await factors_of(flow, pool), member)
        end = await owner.send(path, do="verify", authentication_code=await sent_code(flow, pool))

        assert "Enter the code" in sent.words
        assert (400, False) == (wrong.status, unproved)
        assert "The second step is set up." in end.words
        assert getattr(await factors_of(flow, pool), member)
        assert 200 == (await web.get(HERE)).status_code

    async def test_need_somewhere_to_go(self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry) -> None:
        owner = await at_home(flow, web, await a_user(flow, pool, "kim", email="k@example.com", email_verified="true"))

        page = await owner.send("/factor/sms", do="send")

        assert "There is nowhere to send a code to yet" in (await owner.open("/factor/sms")).words
        assert not (await the_user(flow, pool, "kim")).credentials.factors.sms
        assert page.status in {200, 400}

    async def test_to_another_address_switch_nothing_on(
        self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, jane: User
    ) -> None:
        first = shapes.UserAttributeUpdateSettingsType(attributes_require_verification_before_update=["email"])
        await reconfigure(flow, pool, user_attribute_update_settings=first)
        owner = await at_home(flow, web, jane)
        await owner.send("/contact/email", do="change", **{"requiredAttributes[email]": "new@example.com"})

        page = await owner.open("/factor/email")

        assert "Enter the code" not in page.words


class TestSecondStepsInUse:
    async def test_are_preferred_and_removed(
        self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, jane: User
    ) -> None:
        user = await with_factors(flow, pool, jane, secret=b"x" * 32, totp=True, email=True)
        await signed_in(flow, web, user, amr=("pwd", "otp"))
        owner = Owner(web)

        preferred = await owner.send("/factors", do="prefer", factor=EMAIL)
        held = (await factors_of(flow, pool)).preferred
        removed = await owner.send("/factors", do="remove", factor=EMAIL)

        assert ("Preferred" in preferred.words, EMAIL) == (True, held)
        assert "It is removed." in removed.words
        assert Factors(totp=True) == await factors_of(flow, pool)
        assert [("jane@example.com", "A second step was removed")] == await notices(flow, pool)

    async def test_include_a_last_one_that_stays_where_it_is_required(
        self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, jane: User
    ) -> None:
        await reconfigure(flow, pool, mfa=with_mfa("ON", "totp"))
        user = await with_factors(flow, pool, jane, secret=b"x" * 32, totp=True)
        await signed_in(flow, web, user, amr=("pwd", "otp"))
        owner = Owner(web)

        page = await owner.send("/factors", do="remove", factor=TOTP)

        assert "this is your last one" in page.words
        assert (await factors_of(flow, pool)).totp

    async def test_are_removed_where_they_are_not_required(
        self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, jane: User
    ) -> None:
        user = await with_factors(flow, pool, jane, secret=b"x" * 32, totp=True)
        await signed_in(flow, web, user, amr=("pwd", "otp"))

        await Owner(web).send("/factors", do="remove", factor=TOTP)

        held = (await the_user(flow, pool, "jane")).credentials
        assert (Factors(), None) == (held.factors, held.totp_sealed)

    @pytest.mark.parametrize("factor", [TOTP, SMS, "PASSWORD", ""])
    async def test_that_are_not_there_are_gone(
        self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, jane: User, factor: str
    ) -> None:
        owner = await at_home(flow, web, jane)

        for act in ("prefer", "remove", "else", ""):
            assert 200 == (await owner.send("/factors", do=act, factor=factor)).status
        assert Factors() == await factors_of(flow, pool)

    async def test_are_not_set_up_by_who_would_be_locked_out(
        self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, jane: User
    ) -> None:
        # the code that is the only first factor counts on its own alone
        bare = msgspec.structs.replace(jane.credentials, password_hash=None, srp_salt=None, srp_verifier=None)
        user = await people.change(flow, pool.pool, jane, lambda each: msgspec.structs.replace(each, credentials=bare))
        owner = await at_home(flow, web, user)

        page = await owner.send("/factor/app", do="start")

        assert "Set a password first." in page.words
        assert None is (await the_user(flow, pool, "jane")).credentials.totp_pending


async def a_passkey(flow: Flow, pool: PoolEntry, user: User, identity: str) -> User:
    passkey = Passkey(
        pool_id=pool.pool.id, id=identity, username=user.username, relying_party="pool.example", public_key=b"k",
        sign_count=0, name="Passkey", is_synced=True, created_ms=flow.clock.now_ms(),
    )  # fmt: skip
    await flow.database.write(lambda tx: passkey_store.put(tx, passkey))
    held = msgspec.structs.replace(user.credentials, passkeys=(*user.credentials.passkeys, "pool.example"))
    return await people.change(flow, pool.pool, user, lambda each: msgspec.structs.replace(each, credentials=held))


async def passkeys_of(flow: Flow, user: User) -> list[tuple[str, str]]:
    found = await flow.database.read(lambda tx: passkey_store.list_of(tx, user.pool_id, user.username))
    return [(each.id, each.name) for each in found]


class TestPasskeys:
    @pytest.fixture
    async def pool(self, flow: Flow) -> PoolEntry:
        allowed = shapes.SignInPolicyType(allowed_first_auth_factors=["PASSWORD", "WEB_AUTHN"])
        made = await a_web_pool(flow, policies=shapes.UserPoolPolicyType(sign_in_policy=allowed))
        await an_account_client(flow, made)
        return made

    async def test_are_renamed_and_removed(
        self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, jane: User
    ) -> None:
        user = await a_passkey(flow, pool, jane, "mine")
        owner = await at_home(flow, web, user)

        named = await owner.send("/passkeys", do="rename", passkey="mine", name="  My  <b>phone</b> ")
        held = await passkeys_of(flow, user)
        await owner.send("/passkeys", do="remove", passkey="mine")

        assert [("mine", "My <b>phone</b>")] == held
        assert "<b>" not in named.reply.text
        assert [] == await passkeys_of(flow, user)
        assert () == (await the_user(flow, pool, "jane")).credentials.passkeys
        assert [("jane@example.com", "A passkey was removed")] == await notices(flow, pool)

    @pytest.mark.parametrize("act", ["rename", "remove"])
    async def test_of_somebody_else_are_unknown(
        self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, jane: User, act: str
    ) -> None:
        # CWE-639
        other = await a_passkey(flow, pool, await a_user(flow, pool, "kim"), "theirs")
        owner = await at_home(flow, web, jane)

        page = await owner.send("/passkeys", do=act, passkey="theirs", name="mine now")
        none = await owner.send("/passkeys", do=act, passkey="nobody's", name="mine now")

        assert [("theirs", "Passkey")] == await passkeys_of(flow, other)
        assert ("That was gone already." in page.words, page.words) == (True, none.words)

    async def test_include_a_last_way_in_that_stays(
        self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, jane: User
    ) -> None:
        user = await a_passkey(flow, pool, jane, "mine")
        bare = msgspec.structs.replace(user.credentials, password_hash=None, srp_salt=None, srp_verifier=None)
        user = await people.change(flow, pool.pool, user, lambda each: msgspec.structs.replace(each, credentials=bare))
        owner = await at_home(flow, web, user)

        page = await owner.send("/passkeys", do="remove", passkey="mine")

        assert "That is your only way to sign in." in page.words
        assert [("mine", "Passkey")] == await passkeys_of(flow, user)

    @pytest.mark.usefixtures("pool")
    async def test_are_added_by_an_answer_to_what_was_asked(
        self, flow: Flow, web: httpx.AsyncClient, jane: User, clock: FixedClock
    ) -> None:
        owner = await at_home(flow, web, jane)
        asked = await owner.send("/passkey")
        assert "pool.example" in asked.reply.text

        for answer in ("", "{}", "[" * 5000, '{"id": "x", "response": {}}'):
            page = await owner.send("/passkey", credential=answer)
            assert (400, "The passkey was not added. Try again." in page.words) == (page.status, True)
        clock.advance(1)
        assert [] == await passkeys_of(flow, jane)
