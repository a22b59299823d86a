"""The account page: attributes, e-mail address and phone number, the password, deleting the account."""

from typing import Any

import httpx
import msgspec
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.flows import credentials, people, pool_extension
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import User
from poolhouse.pool.spec import shapes
from tests.support.builders import (
    PASSWORD,
    a_custom,
    a_schema,
    a_user,
    reconfigure,
    the_user,
)
from tests.support.hosted import Page
from tests.support.own import HERE, Owner, an_account_client, at_home, handle_of, notices, sent_code
from tests.support.web import a_browser, a_web_pool, application, signed_in

OWN = "Own-password-2-keep"
NEW = "new@example.com"
NUMBER = "requiredAttributes[phone_number]"
EMAIL = "requiredAttributes[email]"


@pytest.fixture
async def app(flow: Flow, pool: PoolEntry) -> ClientEntry:
    return await an_account_client(flow, pool)


async def a_place(flow: Flow, **settings: Any) -> PoolEntry:
    """A pool whose users have usernames."""
    return await a_web_pool(flow, **settings)


class TestAttributes:
    @pytest.mark.usefixtures("app")
    async def test_are_changed_and_emptied(
        self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
    ) -> None:
        owner = await at_home(flow, web, person)

        page = await owner.send(
            "/profile", **{"requiredAttributes[name]": "", "requiredAttributes[nickname]": " Janie ", EMAIL: NEW}
        )

        assert "Your profile is saved." in page.words
        held = (await the_user(flow, pool, "jane@example.com")).attributes
        # The address has a page of its own, which asks for more.
        assert {"email": "jane@example.com", "email_verified": "true", "nickname": "Janie"} == held

    async def test_are_those_that_the_app_client_reads_and_writes(self, flow: Flow, web: httpx.AsyncClient) -> None:
        schema = a_schema(
            custom=(a_custom("team"), a_custom("plan"), a_custom("secret"), a_custom("born", mutable=False))
        )
        pool = await a_place(flow, schema_attributes=schema)
        await an_account_client(
            flow, pool, read_attributes=["name", "custom:team", "custom:plan", "custom:born"],
            write_attributes=["name", "custom:team", "custom:secret", "custom:born"],
        )  # fmt: skip
        user = await a_user(
            flow,
            pool,
            "jane",
            name="Jane",
            custom_team="red",
            custom_plan="free",
            custom_secret="not-for-apps",
            custom_born="x",
        )
        owner = await at_home(flow, web, user)

        page = await owner.open("/profile")
        await owner.send(
            "/profile",
            **{f"requiredAttributes[custom:{each}]": "mine" for each in ("team", "plan", "secret", "born")},
        )

        assert {"Name", "team"} == set(page.labels())
        assert ("free" in page.words, "not-for-apps" in page.reply.text) == (True, False)
        held = (await the_user(flow, pool, "jane")).attributes
        assert ["mine", "free", "not-for-apps", "x"] == [
            held[f"custom:{each}"] for each in ("team", "plan", "secret", "born")
        ]

    async def test_have_names_that_somebody_chose(self, flow: Flow, web: httpx.AsyncClient) -> None:
        pool = await a_place(flow, schema_attributes=a_schema(custom=(a_custom("share%s", "String"),)))
        await an_account_client(flow, pool, read_attributes=["custom:share%s"], write_attributes=["custom:share%s"])
        owner = await at_home(flow, web, await a_user(flow, pool, "jane"))

        assert {"share%s"} == set((await owner.open("/profile")).labels())

    async def test_are_called_in_the_language_of_the_page(self, flow: Flow, web: httpx.AsyncClient) -> None:
        pool = await a_place(flow)
        await an_account_client(flow, pool)
        owner = await at_home(flow, web, await a_user(flow, pool, "jane", email="jane@example.com"))

        page = await owner.open("/profile?lang=de")

        assert "Vorname" in page.labels()
        assert "E-Mail" in page.words
        assert "E-Mail" in (await owner.open("/contact/email?lang=de")).labels()

    async def test_that_are_required_stay(self, flow: Flow, web: httpx.AsyncClient) -> None:
        pool = await a_place(flow, schema_attributes=a_schema(required=("name",)))
        await an_account_client(flow, pool)
        owner = await at_home(flow, web, await a_user(flow, pool, "jane", name="Jane"))

        page = await owner.send("/profile", **{"requiredAttributes[name]": "  "})

        assert (400, "Jane") == (page.status, (await the_user(flow, pool, "jane")).attributes["name"])

    async def test_keep_what_was_typed_beside_what_is_wrong_with_it(self, flow: Flow, web: httpx.AsyncClient) -> None:
        schema = a_schema(custom=(a_custom("seats", "Number"), a_custom("happy", "Boolean")))
        pool = await a_place(flow, schema_attributes=schema)
        names = ["custom:seats", "custom:happy", "birthdate"]
        await an_account_client(flow, pool, read_attributes=names, write_attributes=names)
        owner = await at_home(flow, web, await a_user(flow, pool, "jane"))

        page = await owner.send(
            "/profile", **{"requiredAttributes[custom:seats]": "many", "requiredAttributes[custom:happy]": "true"}
        )

        assert 400 == page.status
        assert "The value must be a number" in page.words
        assert 'value="many"' in page.reply.text
        assert {} == (await the_user(flow, pool, "jane")).attributes

    @pytest.mark.usefixtures("app")
    async def test_are_shown_as_text(self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry) -> None:
        evil = '"><script>alert(1)</script>'
        user = await a_user(flow, pool, email="eve@example.com", email_verified="true", name=evil)
        owner = await at_home(flow, web, user)

        for path in ("", "/profile"):
            assert "<script>alert" not in (await owner.open(path)).reply.text


