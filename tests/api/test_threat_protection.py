"""What threat protection does in a sign-in, a sign-up and a change of password: on what it acts, and what it tells."""

import json
from typing import Any

import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import Status, User
from poolhouse.pool.spec import shapes
from tests.api.test_srp import Person, exchange
from tests.support.authenticator import Authenticator
from tests.support.builders import PASSWORD, a_client, a_pool, a_user, last_code, messages, the_user, with_mfa
from tests.support.service import (
    LOCKED_OUT,
    WRONG_PASSWORD,
    Refusal,
    Service,
    admin_auth,
    hashed,
    password_auth,
    sqlite_only,
)

BLOCKED = ("NotAuthorizedException", "Unable to login because of security reasons.")
NOT_ALLOWED = ("NotAuthorizedException", "Request not allowed due to security reasons.")
NOT_SECURE = ("InvalidPasswordException", "Provided password cannot be used for security reasons.")
RESET = ("PasswordResetRequiredException", "Password reset required for the user")
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"
HOME, AWAY = "192.0.2.7", "198.51.100.9"
BREACHED = "Dragon2024!"


def add_ons(mode: str) -> shapes.UserPoolAddOnsType:
    return shapes.UserPoolAddOnsType(advanced_security_mode=mode)


def actions(notify: bool = False, **levels: str) -> dict[str, Any]:
    chosen = {f"{level}Action": {"Notify": notify, "EventAction": action} for level, action in levels.items()}
    configured = {"SourceArn": "arn:aws:ses:us-east-1:000000000000:identity/a@example.com", "From": "a@example.com"}
    more = {"NotifyConfiguration": configured} if notify else {}
    return {"AccountTakeoverRiskConfiguration": {"Actions": chosen, **more}}


def compromised(action: str = "BLOCK", *events: str) -> dict[str, Any]:
    return {"CompromisedCredentialsRiskConfiguration": {
        "Actions": {"EventAction": action}, **({"EventFilter": list(events)} if events else {})}
    }  # fmt: skip


def exceptions(**lists: list[str]) -> dict[str, Any]:
    return {"RiskExceptionConfiguration": lists}


pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:pycognito")


@pytest.fixture
async def pool(flow: Flow) -> PoolEntry:
    return await a_pool(
        flow, user_pool_add_ons=add_ons("ENFORCED"), mfa=with_mfa("OPTIONAL", "sms", "totp"),
        auto_verified_attributes=["email"],
    )  # fmt: skip


@pytest.fixture
async def client(flow: Flow, pool: PoolEntry) -> ClientEntry:
    return await a_client(flow, pool, prevent_user_existence_errors="ENABLED")


@pytest.fixture
async def user(flow: Flow, pool: PoolEntry) -> User:
    return await a_user(flow, pool, "jane", email="jane@example.com", email_verified="true")


async def rule(service: Service, pool: PoolEntry, client: ClientEntry | None = None, **rules: Any) -> None:
    target = {} if client is None else {"ClientId": client.client.id}
    await service("SetRiskConfiguration", UserPoolId=pool.pool.id, **target, **rules)


async def with_history(service: Service, client: ClientEntry, name: str = "jane") -> None:
    """The user signs in at home."""
    assert await service.at(HOME, FIREFOX).tokens(client, name)
    await service.flow.journal.flush(service.flow.database)


async def events(service: Service, pool: PoolEntry, name: str = "jane") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (
        await service("AdminListUserAuthEvents", UserPoolId=pool.pool.id, Username=name)
    )["AuthEvents"]  # fmt: skip
    return found


async def attempt(service: Service, client: ClientEntry, name: str, password: str) -> Refusal:
    return await service.refusal("InitiateAuth", **password_auth(client, name, password))


async def test_a_sign_in_from_a_strange_place_is_blocked(
    service: Service, pool: PoolEntry, client: ClientEntry, user: User, clock: FixedClock
) -> None:
    await rule(service, pool, **actions(Medium="BLOCK"))
    await with_history(service, client)
    clock.advance(86_400)

    assert BLOCKED == await attempt(service.at(AWAY, PHONE), client, "jane", PASSWORD)
    assert await service.at(AWAY, FIREFOX).tokens(client, "jane")


