"""A session answers the challenge that it was given for, once: whatever else is sent with it proves nothing."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.flows import sign_in
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.errors import CognitoError
from tests.api.test_choice import allowing
from tests.api.test_choice import auth as choose
from tests.support.builders import PASSWORD, a_client, a_pool, a_user, last_code, messages, reconfigure, with_mfa
from tests.support.service import SESSION_INVALID, SESSION_USED, Service, password_auth, race, sqlite_only

FLOWS = ["ALLOW_USER_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
REACHED: dict[str, Any] = {"email": "jane@example.com", "email_verified": "true", "phone_number": "+12065550123",
                           "phone_number_verified": "true"}  # fmt: skip
SRP_A = "a" * 700
ANSWERS: dict[str, dict[str, str]] = {
    "NEW_PASSWORD_REQUIRED": {"NEW_PASSWORD": "Battery-Staple-9"},
    "PASSWORD_VERIFIER": {
        "PASSWORD_CLAIM_SIGNATURE": "x", "PASSWORD_CLAIM_SECRET_BLOCK": "x", "TIMESTAMP": "x",
    },
    "CUSTOM_CHALLENGE": {"ANSWER": "x"},
    "SMS_MFA": {"SMS_MFA_CODE": "{code}"},
    "EMAIL_OTP": {"EMAIL_OTP_CODE": "{code}"},
    "SOFTWARE_TOKEN_MFA": {"SOFTWARE_TOKEN_MFA_CODE": "{code}"},
    "SELECT_MFA_TYPE": {"ANSWER": "EMAIL_OTP"},
    "MFA_SETUP": {"EMAIL": "mallory@example.com"},
    "SELECT_CHALLENGE": {"ANSWER": "PASSWORD", "PASSWORD": PASSWORD},
    "PASSWORD": {"PASSWORD": PASSWORD},
    "PASSWORD_SRP": {"SRP_A": SRP_A},
    "SMS_OTP": {"SMS_OTP_CODE": "{code}"},
    "WEB_AUTHN": {"CREDENTIAL": "{}"},
    "DEVICE_SRP_AUTH": {"SRP_A": SRP_A},
    "DEVICE_PASSWORD_VERIFIER": {
        "PASSWORD_CLAIM_SIGNATURE": "x", "PASSWORD_CLAIM_SECRET_BLOCK": "x", "TIMESTAMP": "x",
    },
}  # fmt: skip
"""An answer to each challenge, with whatever an attacker who knows the password and reads one code could put in."""


class World(msgspec.Struct, frozen=True):
    """A pool where a sign-in meets each challenge, and what begins one that stops there."""

    service: Service
    pool: PoolEntry
    client: ClientEntry

    async def stopped_at(self, challenge: str) -> str:
        """The session of a sign-in that waits for *challenge*."""
        asked = await self.service("InitiateAuth", **self._begin(challenge))
        assert challenge == asked["ChallengeName"]
        session: str = asked["Session"]
        return session

    def _begin(self, challenge: str) -> dict[str, Any]:
        names = {"SMS_MFA": "sms", "SELECT_MFA_TYPE": "both", "NEW_PASSWORD_REQUIRED": "new"}
        if challenge in names:
            return password_auth(self.client, names[challenge])
        if challenge == "PASSWORD_VERIFIER":
            return choose(self.client, "jane", PREFERRED_CHALLENGE="PASSWORD_SRP", SRP_A=SRP_A)
        more = {} if challenge == "SELECT_CHALLENGE" else {"PREFERRED_CHALLENGE": challenge}
        return choose(self.client, "jane", **more)

    def name_at(self, challenge: str) -> str:
        return {"SMS_MFA": "sms", "SELECT_MFA_TYPE": "both", "NEW_PASSWORD_REQUIRED": "new"}.get(challenge, "jane")


@pytest.fixture
async def world(service: Service) -> World:
    flow = service.flow
    pool = await a_pool(
        flow, policies=allowing("EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"), mfa=with_mfa("OPTIONAL", "sms", "email"),
        device_configuration=shapes.DeviceConfigurationType(challenge_required_on_new_device=True),
    )  # fmt: skip
    client = await a_client(flow, pool, explicit_auth_flows=FLOWS)
    await a_user(flow, pool, "jane", **REACHED)
    await a_user(flow, pool, "new", temporary=True)
    for name, factors in (("sms", ("SMSMfaSettings",)), ("both", ("SMSMfaSettings", "EmailMfaSettings"))):
        await a_user(flow, pool, name, **REACHED)
        enabled = {factor: {"Enabled": True} for factor in factors}
        await service("AdminSetUserMFAPreference", UserPoolId=pool.pool.id, Username=name, **enabled)
    return World(service, pool, client)


LIVE = ["SELECT_CHALLENGE", "PASSWORD", "PASSWORD_SRP", "PASSWORD_VERIFIER", "EMAIL_OTP", "SMS_OTP", "SMS_MFA",
        "SELECT_MFA_TYPE", "NEW_PASSWORD_REQUIRED"]  # fmt: skip


def test_every_challenge_of_the_server_is_tried() -> None:
    assert ANSWERS.keys() == sign_in.CHALLENGES


@pytest.mark.parametrize("live", LIVE)
@sqlite_only
async def test_a_session_answers_no_other_challenge(world: World, live: str) -> None:
    name = world.name_at(live)
    session = await world.stopped_at(live)
    sent = await messages(world.service.flow, world.pool)
    code = await last_code(world.service.flow, world.pool) if sent else "123456"
    for other in sorted(ANSWERS.keys() - {live}):
        responses = {key: value.replace("{code}", code) for key, value in ANSWERS[other].items()}
        told = await world.service.respond_refusal(world.client, name, other, session, **responses)
        assert SESSION_INVALID == told, other
    # And it is still good for what it was given for.
    again = await world.service.respond_refusal(world.client, name, live, session)
    assert "InvalidParameterException" == again[0]


@sqlite_only
async def test_a_first_factor_does_not_pass_for_the_second_of_the_same_name(world: World, clock: FixedClock) -> None:
    """jane's session waits for EMAIL_OTP as a first factor; then MFA comes to be required of her."""
    session = await world.stopped_at("EMAIL_OTP")
    code = await last_code(world.service.flow, world.pool)
    enabled = {"SMSMfaSettings": {"Enabled": True}, "EmailMfaSettings": {"Enabled": True}}
    await world.service("AdminSetUserMFAPreference", UserPoolId=world.pool.pool.id, Username="jane", **enabled)

    asked = await world.service.respond(world.client, "jane", "EMAIL_OTP", session, EMAIL_OTP_CODE=code)

    assert "SELECT_CHALLENGE" == asked["ChallengeName"]
    assert ["PASSWORD_SRP", "PASSWORD"] == asked["AvailableChallenges"]


