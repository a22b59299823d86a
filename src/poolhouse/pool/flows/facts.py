"""What the decision of a sign-in may know of a user and a pool."""

from collections.abc import Mapping

import msgspec

from poolhouse.pool.core import password as rules
from poolhouse.pool.flows import credentials
from poolhouse.pool.model.device import Device
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.model.risk import Action
from poolhouse.pool.model.sign_in import Done, Facts
from poolhouse.pool.model.user import User


def facts(
    pool: Pool, user: User, done: frozenset[Done], now: int, *, relying_party: str | None = None, preferred: str = "",
    device: Device | None = None, recognised: bool = False, risk: Action = Action.NO_ACTION,
    targets: tuple[int, ...] = (),
) -> Facts:  # fmt: skip
    """
    All that the decision may know of this user and pool, the *device* that signs in, and what the *risk* demands.

    *relying_party* and *preferred* matter where the user chooses the first factor: a passkey is good for one relying
    party.  *recognised*: the sign-in comes from a browser that the user has had remembered, and has shown so.
    """
    tracking = pool.settings.device_configuration
    held = user.credentials
    allowed = {
        Done.SMS: pool.mfa.sms_mfa_configuration is not None,
        Done.TOTP: bool(
            pool.mfa.software_token_mfa_configuration and pool.mfa.software_token_mfa_configuration.enabled
        ),
        Done.EMAIL: pool.mfa.email_mfa_configuration is not None,
    }
    since = held.temporary_since
    return Facts(
        status=user.status,
        enabled=user.enabled,
        done=done,
        pool_mfa=pool.mfa.mfa_configuration or "OFF",
        pool_factors=frozenset(factor for factor, is_allowed in allowed.items() if is_allowed),
        factors=msgspec.structs.replace(held.factors, totp=held.factors.totp and held.totp_sealed is not None),
        has_phone=bool(user.attributes.get("phone_number")),
        has_email=bool(user.attributes.get("email")),
        temporary_expired=since is not None
        and rules.temporary_expired(credentials.policy_of(pool), since=since, now=now),
        first_factors=allowed_first(pool),
        preferred=preferred,
        has_password=held.password_hash is not None,
        verified_phone=user.is_verified("phone_number"),
        verified_email=user.is_verified("email"),
        has_passkey=relying_party is not None and relying_party in held.passkeys,
        passkey_is_mfa=held.factors.passkey and counts_passkeys_twice(pool),
        device_proves=tracking is not None and (recognised or (device is not None and device.proves_itself)),
        device_replaces_mfa=tracking is not None and bool(tracking.challenge_required_on_new_device),
        risk=risk,
        targets=targets,
    )


def allowed_first(pool: Pool) -> frozenset[str]:
    """AllowedFirstAuthFactors; a pool from before there was a choice has the password."""
    policies = pool.settings.policies
    policy = policies.sign_in_policy if policies else None
    return frozenset((policy and policy.allowed_first_auth_factors) or ("PASSWORD",))


def allows_passwordless(pool: Pool) -> bool:
    """Whether the pool has users without a password: a passkey alone cannot be registered before a sign-in."""
    return bool(allowed_first(pool) & {"EMAIL_OTP", "SMS_OTP"})


def signs_in_without(pool: Pool, attributes: Mapping[str, str]) -> tuple[str, ...]:
    """The contacts among *attributes* that a code may go to in the place of a password, verified or not yet."""
    allowed = allowed_first(pool)
    contacts = (("EMAIL_OTP", "email"), ("SMS_OTP", "phone_number"))
    return tuple(contact for factor, contact in contacts if factor in allowed and attributes.get(contact))


def counts_passkeys_twice(pool: Pool) -> bool:
    """Whether a passkey with user verification may satisfy MFA (WebAuthnConfiguration.FactorConfiguration)."""
    configured = pool.mfa.web_authn_configuration
    return configured is not None and configured.factor_configuration == "MULTI_FACTOR_WITH_USER_VERIFICATION"
