"""Self-registration, and what is verified when (AdminCreateUserConfig, AutoVerifiedAttributes)."""

from collections.abc import Mapping
from typing import Any, Final

from poolhouse.pool.console.form import Form, Problems, of

VERIFIED: Final = (
    ("email", "Send email message, verify email address"),
    ("phone_number", "Send SMS message, verify phone number"),
)
KEPT: Final = (("email", "Email address"), ("phone_number", "Phone number"))
FIELDS: Final = ("self_sign_up", "verify", "verified", "keep", "kept")


def check(form: Form) -> Problems:
    """What is kept until a new value is verified must be something that is verified."""
    problems: Problems = {}
    if form.has("verify") and not form.every("verified"):
        problems["verified"] = "Choose what to verify, or let nothing be verified."
    if form.has("keep"):
        if not form.every("kept"):
            problems["kept"] = "Choose which values to keep."
        elif set(form.every("kept")) - set(verified(form)):
            problems["kept"] = "Only an attribute that is verified above can be kept until its new value is verified."
    return problems


def verified(form: Form) -> list[str]:
    """AutoVerifiedAttributes."""
    return [value for value, _ in VERIFIED if form.has("verified", value)] if form.has("verify") else []


def kept(form: Form) -> list[str]:
    return [value for value, _ in KEPT if form.has("kept", value)] if form.has("keep") else []


def verification(form: Form) -> dict[str, Any]:
    """Members of a body; None removes one."""
    values = kept(form)
    update = {"AttributesRequireVerificationBeforeUpdate": values} if values else None
    return {"AutoVerifiedAttributes": verified(form) or None, "UserAttributeUpdateSettings": update}


def registration(form: Form, current: Mapping[str, Any]) -> dict[str, Any]:
    """AdminCreateUserConfig with the invitation that it has."""
    invitation = current.get("InviteMessageTemplate")
    return {
        "AllowAdminCreateUserOnly": not form.has("self_sign_up"),
        **({"InviteMessageTemplate": invitation} if invitation else {}),
    }


def filled(pool: Mapping[str, Any]) -> Form:
    auto = pool.get("AutoVerifiedAttributes") or []
    update = pool.get("UserAttributeUpdateSettings") or {}
    stays = update.get("AttributesRequireVerificationBeforeUpdate") or []
    return of(
        self_sign_up=not (pool.get("AdminCreateUserConfig") or {}).get("AllowAdminCreateUserOnly"),
        verify=bool(auto),
        verified=auto,
        keep=bool(stays),
        kept=stays,
    )


def in_words(form: Form) -> list[tuple[str, str]]:
    what = [label for value, label in VERIFIED if value in verified(form)]
    stays = [label for value, label in KEPT if value in kept(form)]
    return [
        ("Cognito-assisted verification and confirmation", "Enabled" if what else "Disabled"),
        ("Attributes to verify", ", ".join(what)),
        ("Active attribute values when an update is pending", ", ".join(stays) or "The new value at once"),
    ]
