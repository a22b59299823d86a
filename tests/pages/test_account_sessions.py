"""The account page: where somebody is signed in, what apps were allowed, and what was recorded."""

import re
from functools import partial

import httpx
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.flows import client_extension
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.device import Device
from poolhouse.pool.model.session import SessionTracking
from poolhouse.pool.model.user import User
from poolhouse.pool.spec import shapes
from poolhouse.pool.store import devices as device_store
from poolhouse.pool.store import logouts as logout_store
from tests.support.builders import PASSWORD, a_user, reconfigure
from tests.support.hosted import Page, Person
from tests.support.own import HERE, an_account_client, at_home, handle_of, notices
from tests.support.web import (
    CALLBACK,
    a_browser,
    a_web_client,
    answer_of,
    application,
    authorize,
    redeem,
    signed_in,
    token,
)


@pytest.fixture
async def app(flow: Flow, pool: PoolEntry) -> ClientEntry:
    return await an_account_client(flow, pool, client_name="Desk")


async def tokens(web: httpx.AsyncClient, client: ClientEntry) -> str:
    """The refresh token of an app that was opened in this browser."""
    reply = await redeem(web, client, answer_of(await authorize(web, client))["code"])
    return str(reply.json()["refresh_token"])


async def refreshes(web: httpx.AsyncClient, client: ClientEntry, refresh_token: str) -> bool:
    reply = await token(web, client, grant_type="refresh_token", refresh_token=refresh_token)
    return reply.status_code == 200


def ids(page: Page) -> list[str]:
    return [each.fields["session"] for each in page.forms if "session" in each.fields]


class TestSessions:
    @pytest.mark.usefixtures("app")
    async def test_are_listed_with_their_apps(
        self, flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
    ) -> None:
        async with a_browser(application(flow)) as other:
            await signed_in(flow, other, person)
            await tokens(other, client)
            page = await (await at_home(flow, web, person)).open("/sessions")

        assert page.words.count("This browser") == 1
        assert "Apps: Wiki" in page.words
        assert 1 == len(ids(page))

    @pytest.mark.usefixtures("person")
    async def test_of_a_pool_that_tracks_them_tell_device_and_address(
        self, flow: Flow, web: httpx.AsyncClient, app: ClientEntry, pool: PoolEntry
    ) -> None:
        await reconfigure(flow, pool, sessions=SessionTracking(enabled=True))
        web.headers["user-agent"] = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"
        await Person(web, app).sign_in("jane@example.com", PASSWORD)

        page = Page(await web.get(f"{HERE}/sessions"))

        assert "Firefox, Linux" in page.words
        assert "127.0.0.1" in page.words

    @pytest.mark.usefixtures("app")
    async def test_end_with_the_tokens_that_came_through_them(
        self, flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
    ) -> None:
        async with a_browser(application(flow)) as other:
            await signed_in(flow, other, person)
            held = await tokens(other, client)
            owner = await at_home(flow, web, person)
            mine = await tokens(web, client)

            page = await owner.send("/sessions", do="end", session=ids(await owner.open("/sessions"))[0])

            assert "The session has ended." in page.words
            assert "/login" in (await other.get(HERE)).headers["location"]
        assert [False, True] == [await refreshes(web, client, each) for each in (held, mine)]

    @pytest.mark.usefixtures("app")
    async def test_of_apps_alone_end_too(
        self, flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
    ) -> None:
        async with a_browser(application(flow)) as other:
            handle = await signed_in(flow, other, person)
            held = await tokens(other, client)
            assert handle
            await other.get(
                f"{HERE.removesuffix('/account')}/logout",
                params={"client_id": client.client.id, "logout_uri": "https://app.example/signed-out"},
            )
        owner = await at_home(flow, web, person)
        page = await owner.open("/sessions")

        await owner.send("/sessions", do="end", session=ids(page)[0])

        assert "Wiki" in page.words
        assert not await refreshes(web, client, held)

    @pytest.mark.usefixtures("app")
    async def test_of_somebody_else_are_unknown(
        self, flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
    ) -> None:
        # CWE-639
        john = await a_user(flow, pool, email="john@example.com", email_verified="true")
        async with a_browser(application(flow)) as other:
            theirs = await at_home(flow, other, john)
            held = await tokens(other, client)
            async with a_browser(application(flow)) as third:
                known = ids(await (await at_home(flow, third, john)).open("/sessions"))
            owner = await at_home(flow, web, person)

            pages = [await owner.send("/sessions", do="end", session=each) for each in (*known, "b-", "a-", "", "x")]

            assert 200 == (await theirs.open("/sessions")).status
        assert known
        assert all("That was gone already." in each.words for each in pages)
        assert await refreshes(web, client, held)

    @pytest.mark.usefixtures("app")
    async def test_include_the_present_one_which_is_signed_out_of_instead(
        self, flow: Flow, web: httpx.AsyncClient, person: User
    ) -> None:
        owner = await at_home(flow, web, person)
        async with a_browser(application(flow)) as other:
            mine = ids(await (await at_home(flow, other, person)).open("/sessions"))[0]

            await owner.send("/sessions", do="end", session=mine)

        assert 200 == (await web.get(HERE)).status_code

    @pytest.mark.usefixtures("app")
    async def test_all_others_end_at_once(
        self, flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
    ) -> None:
        async with a_browser(application(flow)) as other:
            await signed_in(flow, other, person)
            held = await tokens(other, client)
            waiting = answer_of(await authorize(other, client))["code"]
            owner = await at_home(flow, web, person)
            mine = await tokens(web, client)

            await owner.send("/sessions", do="others")

            assert "/login" in (await other.get(HERE)).headers["location"]
        assert 200 == (await web.get(HERE)).status_code
        assert [False, True] == [await refreshes(web, client, each) for each in (held, mine)]
        assert 400 == (await redeem(web, client, waiting)).status_code

    @pytest.mark.usefixtures("app")
    async def test_everywhere_is_everywhere(
        self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, client: ClientEntry, person: User
    ) -> None:
        async with a_browser(application(flow)) as other:
            await signed_in(flow, other, person)
            owner = await at_home(flow, web, person)
            mine = await tokens(web, client)

            page = await owner.send("/sessions", do="everywhere")

            assert "You are signed out everywhere" in page.words
            assert "/login" in (await other.get(HERE)).headers["location"]
        assert (None, False) == (handle_of(web), await refreshes(web, client, mine))
        assert [] == await flow.database.read(
            lambda tx: logout_store.list_sessions(tx, person.pool_id, person.username)
        )
        assert [(person.attributes["email"], "Your sessions were ended")] == await notices(flow, pool)