class TestTheEmailAddress:
    @pytest.mark.usefixtures("app")
    async def test_is_verified_by_the_code_that_went_to_the_new_one(
        self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
    ) -> None:
        owner = await at_home(flow, web, person)

        page = await owner.send("/contact/email", do="change", **{EMAIL: NEW})
        unproved = await the_user(flow, pool, person.username)
        wrong = await owner.send("/contact/email", do="verify", authentication_code="000000")
        end = await owner.send("/contact/email", do="verify", authentication_code=await sent_code(flow, pool))

        assert f"It was sent to {NEW}." in page.words
        assert (NEW, False) == (unproved.attributes["email"], unproved.is_verified("email"))
        assert (400, "That code is not right" in wrong.words) == (wrong.status, True)
        assert "It is verified." in end.words
        assert (await the_user(flow, pool, person.username)).is_verified("email")
        assert [("jane@example.com", "Your email address was changed")] == await notices(flow, pool)

    @pytest.mark.usefixtures("app")
    async def test_stays_until_the_new_one_is_verified_where_the_pool_says_so(
        self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
    ) -> None:
        verified_first = shapes.UserAttributeUpdateSettingsType(attributes_require_verification_before_update=["email"])
        await reconfigure(flow, pool, user_attribute_update_settings=verified_first)
        owner = await at_home(flow, web, person)

        await owner.send("/contact/email", do="change", **{EMAIL: NEW})
        assert (await the_user(flow, pool, person.username)).is_verified("email")
        assert "jane@example.com" == (await the_user(flow, pool, person.username)).attributes["email"]
        await owner.send("/contact/email", do="send")
        await owner.send("/contact/email", do="verify", authentication_code=await sent_code(flow, pool))

        assert NEW == (await the_user(flow, pool, person.username)).attributes["email"]

    @pytest.mark.usefixtures("app")
    async def test_of_somebody_else_cannot_be_taken(
        self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
    ) -> None:
        await a_user(flow, pool, email=NEW, email_verified="true")
        owner = await at_home(flow, web, person)

        page = await owner.send("/contact/email", do="change", **{EMAIL: NEW})

        assert (400, True) == (page.status, "There is an account with this" in page.words)
        assert "jane@example.com" == (await the_user(flow, pool, person.username)).attributes["email"]

    @pytest.mark.usefixtures("app")
    async def test_that_is_none_is_refused_and_shown_again(
        self, flow: Flow, web: httpx.AsyncClient, person: User
    ) -> None:
        page = await (await at_home(flow, web, person)).send("/contact/email", do="change", **{EMAIL: "nobody"})

        assert (400, True) == (page.status, 'value="nobody"' in page.reply.text)

    @pytest.mark.usefixtures("app")
    async def test_gets_so_many_codes_an_hour(self, flow: Flow, web: httpx.AsyncClient, person: User) -> None:
        owner = await at_home(flow, web, person)

        pages = [await owner.send("/contact/email", do="send") for _ in range(6)]

        assert [200] * 5 + [400] == [each.status for each in pages]

    async def test_is_not_changed_where_the_client_may_not(self, flow: Flow, web: httpx.AsyncClient) -> None:
        pool = await a_place(flow)
        await an_account_client(flow, pool, write_attributes=["name"])
        owner = await at_home(flow, web, await a_user(flow, pool, "jane", email="a@example.com", email_verified="true"))

        page = await owner.send("/contact/email", do="change", **{EMAIL: NEW})
        await owner.send("/contact/email", do="remove")

        assert "/account/contact/email" not in page.reply.text
        assert "a@example.com" == (await the_user(flow, pool, "jane")).attributes["email"]


