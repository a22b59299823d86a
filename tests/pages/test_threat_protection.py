"""Threat protection on the hosted pages: the same decisions, and the links of its mail."""

import re

import httpx
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.flows import feedback
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import Status, User
from poolhouse.pool.spec import shapes
from tests.support.builders import PASSWORD, a_user, last_code, messages, the_user, with_mfa
from tests.support.hosted import Page, Person, is_at_app
from tests.support.service import Service
from tests.support.web import BASE, a_browser, a_web_pool, application

BLOCKED = "This sign-in was stopped for security reasons."
EMAIL = "jane@example.com"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"


@pytest.fixture
async def pool(flow: Flow) -> PoolEntry:
    return await a_web_pool(
        flow, username_attributes=["email"], auto_verified_attributes=["email"], mfa=with_mfa("OPTIONAL", "sms"),
        user_pool_add_ons=shapes.UserPoolAddOnsType(advanced_security_mode="ENFORCED"),
    )  # fmt: skip


async def at_home(flow: Flow, web: httpx.AsyncClient, client: ClientEntry, clock: FixedClock) -> None:
    """The person signs in with a browser, which is known from then on."""
    web.headers["user-agent"] = FIREFOX
    assert is_at_app(await Person(web, client).sign_in(EMAIL, PASSWORD))
    await flow.journal.flush(flow.database)
    clock.advance(3600)


async def rule(flow: Flow, pool: PoolEntry, action: str, *, notify: bool = False) -> None:
    configured = {"SourceArn": "arn:aws:ses:us-east-1:000000000000:identity/a@example.com", "From": "a@example.com"}
    takeover = {"Actions": {"LowAction": {"Notify": notify, "EventAction": action}}}
    if notify:
        takeover["NotifyConfiguration"] = configured  # type: ignore[assignment]
    await Service(flow)(
        "SetRiskConfiguration",
        UserPoolId=pool.pool.id,
        AccountTakeoverRiskConfiguration=takeover,
        CompromisedCredentialsRiskConfiguration={"Actions": {"EventAction": "BLOCK"}},
    )


@pytest.mark.usefixtures("person")
async def test_a_strange_device_is_blocked_whatever_it_knows(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, client: ClientEntry, clock: FixedClock
) -> None:
    await rule(flow, pool, "BLOCK")
    await at_home(flow, web, client, clock)
    async with a_browser(application(flow)) as other:
        other.headers["user-agent"] = PHONE
        for name, password in ((EMAIL, PASSWORD), (EMAIL, "Wrong-Horse-7"), ("nobody@example.com", PASSWORD)):
            shown = await Person(other, client).sign_in(name, password)
            assert (401, True) == (shown.status, BLOCKED in shown.words)


async def test_a_strange_device_needs_a_second_factor(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, client: ClientEntry, clock: FixedClock
) -> None:
    await rule(flow, pool, "MFA_REQUIRED")
    await a_user(flow, pool, email=EMAIL, email_verified="true", phone_number="+12065550100")
    await at_home(flow, web, client, clock)
    async with a_browser(application(flow)) as other:
        other.headers["user-agent"] = PHONE
        person = Person(other, client)
        asked = await person.sign_in(EMAIL, PASSWORD)
        code = await last_code(flow, pool)

        assert "/mfa" in str(asked.reply.url)
        assert code


async def test_a_blocked_network_gets_no_further(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, client: ClientEntry, person: User
) -> None:
    listed = {"BlockedIPRangeList": ["127.0.0.0/8"]}
    await Service(flow)("SetRiskConfiguration", UserPoolId=pool.pool.id, RiskExceptionConfiguration=listed)

    shown = await Person(web, client).sign_in(person.attributes["email"], PASSWORD)

    assert (401, True) == (shown.status, "Requests from your network are not allowed here." in shown.words)


async def test_a_breached_password_must_be_reset(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, client: ClientEntry
) -> None:
    await rule(flow, pool, "NO_ACTION")
    joe = await a_user(flow, pool, "", "Dragon2024!", email="joe@example.com", email_verified="true")

    shown = await Person(web, client).sign_in("joe@example.com", "Dragon2024!")

    assert "/forgotPassword" in str(shown.reply.url)
    assert Status.RESET_REQUIRED is (await the_user(flow, pool, joe.username)).status


@pytest.mark.usefixtures("person")
async def test_a_link_says_nothing_before_the_button_is_pressed(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, client: ClientEntry, clock: FixedClock
) -> None:
    await rule(flow, pool, "NO_ACTION", notify=True)
    await at_home(flow, web, client, clock)
    async with a_browser(application(flow)) as other:
        other.headers["user-agent"] = PHONE
        await Person(other, client).sign_in(EMAIL, PASSWORD)
    await flow.journal.flush(flow.database)
    mail = (await messages(flow, pool))[0][1].text
    links = re.findall(rf"{BASE}\S+", mail)
    user = await the_user(flow, pool, EMAIL)

    shown = Page(await web.get(links[1]))
    before = (await feedback.list_events(flow, pool, user, "", 9))[0].feedback
    done = Page(
        await web.post(links[1], data={"_csrf": re.findall(r'name="_csrf" value="([^"]+)"', shown.reply.text)[0]})
    )

    after = (await feedback.list_events(flow, pool, user, "", 9))[0].feedback
    assert 2 == len(links)
    assert ("This was not me" in shown.words, before) == (True, None)
    assert (200, True) == (done.status, "Somebody may know your password." in done.words)
    assert after is not None
    assert ("Invalid", "User") == (after.value, after.provider)


async def test_a_link_that_is_none_of_ours_is_a_page(web: httpx.AsyncClient, pool: PoolEntry) -> None:
    base = f"/domains/{pool.domains[0].name}/authEventFeedback"

    for query in ("", "?token=x", "?token=e30&value=Valid", "?token=x&value=Maybe"):
        assert 400 <= (await web.get(base + query)).status_code < 500


@pytest.mark.parametrize(("language", "time"), [
    ("en", "Time: 15 Jan 2027, 09:00 UTC"), ("de", "Zeit: 15.01.2027, 09:00 UTC"),
])  # fmt: skip
@pytest.mark.usefixtures("person")
async def test_the_mail_tells_the_time_in_the_language_of_its_reader(
    flow: Flow,
    web: httpx.AsyncClient,
    pool: PoolEntry,
    client: ClientEntry,
    clock: FixedClock,
    language: str,
    time: str,
) -> None:
    await rule(flow, pool, "NO_ACTION", notify=True)
    await at_home(flow, web, client, clock)
    async with a_browser(application(flow)) as other:
        other.headers["user-agent"] = PHONE
        someone = Person(other, client)
        page = await someone.open(lang=language)
        fields = page.forms[0].fields | {"username": EMAIL, "password": PASSWORD}
        assert is_at_app(await someone.follow(await someone.post(page, fields)))
    await flow.journal.flush(flow.database)

    assert time in (await messages(flow, pool))[0][1].text
