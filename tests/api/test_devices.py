"""Devices: their names given at sign-in, confirmed, looked at, remembered, forgotten."""

import re
from typing import Any

import msgspec
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.db.protocol import ReadTx
from poolhouse.pool.core.devices import read_secret
from poolhouse.pool.core.srp import N
from poolhouse.pool.flows.directory import ClientEntry
from poolhouse.pool.model.device import Device as Stored
from poolhouse.pool.spec import shapes
from poolhouse.pool.store import devices as store
from tests.support.builders import a_client, a_pool, a_user, reconfigure
from tests.support.devices import (
    NOT_FOUND,
    as_base64,
    confirmation,
    enrol,
    from_device,
    made,
    tracked,
    tracking,
)
from tests.support.service import Service, admin_auth, hashed, race, sqlite_only

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:pycognito")
OFF = ("InvalidUserPoolConfigurationException", "Device tracking is not enabled for this user pool.")
INVALID_KEY = ("InvalidParameterException", "Invalid device key given.")
EXISTS = ("DeviceKeyExistsException", "Device key already exists.")
INVALID_TOKEN = ("NotAuthorizedException", "Invalid Refresh Token.")
NOBODY = ("UserNotFoundException", "User does not exist.")


def refresh(client: ClientEntry, tokens: dict[str, Any], key: str | None = None) -> dict[str, Any]:
    given = {"REFRESH_TOKEN": tokens["RefreshToken"], **hashed(client, "jane")}
    return {
        "ClientId": client.client.id,
        "AuthFlow": "REFRESH_TOKEN_AUTH",
        "AuthParameters": given if key is None else {**given, "DEVICE_KEY": key},
    }


def attributes(device: dict[str, Any]) -> dict[str, str]:
    return {each["Name"]: each["Value"] for each in device["DeviceAttributes"]}


async def test_a_new_device_is_given_its_names(service: Service) -> None:
    entry, client = await tracked(service)
    await a_user(service.flow, entry, "jane")
    tokens = await service.tokens(client, "jane")
    new = tokens["NewDeviceMetadata"]
    assert re.fullmatch(r"us-east-1_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", new["DeviceKey"])
    assert re.fullmatch(r"-[0-9A-Za-z]{8}", new["DeviceGroupKey"])
    assert new["DeviceKey"] == entry.verifier.verify(tokens["AccessToken"])["device_key"]
    assert "device_key" not in entry.verifier.verify(tokens["IdToken"])
    by_admin = await service("AdminInitiateAuth", **admin_auth(entry, client, "jane"))
    assert new["DeviceKey"] != by_admin["AuthenticationResult"]["NewDeviceMetadata"]["DeviceKey"]


