"""User account recovery (AccountRecoverySetting)."""

from collections.abc import Mapping
from typing import Any, Final

from poolhouse.pool.console.form import Form, Problems, of

METHODS: Final = (
    ("email", "Email only"),
    ("sms", "SMS only"),
    ("email_sms", "Email if available, otherwise SMS"),
    ("sms_email", "SMS if available, otherwise email"),
)
FIELDS: Final = ("recovery", "recovery_by")
_MECHANISM: Final = {"email": "verified_email", "sms": "verified_phone_number"}
_LEGACY: Final = "sms_email"
"""What a pool does that never said how: text message first, then e-mail."""


def check(form: Form) -> Problems:
    if form.has("recovery") and form.text("recovery_by") not in dict(METHODS):
        return {"recovery_by": "Choose one."}
    return {}


def wants_sms(form: Form) -> bool:
    return form.has("recovery") and "sms" in form.text("recovery_by")


def setting(form: Form) -> dict[str, Any]:
    names = (
        [_MECHANISM[each] for each in form.text("recovery_by").split("_")] if form.has("recovery") else ["admin_only"]
    )
    return {"RecoveryMechanisms": [{"Priority": n, "Name": name} for n, name in enumerate(names, 1)]}


def filled(pool: Mapping[str, Any]) -> Form:
    mechanisms = (pool.get("AccountRecoverySetting") or {}).get("RecoveryMechanisms") or []
    names = [each["Name"] for each in sorted(mechanisms, key=lambda each: each["Priority"])]
    if names == ["admin_only"]:
        return of(recovery=False, recovery_by="email")
    by_name = {name: value for value, name in _MECHANISM.items()}
    return of(recovery=True, recovery_by="_".join(by_name[name] for name in names) or _LEGACY)


def in_words(form: Form) -> list[tuple[str, str]]:
    on = form.has("recovery")
    return [
        ("Self-service account recovery", "Enabled" if on else "Disabled: administrators reset passwords"),
        ("Delivery method", dict(METHODS).get(form.text("recovery_by"), "") if on else ""),
    ]
