"""Who comes to the account page, on which terms, and what every page of it holds."""

from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.core.settings.openid import WrongSetting
from poolhouse.pool.flows import account_entry, client_extension, clients, people, pool_extension
from poolhouse.pool.flows.account_entry import PLACES
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import User
from tests.support.builders import PASSWORD, a_pool, a_user, the_client, the_user
from tests.support.hosted import Page, Person, from_here
from tests.support.own import HERE, Owner, an_account_client, at_home, handle_of
from tests.support.web import DOMAIN, a_browser, a_web_client, application, signed_in

PATHS = [path.removeprefix("/account") for path in PLACES.values()]


@pytest.fixture
async def app(flow: Flow, pool: PoolEntry) -> ClientEntry:
    return await an_account_client(flow, pool)


class TestTheWayIn:
    @pytest.mark.usefixtures("person")
    async def test_whoever_is_not_signed_in_signs_in_and_comes_back(
        self, web: httpx.AsyncClient, app: ClientEntry
    ) -> None:
        owner = Owner(web)
        page = await owner.open("/sessions")
        assert ["Email", "Password"] == page.labels()
        assert "to continue to Your account" in page.words

        end = await Person(web, app).send(page, Email="jane@example.com", Password=PASSWORD)

        assert str(end.reply.url).endswith("/account/sessions")
        assert "This browser" in end.words

    @pytest.mark.parametrize("place", ["https://evil.example", "//evil.example", "/logout", "overview\r\nx: y", ""])
    @pytest.mark.usefixtures("person")
    async def test_a_sign_in_ends_at_no_other_place(self, web: httpx.AsyncClient, app: ClientEntry, place: str) -> None:
        # CVE-2024-4540 and its like: an address that is taken from the request
        reply = await web.get(f"/domains/{DOMAIN}/login", params={"client_id": app.client.id, "account": place})

        assert "/error" in reply.headers.get("location", "/error")
        assert "evil" not in reply.headers.get("location", "")

    @pytest.mark.usefixtures("person")
    async def test_no_code_is_made_on_the_way(self, web: httpx.AsyncClient, app: ClientEntry) -> None:
        page = await Owner(web).open()
        reply = await Person(web, app).post(page, page.filled(Email="jane@example.com", Password=PASSWORD))

        target = urlsplit(reply.headers["location"])
        assert ("/domains/demo/account", "") == (target.path, target.query)

    @pytest.mark.usefixtures("app")
    async def test_a_session_of_another_app_is_enough(self, flow: Flow, web: httpx.AsyncClient, person: User) -> None:
        assert "jane@example.com" in (await (await at_home(flow, web, person)).open()).words

    @pytest.mark.parametrize("path", PATHS)
    async def test_every_page_is_for_who_is_signed_in(
        self, web: httpx.AsyncClient, app: ClientEntry, path: str
    ) -> None:
        reply = await web.get(HERE + path)

        asked = parse_qs(urlsplit(reply.headers["location"]).query)
        assert (303, [app.client.id]) == (reply.status_code, asked["client_id"])
        assert urlsplit(reply.headers["location"]).path == f"/domains/{DOMAIN}/login"

    @pytest.mark.parametrize("path", [each for each in PATHS if each != "/activity"])
    @pytest.mark.usefixtures("app")
    async def test_every_page_opens(self, flow: Flow, web: httpx.AsyncClient, person: User, path: str) -> None:
        owner = await at_home(flow, web, person)
        page = await owner.open(path)

        assert 200 == page.status
        assert "no-store" == page.reply.headers["cache-control"]
        assert "form-action 'self'" in page.reply.headers["content-security-policy"]

    @pytest.mark.usefixtures("app")
    async def test_a_disabled_user_is_out_at_once(
        self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
    ) -> None:
        owner = await at_home(flow, web, person)
        assert 200 == (await owner.open()).status

        await people.change(flow, pool.pool, person, lambda user: msgspec.structs.replace(user, enabled=False))

        assert "/login" in (await web.get(HERE)).headers["location"]

    @pytest.mark.usefixtures("app", "pool")
    async def test_a_deleted_user_is_out_at_once(self, flow: Flow, web: httpx.AsyncClient, person: User) -> None:
        owner = await at_home(flow, web, person)
        await owner.send("/delete", confirmation="jane@example.com")

        assert "/login" in (await web.get(HERE)).headers["location"]


class TestTheLinkToIt:
    @pytest.mark.usefixtures("person")
    async def test_it_is_where_the_pool_has_the_page_only(
        self, flow: Flow, client: ClientEntry, pool: PoolEntry
    ) -> None:
        await client_extension.change(flow, pool.pool.id, client.client.id, {"third_party": True})
        third_party = await the_client(flow, client.client.id)

        async def links() -> list[str | None]:
            async with a_browser(application(flow)) as web:
                person = Person(web, third_party)
                consent = await person.sign_in("jane@example.com", PASSWORD)
                asked = Page(await web.get(f"/domains/{DOMAIN}/logout"))
                signed_out = await person.send(asked)
                assert "Allow Wiki?" in consent.words
                assert "You are signed out" in signed_out.words
                return [each.links.get("Your account") for each in (consent, signed_out)]

        assert [None, None] == await links()
        await an_account_client(flow, pool)
        assert [HERE, HERE] == await links()