class TestThePhoneNumber:
    async def test_is_added_and_removed(self, flow: Flow, web: httpx.AsyncClient) -> None:
        pool = await a_place(flow)
        await an_account_client(flow, pool)
        owner = await at_home(flow, web, await a_user(flow, pool, "jane"))

        await owner.send("/contact/phone_number", do="change", **{NUMBER: "+15550100"})
        added = (await the_user(flow, pool, "jane")).attributes
        await owner.send("/contact/phone_number", do="remove")

        assert {"phone_number": "+15550100", "phone_number_verified": "false"} == added
        assert {} == (await the_user(flow, pool, "jane")).attributes

    async def test_that_a_second_step_uses_stays(self, flow: Flow, web: httpx.AsyncClient) -> None:
        mfa = shapes.GetUserPoolMfaConfigResponse(
            mfa_configuration="ON", sms_mfa_configuration=shapes.SmsMfaConfigType()
        )
        pool = await a_place(flow, mfa=mfa)
        await an_account_client(flow, pool)
        user = await a_user(flow, pool, "jane", phone_number="+15550100", phone_number_verified="true")
        await signed_in(flow, web, user, amr=("pwd", "sms"))

        page = await Owner(web).send("/contact/phone_number", do="remove")

        assert "Remove that second step first" in page.words
        assert "+15550100" == (await the_user(flow, pool, "jane")).attributes["phone_number"]


