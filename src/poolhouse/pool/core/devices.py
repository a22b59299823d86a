"""What a device gives of itself when it is confirmed, and what is shown of it."""

import base64
import binascii
from typing import Final

import msgspec

from poolhouse.pool.core.refusal import Refusal, invalid_parameter
from poolhouse.pool.core.srp import N
from poolhouse.pool.model.device import Device
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.spec.shapes import DeviceSecretVerifierConfigType

_SALT_BYTES: Final = 64
_VERIFIER_BYTES: Final = 384
GROUP_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
GROUP_LETTERS: Final = 8


class Secret(msgspec.Struct, frozen=True):
    """Salt and verifier as SRP takes them."""

    salt: bytes
    verifier: bytes

    def __repr__(self) -> str:
        return "Secret(***)"


def read_secret(given: DeviceSecretVerifierConfigType | None) -> Secret | Refusal | None:
    """
    The salt and the verifier of ConfirmDevice, which are numbers as Java writes them, in base64.

    None where a device has no secret.  Refuses half a secret, what is not base64, and a verifier with which anybody
    could prove anything (0, 1, -1 mod N).
    """
    if given is None:
        return None
    salt, verifier = _decoded(given.salt), _decoded(given.password_verifier)
    if not salt or len(salt) > _SALT_BYTES:
        return invalid_parameter("Invalid Salt in DeviceSecretVerifierConfig.")
    number = int.from_bytes(verifier or b"")
    if not 1 < number < N - 1:
        return invalid_parameter("Invalid PasswordVerifier in DeviceSecretVerifierConfig.")
    return Secret(salt, number.to_bytes(_VERIFIER_BYTES))


def attributes(pool: Pool, device: Device, *, for_admin: bool) -> dict[str, str]:
    """DeviceAttributes; those with ``dev:`` are the administrator's."""
    owner = f"{device.username}.{pool.id}"
    shown = {"device_status": "valid", **({"device_name": device.name} if device.name else {})}
    if for_admin:
        prefix = f"arn:aws:cognito-idp:{pool.region}:{pool.account}"
        shown |= {"dev:device_arn": f"{prefix}:owner/{owner}/device/{device.key}", "dev:device_owner": owner}
    if device.address:
        shown["last_ip_used"] = device.address
    if for_admin:
        shown["dev:device_remembered_status"] = "remembered" if device.remembered else "not_remembered"
    return shown


def _decoded(text: str | None) -> bytes | None:
    try:
        return base64.b64decode(text or "", validate=True)
    except (binascii.Error, ValueError):
        return None
