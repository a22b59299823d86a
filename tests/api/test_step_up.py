"""Step-up: a sign-in by choice is asked to reach a level, from nothing or from what a token's sign-in has proved."""

from typing import Any

import msgspec
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from tests.api.test_auth_factors import App
from tests.api.test_choice import allowing, auth, begin
from tests.support.builders import PASSWORD, a_client, a_pool, a_user, last_code, with_mfa
from tests.support.service import WRONG_PASSWORD, Service, hashed, sqlite_only
from tests.support.web import claims_of

FLOWS = ["ALLOW_USER_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
FACTORS = ["PASSWORD", "EMAIL_OTP"]
TOTP = "SOFTWARE_TOKEN_MFA"
NO_FACTORS = ("InvalidParameterException", "The user has no factors for the requested TARGET_ACR_VALUES.")
MET = ("InvalidParameterException", "The access token satisfies the requested TARGET_ACR_VALUES already.")


def loa(*levels: int) -> str:
    return " ".join(f"urn:cognito:loa:{level}" for level in levels)


async def place(service: Service, *factors: str, hides: str = "LEGACY") -> tuple[PoolEntry, ClientEntry]:
    entry = await a_pool(service.flow, policies=allowing("EMAIL_OTP"), mfa=with_mfa("OPTIONAL", *factors or ("totp",)))
    client = await a_client(service.flow, entry, explicit_auth_flows=FLOWS, prevent_user_existence_errors=hides)
    await a_user(service.flow, entry, "jane", email="jane@example.com", email_verified="true")
    return entry, client


async def switched_on(service: Service, token: str, clock: FixedClock) -> App:
    """An authenticator app that the user of *token* has switched on since he signed in."""
    app = App((await service("AssociateSoftwareToken", AccessToken=token))["SecretCode"], clock)
    await service("VerifySoftwareToken", AccessToken=token, UserCode=app.code())
    await service("SetUserMFAPreference", AccessToken=token, SoftwareTokenMfaSettings={"Enabled": True})
    return app


def level_of(result: dict[str, Any]) -> tuple[Any, Any]:
    access, identity = claims_of(result["AccessToken"]), claims_of(result["IdToken"])
    assert (access["acr"], access["amr"]) == (identity["acr"], identity["amr"])
    return access["acr"], access["amr"]


async def test_a_level_is_reached_from_nothing(service: Service, clock: FixedClock) -> None:
    _, client = await place(service)
    app = await switched_on(service, (await service.tokens(client, "jane"))["AccessToken"], clock)

    asked = await begin(service, client, "jane", TARGET_ACR_VALUES=loa(4))
    assert ("SELECT_CHALLENGE", ["PASSWORD_SRP", "PASSWORD"]) == (asked["ChallengeName"], asked["AvailableChallenges"])
    chosen = {"ANSWER": "PASSWORD", "PASSWORD": PASSWORD}
    asked = await service.respond(client, "jane", "SELECT_CHALLENGE", asked["Session"], **chosen)
    assert TOTP == asked["ChallengeName"]
    code = {"SOFTWARE_TOKEN_MFA_CODE": app.next_code()}
    done = await service.respond(client, "jane", TOTP, asked["Session"], **code)

    assert (loa(4), ["pwd", "otp", "mfa"]) == level_of(done["AuthenticationResult"])


async def test_a_sign_in_steps_up_from_what_its_token_has_proved(service: Service, clock: FixedClock) -> None:
    _, client = await place(service)
    first = await service.tokens(client, "jane")
    app = await switched_on(service, first["AccessToken"], clock)

    asked = await begin(service, client, "jane", TARGET_ACR_VALUES=loa(4), ACCESS_TOKEN=first["AccessToken"])
    assert TOTP == asked["ChallengeName"]
    code = {"SOFTWARE_TOKEN_MFA_CODE": app.next_code()}
    done = (await service.respond(client, "jane", TOTP, asked["Session"], **code))["AuthenticationResult"]

    assert (loa(4), ["pwd", "otp", "mfa"]) == level_of(done)
    assert done["RefreshToken"]
    # What is refreshed was proved all the same.
    parameters = {"REFRESH_TOKEN": done["RefreshToken"], **hashed(client, "jane")}
    again = await service(
        "InitiateAuth", ClientId=client.client.id, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=parameters
    )
    assert (loa(4), ["pwd", "otp", "mfa"]) == level_of(again["AuthenticationResult"])


@sqlite_only
async def test_a_sign_in_that_is_too_old_counts_for_nothing(service: Service, clock: FixedClock) -> None:
    _, client = await place(service)
    token = (await service.tokens(client, "jane"))["AccessToken"]
    await switched_on(service, token, clock)
    asks = {"TARGET_ACR_VALUES": loa(4), "ACCESS_TOKEN": token, "MAX_AGE": "60"}

    clock.advance(60)
    assert TOTP == (await begin(service, client, "jane", **asks))["ChallengeName"]
    clock.advance(1)
    assert "SELECT_CHALLENGE" == (await begin(service, client, "jane", **asks))["ChallengeName"]


@sqlite_only
async def test_the_first_level_that_the_user_can_reach_is_asked_for(service: Service) -> None:
    entry, client = await place(service)

    asked = await begin(service, client, "jane", TARGET_ACR_VALUES=f"urn:other:9 {loa(4, 2, 1)}")

    assert "EMAIL_OTP" == asked["ChallengeName"]
    code = {"EMAIL_OTP_CODE": await last_code(service.flow, entry)}
    done = await service.respond(client, "jane", "EMAIL_OTP", asked["Session"], **code)
    assert (loa(2), ["email_otp"]) == level_of(done["AuthenticationResult"])


@sqlite_only
async def test_a_pool_may_call_the_levels_by_names_of_its_own(service: Service) -> None:
    entry = await a_pool(service.flow, policies=allowing("EMAIL_OTP"))
    client = await a_client(service.flow, entry, explicit_auth_flows=FLOWS)
    await a_user(service.flow, entry, "jane", email="jane@example.com", email_verified="true")
    named = {"Level1": {"AcrValue": "urn:example:bronze"}}
    pool = {"UserPoolId": entry.pool.id, "Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": FACTORS}}}
    await service("UpdateUserPool", **pool, AcrConfiguration=named)
    rides = {"PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": PASSWORD}

    done = await begin(service, client, "jane", TARGET_ACR_VALUES="urn:example:bronze", **rides)

    result = done["AuthenticationResult"]
    assert ("urn:example:bronze", ["pwd"]) == level_of(result)
    again = await service(
        "InitiateAuth", ClientId=client.client.id, AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": result["RefreshToken"], **hashed(client, "jane")},
    )  # fmt: skip
    assert ("urn:example:bronze", ["pwd"]) == level_of(again["AuthenticationResult"])
    # A level that has another name is not called by its default one; the others are.
    nothing = ("InvalidParameterException", "TARGET_ACR_VALUES has no level of this user pool.")
    assert nothing == await service.refusal("InitiateAuth", **auth(client, "jane", TARGET_ACR_VALUES=loa(1), **rides))
    assert "EMAIL_OTP" == (await begin(service, client, "jane", TARGET_ACR_VALUES=loa(2)))["ChallengeName"]


