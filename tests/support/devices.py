"""Devices of tests: confirmed and proved by pycognito's arithmetic."""

import base64
from typing import Any

import msgspec
from pycognito.aws_srp import AWSSRP, generate_hash_device, long_to_hex

from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.spec import shapes
from tests.support.builders import a_client, a_pool
from tests.support.service import Service, answer, password_auth

NOT_FOUND = ("ResourceNotFoundException", "Device does not exist.")


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """What a client keeps of its device."""

    key: str
    group_key: str
    password: str
    config: dict[str, str]


def tracking(*, for_mfa: bool = False, asks: bool = False) -> shapes.DeviceConfigurationType:
    return shapes.DeviceConfigurationType(
        challenge_required_on_new_device=for_mfa, device_only_remembered_on_user_prompt=asks
    )


async def a_tracking_pool(flow: Flow, *, for_mfa: bool = False, asks: bool = False, **settings: Any) -> PoolEntry:
    return await a_pool(flow, device_configuration=tracking(for_mfa=for_mfa, asks=asks), **settings)


async def tracked(service: Service, **settings: Any) -> tuple[PoolEntry, ClientEntry]:
    entry = await a_tracking_pool(service.flow, **settings)
    return entry, await a_client(service.flow, entry)


def made(metadata: dict[str, str]) -> Device:
    """The device as a client makes it from NewDeviceMetadata."""
    key, group_key = metadata["DeviceKey"], metadata["DeviceGroupKey"]
    password, config = generate_hash_device(group_key, key)
    return Device(key=key, group_key=group_key, password=password, config=config)


def confirmation(tokens: dict[str, Any], device: Device, **more: Any) -> dict[str, Any]:
    """The body of ConfirmDevice."""
    return {
        "AccessToken": tokens["AccessToken"],
        "DeviceKey": device.key,
        "DeviceSecretVerifierConfig": device.config,
        **more,
    }


async def enrol(service: Service, client: ClientEntry, username: str, **more: Any) -> tuple[Device, dict[str, Any]]:
    """Sign in from a new device and confirm it; with the tokens."""
    tokens = await service.tokens(client, username)
    device = made(tokens["NewDeviceMetadata"])
    await service("ConfirmDevice", **confirmation(tokens, device, **more))
    return device, tokens


def from_device(client: ClientEntry, username: str, key: str) -> dict[str, Any]:
    """InitiateAuth with a password, from a known device."""
    body = password_auth(client, username)
    return {**body, "AuthParameters": {**body["AuthParameters"], "DEVICE_KEY": key}}


class Proof:
    """One exchange in which a device proves itself."""

    def __init__(self, entry: PoolEntry, client: ClientEntry, username: str, device: Device) -> None:
        self._client, self._username, self._device = client, username, device
        self._srp = AWSSRP(
            username, "unused", entry.pool.id, client.client.id, client=object(),
            client_secret=client.secrets[-1] if client.secrets else None,
            device_key=device.key, device_group_key=device.group_key, device_password=device.password,
        )  # fmt: skip

    def first(self, session: str | None) -> dict[str, Any]:
        """The answer to DEVICE_SRP_AUTH."""
        srp_a = long_to_hex(self._srp.large_a_value)
        return answer(
            self._client, self._username, "DEVICE_SRP_AUTH", session, DEVICE_KEY=self._device.key, SRP_A=srp_a
        )

    def second(self, challenge: dict[str, str], session: str | None = None) -> dict[str, Any]:
        """The answer to DEVICE_PASSWORD_VERIFIER."""
        proof = self._srp.process_device_challenge(challenge)
        username = proof.pop("USERNAME")
        proof.pop("SECRET_HASH", None)
        return answer(self._client, username, "DEVICE_PASSWORD_VERIFIER", session, **proof)


async def prove(
    service: Service, entry: PoolEntry, client: ClientEntry, username: str, device: Device, session: str | None
) -> dict[str, Any]:
    """Both answers; the result of the second."""
    proof = Proof(entry, client, username, device)
    asked = await service("RespondToAuthChallenge", **proof.first(session))
    assert "DEVICE_PASSWORD_VERIFIER" == asked["ChallengeName"]
    return await service("RespondToAuthChallenge", **proof.second(asked["ChallengeParameters"], asked["Session"]))


def as_base64(number: bytes) -> str:
    return base64.b64encode(number).decode()
