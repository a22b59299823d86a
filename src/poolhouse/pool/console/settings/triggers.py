"""Lambda triggers of a pool (LambdaConfig), and what answers for each."""

from collections.abc import Mapping
from typing import Any, Final

from poolhouse.pool.console.choices import TRIGGERS, Pairs
from poolhouse.pool.console.form import Form, Problems, of
from poolhouse.pool.console.settings.checks import check_arn
from poolhouse.pool.flows import hooks
from poolhouse.pool.flows.context import Flow

TOKENS: Final = "PreTokenGeneration"
VERSIONS: Final[Pairs] = (
    ("V1_0", "Basic features"),
    ("V2_0", "Basic features + access token customization for user identities"),
    ("V3_0", "Basic features + access token customization for user and machine identities"),
)
_STRUCTURES: Final = frozenset({"CustomEmailSender", "CustomSMSSender", "InboundFederation"})
EDITED: Final = tuple((member, label) for member, label in TRIGGERS if member not in _STRUCTURES)
"""The triggers that a form sets; a sender needs a key as well, and stays as the API set it."""


def field(member: str) -> str:
    """The field of a trigger's ARN."""
    return f"trigger_{member.lower()}"


def check(form: Form) -> Problems:
    problems: Problems = {}
    for member, _ in EDITED:
        check_arn(form, field(member), problems, required=False)
    if form.text("trigger_version") not in dict(VERSIONS):
        problems["trigger_version"] = "Choose one."
    return problems


def config(form: Form, former: Mapping[str, Any]) -> dict[str, Any]:
    """LambdaConfig with what the form says; what it does not show stays."""
    edited = {member for member, _ in EDITED} | {"PreTokenGenerationConfig"}
    given = {member: form.text(field(member)) for member, _ in EDITED if form.text(field(member))}
    kept = {member: value for member, value in former.items() if member not in edited}
    if TOKENS in given:
        kept["PreTokenGenerationConfig"] = {
            "LambdaArn": given[TOKENS], "LambdaVersion": form.text("trigger_version"),
        }  # fmt: skip
    return {**kept, **given}


def filled(pool: Mapping[str, Any]) -> Form:
    former = pool.get("LambdaConfig") or {}
    version = (former.get("PreTokenGenerationConfig") or {}).get("LambdaVersion") or "V1_0"
    named = {field(member): former.get(member) or "" for member, _ in EDITED}
    return of(trigger_version=version, **named)


def in_words(flow: Flow, pool: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Trigger, function, and what answers for it."""
    named = pool.get("LambdaConfig") or {}
    found: list[tuple[str, str, str]] = []
    for member, label in TRIGGERS:
        value = named.get(member)
        if value:
            arn = value if isinstance(value, str) else value.get("LambdaArn", "")
            found.append((label, arn, hooks.answered_by(flow, pool["Id"], member, arn)))
    return found
