"""Signing in from a device: DEVICE_KEY, the proof of a remembered device, and what it replaces."""

from typing import Any

import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from tests.api.test_srp import Person
from tests.support.builders import a_client, a_user, last_code, reconfigure, with_mfa
from tests.support.devices import (
    NOT_FOUND,
    Device,
    Proof,
    a_tracking_pool,
    confirmation,
    enrol,
    from_device,
    made,
    prove,
    tracked,
    tracking,
)
from tests.support.service import (
    LOCKED_OUT,
    SESSION_EXPIRED,
    SESSION_INVALID,
    SESSION_USED,
    WRONG_PASSWORD,
    Service,
    race,
    sqlite_only,
)

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:pycognito")
EMAIL = "jane@example.com"


async def with_mfa_pool(service: Service, *, for_mfa: bool, mode: str = "ON") -> tuple[PoolEntry, ClientEntry]:
    entry = await a_tracking_pool(service.flow, for_mfa=for_mfa, mfa=with_mfa(mode, "email"))
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane", email=EMAIL, email_verified="true")
    return entry, client


async def with_code(service: Service, entry: PoolEntry, client: ClientEntry, **started: Any) -> dict[str, Any]:
    """Answer the EMAIL_OTP of a sign-in."""
    asked = await service("InitiateAuth", **started)
    assert "EMAIL_OTP" == asked["ChallengeName"]
    code = await last_code(service.flow, entry)
    return await service.respond(client, "jane", "EMAIL_OTP", asked["Session"], EMAIL_OTP_CODE=code)


async def enrol_with_code(service: Service, entry: PoolEntry, client: ClientEntry) -> Device:
    started = from_device(client, "jane", "")
    tokens = (await with_code(service, entry, client, **started))["AuthenticationResult"]
    device = made(tokens["NewDeviceMetadata"])
    await service("ConfirmDevice", **confirmation(tokens, device))
    return device


@pytest.mark.parametrize("secret", [True, False])
async def test_a_remembered_device_proves_itself(service: Service, clock: FixedClock, secret: bool) -> None:
    entry = await a_tracking_pool(service.flow)
    client = await a_client(service.flow, entry, secret=secret)
    await a_user(service.flow, entry, "jane")
    device, _ = await enrol(service, client, "jane")
    clock.advance(100)
    service.source_ip = "192.0.2.7"
    asked = await service("InitiateAuth", **from_device(client, "jane", device.key))
    assert ("DEVICE_SRP_AUTH", {}) == (asked["ChallengeName"], asked["ChallengeParameters"])
    proof = Proof(entry, client, "jane", device)
    second = await service("RespondToAuthChallenge", **proof.first(asked["Session"]))
    shown = second["ChallengeParameters"]
    assert {"DEVICE_KEY", "SALT", "SRP_B", "SECRET_BLOCK", "USERNAME"} == shown.keys()
    result = (await service("RespondToAuthChallenge", **proof.second(shown)))["AuthenticationResult"]
    assert "NewDeviceMetadata" not in result
    assert device.key == entry.verifier.verify(result["AccessToken"])["device_key"]
    found = await service("GetDevice", AccessToken=result["AccessToken"], DeviceKey=device.key)
    assert clock.now() == found["Device"]["DeviceLastAuthenticatedDate"]
    assert {"Name": "last_ip_used", "Value": "192.0.2.7"} in found["Device"]["DeviceAttributes"]


async def test_after_srp_a_client_without_sessions_proves_its_device(service: Service) -> None:
    """pycognito and others answer all of it without a Session."""
    entry, client = await tracked(service)
    await a_user(service.flow, entry, "jane")
    device, _ = await enrol(service, client, "jane")
    person = Person(entry, client, "jane")
    begun = await service("InitiateAuth", **person.first())
    body = person.second(begun["ChallengeParameters"])
    body["ChallengeResponses"]["DEVICE_KEY"] = device.key
    asked = await service("RespondToAuthChallenge", **body)
    assert "DEVICE_SRP_AUTH" == asked["ChallengeName"]
    result = await prove(service, entry, client, "jane", device, None)
    assert result["AuthenticationResult"]["RefreshToken"]
    refused = await service.refusal("RespondToAuthChallenge", **Proof(entry, client, "jane", device).first(None))
    assert SESSION_INVALID == refused