class TestWhichClientItActsAs:
    @pytest.mark.usefixtures("client")
    async def test_there_is_no_page_where_no_client_lets_users_change_themselves(
        self, flow: Flow, web: httpx.AsyncClient, person: User
    ) -> None:
        await signed_in(flow, web, person)

        assert [404] * len(PATHS) == [(await web.get(HERE + path)).status_code for path in PATHS]

    @pytest.mark.usefixtures("client")
    async def test_it_is_the_oldest_that_has_the_scope(
        self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, clock: FixedClock
    ) -> None:
        clock.advance(60)
        oldest = await an_account_client(flow, pool)
        clock.advance(60)
        await an_account_client(flow, pool)

        assert [oldest.client.id] == _client_asked(await web.get(HERE))

    @pytest.mark.usefixtures("app")
    async def test_the_pool_may_name_another(
        self, flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry
    ) -> None:
        await pool_extension.change(flow, pool.pool.id, {"account_client": client.client.id})

        assert [client.client.id] == _client_asked(await web.get(HERE))

    @pytest.mark.usefixtures("app")
    async def test_one_that_is_gone_is_not_replaced_by_another(
        self, flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry
    ) -> None:
        await pool_extension.change(flow, pool.pool.id, {"account_client": client.client.id})
        await clients.delete(flow, pool.pool, client.client.id)

        assert 404 == (await web.get(HERE)).status_code
        # What is named no more keeps no other setting from being changed.
        await pool_extension.change(flow, pool.pool.id, {"account_client": client.client.id, "account_deletion": False})

    async def test_one_that_could_not_serve_is_refused(self, flow: Flow, client: ClientEntry, pool: PoolEntry) -> None:
        elsewhere = await a_pool(flow)
        theirs = await a_web_client(flow, elsewhere)
        third_party = await a_web_client(flow, pool)
        await client_extension.change(flow, pool.pool.id, third_party.client.id, {"third_party": True})
        no_pages = await a_web_client(flow, pool, allowed_o_auth_flows_user_pool_client=False)
        no_providers = await a_web_client(flow, pool, supported_identity_providers=None)

        for wrong in ("gone", *(each.client.id for each in (theirs, third_party, no_pages, no_providers))):
            with pytest.raises(WrongSetting, match="account_client"):
                await pool_extension.change(flow, pool.pool.id, {"account_client": wrong})
        kept = await pool_extension.change(flow, pool.pool.id, {"account_client": client.client.id})
        assert client.client.id == kept.account_client

    async def test_the_pool_may_have_none_or_have_it_anyhow(
        self, flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry
    ) -> None:
        await pool_extension.change(flow, pool.pool.id, {"account_page": "on"})
        assert [client.client.id] == _client_asked(await web.get(HERE))

        await pool_extension.change(flow, pool.pool.id, {"account_page": "off"})
        assert 404 == (await web.get(HERE)).status_code

    async def test_a_third_partys_is_none(
        self, flow: Flow, web: httpx.AsyncClient, app: ClientEntry, pool: PoolEntry
    ) -> None:
        await client_extension.change(flow, pool.pool.id, app.client.id, {"third_party": True})

        assert 404 == (await web.get(HERE)).status_code

    @pytest.mark.usefixtures("app", "person")
    async def test_nobody_chooses_it_by_the_address(self, web: httpx.AsyncClient, client: ClientEntry) -> None:
        # the permissions of a client that may write more would be anybody's
        reply = await web.get(f"/domains/{DOMAIN}/login", params={"client_id": client.client.id, "account": "profile"})

        assert 302 == reply.status_code
        assert "/account" not in reply.headers["location"].partition("?")[0]


class TestForms:
    @pytest.mark.usefixtures("app")
    async def test_are_believed_with_their_token_only(self, flow: Flow, web: httpx.AsyncClient, person: User) -> None:
        await at_home(flow, web, person)
        await web.get(HERE)

        posts = [path for path in (*PATHS, "/factors", "/passkeys") if path not in {"", "/security", "/activity"}]
        for path in posts:
            reply = await web.post(HERE + path, data={"account": person.sub}, headers=from_here(web))
            assert (path, 403) == (path, reply.status_code)

    @pytest.mark.usefixtures("app")
    async def test_of_another_site_are_refused(self, flow: Flow, web: httpx.AsyncClient, person: User) -> None:
        owner = await at_home(flow, web, person)
        page = await owner.open("/sessions")
        fields = page.forms[-1].fields

        reply = await web.post(f"{HERE}/sessions", data=fields, headers={"origin": "https://evil.example"})

        assert 403 == reply.status_code

    @pytest.mark.usefixtures("app")
    async def test_of_one_account_do_nothing_to_another(
        self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
    ) -> None:
        # somebody else has signed in in another tab meanwhile
        owner = await at_home(flow, web, person)
        page = await owner.open("/profile")
        other = await a_user(flow, pool, email="john@example.com", email_verified="true", name="John")
        await signed_in(flow, web, other)

        form = next(n for n, each in enumerate(page.forms) if "requiredAttributes[name]" in each.fields)
        after = await owner.fill(page, form, **{"requiredAttributes[name]": "Mallory"})

        assert "Another account has signed in here meanwhile" in after.words
        assert "John" == (await the_user(flow, pool, "john@example.com")).attributes["name"]