@sqlite_only
async def test_a_password_may_ride_along(service: Service) -> None:
    _, client = await place(service)
    rides = {"PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": PASSWORD}

    done = await begin(service, client, "jane", TARGET_ACR_VALUES=loa(1), **rides)

    assert (loa(1), ["pwd"]) == level_of(done["AuthenticationResult"])
    wrong = {**rides, "PASSWORD": "Wrong-Password-1", "TARGET_ACR_VALUES": loa(1)}
    assert WRONG_PASSWORD == await service.refusal("InitiateAuth", **auth(client, "jane", **wrong))


@sqlite_only
async def test_a_factor_that_is_wanted_anyhow_is_asked_for_above_the_level(service: Service, clock: FixedClock) -> None:
    _, client = await place(service)
    await switched_on(service, (await service.tokens(client, "jane"))["AccessToken"], clock)
    rides = {"PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": PASSWORD}

    asked = await begin(service, client, "jane", TARGET_ACR_VALUES=loa(1), **rides)

    assert TOTP == asked["ChallengeName"]


@sqlite_only
async def test_without_a_level_no_token_tells_one(service: Service) -> None:
    _, client = await place(service)

    tokens = await service.tokens(client, "jane")

    for kind in ("AccessToken", "IdToken"):
        assert set() == {"acr", "amr"} & claims_of(tokens[kind]).keys()