async def test_a_block_tells_neither_the_password_nor_who_exists(
    service: Service, flow: Flow, pool: PoolEntry, client: ClientEntry, user: User
) -> None:
    await rule(service, pool, **actions(Medium="BLOCK"))
    await a_user(flow, pool, "new")
    await with_history(service, client)
    away = service.at(AWAY, PHONE)

    answers = [
        await attempt(away, client, "jane", PASSWORD),
        await attempt(away, client, "jane", "Wrong-Horse-7"),
        await attempt(away, client, "new", "Wrong-Horse-7"),
        await attempt(away, client, "nobody", PASSWORD),
        # Neighbours of the user learn no more: same network, same browser.
        await attempt(service.at(HOME, FIREFOX), client, "jane", "Wrong-Horse-7"),
        await attempt(service.at(HOME, FIREFOX), client, "nobody", "Wrong-Horse-7"),
    ]
    assert [BLOCKED] * 6 == answers


async def test_blocked_sign_ins_lock_out_alike_whatever_the_password(
    service: Service, flow: Flow, pool: PoolEntry, client: ClientEntry, user: User
) -> None:
    await a_user(flow, pool, "joe")
    await rule(service, pool, **actions(Low="BLOCK"))
    for name in ("jane", "joe"):
        await with_history(service, client, name)
    away = service.at(AWAY, PHONE)

    right = [await attempt(away, client, "jane", PASSWORD) for _ in range(6)]
    wrong = [await attempt(away, client, "joe", "Wrong-Horse-7") for _ in range(6)]
    nobody = [await attempt(away, client, "nobody", PASSWORD) for _ in range(6)]

    assert [BLOCKED] * 5 + [LOCKED_OUT] == right == wrong == nobody


async def test_audit_records_and_never_blocks(service: Service, flow: Flow, clock: FixedClock) -> None:
    pool = await a_pool(flow, user_pool_add_ons=add_ons("AUDIT"))
    client = await a_client(flow, pool)
    await a_user(flow, pool, "jane", BREACHED)
    await rule(
        service, pool, **actions(Low="BLOCK", Medium="BLOCK", High="BLOCK"), **compromised(),
        **exceptions(BlockedIPRangeList=["0.0.0.0/0"]),
    )  # fmt: skip
    assert await service.at(HOME, FIREFOX).tokens(client, "jane", BREACHED)
    await flow.journal.flush(flow.database)
    clock.advance(3600)

    assert await service.at(AWAY, PHONE).tokens(client, "jane", BREACHED)

    newest = (await events(service, pool))[0]
    assert "Pass" == newest["EventResponse"]
    assert {
        "RiskDecision": "AccountTakeover", "RiskLevel": "Medium", "CompromisedCredentialsDetected": True,
    } == newest["EventRisk"]  # fmt: skip


async def test_without_threat_protection_nothing_is_judged_or_written(service: Service, flow: Flow) -> None:
    pool = await a_pool(flow)
    client = await a_client(flow, pool)
    await a_user(flow, pool, "jane", BREACHED)

    assert await service.at(AWAY, PHONE).tokens(client, "jane", BREACHED)
    assert not flow.journal.waiting


@pytest.mark.parametrize("action", ["MFA_IF_CONFIGURED", "MFA_REQUIRED"])
async def test_a_risk_asks_for_a_second_factor_that_the_user_could_show(
    service: Service, flow: Flow, pool: PoolEntry, client: ClientEntry, clock: FixedClock, action: str
) -> None:
    await rule(service, pool, **actions(Low=action))
    await a_user(flow, pool, "jane", phone_number="+12065550100")
    await with_history(service, client)
    clock.advance(3600)

    away = service.at(AWAY, FIREFOX)
    asked = await away.sign_in(client, "jane")
    code = await last_code(flow, pool)
    signed = await away.respond(client, "jane", "SMS_MFA", asked["Session"], SMS_MFA_CODE=code)

    assert ("SMS_MFA", True) == (asked["ChallengeName"], "AuthenticationResult" in signed)
    newest = (await events(service, pool))[0]
    assert [("Password", "Success"), ("Mfa", "Success")] == [
        (each["ChallengeName"], each["ChallengeResponse"]) for each in newest["ChallengeResponses"]
    ]
    assert ("Pass", "AccountTakeover") == (newest["EventResponse"], newest["EventRisk"]["RiskDecision"])