class TestAFreshSignIn:
    GUARDED = ("/password", "/contact/email", "/factor/app", "/factor/email", "/passkey", "/delete")

    @pytest.mark.parametrize("path", GUARDED)
    async def test_is_asked_for_before_what_matters(
        self, flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User, clock: FixedClock, path: str
    ) -> None:
        owner = await at_home(flow, web, person)
        await owner.open(path)
        clock.advance(301)

        page = await owner.open(path)
        end = await Person(web, app).send(page, Password=PASSWORD)

        assert "jane@example.com" == page.forms[0].fields["username"]
        assert end.reply.status_code == 200
        # Where it leads when there is nothing to do there: no factor, no passkey is allowed in this pool.
        assert urlsplit(str(end.reply.url)).path in {HERE + path, f"{HERE}/security"}
        assert 200 == (await web.get(f"{HERE}/delete")).status_code

    @pytest.mark.parametrize("path", [*GUARDED, "/factors", "/passkeys"])
    @pytest.mark.usefixtures("app")
    async def test_must_not_be_long_ago_when_the_form_comes(
        self, flow: Flow, web: httpx.AsyncClient, person: User, clock: FixedClock, path: str
    ) -> None:
        owner = await at_home(flow, web, person)
        clock.advance(901)

        reply = await owner.post(path, confirmation="jane@example.com", do="remove")

        asked = parse_qs(urlsplit(reply.headers["location"]).query)
        assert ["login"] == asked["prompt"]
        assert "jane@example.com" == (await _here(flow, person)).attributes["email"]

    @pytest.mark.usefixtures("app")
    async def test_is_not_asked_for_to_look_or_to_sign_out(
        self, flow: Flow, web: httpx.AsyncClient, person: User, clock: FixedClock
    ) -> None:
        owner = await at_home(flow, web, person)
        clock.advance(1200)

        pages = [await web.get(HERE + path) for path in ("", "/profile", "/security", "/sessions", "/apps")]
        await owner.send("/sessions", do="everywhere")

        assert [200] * 5 == [each.status_code for each in pages]
        assert "/login" in (await web.get(HERE)).headers["location"]

    async def test_of_somebody_else_opens_his_own_account(
        self, flow: Flow, web: httpx.AsyncClient, app: ClientEntry, pool: PoolEntry, person: User, clock: FixedClock
    ) -> None:
        await a_user(flow, pool, email="john@example.com", email_verified="true")
        owner = await at_home(flow, web, person)
        clock.advance(301)
        page = await owner.open("/delete")

        end = await Person(web, app).send(page, Email="john@example.com", Password=PASSWORD)

        assert "To confirm, type john@example.com" in end.words


async def test_the_word_of_what_was_done_is_said_once(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User
) -> None:
    owner = await at_home(flow, web, person)

    first = await owner.send("/sessions", do="others")
    second = await owner.open("/sessions")

    said = "You are signed out everywhere else."
    assert (True, False) == (said in first.words, said in second.words)


async def test_signing_out_on_the_page_ends_the_session(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User
) -> None:
    owner = await at_home(flow, web, person)
    page = await owner.open()

    await web.post(page.forms[0].action, data=page.forms[0].fields, headers=from_here(web))

    assert None is handle_of(web)
    assert "/login" in (await web.get(HERE)).headers["location"]


async def test_the_browser_of_one_domain_is_nobody_at_another(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User
) -> None:
    async with a_browser(application(flow)) as other:
        page = Page(await other.get(f"{HERE}/sessions", follow_redirects=True))

    assert "Sign in" in page.words


def _client_asked(reply: httpx.Response) -> list[str]:
    return parse_qs(urlsplit(reply.headers["location"]).query)["client_id"]


async def _here(flow: Flow, person: User) -> User:
    found = await flow.directory.find_pool(person.pool_id)
    assert found is not None
    return await people.get(flow, found.pool, person.username)


async def test_the_client_is_looked_for_once_until_the_pool_or_a_client_changes(flow: Flow, pool: PoolEntry) -> None:
    # A pool may have thousands of them.
    looked: list[str] = []

    async def find() -> None:
        looked.append("once")

    for _ in range(3):
        await flow.directory.acting_client(pool.pool.id, find)
    assert ["once"] == looked

    await a_web_client(flow, pool)
    await flow.directory.acting_client(pool.pool.id, find)
    assert ["once", "once"] == looked


async def test_a_client_that_changes_is_seen_at_once(flow: Flow, pool: PoolEntry, app: ClientEntry) -> None:
    assert app.client.id == (await account_entry.client_of(flow, pool) or app.client).id
    await client_extension.change(flow, pool.pool.id, app.client.id, {"third_party": True})

    assert await account_entry.client_of(flow, pool) is None