@sqlite_only
async def test_the_device_named_first_is_remembered_to_the_end(service: Service) -> None:
    entry, client = await tracked(service)
    await a_user(service.flow, entry, "jane")
    device, _ = await enrol(service, client, "jane")
    person = Person(entry, client, "jane")
    body = person.first()
    body["AuthParameters"]["DEVICE_KEY"] = device.key
    begun = await service("InitiateAuth", **body)
    asked = await service("RespondToAuthChallenge", **person.second(begun["ChallengeParameters"]))
    assert "DEVICE_SRP_AUTH" == asked["ChallengeName"]


async def test_an_unknown_device_is_told_before_anything_is_spent(service: Service) -> None:
    """amazon-cognito-identity-js drops its device then, and sends the same proof again."""
    entry, client = await tracked(service)
    await a_user(service.flow, entry, "jane")
    await a_user(service.flow, entry, "eve")
    foreign, _ = await enrol(service, client, "eve")
    for key in ("us-east-1_0a", foreign.key):
        assert NOT_FOUND == await service.refusal("InitiateAuth", **from_device(client, "jane", key))
        person = Person(entry, client, "jane")
        first = person.first()
        first["AuthParameters"]["DEVICE_KEY"] = key
        begun = await service("InitiateAuth", **first)
        body = person.second(begun["ChallengeParameters"])
        body["ChallengeResponses"]["DEVICE_KEY"] = key
        assert NOT_FOUND == await service.refusal("RespondToAuthChallenge", **body)
        body["ChallengeResponses"]["DEVICE_KEY"] = None
        result = (await service("RespondToAuthChallenge", **body))["AuthenticationResult"]
        assert result["NewDeviceMetadata"]


@sqlite_only
async def test_a_device_key_tells_nothing_about_who_exists(service: Service) -> None:
    entry, _ = await tracked(service)
    client = await a_client(service.flow, entry, prevent_user_existence_errors="ENABLED")
    await a_user(service.flow, entry, "jane")
    for name in ("jane", "nobody"):
        assert NOT_FOUND == await service.refusal("InitiateAuth", **from_device(client, name, "us-east-1_0a"))


async def test_a_device_that_is_not_remembered_is_asked_for_nothing(service: Service) -> None:
    entry, client = await tracked(service, asks=True)
    await a_user(service.flow, entry, "jane")
    device, tokens = await enrol(service, client, "jane")
    result = (await service("InitiateAuth", **from_device(client, "jane", device.key)))["AuthenticationResult"]
    assert "NewDeviceMetadata" not in result
    assert device.key == entry.verifier.verify(result["AccessToken"])["device_key"]
    await service(
        "UpdateDeviceStatus", AccessToken=tokens["AccessToken"], DeviceKey=device.key,
        DeviceRememberedStatus="remembered",
    )  # fmt: skip
    asked = await service("InitiateAuth", **from_device(client, "jane", device.key))
    assert "DEVICE_SRP_AUTH" == asked["ChallengeName"]


@sqlite_only
async def test_a_device_without_a_secret_is_tracked_and_replaces_nothing(service: Service) -> None:
    entry, client = await with_mfa_pool(service, for_mfa=True)
    tokens = (await with_code(service, entry, client, **from_device(client, "jane", "")))["AuthenticationResult"]
    key = tokens["NewDeviceMetadata"]["DeviceKey"]
    await service("ConfirmDevice", AccessToken=tokens["AccessToken"], DeviceKey=key)
    assert await with_code(service, entry, client, **from_device(client, "jane", key))