def a_device(flow: Flow, user: User, key: str, *, remembered: bool = True) -> Device:
    now_ms = flow.clock.now_ms()
    return Device(
        pool_id=user.pool_id, username=user.username, key=key, group_key="g", name="Jane's phone",
        remembered=remembered, address="192.0.2.1", created_ms=now_ms, modified_ms=now_ms,
        authenticated_at=now_ms // 1000,
    )  # fmt: skip


async def _put(device: Device, tx: Tx) -> None:
    await device_store.put_device(tx, device)


class TestDevices:
    @pytest.mark.usefixtures("app")
    async def test_are_forgotten_by_their_owner_alone(
        self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
    ) -> None:
        # CWE-639
        tracked = shapes.DeviceConfigurationType(challenge_required_on_new_device=True)
        await reconfigure(flow, pool, device_configuration=tracked)
        john = await a_user(flow, pool, email="john@example.com", email_verified="true")
        for each in (a_device(flow, person, "mine"), a_device(flow, john, "theirs")):
            await flow.database.write(partial(_put, each))
        owner = await at_home(flow, web, person)

        shown = await owner.open("/sessions")
        theirs = await owner.send("/sessions", do="forget", device="theirs")
        mine = await owner.send("/sessions", do="forget", device="mine")

        assert (True, False) == ("Jane's phone" in shown.words, "theirs" in shown.reply.text)
        assert ("That was gone already." in theirs.words, "The device is forgotten." in mine.words) == (True, True)

        async def left(user: User, key: str) -> bool:
            found = await flow.database.read(lambda tx: device_store.find_device(tx, user.pool_id, user.username, key))
            return found is not None

        assert [False, True] == [await left(person, "mine"), await left(john, "theirs")]


class TestApps:
    async def agreed(self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry) -> tuple[ClientEntry, str]:
        """An app of a third party that this browser's person has let in, and its refresh token."""
        third = await a_web_client(flow, pool, client_name="Calendar")
        await client_extension.change(flow, pool.pool.id, third.client.id, {"third_party": True})
        person = Person(web, third)
        page = await person.open()
        reply = await person.post(page, {**page.forms[0].fields, "answer": "allow"})
        assert reply.headers["location"].startswith(CALLBACK)
        return third, str((await redeem(web, third, answer_of(reply)["code"])).json()["refresh_token"])

    @pytest.mark.usefixtures("app")
    async def test_tell_what_they_may_do_and_lose_it(
        self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
    ) -> None:
        owner = await at_home(flow, web, person)
        third, held = await self.agreed(flow, web, pool)

        page = await owner.open("/apps")
        end = await owner.send("/apps", app=third.client.id)

        assert "Calendar" in page.words
        assert "See your email address" in page.words
        assert "The app has no access any more." in end.words
        assert not await refreshes(web, third, held)
        assert "Calendar" not in end.words

    @pytest.mark.usefixtures("app")
    async def test_of_somebody_else_stay_allowed(
        self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
    ) -> None:
        # CWE-639
        john = await a_user(flow, pool, email="john@example.com", email_verified="true")
        await at_home(flow, web, john)
        third, held = await self.agreed(flow, web, pool)
        owner = await at_home(flow, web, person)

        page = await owner.send("/apps", app=third.client.id)

        assert "That was gone already." in page.words
        assert await refreshes(web, third, held)


class TestActivity:
    async def test_is_there_where_it_is_recorded(
        self, flow: Flow, web: httpx.AsyncClient, app: ClientEntry, pool: PoolEntry, person: User, clock: FixedClock
    ) -> None:
        owner = await at_home(flow, web, person)
        assert "Activity" not in (await owner.open("/activity")).words
        await reconfigure(flow, pool, user_pool_add_ons=shapes.UserPoolAddOnsType(advanced_security_mode="AUDIT"))
        async with a_browser(application(flow)) as other:
            await Person(other, app).sign_in("jane@example.com", "Wrong-password-1")
        clock.advance(1)

        page = await owner.open("/activity")

        assert re.search(r"Sign-in Failed", page.words)
        assert "127.0.0.1" in page.words
