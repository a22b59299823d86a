"""Options for choice-based sign-in (Policies.SignInPolicy)."""

from collections.abc import Mapping
from typing import Any, Final

from poolhouse.pool.console.choices import labels
from poolhouse.pool.console.form import Form, Problems, of

PASSWORD: Final = "PASSWORD"  # noqa: S105 (a factor's name)
ADDITIONAL: Final = (
    ("WEB_AUTHN", "Passkey"),
    ("EMAIL_OTP", "Email message one-time password"),
    ("SMS_OTP", "SMS message one-time password"),
)
FACTORS: Final = ((PASSWORD, "Password"), *ADDITIONAL)
_NEEDS_SMS: Final = "SMS message one-time password needs SMS settings: edit SMS on the tab Messaging first."


def check(form: Form, *, has_sms: bool) -> Problems:
    if form.has("factors", "SMS_OTP") and not has_sms:
        return {"factors": _NEEDS_SMS}
    return {}


def policy(form: Form, pool: Mapping[str, Any]) -> dict[str, Any]:
    """SignInPolicy: the password always, and what was allowed before in its former order."""
    wanted = (PASSWORD, *form.every("factors"))
    kept = [each for each in allowed(pool) if each in wanted]
    return {"AllowedFirstAuthFactors": [*kept, *(each for each in wanted if each not in kept)]}


def allowed(pool: Mapping[str, Any]) -> list[str]:
    """A pool that never said has the password."""
    found = ((pool.get("Policies") or {}).get("SignInPolicy") or {}).get("AllowedFirstAuthFactors")
    return list(found or [PASSWORD])


def filled(pool: Mapping[str, Any]) -> Form:
    return of(factors=[each for each in allowed(pool) if each != PASSWORD])


def in_words(pool: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [("Available choices", labels(FACTORS, allowed(pool)))]
