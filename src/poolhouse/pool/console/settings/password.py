"""The password policy (Policies.PasswordPolicy)."""

from collections.abc import Mapping
from typing import Any, Final

from poolhouse.pool.console.form import Form, Problems, of
from poolhouse.pool.console.settings.checks import check_number

REQUIREMENTS: Final = (
    ("numbers", "RequireNumbers", "Contains at least 1 number"),
    ("symbols", "RequireSymbols", "Contains at least 1 special character"),
    ("uppercase", "RequireUppercase", "Contains at least 1 uppercase letter"),
    ("lowercase", "RequireLowercase", "Contains at least 1 lowercase letter"),
)
DEFAULTS: Final[Mapping[str, Any]] = {
    "MinimumLength": 8,
    **{member: True for _, member, _ in REQUIREMENTS},
    "TemporaryPasswordValidityDays": 7,
}
MODES: Final = ("defaults", "custom")
FIELDS: Final = ("policy_mode", "min_length", "require", "temporary_days", "history")


def check(form: Form) -> Problems:
    problems: Problems = {}
    if form.text("policy_mode") == "custom":
        check_number(form, "min_length", problems, 6, 99)
        check_number(form, "temporary_days", problems, 1, 365)
        if form.text("history"):
            check_number(form, "history", problems, 0, 24)
    return problems


def policy(form: Form) -> dict[str, Any]:
    if form.text("policy_mode") != "custom":
        return dict(DEFAULTS)
    history = form.number("history")
    return {
        "MinimumLength": form.number("min_length"),
        **{member: form.has("require", value) for value, member, _ in REQUIREMENTS},
        "TemporaryPasswordValidityDays": form.number("temporary_days"),
        **({"PasswordHistorySize": history} if history is not None else {}),
    }


def filled(policy_: Mapping[str, Any]) -> Form:
    return of(
        policy_mode="defaults" if policy_ == DEFAULTS else "custom",
        min_length=policy_.get("MinimumLength", 8),
        require=[value for value, member, _ in REQUIREMENTS if policy_.get(member)],
        temporary_days=policy_.get("TemporaryPasswordValidityDays", 7),
        history=policy_.get("PasswordHistorySize"),
    )


def of_pool(pool: Mapping[str, Any]) -> dict[str, Any]:
    return dict((pool.get("Policies") or {}).get("PasswordPolicy") or DEFAULTS)


def in_words(policy_: Mapping[str, Any]) -> list[tuple[str, str]]:
    needs = [label.removeprefix("Contains at least ") for _, member, label in REQUIREMENTS if policy_.get(member)]
    history = policy_.get("PasswordHistorySize")
    return [
        ("Password policy mode", "Cognito defaults" if policy_ == DEFAULTS else "Custom"),
        ("Password minimum length", f"{policy_.get('MinimumLength', 8)} characters"),
        ("Password requirements", ", ".join(needs) or "None"),
        ("Temporary passwords expire in", f"{policy_.get('TemporaryPasswordValidityDays', 7)} days"),
        ("Former passwords that cannot be used again", str(history) if history else "None"),
    ]