@pytest.mark.parametrize(("action", "blocked"), [("MFA_IF_CONFIGURED", False), ("MFA_REQUIRED", True)])
async def test_a_user_without_a_second_factor(
    service: Service, pool: PoolEntry, client: ClientEntry, user: User, clock: FixedClock, action: str, blocked: bool
) -> None:
    await rule(service, pool, **actions(Low=action))
    await with_history(service, client)
    clock.advance(3600)
    away = service.at(AWAY, FIREFOX)

    if blocked:
        assert BLOCKED == await attempt(away, client, "jane", PASSWORD)
        assert ("Fail", "Block") == (
            (await events(service, pool))[0]["EventResponse"],
            (await events(service, pool))[0]["EventRisk"]["RiskDecision"],
        )
    else:
        assert await away.tokens(client, "jane")


async def test_a_wrong_second_factor_fails_the_event(
    service: Service, flow: Flow, pool: PoolEntry, client: ClientEntry, clock: FixedClock
) -> None:
    await rule(service, pool, **actions(Low="MFA_REQUIRED"))
    await a_user(flow, pool, "jane", phone_number="+12065550100")
    await with_history(service, client)
    clock.advance(3600)
    away = service.at(AWAY, FIREFOX)
    asked = await away.sign_in(client, "jane")
    assert "InProgress" == (await events(service, pool))[0]["EventResponse"]

    await away.respond_refusal(client, "jane", "SMS_MFA", asked["Session"], SMS_MFA_CODE="000000")

    newest = (await events(service, pool))[0]
    assert ("Fail", {"ChallengeName": "Mfa", "ChallengeResponse": "Failure"}) == (
        newest["EventResponse"],
        newest["ChallengeResponses"][-1],
    )


async def test_a_clients_rules_replace_the_pools(
    service: Service, flow: Flow, pool: PoolEntry, client: ClientEntry, user: User, clock: FixedClock
) -> None:
    other = await a_client(flow, pool)
    await rule(service, pool, **actions(Low="BLOCK"))
    await rule(service, pool, other, **actions(Low="NO_ACTION"))
    await with_history(service, client)
    clock.advance(3600)

    assert BLOCKED == await attempt(service.at(AWAY, FIREFOX), client, "jane", PASSWORD)
    assert await service.at(AWAY, FIREFOX).tokens(other, "jane")


async def test_srp_is_judged_as_a_password_is(
    service: Service, pool: PoolEntry, client: ClientEntry, user: User, clock: FixedClock
) -> None:
    await rule(service, pool, **actions(Low="BLOCK"))
    await with_history(service, client)
    clock.advance(3600)

    away = service.at(AWAY, PHONE)
    for password in (PASSWORD, "Wrong-Horse-7"):
        proof = await exchange(away, Person(pool, client, "jane", password))
        assert BLOCKED == await away.refusal("RespondToAuthChallenge", **proof)


@pytest.mark.parametrize(("address", "listed"), [(AWAY, "198.51.100.0/24"), ("2001:db8::9", "2001:db8::/32")])
async def test_a_blocked_range_is_refused_whatever_it_asks_for(
    service: Service, pool: PoolEntry, client: ClientEntry, user: User, address: str, listed: str
) -> None:
    await rule(service, pool, **exceptions(BlockedIPRangeList=[listed], SkippedIPRangeList=[listed]))
    away = service.at(address, FIREFOX)
    name = {"ClientId": client.client.id, "Username": "jane", **hashed(client, "jane", "SecretHash")}
    nobody = {"ClientId": client.client.id, "Username": "nobody", **hashed(client, "nobody", "SecretHash")}

    assert NOT_ALLOWED == await attempt(away, client, "jane", PASSWORD)
    assert NOT_ALLOWED == await attempt(away, client, "nobody", PASSWORD)
    assert NOT_ALLOWED == await away.refusal("SignUp", **nobody, Password=PASSWORD)
    for each in (name, nobody):
        assert NOT_ALLOWED == await away.refusal("ForgotPassword", **each)
        assert NOT_ALLOWED == await away.refusal("ResendConfirmationCode", **each)
        assert NOT_ALLOWED == await away.refusal(
            "ConfirmForgotPassword", **each, ConfirmationCode="123456", Password=PASSWORD
        )
        assert NOT_ALLOWED == await away.refusal("ConfirmSignUp", **each, ConfirmationCode="123456")
    assert await service.at(HOME, FIREFOX).tokens(client, "jane")
    assert "Block" == (await events(service, pool))[-1]["EventRisk"]["RiskDecision"]


