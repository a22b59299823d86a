"""CUSTOM_AUTH: the triggers decide, and the service's own gates stay (AWS API: InitiateAuth)."""

import json
from typing import Any

import msgspec
import pytest
from pycognito.aws_srp import AWSSRP

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.api.catalogue import OPERATIONS
from poolhouse.pool.effects.hooks import Hooks, Limits
from poolhouse.pool.flows import custom
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import Status
from poolhouse.pool.spec import shapes
from tests.support.builders import PASSWORD, a_client, a_pool, a_user, last_code, the_user, with_mfa
from tests.support.hooks import CUSTOM, HookServer, Refuse, arn, stalls, triggers
from tests.support.service import (
    DISABLED,
    LOCKED_OUT,
    SESSION_EXPIRED,
    SESSION_INVALID,
    SESSION_USED,
    WRONG_PASSWORD,
    Service,
    answer,
    hashed,
    race,
    sqlite_only,
)

assert OPERATIONS
NOT_CONFIGURED = (
    "InvalidParameterException", "Custom auth lambda trigger is not configured for the user pool.",
)  # fmt: skip
UNRECOGNIZABLE = ("InvalidLambdaResponseException", "Unrecognizable lambda output")


def a_riddle(server: HookServer, *, tries: int = 3) -> None:
    """Three triggers as the developer guide has them: one riddle, three tries, then the end."""

    def define(event: dict[str, Any]) -> dict[str, Any]:
        session = [turn for turn in event["request"]["session"] if turn["challengeName"] == "CUSTOM_CHALLENGE"]
        proof = event["request"]["session"][-1:] == [
            {"challengeName": "SRP_A", "challengeResult": True, "challengeMetadata": None}
        ]
        if proof:
            return {"challengeName": "PASSWORD_VERIFIER", "issueTokens": False, "failAuthentication": False}
        if session and session[-1]["challengeResult"]:
            return {"issueTokens": True, "failAuthentication": False}
        failed = len(session) >= tries
        return {"challengeName": "CUSTOM_CHALLENGE", "issueTokens": False, "failAuthentication": failed}

    def create(event: dict[str, Any]) -> dict[str, Any]:
        number = len(event["request"]["session"])
        return {
            "publicChallengeParameters": {"riddle": f"number {number}", "USERNAME": "forged"},
            "privateChallengeParameters": {"answer": "5"},
            "challengeMetadata": f"RIDDLE_{number}",
        }

    def verify(event: dict[str, Any]) -> dict[str, Any]:
        request = event["request"]
        return {"answerCorrect": request["challengeAnswer"] == request["privateChallengeParameters"]["answer"]}

    server.on |= {"define": define, "create": create, "verify": verify}


def custom_auth(client: ClientEntry, username: str, **parameters: str) -> dict[str, Any]:
    return {
        "ClientId": client.client.id,
        "AuthFlow": "CUSTOM_AUTH",
        "AuthParameters": {"USERNAME": username, **hashed(client, username), **parameters},
    }


