"""One sign-in in progress, and the three things that a step can lead to."""

from enum import StrEnum

import msgspec

from poolhouse.pool.model.pool import ClientId, PoolId
from poolhouse.pool.model.risk import Action
from poolhouse.pool.model.user import Factors, Status, Username
from poolhouse.pool.spec.errors import Reason


class Done(StrEnum):
    """
    What the user has proved or done in this sign-in; the values are the ``amr`` names where there is one.

    SIGN_UP: the code was that of the sign-up, which the password had preceded.  USER_VERIFIED: the passkey's
    authenticator has verified its user.
    """

    PASSWORD = "pwd"  # noqa: S105
    TOTP = "otp"
    SMS = "sms"
    EMAIL = "email_otp"
    NEW_PASSWORD = "new_password"  # noqa: S105
    MFA_SETUP = "mfa_setup"
    DEVICE = "device"
    CUSTOM = "custom"
    # The sign-in is by choice (USER_AUTH): the user picks the first factor, and these may take the password's place.
    CHOICE = "choice"
    FIRST_SMS = "first_sms"
    FIRST_EMAIL = "first_email"
    SIGN_UP = "sign_up"
    SYNCED_PASSKEY = "swk"
    BOUND_PASSKEY = "hwk"
    USER_VERIFIED = "user_verified"


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a custom sign-in's ``session``: a challenge, whether it was passed, and the trigger's own note."""

    challenge: str
    passed: bool
    note: str | None = None


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """
    All that ``core.sign_in.next_step`` may know.

    ``first_factors`` is the pool's AllowedFirstAuthFactors, ``preferred`` the challenge that the caller prefers;
    ``passkey_is_mfa``: the pool counts a passkey with user verification as two factors, and the user has that on.
    ``device_proves``: the sign-in comes from a device that has to prove itself; ``device_replaces_mfa``: its proof
    takes the place of a code.  ``targets``: the levels that the sign-in is asked to reach (``core.step_up``).
    """

    status: Status
    enabled: bool
    done: frozenset[Done]
    pool_mfa: str = "OFF"
    pool_factors: frozenset[Done] = frozenset()
    factors: Factors = Factors()
    has_phone: bool = False
    has_email: bool = False
    temporary_expired: bool = False
    first_factors: frozenset[str] = frozenset({"PASSWORD"})
    preferred: str = ""
    has_password: bool = True
    verified_phone: bool = False
    verified_email: bool = False
    has_passkey: bool = False
    passkey_is_mfa: bool = False
    device_proves: bool = False
    device_replaces_mfa: bool = False
    risk: Action = Action.NO_ACTION
    targets: tuple[int, ...] = ()


class Ask(msgspec.Struct, frozen=True):
    """The user is asked for one more thing: ``challenge`` is the API's ChallengeName, ``choices`` what else he has."""

    challenge: str
    choices: tuple[str, ...] = ()


class Signed(msgspec.Struct, frozen=True):
    """The user is in; ``amr`` in the order they were proved."""

    amr: tuple[str, ...]


class Refuse(msgspec.Struct, frozen=True):
    """The sign-in ends here."""

    reason: Reason


Step = Ask | Signed | Refuse


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """
    One sign-in in progress, between two requests.

    Its handle (the API's Session, the SRP secret block, the page's cookie) is opaque; only the digest is stored, and
    taking the row is an atomic delete, so a challenge is answered once.  ``extra`` is what the challenge needs to
    remember (SRP's private value, a code's digest), sealed: purpose "attempt", row = hex of the digest.
    """

    digest: bytes
    pool_id: PoolId
    client_id: ClientId
    username: Username
    challenge: str
    done: tuple[Done, ...] = ()
    known: bool = True
    extra: bytes | None = None
    expires_at: int