async def test_a_skipped_range_is_not_judged(
    service: Service, pool: PoolEntry, client: ClientEntry, user: User, clock: FixedClock
) -> None:
    await rule(
        service, pool, **actions(Low="BLOCK"), **exceptions(SkippedIPRangeList=["198.51.100.0/24", "2001:db8::/32"])
    )
    await with_history(service, client)
    clock.advance(3600)

    assert await service.at(AWAY, PHONE).tokens(client, "jane")
    assert await service.at("2001:db8::5", PHONE).tokens(client, "jane")
    assert WRONG_PASSWORD == await attempt(service.at(AWAY, PHONE), client, "jane", "Wrong-Horse-7")


async def test_an_address_that_a_client_states_is_believed_only_where_it_may_state_one(
    service: Service, flow: Flow, pool: PoolEntry, client: ClientEntry, user: User
) -> None:
    trusted = await a_client(flow, pool, enable_propagate_additional_user_context_data=True)
    await rule(service, pool, **exceptions(BlockedIPRangeList=["198.51.100.0/24"]))
    stated = {"UserContextData": {"IpAddress": AWAY}}

    assert await service.at(HOME)("InitiateAuth", **password_auth(client, "jane"), **stated)
    assert NOT_ALLOWED == await service.at(HOME).refusal("InitiateAuth", **password_auth(trusted, "jane"), **stated)
    assert NOT_ALLOWED == await service.at(AWAY).refusal("InitiateAuth", **password_auth(client, "jane"), UserContextData={"IpAddress": HOME})  # fmt: skip


async def test_an_administrators_context_is_the_users(
    service: Service, pool: PoolEntry, client: ClientEntry, user: User
) -> None:
    await rule(service, pool, **exceptions(BlockedIPRangeList=["198.51.100.0/24"]))
    context = {"IpAddress": AWAY, "ServerName": "app", "ServerPath": "/",
               "HttpHeaders": [{"headerName": "User-Agent", "headerValue": FIREFOX}]}  # fmt: skip

    said = await service.at(HOME).refusal("AdminInitiateAuth", **admin_auth(pool, client, "jane"), ContextData=context)
    # What is not passed on is not known: the connection is that of the application.
    assert await service.at(AWAY)("AdminInitiateAuth", **admin_auth(pool, client, "jane"))
    wrong = await service.refusal(
        "AdminInitiateAuth", **admin_auth(pool, client, "jane"), ContextData=context | {"IpAddress": "here"}
    )

    assert (NOT_ALLOWED, "InvalidParameterException") == (said, wrong[0])
    assert "Firefox 128, Linux" == (await events(service, pool))[1]["EventContextData"]["DeviceName"]