async def test_a_remembered_device_replaces_the_code_where_the_pool_says_so(service: Service) -> None:
    entry, client = await with_mfa_pool(service, for_mfa=True)
    device = await enrol_with_code(service, entry, client)
    asked = await service("InitiateAuth", **from_device(client, "jane", device.key))
    assert "DEVICE_SRP_AUTH" == asked["ChallengeName"]
    result = await prove(service, entry, client, "jane", device, asked["Session"])
    assert result["AuthenticationResult"]["AccessToken"]


async def test_else_it_proves_itself_after_the_code(service: Service) -> None:
    entry, client = await with_mfa_pool(service, for_mfa=False)
    device = await enrol_with_code(service, entry, client)
    asked = await with_code(service, entry, client, **from_device(client, "jane", device.key))
    assert "DEVICE_SRP_AUTH" == asked["ChallengeName"]
    result = await prove(service, entry, client, "jane", device, asked["Session"])
    assert result["AuthenticationResult"]["AccessToken"]


@sqlite_only
async def test_nothing_replaces_setting_up_a_required_factor(service: Service) -> None:
    entry, client = await tracked(service, for_mfa=True)
    await a_user(service.flow, entry, "jane")
    device, _ = await enrol(service, client, "jane")
    await reconfigure(service.flow, entry, mfa=with_mfa("ON", "totp"))
    asked = await service("InitiateAuth", **from_device(client, "jane", device.key))
    assert "MFA_SETUP" == asked["ChallengeName"]


@sqlite_only
async def test_a_device_that_left_the_way_is_asked_for_nothing(service: Service) -> None:
    entry, client = await with_mfa_pool(service, for_mfa=True)
    device = await enrol_with_code(service, entry, client)
    entry = await reconfigure(service.flow, entry, device_configuration=None)
    asked = await service("InitiateAuth", **from_device(client, "jane", device.key))
    assert "EMAIL_OTP" == asked["ChallengeName"]
    await reconfigure(service.flow, entry, device_configuration=tracking(for_mfa=True))
    asked = await service("InitiateAuth", **from_device(client, "jane", device.key))
    assert "DEVICE_SRP_AUTH" == asked["ChallengeName"]


async def test_a_wrong_proof_signs_nobody_in_and_costs_the_exchange(service: Service) -> None:
    entry, client = await tracked(service)
    await a_user(service.flow, entry, "jane")
    device, _ = await enrol(service, client, "jane")
    thief = Device(key=device.key, group_key=device.group_key, password="guess", config={})
    asked = await service("InitiateAuth", **from_device(client, "jane", device.key))
    proof = Proof(entry, client, "jane", thief)
    second = await service("RespondToAuthChallenge", **proof.first(asked["Session"]))
    body = proof.second(second["ChallengeParameters"])
    assert WRONG_PASSWORD == await service.refusal("RespondToAuthChallenge", **body)
    assert SESSION_USED == await service.refusal("RespondToAuthChallenge", **body)
    assert SESSION_USED == await service.refusal("RespondToAuthChallenge", **proof.first(asked["Session"]))


@sqlite_only
async def test_wrong_proofs_of_a_device_lock_the_user_out(service: Service) -> None:
    entry, client = await tracked(service)
    await a_user(service.flow, entry, "jane")
    device, _ = await enrol(service, client, "jane")
    thief = Device(key=device.key, group_key=device.group_key, password="guess", config={})
    told = set()
    for _ in range(8):
        asked = await service("InitiateAuth", **from_device(client, "jane", device.key))
        proof = Proof(entry, client, "jane", thief)
        second = await service("RespondToAuthChallenge", **proof.first(asked["Session"]))
        told.add(await service.refusal("RespondToAuthChallenge", **proof.second(second["ChallengeParameters"])))
    assert {WRONG_PASSWORD, LOCKED_OUT} == told