async def a_custom_pool(service: Service, **settings: Any) -> tuple[PoolEntry, ClientEntry]:
    client_settings = settings.pop("client", {})
    entry = await a_pool(service.flow, **({"lambda_config": CUSTOM} | settings))
    flows = {"explicit_auth_flows": ["ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]}
    return entry, await a_client(service.flow, entry, **(flows | client_settings))


async def begun(service: Service, client: ClientEntry, username: str = "jane", **more: Any) -> dict[str, Any]:
    return await service("InitiateAuth", **custom_auth(client, username), **more)


async def answered(service: Service, client: ClientEntry, session: str, given: str, **more: Any) -> dict[str, Any]:
    body = answer(client, "jane", custom.CHALLENGE, session, ANSWER=given)
    return await service("RespondToAuthChallenge", **body, **more)


async def test_a_right_answer_signs_the_user_in(hooked: Service, hook_server: HookServer) -> None:
    a_riddle(hook_server)
    entry, client = await a_custom_pool(hooked)
    user = await a_user(hooked.flow, entry, "jane", email="jane@example.com", email_verified="true")
    asked = await begun(hooked, client)
    assert "CUSTOM_CHALLENGE" == asked["ChallengeName"]
    assert {"riddle": "number 0", "USERNAME": "jane"} == asked["ChallengeParameters"]
    again = await answered(hooked, client, asked["Session"], "4")
    assert "number 1" == again["ChallengeParameters"]["riddle"]
    done = await answered(hooked, client, again["Session"], "5")
    assert {"AccessToken", "IdToken", "RefreshToken"} <= done["AuthenticationResult"].keys()
    shown = await hooked("GetUser", AccessToken=done["AuthenticationResult"]["AccessToken"])
    assert "jane" == shown["Username"]
    turns = ["Define", "Create", "Verify", "Define", "Create", "Verify", "Define"]
    assert [f"{turn}Auth" for turn in turns] == [
        each[: len(each.partition("Auth")[0]) + 4] for each in hook_server.sources()
    ]
    event = hook_server.events[-1]
    assert {
        "version": "1",
        "region": "us-east-1",
        "userPoolId": entry.pool.id,
        "userName": "jane",
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": client.client.id},
        "triggerSource": "DefineAuthChallenge_Authentication",
        "request": {
            "userAttributes": {
                "sub": user.sub, "cognito:user_status": "CONFIRMED", "email": "jane@example.com",
                "email_verified": "true",
            },
            "session": [
                {"challengeName": "CUSTOM_CHALLENGE", "challengeResult": False, "challengeMetadata": "RIDDLE_0"},
                {"challengeName": "CUSTOM_CHALLENGE", "challengeResult": True, "challengeMetadata": "RIDDLE_1"},
            ],
        },
        "response": {"challengeName": None, "issueTokens": None, "failAuthentication": None},
    } == event  # fmt: skip


async def test_an_administrator_begins_and_answers_it_too(hooked: Service, hook_server: HookServer) -> None:
    a_riddle(hook_server)
    entry, client = await a_custom_pool(hooked)
    await a_user(hooked.flow, entry, "jane")
    pool = {"UserPoolId": entry.pool.id}
    asked = await hooked("AdminInitiateAuth", **custom_auth(client, "jane", CHALLENGE_NAME="CUSTOM_CHALLENGE"), **pool)
    body = answer(client, "jane", custom.CHALLENGE, asked["Session"], ANSWER="5")
    done = await hooked("AdminRespondToAuthChallenge", **body, **pool)
    assert done["AuthenticationResult"]["AccessToken"]


@sqlite_only
async def test_the_triggers_may_fail_the_sign_in(hooked: Service, hook_server: HookServer) -> None:
    a_riddle(hook_server, tries=1)
    entry, client = await a_custom_pool(hooked)
    await a_user(hooked.flow, entry, "jane")
    session = (await begun(hooked, client))["Session"]
    wrong = answer(client, "jane", custom.CHALLENGE, session, ANSWER="4")
    assert WRONG_PASSWORD == await hooked.refusal("RespondToAuthChallenge", **wrong)
    assert SESSION_USED == await hooked.refusal("RespondToAuthChallenge", **wrong)


@sqlite_only
async def test_failing_again_and_again_locks_the_user_out(hooked: Service, hook_server: HookServer) -> None:
    entry, client = await a_custom_pool(hooked)
    await a_user(hooked.flow, entry, "jane")
    hook_server.on["define"] = lambda _: {"failAuthentication": True}
    for _ in range(5):
        assert WRONG_PASSWORD == await hooked.refusal("InitiateAuth", **custom_auth(client, "jane"))
    assert LOCKED_OUT == await hooked.refusal("InitiateAuth", **custom_auth(client, "jane"))


async def test_wrong_answers_count_though_the_sign_in_is_left_before_its_end(
    hooked: Service, hook_server: HookServer, clock: FixedClock
) -> None:
    """Define allows three tries: a guesser takes two of each sign-in."""
    a_riddle(hook_server)
    flows = ["ALLOW_CUSTOM_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    entry, client = await a_custom_pool(hooked, client={"explicit_auth_flows": flows})
    await a_user(hooked.flow, entry, "jane")
    for _ in range(2):
        session = (await begun(hooked, client))["Session"]
        for guess in ("1", "2"):
            session = (await answered(hooked, client, session, guess))["Session"]
    asked = await answered(hooked, client, (await begun(hooked, client))["Session"], "3")
    assert LOCKED_OUT == await hooked.refusal("InitiateAuth", **custom_auth(client, "jane"))
    right = answer(client, "jane", custom.CHALLENGE, asked["Session"], ANSWER="5")
    assert LOCKED_OUT == await hooked.refusal("RespondToAuthChallenge", **right)
    # Nothing but custom sign-ins is locked, and these for a moment.
    assert await hooked.tokens(client, "jane")
    clock.advance(2)
    done = await answered(hooked, client, (await begun(hooked, client))["Session"], "5")
    assert done["AuthenticationResult"]


@sqlite_only
async def test_a_wrong_answer_that_ends_the_sign_in_counts_once(hooked: Service, hook_server: HookServer) -> None:
    a_riddle(hook_server, tries=1)
    entry, client = await a_custom_pool(hooked)
    await a_user(hooked.flow, entry, "jane")
    for _ in range(4):
        wrong = answer(client, "jane", custom.CHALLENGE, (await begun(hooked, client))["Session"], ANSWER="4")
        assert WRONG_PASSWORD == await hooked.refusal("RespondToAuthChallenge", **wrong)
    assert await begun(hooked, client)


@sqlite_only
async def test_a_custom_sign_in_with_srp_is_one_event(hooked: Service, hook_server: HookServer) -> None:
    a_riddle(hook_server)
    flows = shapes.AdvancedSecurityAdditionalFlowsType(custom_auth_mode="AUDIT")
    add_ons = shapes.UserPoolAddOnsType(advanced_security_mode="AUDIT", advanced_security_additional_flows=flows)
    entry, client = await a_custom_pool(hooked, user_pool_add_ons=add_ons)
    await a_user(hooked.flow, entry, "jane")
    asked, srp = await srp_begun(hooked, client, entry)
    proof = srp.process_challenge(asked["ChallengeParameters"], {"USERNAME": "jane"})
    body = {"ClientId": client.client.id, "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": proof}
    asked = await hooked("RespondToAuthChallenge", **body, Session=asked["Session"])
    assert (await answered(hooked, client, asked["Session"], "5"))["AuthenticationResult"]

    (event,) = (await hooked("AdminListUserAuthEvents", UserPoolId=entry.pool.id, Username="jane"))["AuthEvents"]
    password = {"ChallengeName": "Password", "ChallengeResponse": "Success"}
    assert ("Pass", [password]) == (event["EventResponse"], event["ChallengeResponses"])


@sqlite_only
async def test_wrong_answers_are_a_risk_at_the_next_sign_in_of_any_kind(
    hooked: Service, hook_server: HookServer
) -> None:
    a_riddle(hook_server)
    flows = ["ALLOW_CUSTOM_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    add_ons = shapes.UserPoolAddOnsType(advanced_security_mode="AUDIT")
    entry, client = await a_custom_pool(hooked, client={"explicit_auth_flows": flows}, user_pool_add_ons=add_ons)
    await a_user(hooked.flow, entry, "jane")
    seen = hooked.at("198.51.100.7")
    await seen.tokens(client, "jane")
    for _ in range(3):
        await answered(seen, client, (await begun(seen, client))["Session"], "1")
    await seen.tokens(client, "jane")
    await hooked.flow.journal.flush(hooked.flow.database)

    found = (await hooked("AdminListUserAuthEvents", UserPoolId=entry.pool.id, Username="jane"))["AuthEvents"]

    assert ["AccountTakeover", "NoRisk"] == [each["EventRisk"]["RiskDecision"] for each in found]


@sqlite_only
async def test_triggers_that_never_end_are_ended(hooked: Service, hook_server: HookServer) -> None:
    a_riddle(hook_server)
    hook_server.on["define"] = lambda _: {"challengeName": "CUSTOM_CHALLENGE"}
    entry, client = await a_custom_pool(hooked)
    await a_user(hooked.flow, entry, "jane")
    asked = await begun(hooked, client)
    for _ in range(custom.TURNS - 1):
        asked = await answered(hooked, client, asked["Session"], "5")
    body = answer(client, "jane", custom.CHALLENGE, asked["Session"], ANSWER="5")
    assert WRONG_PASSWORD == await hooked.refusal("RespondToAuthChallenge", **body)


async def test_of_parallel_guesses_one_is_judged_cve_2024_1722(hooked: Service, hook_server: HookServer) -> None:
    a_riddle(hook_server)
    entry, client = await a_custom_pool(hooked)
    await a_user(hooked.flow, entry, "jane")
    session = (await begun(hooked, client))["Session"]
    served, refused = await race(answered(hooked, client, session, str(guess)) for guess in range(10))
    assert 1 == len(served)
    assert set(refused) <= {SESSION_USED, SESSION_INVALID}
    assert 1 == sum(source.startswith("Verify") for source in hook_server.sources())


@sqlite_only
async def test_private_parameters_are_sealed_and_never_shown(hooked: Service, hook_server: HookServer) -> None:
    a_riddle(hook_server)
    hook_server.on["create"] = lambda _: {"privateChallengeParameters": {"answer": "very-private"}}
    entry, client = await a_custom_pool(hooked)
    await a_user(hooked.flow, entry, "jane")
    asked = await begun(hooked, client)
    assert "very-private" not in json.dumps(asked)
    assert (await answered(hooked, client, asked["Session"], "very-private"))["AuthenticationResult"]


@sqlite_only
async def test_client_metadata_of_the_answer_reaches_the_triggers_that_of_the_start_does_not(
    hooked: Service, hook_server: HookServer
) -> None:
    a_riddle(hook_server)
    entry, client = await a_custom_pool(hooked)
    await a_user(hooked.flow, entry, "jane")
    asked = await begun(hooked, client, ClientMetadata={"from": "start"})
    assert all("clientMetadata" not in event["request"] for event in hook_server.events)
    await answered(hooked, client, asked["Session"], "4", ClientMetadata={"from": "answer"})
    assert [{"from": "answer"}] * 3 == [event["request"]["clientMetadata"] for event in hook_server.events[2:]]


@pytest.mark.parametrize("name", ["nobody", "disabled"])
@sqlite_only
async def test_a_client_that_hides_who_exists_asks_unknown_users_the_same(
    hooked: Service, hook_server: HookServer, name: str
) -> None:
    a_riddle(hook_server)
    entry, client = await a_custom_pool(hooked, client={"prevent_user_existence_errors": "ENABLED"})
    await a_user(hooked.flow, entry, "disabled", enabled=False)
    await a_user(hooked.flow, entry, "jane")
    known, unknown = await begun(hooked, client, "jane"), await begun(hooked, client, name)
    assert known.keys() == unknown.keys()
    assert {**known["ChallengeParameters"], "USERNAME": name} == unknown["ChallengeParameters"]
    assert [False, False, True, True] == [event["request"]["userNotFound"] for event in hook_server.events]
    assert {} == hook_server.events[-1]["request"]["userAttributes"]
    # Even a right answer, and triggers that would issue tokens, sign nobody in.
    body = answer(client, name, custom.CHALLENGE, unknown["Session"], ANSWER="5")
    assert WRONG_PASSWORD == await hooked.refusal("RespondToAuthChallenge", **body)
    assert hook_server.last("Verify")["request"]["userNotFound"]


@sqlite_only
async def test_an_unknown_user_has_a_stable_username_where_usernames_are_uuids(
    hooked: Service, hook_server: HookServer
) -> None:
    a_riddle(hook_server)
    entry, client = await a_custom_pool(
        hooked, client={"prevent_user_existence_errors": "ENABLED"}, username_attributes=["email"]
    )
    del entry
    shown = [(await begun(hooked, client, "no@example.com"))["ChallengeParameters"]["USERNAME"] for _ in range(2)]
    assert shown[0] == shown[1]
    assert 36 == len(shown[0])


@sqlite_only
async def test_a_client_that_tells_who_exists_tells_so(hooked: Service, hook_server: HookServer) -> None:
    a_riddle(hook_server)
    entry, client = await a_custom_pool(hooked)
    await a_user(hooked.flow, entry, "disabled", enabled=False)
    told = await hooked.refusal("InitiateAuth", **custom_auth(client, "nobody"))
    assert ("UserNotFoundException", "User does not exist.") == told
    assert DISABLED == await hooked.refusal("InitiateAuth", **custom_auth(client, "disabled"))
    assert [] == hook_server.events


@pytest.mark.parametrize(
    ("status", "code"),
    [(Status.UNCONFIRMED, "UserNotConfirmedException"), (Status.RESET_REQUIRED, "PasswordResetRequiredException")],
)
@sqlite_only
async def test_the_triggers_do_not_open_what_the_status_closes(
    hooked: Service, hook_server: HookServer, status: Status, code: str
) -> None:
    hook_server.on["define"] = lambda _: {"issueTokens": True}
    entry, client = await a_custom_pool(hooked)
    await a_user(hooked.flow, entry, "jane", status=status)
    assert code == (await hooked.refusal("InitiateAuth", **custom_auth(client, "jane")))[0]


@sqlite_only
async def test_a_user_who_is_disabled_half_way_is_refused_cve_2025_53942(
    hooked: Service, hook_server: HookServer
) -> None:
    a_riddle(hook_server)
    entry, client = await a_custom_pool(hooked)
    await a_user(hooked.flow, entry, "jane")
    session = (await begun(hooked, client))["Session"]

    verify = hook_server.on["verify"]
    await hooked("AdminDisableUser", UserPoolId=entry.pool.id, Username="jane")
    body = answer(client, "jane", custom.CHALLENGE, session, ANSWER="5")
    assert SESSION_INVALID == await hooked.refusal("RespondToAuthChallenge", **body)
    await hooked("AdminEnableUser", UserPoolId=entry.pool.id, Username="jane")
    assert SESSION_INVALID == await hooked.refusal("RespondToAuthChallenge", **body)
    hook_server.on["verify"] = verify


async def test_a_second_factor_is_asked_for_after_the_triggers_and_told_to_them(
    hooked: Service, hook_server: HookServer
) -> None:
    a_riddle(hook_server)
    entry, client = await a_custom_pool(hooked, mfa=with_mfa("ON", "email"))
    await a_user(hooked.flow, entry, "jane", email="jane@example.com", email_verified="true")
    session = (await begun(hooked, client))["Session"]
    asked = await answered(hooked, client, session, "5")
    assert "EMAIL_OTP" == asked["ChallengeName"]
    code = await last_code(hooked.flow, entry)
    body = answer(client, "jane", "EMAIL_OTP", asked["Session"], EMAIL_OTP_CODE=code)
    done = await hooked("RespondToAuthChallenge", **body, ClientMetadata={"a": "b"})
    assert done["AuthenticationResult"]["AccessToken"]
    request = hook_server.events[-1]["request"]
    assert ["CUSTOM_CHALLENGE", "EMAIL_OTP"] == [turn["challengeName"] for turn in request["session"]]
    assert {"a": "b"} == request["clientMetadata"]


@sqlite_only
async def test_after_a_second_factor_the_triggers_may_ask_again(hooked: Service, hook_server: HookServer) -> None:
    a_riddle(hook_server)

    def define(event: dict[str, Any]) -> dict[str, Any]:
        names = [turn["challengeName"] for turn in event["request"]["session"]]
        if names in (["CUSTOM_CHALLENGE"], ["CUSTOM_CHALLENGE", "EMAIL_OTP", "CUSTOM_CHALLENGE"]):
            return {"issueTokens": True}
        return {"challengeName": "CUSTOM_CHALLENGE"}

    hook_server.on["define"] = define
    entry, client = await a_custom_pool(hooked, mfa=with_mfa("ON", "email"))
    await a_user(hooked.flow, entry, "jane", email="jane@example.com", email_verified="true")
    asked = await answered(hooked, client, (await begun(hooked, client))["Session"], "5")
    code = await last_code(hooked.flow, entry)
    asked = await hooked.respond(client, "jane", "EMAIL_OTP", asked["Session"], EMAIL_OTP_CODE=code)
    assert "CUSTOM_CHALLENGE" == asked["ChallengeName"]
    assert (await answered(hooked, client, asked["Session"], "5"))["AuthenticationResult"]


async def srp_begun(service: Service, client: ClientEntry, entry: PoolEntry) -> tuple[dict[str, Any], AWSSRP]:
    """The real client's first half of CUSTOM_AUTH with SRP."""
    srp = AWSSRP("jane", PASSWORD, entry.pool.id, client.client.id, client=object(), client_secret=client.secrets[0])
    parameters = {"CHALLENGE_NAME": "SRP_A", **srp.get_auth_params()}
    body = {"ClientId": client.client.id, "AuthFlow": "CUSTOM_AUTH", "AuthParameters": parameters}
    return await service("InitiateAuth", **body), srp


async def test_a_password_is_proved_before_the_triggers_ask(hooked: Service, hook_server: HookServer) -> None:
    a_riddle(hook_server)
    entry, client = await a_custom_pool(hooked, mfa=with_mfa("ON", "email"))
    await a_user(hooked.flow, entry, "jane", temporary=True, email="jane@example.com", email_verified="true")
    asked, srp = await srp_begun(hooked, client, entry)
    assert "PASSWORD_VERIFIER" == asked["ChallengeName"]
    assert asked["Session"]
    proof = srp.process_challenge(asked["ChallengeParameters"], {"USERNAME": "jane"})
    body = {"ClientId": client.client.id, "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": proof}
    asked = await hooked("RespondToAuthChallenge", **body, Session=asked["Session"])
    assert "NEW_PASSWORD_REQUIRED" == asked["ChallengeName"]
    new = {"NEW_PASSWORD": "A-New-Password-8"}
    asked = await hooked.respond(client, "jane", asked["ChallengeName"], asked["Session"], **new)
    assert "EMAIL_OTP" == asked["ChallengeName"]
    code = await last_code(hooked.flow, entry)
    asked = await hooked.respond(client, "jane", "EMAIL_OTP", asked["Session"], EMAIL_OTP_CODE=code)
    assert "CUSTOM_CHALLENGE" == asked["ChallengeName"]
    assert (await answered(hooked, client, asked["Session"], "5"))["AuthenticationResult"]["AccessToken"]
    names = [turn["challengeName"] for turn in hook_server.events[-1]["request"]["session"]]
    assert ["SRP_A", "PASSWORD_VERIFIER", "NEW_PASSWORD_REQUIRED", "EMAIL_OTP", "CUSTOM_CHALLENGE"] == names
    assert Status.CONFIRMED is (await the_user(hooked.flow, entry, "jane")).status


@sqlite_only
async def test_a_wrong_proof_ends_the_sign_in(hooked: Service, hook_server: HookServer) -> None:
    a_riddle(hook_server)
    entry, client = await a_custom_pool(hooked)
    await a_user(hooked.flow, entry, "jane", "Another-Password-9")
    asked, srp = await srp_begun(hooked, client, entry)
    proof = srp.process_challenge(asked["ChallengeParameters"], {"USERNAME": "jane"})
    body = {"ClientId": client.client.id, "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": proof}
    assert WRONG_PASSWORD == await hooked.refusal("RespondToAuthChallenge", **body)
    assert 1 == len(hook_server.events)


@pytest.mark.parametrize("defined", [{"issueTokens": True}, {"challengeName": "CUSTOM_CHALLENGE"}, {}])
@sqlite_only
async def test_a_proof_that_was_begun_is_not_skipped(
    hooked: Service, hook_server: HookServer, defined: dict[str, Any]
) -> None:
    hook_server.on["define"] = lambda _: defined
    entry, client = await a_custom_pool(hooked)
    await a_user(hooked.flow, entry, "jane")
    body = custom_auth(client, "jane", CHALLENGE_NAME="SRP_A", SRP_A="5")
    assert UNRECOGNIZABLE == await hooked.refusal("InitiateAuth", **body)
    hook_server.on["define"] = lambda _: {"failAuthentication": True}
    assert WRONG_PASSWORD == await hooked.refusal("InitiateAuth", **body)


@pytest.mark.parametrize(
    ("function", "response"),
    [
        ("define", {}),
        ("define", {"challengeName": "SMS_MFA"}),
        ("define", {"issueTokens": "true"}),
        ("define", {"challengeName": "PASSWORD_VERIFIER"}),
        ("define", []),
        ("create", {"publicChallengeParameters": {"n": 5}}),
        ("create", {"privateChallengeParameters": "x"}),
        ("create", {"challengeMetadata": "x" * 3_000}),
        ("create", {"privateChallengeParameters": {"x": "x" * 70_000}}),
    ],
)
@sqlite_only
async def test_an_answer_of_another_form_ends_the_sign_in(
    hooked: Service, hook_server: HookServer, function: str, response: object
) -> None:
    a_riddle(hook_server)
    hook_server.on[function] = lambda _: response
    entry, client = await a_custom_pool(hooked)
    await a_user(hooked.flow, entry, "jane")
    assert UNRECOGNIZABLE == await hooked.refusal("InitiateAuth", **custom_auth(client, "jane"))


@pytest.mark.parametrize("response", [{}, {"answerCorrect": None}, {"answerCorrect": "true"}, {"answerCorrect": 1}])
@sqlite_only
async def test_an_answer_is_right_only_if_verify_says_true(
    hooked: Service, hook_server: HookServer, response: object
) -> None:
    a_riddle(hook_server)
    hook_server.on["verify"] = lambda _: response
    entry, client = await a_custom_pool(hooked)
    await a_user(hooked.flow, entry, "jane")
    body = answer(client, "jane", custom.CHALLENGE, (await begun(hooked, client))["Session"], ANSWER="5")
    assert UNRECOGNIZABLE == await hooked.refusal("RespondToAuthChallenge", **body)


@sqlite_only
async def test_what_a_trigger_throws_is_told(hooked: Service, hook_server: HookServer) -> None:
    def refuse(_: object) -> None:
        raise Refuse("Not today")

    hook_server.on["define"] = refuse
    entry, client = await a_custom_pool(hooked)
    await a_user(hooked.flow, entry, "jane")
    told = await hooked.refusal("InitiateAuth", **custom_auth(client, "jane"))
    assert ("UserLambdaValidationException", "DefineAuthChallenge failed with error Not today.") == told
    assert 1 == len(hook_server.requests)


@sqlite_only
async def test_a_trigger_that_does_not_answer_ends_the_sign_in(hooked: Service, hook_server: HookServer) -> None:
    hook_server.raw = stalls
    entry, client = await a_custom_pool(hooked)
    await a_user(hooked.flow, entry, "jane")
    flow = hooked.flow
    hooks = Hooks(flow.hooks.targets, flow.clock, flow.entropy, Limits(seconds=0.5, pause=0))
    hurried = Service(msgspec.structs.replace(flow, hooks=hooks))
    told = await hurried.refusal("InitiateAuth", **custom_auth(client, "jane"))
    await hooks.close()
    expected = "DefineAuthChallenge invocation failed due to error Socket timeout while invoking Lambda function."
    assert ("UnexpectedLambdaException", expected) == told
    assert 3 == len(hook_server.requests)


@sqlite_only
async def test_a_function_that_nobody_configured_is_not_passed_over(hooked: Service) -> None:
    unknown = shapes.LambdaConfigType(define_auth_challenge=arn("elsewhere"))
    entry, client = await a_custom_pool(hooked, lambda_config=unknown)
    await a_user(hooked.flow, entry, "jane")
    told = await hooked.refusal("InitiateAuth", **custom_auth(client, "jane"))
    expected = "DefineAuthChallenge invocation failed due to error ResourceNotFoundException."
    assert ("UnexpectedLambdaException", expected) == told


@sqlite_only
async def test_a_pool_without_the_triggers_says_so(hooked: Service, hook_server: HookServer) -> None:
    a_riddle(hook_server)
    for config in (shapes.LambdaConfigType(), None, triggers(define_auth_challenge="define")):
        entry, client = await a_custom_pool(hooked, lambda_config=config)
        await a_user(hooked.flow, entry, "jane")
        assert NOT_CONFIGURED == await hooked.refusal("InitiateAuth", **custom_auth(client, "jane"))
    partly = triggers(define_auth_challenge="define", create_auth_challenge="create")
    entry, client = await a_custom_pool(hooked, lambda_config=partly)
    await a_user(hooked.flow, entry, "jane")
    body = answer(client, "jane", custom.CHALLENGE, (await begun(hooked, client))["Session"], ANSWER="5")
    assert NOT_CONFIGURED == await hooked.refusal("RespondToAuthChallenge", **body)


@sqlite_only
async def test_what_begins_it_must_be_whole(hooked: Service, hook_server: HookServer) -> None:
    a_riddle(hook_server)
    entry, client = await a_custom_pool(hooked)
    other = await a_client(hooked.flow, entry)
    await a_user(hooked.flow, entry, "jane")
    code = "InvalidParameterException"
    no_flow = await hooked.refusal("InitiateAuth", **custom_auth(other, "jane"))
    assert (code, "Auth flow not enabled for this client") == no_flow
    for parameters, told in [
        ({"CHALLENGE_NAME": "SRP_A"}, "Missing required parameter SRP_A"),
        ({"CHALLENGE_NAME": "SMS_MFA"}, "CHALLENGE_NAME SMS_MFA cannot begin CUSTOM_AUTH."),
        ({"USERNAME": ""}, "Missing required parameter USERNAME"),
    ]:
        assert (code, told) == await hooked.refusal("InitiateAuth", **custom_auth(client, "jane", **parameters))
    session = (await begun(hooked, client))["Session"]
    body = answer(client, "jane", custom.CHALLENGE, session, ANSWER="")
    assert (code, "Missing required parameter ANSWER") == await hooked.refusal("RespondToAuthChallenge", **body)
    assert (await answered(hooked, client, session, "5"))["AuthenticationResult"]


@sqlite_only
async def test_the_legacy_flow_allows_nothing_else(hooked: Service, hook_server: HookServer) -> None:
    a_riddle(hook_server)
    entry, client = await a_custom_pool(hooked, client={"explicit_auth_flows": ["CUSTOM_AUTH_FLOW_ONLY"]})
    await a_user(hooked.flow, entry, "jane")
    assert (await begun(hooked, client))["Session"]
    body = {**custom_auth(client, "jane", PASSWORD=PASSWORD), "AuthFlow": "USER_PASSWORD_AUTH"}
    assert "InvalidParameterException" == (await hooked.refusal("InitiateAuth", **body))[0]


@sqlite_only
async def test_a_session_is_one_clients_and_expires(hooked: Service, hook_server: HookServer) -> None:
    a_riddle(hook_server)
    entry, client = await a_custom_pool(hooked)
    neighbour = await a_client(hooked.flow, entry)
    await a_user(hooked.flow, entry, "jane")
    await a_user(hooked.flow, entry, "joe")
    session = (await begun(hooked, client))["Session"]
    for stranger, name in ((neighbour, "jane"), (client, "joe"), (client, "nobody")):
        body = answer(stranger, name, custom.CHALLENGE, session, ANSWER="5")
        assert SESSION_INVALID == await hooked.refusal("RespondToAuthChallenge", **body)
    hook_server.clock.advance(180)
    body = answer(client, "jane", custom.CHALLENGE, session, ANSWER="5")
    assert SESSION_EXPIRED == await hooked.refusal("RespondToAuthChallenge", **body)