class TestCompromised:
    """Passwords that are known from a breach."""

    @pytest.fixture
    async def weak(self, flow: Flow, pool: PoolEntry) -> User:
        return await a_user(flow, pool, "joe", BREACHED, email="joe@example.com", email_verified="true")

    @pytest.mark.usefixtures("weak")
    async def test_a_sign_in_ends_and_the_password_must_be_reset(
        self, service: Service, flow: Flow, pool: PoolEntry
    ) -> None:
        client = await a_client(flow, pool)
        await rule(service, pool, **compromised())

        assert RESET == await attempt(service, client, "joe", BREACHED)
        assert RESET == await attempt(service, client, "joe", BREACHED)
        assert Status.RESET_REQUIRED is (await the_user(flow, pool, "joe")).status
        newest = (await events(service, pool, "joe"))[-1]
        assert {"RiskDecision": "Block", "CompromisedCredentialsDetected": True} == newest["EventRisk"]

    @pytest.mark.usefixtures("user")
    async def test_a_wrong_guess_at_one_is_a_wrong_guess(
        self, service: Service, pool: PoolEntry, client: ClientEntry
    ) -> None:
        await rule(service, pool, **compromised())

        assert WRONG_PASSWORD == await attempt(service, client, "jane", BREACHED)
        assert WRONG_PASSWORD == await attempt(service, client, "nobody", BREACHED)

    @pytest.mark.parametrize("rules", [compromised("NO_ACTION"), compromised("BLOCK", "SIGN_UP", "PASSWORD_CHANGE")])
    @pytest.mark.usefixtures("weak")
    async def test_without_the_action_or_the_event_it_goes_on(
        self, service: Service, pool: PoolEntry, client: ClientEntry, rules: dict[str, Any]
    ) -> None:
        await rule(service, pool, **rules)

        assert await service.tokens(client, "joe", BREACHED)

    @pytest.mark.parametrize(("events", "blocked"), [((), True), (("SIGN_UP",), True), (("SIGN_IN",), False)])
    async def test_a_sign_up_with_one_is_refused(
        self, service: Service, pool: PoolEntry, client: ClientEntry, events: tuple[str, ...], blocked: bool
    ) -> None:
        await rule(service, pool, **compromised("BLOCK", *events))
        body = {
            "ClientId": client.client.id, "Username": "new", "Password": BREACHED,
            "UserAttributes": [{"Name": "email", "Value": "new@example.com"}], **hashed(client, "new", "SecretHash"),
        }  # fmt: skip

        if blocked:
            assert NOT_SECURE == await service.refusal("SignUp", **body)
        else:
            assert await service("SignUp", **body)

    @pytest.mark.parametrize(("events", "blocked"), [((), True), (("PASSWORD_CHANGE",), True), (("SIGN_IN",), False)])
    @pytest.mark.usefixtures("user")
    async def test_a_change_to_one_is_refused(
        self, service: Service, pool: PoolEntry, client: ClientEntry, events: tuple[str, ...], blocked: bool
    ) -> None:
        token = (await service.tokens(client, "jane"))["AccessToken"]
        await rule(service, pool, **compromised("BLOCK", *events))
        body = {"AccessToken": token, "PreviousPassword": PASSWORD, "ProposedPassword": BREACHED}

        if blocked:
            assert NOT_SECURE == await service.refusal("ChangePassword", **body)
            assert await service.tokens(client, "jane")
        else:
            await service("ChangePassword", **body)

    @pytest.mark.usefixtures("user")
    async def test_a_reset_to_one_is_refused_and_keeps_the_code(
        self, service: Service, flow: Flow, pool: PoolEntry, client: ClientEntry
    ) -> None:
        await rule(service, pool, **compromised())
        name = {"ClientId": client.client.id, "Username": "jane", **hashed(client, "jane", "SecretHash")}
        await service("ForgotPassword", **name)
        code = await last_code(flow, pool)

        said = await service.refusal("ConfirmForgotPassword", **name, ConfirmationCode=code, Password=BREACHED)
        await service("ConfirmForgotPassword", **name, ConfirmationCode=code, Password="Battery-Staple-9")

        assert NOT_SECURE == said

    async def test_a_temporary_password_is_replaced_by_none_of_them(
        self, service: Service, flow: Flow, pool: PoolEntry, client: ClientEntry
    ) -> None:
        await a_user(flow, pool, "joe", BREACHED, temporary=True)
        await rule(service, pool, **compromised())
        asked = await service.sign_in(client, "joe", BREACHED)

        said = await service.respond_refusal(
            client, "joe", "NEW_PASSWORD_REQUIRED", asked["Session"], NEW_PASSWORD="Monkey123!"
        )
        assert ("NEW_PASSWORD_REQUIRED", NOT_SECURE) == (asked["ChallengeName"], said)


