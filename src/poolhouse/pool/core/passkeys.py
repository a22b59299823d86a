"""
WebAuthn (level 3): what is asked of an authenticator, and whether its answer holds.

The library verifies; here is what it leaves open: which origins belong to a relying party, and which of the service's
errors says what is wrong.  Whatever it trips over is a refusal.

It is loaded by the first who needs it: it takes six megabytes, and most pools have no passkeys.
"""

import hashlib
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import msgspec

from poolhouse.pool.core.refusal import Refusal, invalid_parameter, refused
from poolhouse.pool.model.passkey import Passkey
from poolhouse.pool.spec.errors import Reason

if TYPE_CHECKING:
    from webauthn.helpers.cose import COSEAlgorithmIdentifier
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

MOST: Final = 20
"""Passkeys that a user may have."""
CHALLENGE_BYTES: Final = 32
_TIMEOUT_MS: Final = 60_000
_NAMES: Final = {
    "fbfc3007-154e-4ecc-8c0b-6e020557d7bd": "iCloud Keychain",
    "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4": "Google Password Manager",
    "adce0002-35bc-c60a-648b-0b25f1f05503": "Chrome on Mac",
    "08987058-cadc-4b81-b6e1-30de50dcbe96": "Windows Hello",
    "9ddd1817-af5a-4672-a2b9-3e3dd95000a9": "Windows Hello",
    "6028b017-b1d4-4c02-b4b3-afcdafc96bb2": "Windows Hello",
    "bada5566-a7aa-401f-bd96-45619a55120d": "1Password",
    "d548826e-79b4-db40-a3d8-11116f7e8349": "Bitwarden",
}
"""Makers whose authenticators tell who they are (AAGUID), by the names that their users know."""
_NOT_SUPPORTED: Final = Refusal("WebAuthnCredentialNotSupportedException", "The passkey credential is not supported.")


class Answer(msgspec.Struct, frozen=True):
    """An authenticator's answer, parsed and not verified; ``credential`` is the library's."""

    id: str
    challenge: bytes
    origin: str
    crosses: bool
    credential: Any


class NewPasskey(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer to a registration has shown (``model.passkey``)."""

    id: str
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]
    attachment: str | None
    name: str
    is_synced: bool


class Verified(msgspec.Struct, frozen=True):
    """What an answer to a sign-in has shown."""

    sign_count: int
    user_verified: bool


def creation_options(
    *, relying_party: str, sub: str, username: str, challenge: bytes, verification: str, held: list[Passkey]
) -> dict[str, Any]:
    """PublicKeyCredentialCreationOptionsJSON: a discoverable key that this user's authenticators do not have yet."""
    import webauthn  # noqa: PLC0415 (see above; so below)
    from webauthn.helpers import options_to_json_dict, structs  # noqa: PLC0415

    options = webauthn.generate_registration_options(
        rp_id=relying_party,
        rp_name=relying_party,
        user_id=sub.encode(),
        user_name=username,
        user_display_name=username,
        challenge=challenge,
        timeout=_TIMEOUT_MS,
        attestation=structs.AttestationConveyancePreference.NONE,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=structs.UserVerificationRequirement(verification),
        ),
        exclude_credentials=_descriptors(held),
        supported_pub_key_algs=_algorithms(),
    )
    return options_to_json_dict(options)


def request_options(
    *, relying_party: str, challenge: bytes, verification: str, held: list[Passkey], seconds: int
) -> dict[str, Any]:
    """PublicKeyCredentialRequestOptionsJSON."""
    import webauthn  # noqa: PLC0415
    from webauthn.helpers import options_to_json_dict, structs  # noqa: PLC0415

    options = webauthn.generate_authentication_options(
        rp_id=relying_party,
        challenge=challenge,
        timeout=seconds * 1000,
        allow_credentials=_descriptors(held),
        user_verification=structs.UserVerificationRequirement(verification),
    )
    return options_to_json_dict(options)


def read_registration(credential: object) -> Answer | Refusal:
    """RegistrationResponseJSON, as far as it must be read to know which challenge it answers."""
    from webauthn.helpers import parse_registration_credential_json as parse  # noqa: PLC0415

    return _read(credential, parse) or invalid_parameter("Credential is not a RegistrationResponseJSON.")


def read_authentication(credential: str) -> Answer | Refusal:
    """AuthenticationResponseJSON."""
    from webauthn.helpers import parse_authentication_credential_json as parse  # noqa: PLC0415

    return _read(credential, parse) or invalid_parameter("CREDENTIAL is not an AuthenticationResponseJSON.")


