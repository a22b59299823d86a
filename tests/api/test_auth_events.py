"""AdminListUserAuthEvents, AdminUpdateAuthEventFeedback, UpdateAuthEventFeedback, and what is recorded."""

from typing import Any

import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.flows import sweeper
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.flows.journal import CAPACITY, Journal
from poolhouse.pool.model.user import User
from poolhouse.pool.spec import shapes
from tests.api.administrator import Ask, missing_pool, pages, refusal
from tests.api.test_threat_protection import AWAY, FIREFOX, HOME, PHONE, actions, add_ons, attempt, events, rule
from tests.support.builders import PASSWORD, a_client, a_pool, a_user, last_code, messages
from tests.support.service import Service, hashed, sqlite_only

OPERATIONS = ["AdminListUserAuthEvents", "AdminUpdateAuthEventFeedback", "UpdateAuthEventFeedback"]
NO_USER = ("UserNotFoundException", "User does not exist.")
BAD_TOKEN = ("NotAuthorizedException", "Invalid feedback token.")


@pytest.fixture
async def pool(flow: Flow) -> PoolEntry:
    return await a_pool(flow, user_pool_add_ons=add_ons("AUDIT"), auto_verified_attributes=["email"])


@pytest.fixture
async def client(flow: Flow, pool: PoolEntry) -> ClientEntry:
    return await a_client(flow, pool)


@pytest.fixture
async def user(flow: Flow, pool: PoolEntry) -> User:
    return await a_user(flow, pool, "jane", email="jane@example.com", email_verified="true")


def more_of(operation: str) -> dict[str, str]:
    more = {"EventId": "e", "FeedbackValue": "Valid"} if operation.endswith("Feedback") else {}
    return more | ({"FeedbackToken": "t"} if operation.startswith("Update") else {})


async def test_a_sign_in_is_recorded_with_what_is_known(
    service: Service, pool: PoolEntry, client: ClientEntry, user: User, clock: FixedClock
) -> None:
    await service.at(HOME, FIREFOX).tokens(client, user.username)

    (event,) = await events(service, pool)
    assert 36 == len(event.pop("EventId"))
    assert {
        "EventType": "SignIn",
        "CreationDate": clock.now_ms() / 1000,
        "EventResponse": "Pass",
        "EventRisk": {"RiskDecision": "NoRisk"},
        "ChallengeResponses": [{"ChallengeName": "Password", "ChallengeResponse": "Success"}],
        "EventContextData": {"IpAddress": HOME, "DeviceName": "Firefox 128, Linux"},
    } == event


async def test_every_kind_of_event(service: Service, flow: Flow, pool: PoolEntry, client: ClientEntry) -> None:
    name = {"ClientId": client.client.id, "Username": "new", **hashed(client, "new", "SecretHash")}
    await service("SignUp", **name, Password=PASSWORD, UserAttributes=[{"Name": "email", "Value": "new@example.com"}])
    await service("ResendConfirmationCode", **name)
    await service("ConfirmSignUp", **name, ConfirmationCode=await last_code(flow, pool))
    await service("ForgotPassword", **name)
    code = await last_code(flow, pool)
    await service("ConfirmForgotPassword", **name, ConfirmationCode=code, Password="Battery-Staple-9")
    token = (await service.tokens(client, "new", "Battery-Staple-9"))["AccessToken"]
    change = {"AccessToken": token, "ProposedPassword": PASSWORD}
    await service.refusal("ChangePassword", **change, PreviousPassword="Wrong-Horse-7")
    await service("ChangePassword", **change, PreviousPassword="Battery-Staple-9")
    await attempt(service, client, "new", "Wrong-Horse-7")

    found = [(each["EventType"], each["EventResponse"]) for each in reversed(await events(service, pool, "new"))]
    assert [
        ("SignUp", "InProgress"),
        ("ResendCode", "Pass"),
        ("SignUp", "Pass"),
        ("ForgotPassword", "InProgress"),
        ("PasswordChange", "Pass"),
        ("SignIn", "Pass"),
        ("PasswordChange", "Fail"),
        ("PasswordChange", "Pass"),
        ("SignIn", "Fail"),
    ] == found


async def test_pages_newest_first(
    ask: Ask, service: Service, pool: PoolEntry, client: ClientEntry, user: User, clock: FixedClock
) -> None:
    times = []
    for _ in range(5):
        clock.advance(60)
        times.append(clock.now())
        await service.tokens(client, "jane")
    of_jane = {"UserPoolId": pool.pool.id, "Username": user.sub}

    found = await pages(ask, "AdminListUserAuthEvents", "AuthEvents", **of_jane, MaxResults=2)

    assert [2, 2, 1] == [len(each) for each in found]
    assert times[::-1] == [each["CreationDate"] for some in found for each in some]
    first = await ask("AdminListUserAuthEvents", **of_jane, MaxResults=0)
    assert (5, False) == (len(first["AuthEvents"]), "NextToken" in first)


