"""Threat protection: enforcement, and the rules of SetRiskConfiguration."""

from collections.abc import Mapping
from typing import Any, Final

from poolhouse.pool.console.form import Form, Problems, of

NONE: Final = "NONE"
"""Nothing is set: an empty value would be no choice."""
MODES: Final = (
    ("OFF", "No enforcement", "Sign-ins are not judged, and no events are recorded."),
    ("AUDIT", "Audit only", "Sign-ins are judged and recorded, and nothing is done about them."),
    ("ENFORCED", "Full function", "Sign-ins are judged and recorded, and met as the rules below say."),
)
CUSTOM_MODES: Final = ((NONE, "No enforcement"), ("AUDIT", "Audit only"), ("ENFORCED", "Full function"))
EVENTS: Final = (("SIGN_IN", "Sign-in"), ("SIGN_UP", "Sign-up"), ("PASSWORD_CHANGE", "Password change"))
RESPONSES: Final = ((NONE, "Do not check"), ("NO_ACTION", "Allow sign-in"), ("BLOCK", "Block sign-in"))
ACTIONS: Final = (
    (NONE, "No rule"),
    ("NO_ACTION", "Allow sign-in"),
    ("MFA_IF_CONFIGURED", "Optional MFA"),
    ("MFA_REQUIRED", "Require MFA"),
    ("BLOCK", "Block sign-in"),
)
LEVELS: Final = (("low", "Low risk"), ("medium", "Medium risk"), ("high", "High risk"))
_TAKEOVER: Final = "AccountTakeoverRiskConfiguration"
_COMPROMISED: Final = "CompromisedCredentialsRiskConfiguration"
_EXCEPTIONS: Final = "RiskExceptionConfiguration"


def check(form: Form) -> Problems:
    """What the operation would refuse without saying where."""
    problems: Problems = {}
    if form.text("mode") not in {value for value, _, _ in MODES}:
        problems["mode"] = "Choose one."
    if any(form.has(f"{level}_notify") for level, _ in LEVELS) and not form.text("source_arn"):
        problems["source_arn"] = "Needed to notify users: the ARN of the identity in Amazon SES that sends."
    for level, label in LEVELS:
        if form.has(f"{level}_notify") and not _chosen(form, f"{level}_action"):
            problems[f"{level}_action"] = f"Choose what to do at {label.lower()}, or do not notify."
    return problems


def add_ons(form: Form) -> dict[str, Any] | None:
    """UserPoolAddOns."""
    custom = _chosen(form, "custom_mode")
    flows = {"AdvancedSecurityAdditionalFlows": {"CustomAuthMode": custom}} if custom else {}
    return {"AdvancedSecurityMode": form.text("mode"), **flows}


def is_on(form: Form) -> bool:
    return form.text("mode") != "OFF" or bool(_chosen(form, "custom_mode"))


def rules(form: Form, current: Mapping[str, Any]) -> dict[str, Any]:
    """The rules as the operation takes them; templates of mail, which have no field, are carried over."""
    made: dict[str, Any] = {}
    response = _chosen(form, "compromised")
    if response:
        events = [value for value, _ in EVENTS if form.has("compromised_events", value)]
        made[_COMPROMISED] = {"Actions": {"EventAction": response}, **({"EventFilter": events} if events else {})}
    actions = {
        f"{level.capitalize()}Action": {
            "EventAction": form.text(f"{level}_action"), "Notify": form.has(f"{level}_notify")
        }
        for level, _ in LEVELS
        if _chosen(form, f"{level}_action")
    }  # fmt: skip
    if actions:
        made[_TAKEOVER] = {"Actions": actions, **_notify(form, current)}
    lists = {"BlockedIPRangeList": _ranges(form, "blocked"), "SkippedIPRangeList": _ranges(form, "skipped")}
    listed = {name: values for name, values in lists.items() if values}
    if listed:
        made[_EXCEPTIONS] = listed
    return made


def _chosen(form: Form, name: str) -> str:
    """The choice, ``""`` where nothing is to be set."""
    value = form.text(name)
    return "" if value == NONE else value


def _notify(form: Form, current: Mapping[str, Any]) -> dict[str, Any]:
    if not form.text("source_arn"):
        return {}
    former = (current.get(_TAKEOVER) or {}).get("NotifyConfiguration") or {}
    own = {"SourceArn": form.text("source_arn"), "From": form.text("notify_from"), "ReplyTo": form.text("notify_reply")}
    kept = {name: value for name, value in former.items() if name not in own}
    return {"NotifyConfiguration": {**kept, **{name: value for name, value in own.items() if value}}}


def _ranges(form: Form, name: str) -> list[str]:
    return list(dict.fromkeys(form.text(name).replace(",", " ").split()))


def filled(pool: Mapping[str, Any], current: Mapping[str, Any]) -> Form:
    """What is set, as it would be filled in."""
    configured = pool.get("UserPoolAddOns") or {}
    compromised = current.get(_COMPROMISED) or {}
    takeover = current.get(_TAKEOVER) or {}
    notify = takeover.get("NotifyConfiguration") or {}
    exceptions = current.get(_EXCEPTIONS) or {}
    actions = takeover.get("Actions") or {}
    values: dict[str, object] = {}
    for level, _ in LEVELS:
        action = actions.get(f"{level.capitalize()}Action") or {}
        values[f"{level}_action"] = action.get("EventAction", NONE)
        values[f"{level}_notify"] = bool(action.get("Notify"))
    return of(
        mode=configured.get("AdvancedSecurityMode") or "OFF",
        custom_mode=(configured.get("AdvancedSecurityAdditionalFlows") or {}).get("CustomAuthMode", NONE),
        compromised=(compromised.get("Actions") or {}).get("EventAction", NONE),
        compromised_events=compromised.get("EventFilter") or [value for value, _ in EVENTS],
        source_arn=notify.get("SourceArn", ""),
        notify_from=notify.get("From", ""),
        notify_reply=notify.get("ReplyTo", ""),
        blocked="\n".join(exceptions.get("BlockedIPRangeList") or []),
        skipped="\n".join(exceptions.get("SkippedIPRangeList") or []),
        **values,
    )


def in_words(form: Form) -> list[tuple[str, list[tuple[str, str]]]]:
    """Cards of facts."""
    modes = {value: label for value, label, _ in MODES}
    events = ", ".join(label for value, label in EVENTS if form.has("compromised_events", value))
    response = form.text("compromised")
    adaptive = [
        (label, dict(ACTIONS)[form.text(f"{level}_action")] + (", notify" if form.has(f"{level}_notify") else ""))
        for level, label in LEVELS
    ]
    return [
        (
            "Threat protection",
            [
                ("Enforcement mode: standard authentication", modes[form.text("mode")]),
                ("Enforcement mode: custom authentication", dict(CUSTOM_MODES)[form.text("custom_mode")]),
            ],
        ),
        (
            "Compromised credentials",
            [("Response", dict(RESPONSES)[response]), ("Event detection", events if response != NONE else "")],
        ),
        ("Adaptive authentication", adaptive),
        (
            "IP address exceptions",
            [
                ("Always block", ", ".join(_ranges(form, "blocked"))),
                ("Always allow", ", ".join(_ranges(form, "skipped"))),
            ],
        ),
    ]
