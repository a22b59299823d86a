"""
First factors of a sign-in by choice: which a user may use, and whether one that was proved still counts.

A user may use what the pool allows and what he has.  Without a password there is one factor, so the passwordless ones
are closed wherever a second factor would be asked for; a passkey that verifies its user may count as both.
"""

from typing import Final

from poolhouse.pool.model.sign_in import Done, Facts
from poolhouse.pool.model.user import Status

PASSWORD: Final = "PASSWORD"  # noqa: S105 (a challenge's name; so the next)
PASSWORD_SRP: Final = "PASSWORD_SRP"  # noqa: S105
EMAIL_OTP: Final = "EMAIL_OTP"
SMS_OTP: Final = "SMS_OTP"
WEB_AUTHN: Final = "WEB_AUTHN"
CHALLENGES: Final = (PASSWORD_SRP, PASSWORD, EMAIL_OTP, SMS_OTP, WEB_AUTHN)
"""In the order in which they are offered."""
PASSKEYS: Final = frozenset({Done.SYNCED_PASSKEY, Done.BOUND_PASSKEY})
_SETTLED: Final = frozenset({Status.CONFIRMED, Status.EXTERNAL_PROVIDER})


def usable(facts: Facts, *, needs_second: bool) -> tuple[str, ...]:
    """
    The challenges that this user may begin with (AWS API: InitiateAuth, AvailableChallenges).

    Whoever must still change a temporary password, or reset or confirm something, has only the password.
    """
    settled = facts.status in _SETTLED
    alone = settled and not needs_second
    has = {
        PASSWORD: facts.has_password,
        EMAIL_OTP: alone and facts.verified_email,
        SMS_OTP: alone and facts.verified_phone,
        WEB_AUTHN: settled and facts.has_passkey and (not needs_second or facts.passkey_is_mfa),
    }
    open_ = {name for name, held in has.items() if held and name in facts.first_factors}
    return tuple(name for name in CHALLENGES if (PASSWORD if name == PASSWORD_SRP else name) in open_)


def is_proved(facts: Facts, *, needs_second: bool) -> bool:
    """
    Whether a first factor was proved that counts now; what counted when it was asked for may have been closed since.

    The code of a sign-up counts in every pool: whoever has its session had set the password.
    """
    done = facts.done
    if done & {Done.PASSWORD, Done.CUSTOM}:
        return True
    offered = usable(facts, needs_second=needs_second)
    if done & PASSKEYS:
        return WEB_AUTHN in offered and (Done.USER_VERIFIED in done or not facts.passkey_is_mfa)
    if Done.SIGN_UP in done:
        return not needs_second
    return (Done.FIRST_EMAIL in done and EMAIL_OTP in offered) or (Done.FIRST_SMS in done and SMS_OTP in offered)


def is_two_factors(facts: Facts) -> bool:
    """A passkey that has verified its user: something held, and something known or inherent."""
    return facts.passkey_is_mfa and Done.USER_VERIFIED in facts.done and bool(facts.done & PASSKEYS)