@sqlite_only
async def test_a_token_of_another_list_and_a_page_too_large_are_refused(
    ask: Ask, service: Service, flow: Flow, pool: PoolEntry, client: ClientEntry, user: User
) -> None:
    joe = await a_user(flow, pool, "joe")
    for _ in range(2):
        await service.tokens(client, user.username)
    at: dict[str, Any] = {"UserPoolId": pool.pool.id}
    token = (await ask("AdminListUserAuthEvents", **at, Username="jane", MaxResults=1))["NextToken"]

    for body in ({"Username": joe.username, "NextToken": token}, {"Username": "jane", "MaxResults": 61}):
        code, _ = await refusal(ask, "AdminListUserAuthEvents", **at, **body)
        assert "InvalidParameterException" == code


async def test_events_are_of_one_user_in_one_pool(
    service: Service, flow: Flow, pool: PoolEntry, client: ClientEntry, user: User
) -> None:
    other = await a_pool(flow, user_pool_add_ons=add_ons("AUDIT"))
    await a_user(flow, other, "jane")
    await a_user(flow, pool, "joe")
    await service.tokens(client, user.username)

    assert [] == await events(service, other, "jane")
    assert [] == await events(service, pool, "joe")
    await service("AdminDeleteUser", UserPoolId=pool.pool.id, Username="jane")
    await a_user(flow, pool, "jane")
    assert [] == await events(service, pool, "jane")


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_without_threat_protection_there_are_no_events(ask: Ask, flow: Flow, operation: str) -> None:
    off = await a_pool(flow)

    said = await refusal(ask, operation, UserPoolId=off.pool.id, Username="jane", **more_of(operation))
    assert "UserPoolAddOnNotEnabledException" == said[0]


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_an_unknown_pool(ask: Ask, operation: str) -> None:
    body = {"UserPoolId": "us-east-1_nobody", "Username": "jane", **more_of(operation)}

    assert missing_pool("us-east-1_nobody") == await refusal(ask, operation, **body)


@pytest.mark.parametrize("operation", OPERATIONS[:2])
async def test_an_unknown_user(ask: Ask, pool: PoolEntry, operation: str) -> None:
    body = {"UserPoolId": pool.pool.id, "Username": "nobody", **more_of(operation)}

    assert NO_USER == await refusal(ask, operation, **body)


async def test_an_administrator_gives_feedback(
    ask: Ask, service: Service, flow: Flow, pool: PoolEntry, client: ClientEntry, user: User, clock: FixedClock
) -> None:
    await service.tokens(client, user.username)
    await a_user(flow, pool, "joe")
    event = (await events(service, pool))[0]["EventId"]
    body = {"UserPoolId": pool.pool.id, "EventId": event, "FeedbackValue": "Invalid"}

    assert {} == await ask("AdminUpdateAuthEventFeedback", **body, Username="jane")

    given = (await events(service, pool))[0]["EventFeedback"]
    assert {"FeedbackValue": "Invalid", "Provider": "Admin", "FeedbackDate": clock.now()} == given
    unknown = ("ResourceNotFoundException", f"Auth event {event} does not exist.")
    assert unknown == await refusal(ask, "AdminUpdateAuthEventFeedback", **body, Username="joe")
    code, _ = await refusal(ask, "AdminUpdateAuthEventFeedback", **body | {"EventId": "none"}, Username="jane")
    assert "ResourceNotFoundException" == code
    code, _ = await refusal(ask, "AdminUpdateAuthEventFeedback", **body | {"FeedbackValue": "Maybe"}, Username="jane")
    assert "InvalidParameterException" == code