class TestThePassword:
    @pytest.mark.usefixtures("app")
    async def test_is_changed_and_other_browsers_are_out(
        self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
    ) -> None:
        async with a_browser(application(flow)) as other:
            await signed_in(flow, other, person)
            owner = await at_home(flow, web, person)
            before = handle_of(web)

            page = await change(owner, PASSWORD, OWN)

            assert "Your password is changed, and you are signed out everywhere else." in page.words
            assert "/login" in (await other.get(HERE)).headers["location"]
        assert before != handle_of(web)
        assert await credentials.check_password(flow, await the_user(flow, pool, person.username), OWN)
        assert [("jane@example.com", "Your password was changed")] == await notices(flow, pool)

    @pytest.mark.usefixtures("app")
    async def test_is_changed_by_who_knows_the_present_one(
        self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
    ) -> None:
        owner = await at_home(flow, web, person)

        wrong = await change(owner, "Not-the-one-1", OWN)
        missing = await change(owner, "", OWN)

        assert "That is not your current password." in wrong.words
        assert "Enter your current password." in missing.words
        assert await credentials.check_password(flow, await the_user(flow, pool, person.username), PASSWORD)

    @pytest.mark.usefixtures("app")
    async def test_may_be_guessed_at_five_times_an_hour(
        self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
    ) -> None:
        owner = await at_home(flow, web, person)
        for n in range(5):
            await change(owner, f"Not-the-one-{n}", OWN)

        page = await change(owner, PASSWORD, OWN)

        assert "There were too many attempts" in page.words
        assert await credentials.check_password(flow, await the_user(flow, pool, person.username), PASSWORD)

    @pytest.mark.usefixtures("app")
    async def test_tells_the_policy_in_the_readers_language(
        self, flow: Flow, web: httpx.AsyncClient, person: User
    ) -> None:
        owner = await at_home(flow, web, person)
        page = await owner.open("/password?lang=de")

        assert "Mindestens 8 Zeichen" in page.words
        assert "At least" not in page.words

    @pytest.mark.parametrize(("new", "again"), [("Short-1", "Short-1"), (OWN, OWN + "x"), ("", "")])
    @pytest.mark.usefixtures("app")
    async def test_follows_the_policy(
        self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User, new: str, again: str
    ) -> None:
        page = await change(await at_home(flow, web, person), PASSWORD, new, again)

        assert (400, True) == (page.status, "At least 8 characters" in page.words)
        assert await credentials.check_password(flow, await the_user(flow, pool, person.username), PASSWORD)

    @pytest.mark.usefixtures("app")
    async def test_is_set_by_who_has_none(
        self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
    ) -> None:
        await without_password(flow, pool, person)
        owner = await at_home(flow, web, await the_user(flow, pool, person.username))

        form = await owner.open("/password")
        page = await owner.send("/password", new_password=OWN, confirm_password=OWN)

        assert "Current password" not in form.labels()
        assert "signed out everywhere else" in page.words
        assert await credentials.check_password(flow, await the_user(flow, pool, person.username), OWN)


class TestDeleting:
    @pytest.mark.usefixtures("app")
    async def test_takes_the_name_typed_as_it_is(
        self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
    ) -> None:
        owner = await at_home(flow, web, person)

        wrong = await owner.send("/delete", confirmation="jane")
        assert (await the_user(flow, pool, person.username)).sub == person.sub
        page = await owner.send("/delete", confirmation="jane@example.com")

        assert "Nothing was deleted" in wrong.words
        assert "Your account is deleted" in page.words
        assert None is handle_of(web)
        with pytest.raises(Refused):
            await the_user(flow, pool, person.username)
        assert [("jane@example.com", "Your account was deleted")] == await notices(flow, pool)

    @pytest.mark.usefixtures("app")
    async def test_is_there_only_where_the_pool_has_it(
        self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
    ) -> None:
        await pool_extension.change(flow, pool.pool.id, {"account_deletion": False})
        owner = await at_home(flow, web, person)

        page = await owner.send("/delete", confirmation="jane@example.com")

        assert "Delete account" not in page.words
        assert person.sub == (await the_user(flow, pool, person.username)).sub


@pytest.mark.usefixtures("app")
async def test_no_notice_goes_to_an_address_that_was_never_verified(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, clock: FixedClock
) -> None:
    user = await a_user(flow, pool, email="eve@example.com", email_verified="false")
    clock.advance(1)

    await change(await at_home(flow, web, user), PASSWORD, OWN)

    assert [] == await notices(flow, pool)


async def without_password(flow: Flow, pool: PoolEntry, user: User) -> None:
    bare = msgspec.structs.replace(user.credentials, password_hash=None, srp_salt=None, srp_verifier=None)
    await people.change(flow, pool.pool, user, lambda held: msgspec.structs.replace(held, credentials=bare))


async def change(owner: Owner, current: str, new: str, again: str | None = None) -> Page:
    return await owner.send(
        "/password",
        current_password=current,
        new_password=new,
        confirm_password=new if again is None else again,
    )
