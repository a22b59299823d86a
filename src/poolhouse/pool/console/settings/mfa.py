"""
Multi-factor authentication (SetUserPoolMfaConfig).

The operation replaces: what a message says is carried over from what is there. A pool with SMS settings offers text
messages whenever MFA is on (the service refuses the contrary).
"""

from collections.abc import Mapping
from typing import Any, Final

from poolhouse.pool.console.form import Form, Problems, of

MODES: Final = (
    ("ON", "Require MFA - Recommended", "Everyone sets up a second factor at their first sign-in."),
    ("OPTIONAL", "Optional MFA", "Whoever wants a second factor may set one up."),
    ("OFF", "No MFA", "People sign in with one factor."),
)
METHODS: Final = (
    ("totp", "Authenticator apps"),
    ("sms", "SMS message"),
    ("email", "Email message"),
)
FIELDS: Final = ("mfa", "methods")
_SMS_STAYS: Final = (
    "SMS message stays a method while the pool has SMS settings. Choose it, choose No MFA, or remove those settings."
)
_EMAIL_NEEDS_SES: Final = "Email message needs Send email with Amazon SES as the email provider."


def check(form: Form, *, has_sms: bool | None = None, has_ses: bool | None = None) -> Problems:
    """None: how messages are delivered is not known yet (an earlier step of the wizard)."""
    if form.text("mfa") not in {value for value, _, _ in MODES}:
        return {"mfa": "Choose one."}
    if form.text("mfa") == "OFF":
        return {}
    methods = form.every("methods")
    if not methods:
        return {"methods": "Choose at least one method."}
    if has_sms is True and "sms" not in methods:
        return {"methods": _SMS_STAYS}
    if has_ses is False and "email" in methods:
        return {"methods": _EMAIL_NEEDS_SES}
    return {}


def wants(form: Form, method: str) -> bool:
    return form.text("mfa") != "OFF" and form.has("methods", method)


def body(form: Form, current: Mapping[str, Any], sms_message: str | None = None) -> dict[str, Any]:
    """*current* is what GetUserPoolMfaConfig answers; *sms_message* the pool's text for codes by SMS."""
    mode = form.text("mfa")
    wanted: dict[str, Any] = {"MfaConfiguration": mode}
    if "WebAuthnConfiguration" in current:
        # Passkeys are first factors: whatever the mode, they stay as they are.
        wanted["WebAuthnConfiguration"] = current["WebAuthnConfiguration"]
    if mode == "OFF":
        return wanted
    if form.has("methods", "totp"):
        wanted["SoftwareTokenMfaConfiguration"] = {"Enabled": True}
    if form.has("methods", "sms"):
        former = current.get("SmsMfaConfiguration") or {}
        text = former.get("SmsAuthenticationMessage") or sms_message
        wanted["SmsMfaConfiguration"] = {"SmsAuthenticationMessage": text} if text else {}
    if form.has("methods", "email"):
        wanted["EmailMfaConfiguration"] = current.get("EmailMfaConfiguration") or {}
    return wanted


def filled(current: Mapping[str, Any]) -> Form:
    return of(mfa=current.get("MfaConfiguration") or "OFF", methods=methods_of(current))


def methods_of(current: Mapping[str, Any]) -> list[str]:
    is_on = {
        "totp": bool((current.get("SoftwareTokenMfaConfiguration") or {}).get("Enabled")),
        "sms": "SmsMfaConfiguration" in current,
        "email": "EmailMfaConfiguration" in current,
    }
    return [method for method, on in is_on.items() if on]


def in_words(form: Form) -> list[tuple[str, str]]:
    mode = next((label for value, label, _ in MODES if value == form.text("mfa")), "")
    methods = [label for value, label in METHODS if wants(form, value)]
    return [("MFA enforcement", mode.removesuffix(" - Recommended")), ("MFA methods", ", ".join(methods))]