class TestMail:
    """Mail about a risk."""

    @pytest.mark.parametrize(
        ("action", "subject"),
        [
            ("BLOCK", "Blocked sign-in attempt"),
            ("MFA_IF_CONFIGURED", "New sign-in attempt"),
            ("NO_ACTION", "New sign-in attempt"),
        ],
    )
    @pytest.mark.usefixtures("user")
    async def test_the_user_is_written_to(
        self, service: Service, flow: Flow, pool: PoolEntry, client: ClientEntry, clock: FixedClock,
        action: str, subject: str,
    ) -> None:  # fmt: skip
        await rule(service, pool, **actions(notify=True, Low=action))
        await with_history(service, client)
        clock.advance(3600)
        if action == "BLOCK":
            await attempt(service.at(AWAY, FIREFOX), client, "jane", PASSWORD)
        else:
            await service.at(AWAY, FIREFOX).tokens(client, "jane")
        await flow.journal.flush(flow.database)

        (message, content), *more = await messages(flow, pool)
        assert ("jane@example.com", "EMAIL", subject, []) == (
            message.destination, message.medium, content.subject, more
        )  # fmt: skip
        assert "IP address: 198.51.100.9" in content.text
        assert "Device: Firefox 128, Linux" in content.text

    async def test_what_is_filled_in_is_escaped_and_never_filled_again(
        self, service: Service, flow: Flow, pool: PoolEntry, client: ClientEntry, clock: FixedClock
    ) -> None:
        await a_user(flow, pool, "{event-id}<b>", email="joe@example.com", email_verified="true")
        rules = actions(notify=True, Low="NO_ACTION")
        takeover = rules["AccountTakeoverRiskConfiguration"]
        takeover["NotifyConfiguration"]["NoActionEmail"] = {
            "Subject": "About {username}", "HtmlBody": "<p>{username} {ip-address} {country}</p>"
        }  # fmt: skip
        await rule(service, pool, **rules)
        await with_history(service, client, "{event-id}<b>")
        clock.advance(3600)
        await service.at(AWAY, FIREFOX).tokens(client, "{event-id}<b>")
        await flow.journal.flush(flow.database)

        content = (await messages(flow, pool))[0][1]
        assert "<p>{event-id}&lt;b&gt; 198.51.100.9 </p>" == content.html
        assert ("About {event-id}<b>", "a@example.com") == (content.subject, content.sender)

    @pytest.mark.usefixtures("user")
    async def test_a_wrong_password_sends_nothing(
        self, service: Service, flow: Flow, pool: PoolEntry, client: ClientEntry
    ) -> None:
        await rule(service, pool, **actions(notify=True, Low="BLOCK"))
        await with_history(service, client)
        await attempt(service.at(AWAY, PHONE), client, "jane", "Wrong-Horse-7")
        await flow.journal.flush(flow.database)

        assert [] == await messages(flow, pool)

    async def test_an_address_that_is_not_verified_gets_nothing(
        self, service: Service, flow: Flow, pool: PoolEntry, client: ClientEntry
    ) -> None:
        await a_user(flow, pool, "joe", email="joe@example.com")
        await rule(service, pool, **actions(notify=True, Low="NO_ACTION"))
        await with_history(service, client, "joe")
        await service.at(AWAY, PHONE).tokens(client, "joe")
        await flow.journal.flush(flow.database)

        assert [] == await messages(flow, pool)