async def test_a_proof_is_taken_once_however_many_race(service: Service) -> None:
    entry, client = await tracked(service)
    await a_user(service.flow, entry, "jane")
    device, _ = await enrol(service, client, "jane")
    asked = await service("InitiateAuth", **from_device(client, "jane", device.key))
    proof = Proof(entry, client, "jane", device)
    second = await service("RespondToAuthChallenge", **proof.first(asked["Session"]))
    body = proof.second(second["ChallengeParameters"])
    served, refused = await race(service("RespondToAuthChallenge", **body) for _ in range(8))
    assert 1 == len(served)
    assert {SESSION_USED} == set(refused)


async def test_a_device_forgotten_or_put_aside_in_between_proves_nothing(service: Service) -> None:
    entry, client = await tracked(service)
    await a_user(service.flow, entry, "jane")
    user = {"UserPoolId": entry.pool.id, "Username": "jane"}
    device, _ = await enrol(service, client, "jane")
    asked = await service("InitiateAuth", **from_device(client, "jane", device.key))
    proof = Proof(entry, client, "jane", device)
    second = await service("RespondToAuthChallenge", **proof.first(asked["Session"]))
    body = proof.second(second["ChallengeParameters"])
    await service("AdminUpdateDeviceStatus", **user, DeviceKey=device.key, DeviceRememberedStatus="not_remembered")
    assert NOT_FOUND == await service.refusal("RespondToAuthChallenge", **body)
    await service("AdminForgetDevice", **user, DeviceKey=device.key)
    assert NOT_FOUND == await service.refusal("RespondToAuthChallenge", **body)


@sqlite_only
async def test_the_proof_of_one_device_is_not_another_ones(service: Service) -> None:
    entry, client = await tracked(service)
    await a_user(service.flow, entry, "jane")
    one, _ = await enrol(service, client, "jane")
    other, _ = await enrol(service, client, "jane")
    asked = await service("InitiateAuth", **from_device(client, "jane", one.key))
    second = await service("RespondToAuthChallenge", **Proof(entry, client, "jane", one).first(asked["Session"]))
    body = Proof(entry, client, "jane", other).second(second["ChallengeParameters"])
    assert WRONG_PASSWORD == await service.refusal("RespondToAuthChallenge", **body)


@sqlite_only
async def test_a_session_of_a_device_is_its_users_and_its_clients(service: Service, clock: FixedClock) -> None:
    entry, client = await tracked(service)
    neighbour = await a_client(service.flow, entry)
    for name in ("jane", "eve"):
        await a_user(service.flow, entry, name)
    device, _ = await enrol(service, client, "jane")
    asked = await service("InitiateAuth", **from_device(client, "jane", device.key))
    stranger = Proof(entry, neighbour, "jane", device).first(asked["Session"])
    assert SESSION_INVALID == await service.refusal("RespondToAuthChallenge", **stranger)
    without = Proof(entry, neighbour, "jane", device).first(None)
    assert SESSION_INVALID == await service.refusal("RespondToAuthChallenge", **without)
    clock.advance(180)
    late = Proof(entry, client, "jane", device).first(asked["Session"])
    assert SESSION_EXPIRED == await service.refusal("RespondToAuthChallenge", **late)
    without = Proof(entry, client, "jane", device).first(None)
    assert SESSION_INVALID == await service.refusal("RespondToAuthChallenge", **without)


@sqlite_only
@pytest.mark.parametrize("missing", ["DEVICE_KEY", "SRP_A"])
async def test_what_is_missing_is_named(service: Service, missing: str) -> None:
    entry, client = await tracked(service)
    await a_user(service.flow, entry, "jane")
    device, _ = await enrol(service, client, "jane")
    asked = await service("InitiateAuth", **from_device(client, "jane", device.key))
    body = Proof(entry, client, "jane", device).first(asked["Session"])
    del body["ChallengeResponses"][missing]
    told = ("InvalidParameterException", f"Missing required parameter {missing}")
    assert told == await service.refusal("RespondToAuthChallenge", **body)
