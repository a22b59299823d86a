"""Users, their credentials, and codes sent to them."""

from enum import StrEnum
from typing import NewType

import msgspec

from poolhouse.pool.model.pool import PoolId

Username = NewType("Username", str)
"""The stored username: what was given, or a UUID equal to ``sub`` where e-mail or phone is the username."""


class Status(StrEnum):
    """UserStatus of the API; being enabled is a flag of its own."""

    UNCONFIRMED = "UNCONFIRMED"
    CONFIRMED = "CONFIRMED"
    FORCE_CHANGE_PASSWORD = "FORCE_CHANGE_PASSWORD"  # noqa: S105
    RESET_REQUIRED = "RESET_REQUIRED"
    EXTERNAL_PROVIDER = "EXTERNAL_PROVIDER"


class Factors(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    Second factors of one user: which are on, and which is preferred ("" = none).

    ``passkey``: a passkey with user verification counts as both factors, where the pool allows that.
    """

    sms: bool = False
    totp: bool = False
    email: bool = False
    passkey: bool = False
    preferred: str = ""
    totp_name: str = ""


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """
    What proves a user.

    ``password_hash`` is argon2id; ``srp_salt`` and ``srp_verifier`` exist where the pool allows SRP (the verifier is
    sealed: purpose "srp verifier", row ``<pool id>/<username>``).  ``temporary_since`` is when a temporary password
    was set, in seconds.  ``totp_sealed``: purpose "totp", same row; ``totp_step`` the last step that was used;
    ``totp_pending`` a secret, sealed alike, whose first code has not been seen yet.
    ``passkeys`` has the relying party id of each passkey (``model.passkey``), so that a sign-in need not count them.
    ``history`` holds hashes of former passwords, newest first.  ``epoch`` counts what ends every sign-in in flight:
    being signed out everywhere, being disabled.
    """

    password_hash: str | None = None
    srp_salt: bytes | None = None
    srp_verifier: bytes | None = None
    temporary_since: int | None = None
    totp_sealed: bytes | None = None
    totp_step: int = 0
    totp_pending: bytes | None = None
    factors: Factors = Factors()
    passkeys: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    epoch: int = 0


class User(msgspec.Struct, frozen=True, kw_only=True):
    """
    A user of a pool.

    ``attributes`` holds all attributes by wire name (``email``, ``custom:team``, ``sub`` excepted), values as
    strings, ``email_verified`` as "true"/"false".
    """

    pool_id: PoolId
    username: Username
    sub: str
    status: Status
    enabled: bool = True
    attributes: dict[str, str] = {}
    created_ms: int
    modified_ms: int
    version: int = 0
    credentials: Credentials = Credentials()

    def attribute(self, name: str) -> str | None:
        """One attribute, ``sub`` included."""
        return self.sub if name == "sub" else self.attributes.get(name)

    def is_verified(self, name: str) -> bool:
        """Whether ``email`` or ``phone_number`` is present and verified."""
        return bool(self.attributes.get(name)) and self.attributes.get(f"{name}_verified") == "true"


class CodePurpose(StrEnum):
    """Why a code was sent; one live code per user and purpose."""

    SIGN_UP = "sign-up"
    RESET = "reset"
    EMAIL = "email"
    PHONE = "phone_number"


class SentCode(msgspec.Struct, frozen=True, kw_only=True):
    """
    A code that a user should send back.

    Only its keyed digest is kept.  ``attribute`` is the contact it went to ("email", "phone_number");
    ``pending_value`` is an attribute value that waits for the verification.
    """

    pool_id: PoolId
    username: Username
    purpose: CodePurpose
    digest: bytes
    attribute: str
    pending_value: str | None = None
    expires_at: int
    failures: int = 0