def verify_registration(
    answer: Answer, *, challenge: bytes, relying_party: str, verifies: bool
) -> Refusal | NewPasskey:
    """
    The new passkey.  *verifies*: its authenticator must have verified the user.

    Attestation is not asked for and not judged.
    """
    import webauthn  # noqa: PLC0415
    from webauthn.helpers import parse_attestation_object, structs  # noqa: PLC0415

    if not _is_of(answer, relying_party):
        return Refusal(
            "WebAuthnOriginNotAllowedException",
            "The passkey credential's registration origin does not align with the user pool relying party id.",
        )
    try:
        attested = parse_attestation_object(answer.credential.response.attestation_object)
        if attested.auth_data.rp_id_hash != hashlib.sha256(relying_party.encode()).digest():
            return Refusal(
                "WebAuthnRelyingPartyMismatchException",
                "The passkey credential is associated with a different relying party ID than the user pool.",
            )
        made = webauthn.verify_registration_response(
            credential=answer.credential,
            expected_challenge=challenge,
            expected_rp_id=relying_party,
            expected_origin=answer.origin,
            require_user_verification=verifies,
            supported_pub_key_algs=_algorithms(),
        )
    except Exception:  # noqa: BLE001 (every exception denies, and a parser of foreign bytes may raise anything)
        return _NOT_SUPPORTED
    transports = answer.credential.response.transports or []
    attachment = answer.credential.authenticator_attachment
    return NewPasskey(
        id=answer.id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        transports=tuple(each.value for each in transports),
        attachment=attachment.value if attachment else None,
        name=_NAMES.get(made.aaguid, "Passkey"),
        is_synced=made.credential_device_type is structs.CredentialDeviceType.MULTI_DEVICE,
    )


def verify_authentication(
    answer: Answer, passkey: Passkey, *, sub: str, challenge: bytes, verifies: bool
) -> Verified | Refusal:
    """Whether the holder of *passkey*, who is *sub*, has signed *challenge* now, at an origin of its relying party."""
    import webauthn  # noqa: PLC0415

    handle = answer.credential.response.user_handle
    if not _is_of(answer, passkey.relying_party) or (handle is not None and handle != sub.encode()):
        return refused(Reason.PASSKEY_WRONG)
    try:
        shown = webauthn.verify_authentication_response(
            credential=answer.credential,
            expected_challenge=challenge,
            expected_rp_id=passkey.relying_party,
            expected_origin=answer.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=verifies,
        )
    except Exception:  # noqa: BLE001 (every exception denies)
        return refused(Reason.PASSKEY_WRONG)
    return Verified(shown.new_sign_count, shown.user_verified)


def is_origin_of(origin: str, relying_party: str) -> bool:
    """
    Whether pages of *origin* may use passkeys of *relying_party*: it, or a host below it, by https.

    On the machine itself http will do, as for browsers (WebAuthn level 3, section 5.1.3: a secure context).
    """
    try:
        parts = urlsplit(origin)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if origin != f"{parts.scheme}://{parts.netloc}" or "@" in parts.netloc:
        return False
    is_local = host == "localhost" or host.endswith(".localhost")
    is_secure = parts.scheme == "https" or (parts.scheme == "http" and is_local)
    return is_secure and (host == relying_party or host.endswith(f".{relying_party}"))


def _is_of(answer: Answer, relying_party: str) -> bool:
    """An answer from within another site's frame is none of ours."""
    return not answer.crosses and is_origin_of(answer.origin, relying_party)


def _read(credential: object, parse: Any) -> Answer | None:
    from webauthn.helpers import parse_client_data_json  # noqa: PLC0415

    try:
        parsed = parse(credential)
        client = parse_client_data_json(parsed.response.client_data_json)
    except Exception:  # noqa: BLE001 (every exception denies)
        return None
    if not isinstance(client.origin, str):
        return None
    return Answer(parsed.id, client.challenge, client.origin, bool(client.cross_origin), parsed)


def _algorithms() -> "list[COSEAlgorithmIdentifier]":
    from webauthn.helpers.cose import COSEAlgorithmIdentifier  # noqa: PLC0415

    return [COSEAlgorithmIdentifier.ECDSA_SHA_256, COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256]


def _descriptors(held: list[Passkey]) -> "list[PublicKeyCredentialDescriptor]":
    from webauthn.helpers import base64url_to_bytes, structs  # noqa: PLC0415

    return [
        structs.PublicKeyCredentialDescriptor(
            id=base64url_to_bytes(each.id),
            transports=[structs.AuthenticatorTransport(name) for name in each.transports] or None,
        )
        for each in held
    ]