@sqlite_only
async def test_the_code_of_a_second_factor_is_none_of_a_first(world: World) -> None:
    """Of two sessions of one user each has a code of its own."""
    await world.service("AdminSetUserMFAPreference", UserPoolId=world.pool.pool.id, Username="both",
                        EmailMfaSettings={"Enabled": True, "PreferredMfa": True})  # fmt: skip
    second = await world.service("InitiateAuth", **password_auth(world.client, "both"))
    code = await last_code(world.service.flow, world.pool)
    await reconfigure(world.service.flow, world.pool, mfa=with_mfa("OFF"))
    first = await world.service("InitiateAuth", **choose(world.client, "both", PREFERRED_CHALLENGE="EMAIL_OTP"))

    told = await world.service.respond_refusal(world.client, "both", "EMAIL_OTP", first["Session"], EMAIL_OTP_CODE=code)

    assert ("EMAIL_OTP", "CodeMismatchException") == (second["ChallengeName"], told[0])


Ending = Callable[[World], Awaitable[None]]


async def sign_out_everywhere(world: World) -> None:
    await world.service("AdminUserGlobalSignOut", UserPoolId=world.pool.pool.id, Username="sms")


async def disable(world: World) -> None:
    await world.service("AdminDisableUser", UserPoolId=world.pool.pool.id, Username="sms")


@pytest.mark.parametrize("ending", [sign_out_everywhere, disable])
async def test_a_session_does_not_outlive_what_ends_sign_ins(world: World, ending: Ending) -> None:
    session = await world.stopped_at("SMS_MFA")
    code = await last_code(world.service.flow, world.pool)
    await ending(world)

    with pytest.raises(CognitoError):
        await world.service.respond(world.client, "sms", "SMS_MFA", session, SMS_MFA_CODE=code)


async def test_of_answers_that_race_on_one_session_one_signs_in(world: World) -> None:
    session = await world.stopped_at("SMS_MFA")
    code = await last_code(world.service.flow, world.pool)

    served, refused = await race(
        world.service.respond(world.client, "sms", "SMS_MFA", session, SMS_MFA_CODE=code) for _ in range(8)
    )

    assert 1 == len(served)
    assert set(refused) <= {SESSION_USED, SESSION_INVALID}
