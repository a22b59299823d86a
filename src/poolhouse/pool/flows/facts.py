"""What the decision of a sign-in may know of a user and a pool."""

import msgspec

from poolhouse.pool.core import password as rules
from poolhouse.pool.flows import credentials
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.model.sign_in import Done, Facts
from poolhouse.pool.model.user import User


def facts(pool: Pool, user: User, done: frozenset[Done], now: int) -> Facts:
    """All that the decision may know of this user and pool."""
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
    )