class TestToken:
    """UpdateAuthEventFeedback, by the token of a mail."""

    @pytest.fixture
    async def pool(self, flow: Flow) -> PoolEntry:
        return await a_pool(flow, user_pool_add_ons=add_ons("ENFORCED"))

    @pytest.fixture
    async def body(
        self, service: Service, flow: Flow, pool: PoolEntry, client: ClientEntry, user: User, clock: FixedClock
    ) -> dict[str, str]:
        rules = actions(notify=True, Medium="NO_ACTION")
        notify = rules["AccountTakeoverRiskConfiguration"]["NotifyConfiguration"]
        notify["NoActionEmail"] = {"Subject": "About you", "TextBody": "{event-id} {feedback-token}"}
        await rule(service, pool, **rules)
        await service.at(HOME, FIREFOX).tokens(client, user.username)
        await flow.journal.flush(flow.database)
        clock.advance(3600)
        await service.at(AWAY, PHONE).tokens(client, "jane")
        await flow.journal.flush(flow.database)
        event, _, token = (await messages(flow, pool))[0][1].text.partition(" ")
        return {"UserPoolId": pool.pool.id, "Username": "jane", "EventId": event, "FeedbackToken": token,
                "FeedbackValue": "Valid"}  # fmt: skip

    async def test_what_was_the_users_is_known_from_then_on(
        self, service: Service, pool: PoolEntry, client: ClientEntry, body: dict[str, str]
    ) -> None:
        assert {} == await service("UpdateAuthEventFeedback", **body)
        assert {} == await service("UpdateAuthEventFeedback", **body)

        first = (await events(service, pool))[0]
        assert ("Valid", "User") == (first["EventFeedback"]["FeedbackValue"], first["EventFeedback"]["Provider"])
        await service.at(AWAY, PHONE).tokens(client, "jane")
        assert {"RiskDecision": "NoRisk"} == (await events(service, pool))[0]["EventRisk"]

    async def test_what_was_not_the_users_stays_a_risk(
        self, service: Service, pool: PoolEntry, client: ClientEntry, body: dict[str, str]
    ) -> None:
        await service("UpdateAuthEventFeedback", **body | {"FeedbackValue": "Invalid"})
        await service.at(AWAY, PHONE).tokens(client, "jane")

        assert "Medium" == (await events(service, pool))[0]["EventRisk"]["RiskLevel"]

    async def test_a_token_is_for_one_event_of_one_user_for_a_week(
        self, service: Service, flow: Flow, pool: PoolEntry, body: dict[str, str], clock: FixedClock
    ) -> None:
        await a_user(flow, pool, "joe")
        other = (await events(service, pool))[-1]["EventId"]
        elsewhere = await a_pool(flow, user_pool_add_ons=add_ons("AUDIT"))
        await a_user(flow, elsewhere, "jane")
        wrong = [
            {"EventId": other}, {"Username": "joe"}, {"FeedbackToken": "e30"},
            {"FeedbackToken": body["FeedbackToken"][:-2]}, {"UserPoolId": elsewhere.pool.id},
            {"FeedbackToken": "x", "Username": "nobody"},
        ]  # fmt: skip

        assert [BAD_TOKEN] * 6 == [await service.refusal("UpdateAuthEventFeedback", **body | each) for each in wrong]
        clock.advance(7 * 86_400)
        assert BAD_TOKEN == await service.refusal("UpdateAuthEventFeedback", **body)

    async def test_a_user_who_is_gone(self, service: Service, pool: PoolEntry, body: dict[str, str]) -> None:
        await service("AdminDeleteUser", UserPoolId=pool.pool.id, Username="jane")

        assert NO_USER == await service.refusal("UpdateAuthEventFeedback", **body)


async def test_an_endpoint_is_recorded_where_the_client_has_an_analytics_project(
    service: Service, flow: Flow, pool: PoolEntry, user: User
) -> None:
    from poolhouse.pool.flows.feedback import list_events

    analytics = shapes.AnalyticsConfigurationType(application_id="abc")
    project = await a_client(flow, pool, analytics_configuration=analytics)
    for each in (project, await a_client(flow, pool)):
        body = {"USERNAME": "jane", "PASSWORD": PASSWORD, **hashed(each, "jane")}
        await service(
            "InitiateAuth", ClientId=each.client.id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=body,
            AnalyticsMetadata={"AnalyticsEndpointId": "phone-1"},
        )  # fmt: skip

    assert ["", "phone-1"] == [each.seen.endpoint_id for each in await list_events(flow, pool, user, "", 9)]


async def test_events_are_kept_as_long_as_the_server_says(
    service: Service, flow: Flow, pool: PoolEntry, client: ClientEntry, user: User, clock: FixedClock
) -> None:
    await service.tokens(client, user.username)
    clock.advance(729 * 86_400)
    await service.tokens(client, "jane")
    clock.advance(2 * 86_400)

    await flow.journal.flush(flow.database)
    await sweeper.sweep(flow)

    assert 1 == len(await events(service, pool))


@sqlite_only
async def test_one_bad_record_does_not_take_the_others_with_it(flow: Flow) -> None:
    written = []

    async def good(_tx: Tx) -> None:
        written.append("good")

    async def bad(tx: Tx) -> None:
        await tx.run(_missing())

    for unit in (good, bad, good):
        flow.journal.put(unit)
    await flow.journal.flush(flow.database)

    assert ["good", "good"] == written[-2:]


def _missing() -> Any:
    from sqlalchemy import text

    from poolhouse.kit.db.statement import compile_pair

    return compile_pair(for_sqlite=text("DELETE FROM nowhere"), for_postgres=text("DELETE FROM nowhere"))


@sqlite_only
async def test_a_journal_is_bounded(flow: Flow) -> None:
    journal, count = Journal(), 0

    async def unit(_tx: Tx) -> None:
        nonlocal count
        count += 1

    for _ in range(CAPACITY + 5):
        journal.put(unit)
    await journal.flush(flow.database)

    assert CAPACITY == count