@sqlite_only
async def test_what_cannot_be_stepped_up_is_refused(service: Service) -> None:
    entry, client = await place(service)
    await a_user(service.flow, entry, "joe")
    token = (await service.tokens(client, "jane"))["AccessToken"]
    invalid, denied = "InvalidParameterException", "NotAuthorizedException"
    rows: list[tuple[str, dict[str, str], tuple[str, str]]] = [
        ("jane", {"ACCESS_TOKEN": token}, (invalid, "ACCESS_TOKEN needs TARGET_ACR_VALUES.")),
        ("jane", {"TARGET_ACR_VALUES": "phr"}, (invalid, "TARGET_ACR_VALUES has no level of this user pool.")),
        ("jane", {"TARGET_ACR_VALUES": loa(1), "MAX_AGE": "soon"}, (invalid, "MAX_AGE must be a number of seconds.")),
        ("jane", {"TARGET_ACR_VALUES": loa(4)}, NO_FACTORS),
        ("jane", {"TARGET_ACR_VALUES": loa(4), "ACCESS_TOKEN": token}, NO_FACTORS),
        ("jane", {"TARGET_ACR_VALUES": loa(1), "ACCESS_TOKEN": token}, MET),
        ("joe", {"TARGET_ACR_VALUES": loa(2), "ACCESS_TOKEN": token}, (denied, "Invalid Access Token")),
        ("jane", {"TARGET_ACR_VALUES": loa(2), "ACCESS_TOKEN": "x"}, (denied, "Invalid Access Token")),
    ]
    for name, given, refusal in rows:
        assert refusal == await service.refusal("InitiateAuth", **auth(client, name, **given)), given


@sqlite_only
async def test_another_clients_token_counts_for_nothing(service: Service) -> None:
    entry, client = await place(service)
    other = await a_client(service.flow, entry, explicit_auth_flows=FLOWS)
    token = (await service.tokens(other, "jane"))["AccessToken"]

    given = {"TARGET_ACR_VALUES": loa(2), "ACCESS_TOKEN": token}

    assert ("NotAuthorizedException", "Invalid Access Token") == await service.refusal(
        "InitiateAuth", **auth(client, "jane", **given)
    )


@sqlite_only
async def test_a_client_that_hides_who_exists_does_not_tell_who_has_which_factor(
    service: Service, clock: FixedClock
) -> None:
    entry, client = await place(service, hides="ENABLED")
    await switched_on(service, (await service.tokens(client, "jane"))["AccessToken"], clock)
    await a_user(service.flow, entry, "joe")

    offered = [
        (await begin(service, client, name, TARGET_ACR_VALUES=loa(4)))["AvailableChallenges"]
        for name in ("jane", "joe", "jim")
    ]

    assert {"PASSWORD_SRP", "PASSWORD"} == set(offered[0]) == set(offered[1])
    rides = {"PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": PASSWORD, "TARGET_ACR_VALUES": loa(4)}
    told = await service.refusal("InitiateAuth", **auth(client, "joe", **rides))
    assert ("InvalidParameterException", "Selected challenge is not available.") == told
    assert WRONG_PASSWORD == await service.refusal("InitiateAuth", **auth(client, "jim", **rides))


@pytest.mark.parametrize("tier", ["LITE", "ESSENTIALS"])
@sqlite_only
async def test_strict_mode_has_no_step_up_in_the_lowest_tier(service: Service, tier: str) -> None:
    flow = msgspec.structs.replace(service.flow, config=msgspec.structs.replace(service.flow.config, strict=True))
    entry = await a_pool(service.flow, user_pool_tier=tier)
    client = await a_client(service.flow, entry, explicit_auth_flows=FLOWS)
    await a_user(service.flow, entry, "jane")
    strict = Service(flow)

    asked = auth(client, "jane", TARGET_ACR_VALUES=loa(1))

    if tier == "LITE":
        assert "FeatureUnavailableInTierException" == (await strict.refusal("InitiateAuth", **asked))[0]
    else:
        assert "SELECT_CHALLENGE" == (await strict("InitiateAuth", **asked))["ChallengeName"]