@pytest.mark.usefixtures("user")
class TestFirstFactors:
    """Codes and passkeys in the place of a password."""

    @pytest.fixture
    async def pool(self, flow: Flow) -> PoolEntry:
        factors = shapes.SignInPolicyType(allowed_first_auth_factors=["PASSWORD", "EMAIL_OTP", "WEB_AUTHN"])
        return await a_pool(
            flow, user_pool_add_ons=add_ons("ENFORCED"), policies=shapes.UserPoolPolicyType(sign_in_policy=factors),
            mfa=shapes.GetUserPoolMfaConfigResponse(
                web_authn_configuration=shapes.WebAuthnConfigurationType(relying_party_id="app.example")
            ),
        )  # fmt: skip

    @pytest.fixture
    async def client(self, flow: Flow, pool: PoolEntry) -> ClientEntry:
        flows = ["ALLOW_USER_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
        return await a_client(flow, pool, explicit_auth_flows=flows, prevent_user_existence_errors="ENABLED")

    async def by_code(self, service: Service, client: ClientEntry, name: str, code: str) -> Refusal:
        asked = await service("InitiateAuth", **choosing(client, name, "EMAIL_OTP"))
        return await service.respond_refusal(client, name, "EMAIL_OTP", asked["Session"], EMAIL_OTP_CODE=code)

    async def test_wrong_codes_are_recorded_and_raise_the_risk_of_any_sign_in(
        self, service: Service, pool: PoolEntry, client: ClientEntry, clock: FixedClock
    ) -> None:
        await rule(service, pool, **actions(Medium="BLOCK"))
        await with_history(service, client)
        home = service.at(HOME, FIREFOX)
        # From the middle: at a strange place the first wrong code would be blocked already.
        codes = {await self.by_code(service, client, "jane", "00000000") for _ in range(5)}

        assert {("CodeMismatchException", "Invalid code or auth state for the user.")} == codes
        clock.advance(2)
        assert BLOCKED == await attempt(home, client, "jane", PASSWORD)
        recorded = await events(service, pool)
        assert ["Fail"] * 6 + ["Pass"] == [each["EventResponse"] for each in recorded]
        assert "Block" == recorded[0]["EventRisk"]["RiskDecision"]

    async def test_a_block_tells_neither_the_code_nor_who_exists(
        self, service: Service, flow: Flow, pool: PoolEntry, client: ClientEntry, clock: FixedClock
    ) -> None:
        await rule(service, pool, **actions(Medium="BLOCK"))
        await with_history(service, client)
        clock.advance(3600)
        away = service.at(AWAY, PHONE)
        asked = await away("InitiateAuth", **choosing(client, "jane", "EMAIL_OTP"))
        right = await last_code(flow, pool)

        found = [await away.respond_refusal(client, "jane", "EMAIL_OTP", asked["Session"], EMAIL_OTP_CODE=right)]
        found += [await self.by_code(away, client, name, "00000000") for name in ("jane", "nobody")]

        assert [BLOCKED] * 3 == found

    async def test_a_wrong_passkey_is_recorded_and_locks_out_no_right_one(
        self, service: Service, pool: PoolEntry, client: ClientEntry
    ) -> None:
        key, other = Authenticator("https://app.example"), Authenticator("https://app.example")
        token = (await service.tokens(client, "jane"))["AccessToken"]
        options = (await service("StartWebAuthnRegistration", AccessToken=token))["CredentialCreationOptions"]
        await service("CompleteWebAuthnRegistration", AccessToken=token, Credential=key.register(options))
        other.register(options)

        for wrong in [True] * 6 + [False]:
            asked = await service("InitiateAuth", **choosing(client, "jane", "WEB_AUTHN"))
            given = (other if wrong else key).sign(
                json.loads(asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
            )
            body = (client, "jane", "WEB_AUTHN", asked["Session"])
            if wrong:
                said = await service.respond_refusal(*body, CREDENTIAL=given)
                assert ("NotAuthorizedException", "Invalid passkey credential.") == said
            else:
                assert (await service.respond(*body, CREDENTIAL=given))["AuthenticationResult"]

        assert ["Pass"] + ["Fail"] * 6 + ["Pass"] == [each["EventResponse"] for each in await events(service, pool)]

    async def test_a_code_after_a_sign_up_is_one_event(
        self, service: Service, flow: Flow, pool: PoolEntry, client: ClientEntry
    ) -> None:
        asked = await service("InitiateAuth", **choosing(client, "jane", "EMAIL_OTP"))
        code = await last_code(flow, pool)
        await service.respond(client, "jane", "EMAIL_OTP", asked["Session"], EMAIL_OTP_CODE=code)

        assert ["Pass"] == [each["EventResponse"] for each in await events(service, pool)]


def choosing(client: ClientEntry, name: str, factor: str) -> dict[str, Any]:
    given = {"USERNAME": name, **hashed(client, name), "PREFERRED_CHALLENGE": factor}
    return {"ClientId": client.client.id, "AuthFlow": "USER_AUTH", "AuthParameters": given}


async def test_a_new_password_in_the_place_of_a_temporary_one_is_an_event(
    service: Service, flow: Flow, pool: PoolEntry, client: ClientEntry
) -> None:
    await a_user(flow, pool, "joe", temporary=True)
    asked = await service.sign_in(client, "joe")
    await service.respond(client, "joe", "NEW_PASSWORD_REQUIRED", asked["Session"], NEW_PASSWORD="Battery-Staple-9")

    found = {each["EventType"]: each["EventResponse"] for each in await events(service, pool, "joe")}
    assert {"PasswordChange": "Pass", "SignIn": "Pass"} == found


@sqlite_only
async def test_custom_authentication_has_a_mode_of_its_own(flow: Flow) -> None:
    from poolhouse.pool.core.risk.rules import mode_of

    only = await a_pool(flow, user_pool_add_ons=add_ons("ENFORCED"))
    both = await a_pool(
        flow,
        user_pool_add_ons=shapes.UserPoolAddOnsType(
            advanced_security_mode="ENFORCED",
            advanced_security_additional_flows=shapes.AdvancedSecurityAdditionalFlowsType(custom_auth_mode="AUDIT"),
        ),
    )

    assert ("OFF", "AUDIT", "ENFORCED") == (mode_of(only.pool, custom=True), mode_of(both.pool, custom=True),
                                            mode_of(both.pool))  # fmt: skip