async def test_without_tracking_no_device_is_given_or_known(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    tokens = await service.tokens(client, "jane")
    assert "NewDeviceMetadata" not in tokens
    assert "device_key" not in entry.verifier.verify(tokens["AccessToken"])
    assert NOT_FOUND == await service.refusal("InitiateAuth", **from_device(client, "jane", "us-east-1_0a"))
    one = {"AccessToken": tokens["AccessToken"], "DeviceKey": "us-east-1_0a"}
    assert OFF == await service.refusal("ConfirmDevice", **one)
    assert OFF == await service.refusal("GetDevice", **one)
    assert OFF == await service.refusal("ForgetDevice", **one)
    assert OFF == await service.refusal("UpdateDeviceStatus", **one, DeviceRememberedStatus="remembered")
    assert OFF == await service.refusal("ListDevices", AccessToken=tokens["AccessToken"])
    user = {"UserPoolId": entry.pool.id, "Username": "jane"}
    assert OFF == await service.refusal("AdminListDevices", **user)
    for operation in ("AdminGetDevice", "AdminForgetDevice"):
        assert OFF == await service.refusal(operation, **user, DeviceKey="us-east-1_0a")
    status = {"DeviceKey": "us-east-1_0a", "DeviceRememberedStatus": "remembered"}
    assert OFF == await service.refusal("AdminUpdateDeviceStatus", **user, **status)


async def test_a_confirmed_device_is_shown(service: Service, clock: FixedClock) -> None:
    entry, client = await tracked(service)
    await a_user(service.flow, entry, "jane")
    device, tokens = await enrol(service, client, "jane", DeviceName="Jane's phone")
    shown = (await service("GetDevice", AccessToken=tokens["AccessToken"], DeviceKey=device.key))["Device"]
    assert device.key == shown["DeviceKey"]
    assert {"device_status": "valid", "device_name": "Jane's phone"} == attributes(shown)
    assert clock.now_ms() / 1000 == shown["DeviceCreateDate"] == shown["DeviceLastModifiedDate"]
    assert clock.now() == shown["DeviceLastAuthenticatedDate"]
    assert [shown] == (await service("ListDevices", AccessToken=tokens["AccessToken"]))["Devices"]
    user = {"UserPoolId": entry.pool.id, "Username": "jane"}
    full = (await service("AdminGetDevice", **user, DeviceKey=device.key))["Device"]
    owner = f"jane.{entry.pool.id}"
    assert {
        "device_status": "valid",
        "device_name": "Jane's phone",
        "dev:device_arn": f"arn:aws:cognito-idp:us-east-1:000000000000:owner/{owner}/device/{device.key}",
        "dev:device_owner": owner,
        "dev:device_remembered_status": "remembered",
    } == attributes(full)
    assert [full] == (await service("AdminListDevices", **user))["Devices"]


@sqlite_only
@pytest.mark.parametrize("asks", [True, False])
async def test_the_pool_says_whether_the_user_is_asked(service: Service, asks: bool) -> None:
    entry, client = await tracked(service, asks=asks)
    await a_user(service.flow, entry, "jane")
    tokens = await service.tokens(client, "jane")
    device = made(tokens["NewDeviceMetadata"])
    answer = await service("ConfirmDevice", **confirmation(tokens, device))
    assert {"UserConfirmationNecessary": asks} == answer
    shown = await service("AdminGetDevice", UserPoolId=entry.pool.id, Username="jane", DeviceKey=device.key)
    status = "not_remembered" if asks else "remembered"
    assert status == attributes(shown["Device"])["dev:device_remembered_status"]


async def test_a_device_is_confirmed_once_however_many_race(service: Service) -> None:
    entry, client = await tracked(service)
    await a_user(service.flow, entry, "jane")
    tokens = await service.tokens(client, "jane")
    device = made(tokens["NewDeviceMetadata"])
    served, refused = await race(service("ConfirmDevice", **confirmation(tokens, device)) for _ in range(10))
    assert 1 == len(served)
    assert [EXISTS] * 9 == refused


async def test_only_the_key_of_the_tokens_own_sign_in_can_be_confirmed(service: Service) -> None:
    entry, client = await tracked(service)
    await a_user(service.flow, entry, "jane")
    await a_user(service.flow, entry, "eve")
    hers, other = await service.tokens(client, "jane"), await service.tokens(client, "jane")
    eves = await service.tokens(client, "eve")
    device = made(hers["NewDeviceMetadata"])
    assert INVALID_KEY == await service.refusal("ConfirmDevice", **confirmation(eves, device))
    assert INVALID_KEY == await service.refusal("ConfirmDevice", **confirmation(other, device))
    assert await service("ConfirmDevice", **confirmation(hers, device))
    assert [] == (await service("ListDevices", AccessToken=eves["AccessToken"]))["Devices"]


def wrong_secrets() -> list[dict[str, str]]:
    salt, verifier = as_base64(b"salt"), as_base64(b"\x05" * 300)
    group = N.to_bytes(384)
    return [
        {},
        {"Salt": salt},
        {"PasswordVerifier": verifier},
        {"Salt": "", "PasswordVerifier": verifier},
        {"Salt": as_base64(b"s" * 65), "PasswordVerifier": verifier},
        {"Salt": "not base64!", "PasswordVerifier": verifier},
        {"Salt": salt, "PasswordVerifier": "not base64!"},
        *(
            {"Salt": salt, "PasswordVerifier": as_base64(number)}
            for number in (b"\0", b"\1", group, (N - 1).to_bytes(384), (N + 5).to_bytes(385))
        ),
    ]


@sqlite_only
@pytest.mark.parametrize("secret", wrong_secrets())
async def test_a_secret_that_proves_nothing_is_refused(service: Service, secret: dict[str, str]) -> None:
    entry, client = await tracked(service)
    await a_user(service.flow, entry, "jane")
    tokens = await service.tokens(client, "jane")
    device = made(tokens["NewDeviceMetadata"])
    body = {**confirmation(tokens, device), "DeviceSecretVerifierConfig": secret}
    assert "InvalidParameterException" == (await service.refusal("ConfirmDevice", **body))[0]
    assert await service("ConfirmDevice", **confirmation(tokens, device))


async def test_the_verifier_is_sealed_at_rest(service: Service) -> None:
    entry, client = await tracked(service)
    user = await a_user(service.flow, entry, "jane")
    device, _ = await enrol(service, client, "jane")

    async def read(tx: ReadTx) -> Stored | None:
        return await store.find_device(tx, entry.pool.id, user.username, device.key)

    stored = await service.flow.database.read(read)
    assert stored is not None
    assert device.config["PasswordVerifier"] != as_base64(stored.verifier or b"")
    assert 384 < len(stored.verifier or b"") < 500


async def test_devices_are_listed_in_pages(service: Service) -> None:
    entry, client = await tracked(service)
    await a_user(service.flow, entry, "jane")
    await a_user(service.flow, entry, "eve")
    made_ones = [await enrol(service, client, "jane") for _ in range(5)]
    token = made_ones[0][1]["AccessToken"]
    for operation, who in (
        ("ListDevices", {"AccessToken": token}),
        ("AdminListDevices", {"UserPoolId": entry.pool.id, "Username": "jane"}),
    ):
        found: list[str] = []
        after: dict[str, str] = {}
        pages = 0
        while True:
            answer = await service(operation, **who, Limit=2, **after)
            found += [each["DeviceKey"] for each in answer["Devices"]]
            pages += 1
            if "PaginationToken" not in answer:
                break
            after = {"PaginationToken": answer["PaginationToken"]}
        assert (sorted(device.key for device, _ in made_ones), 3) == (found, pages)
    first = await service("AdminListDevices", UserPoolId=entry.pool.id, Username="jane", Limit=2)
    refused = await service.refusal(
        "AdminListDevices", UserPoolId=entry.pool.id, Username="eve", PaginationToken=first["PaginationToken"]
    )
    assert ("InvalidParameterException", "Invalid pagination token") == refused
    assert 5 == len((await service("ListDevices", AccessToken=token))["Devices"])


async def test_the_status_is_changed_by_the_user_and_by_an_administrator(service: Service, clock: FixedClock) -> None:
    entry, client = await tracked(service)
    await a_user(service.flow, entry, "jane")
    device, tokens = await enrol(service, client, "jane")
    user = {"UserPoolId": entry.pool.id, "Username": "jane", "DeviceKey": device.key}
    own = {"AccessToken": tokens["AccessToken"], "DeviceKey": device.key}
    clock.advance(60)
    assert {} == await service("UpdateDeviceStatus", **own, DeviceRememberedStatus="not_remembered")
    shown = (await service("AdminGetDevice", **user))["Device"]
    assert "not_remembered" == attributes(shown)["dev:device_remembered_status"]
    assert shown["DeviceCreateDate"] + 60 == shown["DeviceLastModifiedDate"]
    assert {} == await service("AdminUpdateDeviceStatus", **user, DeviceRememberedStatus="remembered")
    shown = (await service("AdminGetDevice", **user))["Device"]
    assert "remembered" == attributes(shown)["dev:device_remembered_status"]
    missing = ("InvalidParameterException", "Missing required parameter DeviceRememberedStatus")
    assert missing == await service.refusal("UpdateDeviceStatus", **own)
    assert missing == await service.refusal("AdminUpdateDeviceStatus", **user)


async def test_a_user_sees_the_remembered_devices_and_an_administrator_all(service: Service) -> None:
    """As integration tests of AWS's SDK for Android have measured it."""
    entry, client = await tracked(service, asks=True)
    await a_user(service.flow, entry, "jane")
    device, tokens = await enrol(service, client, "jane")
    own = {"AccessToken": tokens["AccessToken"], "DeviceKey": device.key}
    for _ in range(2):
        assert NOT_FOUND == await service.refusal("GetDevice", **own)
        assert [] == (await service("ListDevices", AccessToken=tokens["AccessToken"]))["Devices"]
        assert [device.key] == await keys_of(service, entry.pool.id)
        await service("UpdateDeviceStatus", **own, DeviceRememberedStatus="remembered")
        assert device.key == (await service("GetDevice", **own))["Device"]["DeviceKey"]
        assert 1 == len((await service("ListDevices", AccessToken=tokens["AccessToken"]))["Devices"])
        await service("UpdateDeviceStatus", **own, DeviceRememberedStatus="not_remembered")
    await service("ForgetDevice", **own)
    assert NOT_FOUND == await service.refusal("UpdateDeviceStatus", **own, DeviceRememberedStatus="remembered")


async def test_what_is_not_there_is_not_found(service: Service) -> None:
    entry, client = await tracked(service)
    other, foreign = await tracked(service)
    for pool in (entry, other):
        for name in ("jane", "eve"):
            await a_user(service.flow, pool, name)
    device, _ = await enrol(service, client, "jane")
    eve = (await service.tokens(client, "eve"))["AccessToken"]
    namesake = (await service.tokens(foreign, "jane"))["AccessToken"]
    status = {"DeviceRememberedStatus": "remembered"}
    for token in (eve, namesake):
        own = {"AccessToken": token, "DeviceKey": device.key}
        assert NOT_FOUND == await service.refusal("GetDevice", **own)
        assert NOT_FOUND == await service.refusal("ForgetDevice", **own)
        assert NOT_FOUND == await service.refusal("UpdateDeviceStatus", **own, **status)
    for user in ({"UserPoolId": entry.pool.id, "Username": "eve"}, {"UserPoolId": other.pool.id, "Username": "jane"}):
        assert NOT_FOUND == await service.refusal("AdminGetDevice", **user, DeviceKey=device.key)
        assert NOT_FOUND == await service.refusal("AdminForgetDevice", **user, DeviceKey=device.key)
        assert NOT_FOUND == await service.refusal("AdminUpdateDeviceStatus", **user, DeviceKey=device.key, **status)
    nobody = {"UserPoolId": entry.pool.id, "Username": "nobody"}
    assert NOBODY == await service.refusal("AdminListDevices", **nobody)
    assert NOBODY == await service.refusal("AdminGetDevice", **nobody, DeviceKey=device.key)
    no_pool = {"UserPoolId": "us-east-1_nothere00", "Username": "jane"}
    assert "ResourceNotFoundException" == (await service.refusal("AdminListDevices", **no_pool))[0]
    assert [device.key] == await keys_of(service, entry.pool.id)


async def keys_of(service: Service, pool_id: str) -> list[str]:
    found = await service("AdminListDevices", UserPoolId=pool_id, Username="jane")
    return [each["DeviceKey"] for each in found["Devices"]]


@sqlite_only
async def test_a_device_is_looked_at_with_a_token_only(service: Service) -> None:
    missing = ("InvalidParameterException", "Missing required parameter AccessToken")
    assert missing == await service.refusal("GetDevice", DeviceKey="us-east-1_0a")
    assert missing == await service.refusal("ForgetDevice", DeviceKey="us-east-1_0a")
    bad = {"AccessToken": "a.b.c", "DeviceKey": "us-east-1_0a"}
    invalid = ("NotAuthorizedException", "Invalid Access Token")
    assert invalid == await service.refusal("GetDevice", **bad)
    assert invalid == await service.refusal("ConfirmDevice", **bad)
    assert invalid == await service.refusal("ListDevices", AccessToken="a.b.c")


@pytest.mark.parametrize("by_admin", [True, False])
async def test_a_forgotten_device_ends_its_refresh_tokens_and_no_other(service: Service, by_admin: bool) -> None:
    entry, client = await tracked(service)
    await a_user(service.flow, entry, "jane")
    device, tokens = await enrol(service, client, "jane")
    other, kept = await enrol(service, client, "jane")
    assert await service("InitiateAuth", **refresh(client, tokens, device.key))
    if by_admin:
        await service("AdminForgetDevice", UserPoolId=entry.pool.id, Username="jane", DeviceKey=device.key)
    else:
        await service("ForgetDevice", AccessToken=tokens["AccessToken"], DeviceKey=device.key)
    assert INVALID_TOKEN == await service.refusal("InitiateAuth", **refresh(client, tokens, device.key))
    assert await service("InitiateAuth", **refresh(client, kept, other.key))
    # The access token lives on, and cannot bring the device back.
    assert [other.key] == [
        each["DeviceKey"] for each in (await service("ListDevices", AccessToken=tokens["AccessToken"]))["Devices"]
    ]
    assert INVALID_KEY == await service.refusal("ConfirmDevice", **confirmation(tokens, device))
    assert NOT_FOUND == await service.refusal("InitiateAuth", **from_device(client, "jane", device.key))


async def test_devices_go_with_their_user(service: Service) -> None:
    entry, client = await tracked(service)
    await a_user(service.flow, entry, "jane")
    device, _ = await enrol(service, client, "jane")
    await service("AdminDeleteUser", UserPoolId=entry.pool.id, Username="jane")
    await a_user(service.flow, entry, "jane")
    assert [] == await keys_of(service, entry.pool.id)
    assert NOT_FOUND == await service.refusal("InitiateAuth", **from_device(client, "jane", device.key))


async def test_a_refresh_needs_the_confirmed_device(service: Service) -> None:
    entry, client = await tracked(service)
    await a_user(service.flow, entry, "jane")
    tokens = await service.tokens(client, "jane")
    device = made(tokens["NewDeviceMetadata"])
    assert INVALID_TOKEN == await service.refusal("InitiateAuth", **refresh(client, tokens, device.key))
    await service("ConfirmDevice", **confirmation(tokens, device))
    other, _ = await enrol(service, client, "jane")
    for key in (None, "us-east-1_0a", other.key):
        assert INVALID_TOKEN == await service.refusal("InitiateAuth", **refresh(client, tokens, key))
    result = (await service("InitiateAuth", **refresh(client, tokens, device.key)))["AuthenticationResult"]
    assert device.key == entry.verifier.verify(result["AccessToken"])["device_key"]
    assert "NewDeviceMetadata" not in result
    secret = {"ClientSecret": client.secrets[-1]}
    plain = {"ClientId": client.client.id, "RefreshToken": tokens["RefreshToken"], **secret}
    assert INVALID_TOKEN == await service.refusal("GetTokensFromRefreshToken", **plain)
    assert await service("GetTokensFromRefreshToken", **plain, DeviceKey=device.key)


async def test_a_device_that_tracking_has_left_behind_does_not_hinder_a_refresh(service: Service) -> None:
    entry, client = await tracked(service)
    await a_user(service.flow, entry, "jane")
    device, tokens = await enrol(service, client, "jane")
    await reconfigure(service.flow, entry, device_configuration=None)
    assert await service("InitiateAuth", **refresh(client, tokens))
    assert await service("InitiateAuth", **refresh(client, tokens, device.key))
    assert NOT_FOUND == await service.refusal("InitiateAuth", **refresh(client, tokens, "us-east-1_0a"))


async def test_a_sign_in_of_before_tracking_is_renewed_without_a_device(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    tokens = await service.tokens(client, "jane")
    await reconfigure(service.flow, entry, device_configuration=tracking())
    assert await service("InitiateAuth", **refresh(client, tokens))


@sqlite_only
async def test_in_strict_mode_it_is_not(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    tokens = await service.tokens(client, "jane")
    await reconfigure(service.flow, entry, device_configuration=tracking())
    assert INVALID_TOKEN == await strictly(service).refusal("InitiateAuth", **refresh(client, tokens))


def strictly(service: Service) -> Service:
    config = msgspec.structs.replace(service.flow.config, strict=True)
    return Service(msgspec.structs.replace(service.flow, config=config))


@sqlite_only
async def test_a_null_key_is_none(service: Service) -> None:
    """amazon-cognito-identity-js sends one with each refresh when it knows no device."""
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    body = refresh(client, await service.tokens(client, "jane"))
    assert await service("InitiateAuth", **{**body, "AuthParameters": {**body["AuthParameters"], "DEVICE_KEY": None}})


@sqlite_only
async def test_the_pools_configuration_is_kept_and_an_empty_one_is_none(service: Service) -> None:
    given = {"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": False}
    pool = (await service("CreateUserPool", PoolName="p", DeviceConfiguration=given))["UserPool"]
    assert given == pool["DeviceConfiguration"]
    await service("UpdateUserPool", UserPoolId=pool["Id"], DeviceConfiguration={})
    described = (await service("DescribeUserPool", UserPoolId=pool["Id"]))["UserPool"]
    assert "DeviceConfiguration" not in described


def test_a_device_does_not_show_its_secret() -> None:
    config = shapes.DeviceSecretVerifierConfigType(salt=as_base64(b"salt"), password_verifier=as_base64(b"\x05" * 9))
    assert "Secret(***)" == repr(read_secret(config))
