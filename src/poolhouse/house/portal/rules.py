"""A policy, rule by rule, in words: what it wants, what is there, and what would help."""

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from poolhouse.house.gate import Policy
from poolhouse.house.gateway.policy import Facts, decide, wanted

NOTHING = "nothing"
ORDER = ("groups", "email_domains", "claims", "networks", "hours")
_LABELS: Mapping[str, tuple[str, str]] = {
    "groups": ("You are in one of these groups", "Ask for access, or be added to one of them by an administrator."),
    "email_domains": (
        "Your verified e-mail address ends in one of these",
        "Sign in with an address of one of them; one that your provider has not verified does not count.",
    ),
    "claims": ("Your provider says one of these of you", "It has to be changed at your provider."),
    "networks": ("You are in one of these networks", "Open it from there: in the office, or by the VPN."),
    "hours": ("It is one of these times", "Come back then."),
}


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule; *todo* is empty where it holds."""

    name: str
    label: str
    wanted: str
    found: str
    holds: bool
    todo: str


def explain(policy: Policy, facts: Facts) -> tuple[Rule, ...]:
    """Every rule that is set; ``BadRule`` for a policy that cannot be read, which must be taken for a refusal."""
    missed = {miss.rule for miss in decide(policy, facts)}
    return tuple(
        Rule(
            name=name,
            label=_LABELS[name][0],
            wanted=wanted(policy, name),
            found=_found(name, policy, facts) or NOTHING,
            holds=name not in missed,
            todo=_LABELS[name][1] if name in missed else "",
        )
        for name in ORDER
        if getattr(policy, name)
    )


def _found(name: str, policy: Policy, facts: Facts) -> str:
    if name == "groups":
        return ", ".join(facts.groups)
    if name == "email_domains":
        return facts.email
    if name == "claims":
        names = dict.fromkeys(rule.partition("=")[0] for rule in policy.claims)
        return ", ".join(f"{each}={_text(facts.claims[each])}" for each in names if each in facts.claims)
    if name == "networks":
        return facts.address
    from zoneinfo import ZoneInfo  # noqa: PLC0415 (for rules with hours, which few have)

    local = datetime.fromtimestamp(facts.now, UTC).astimezone(ZoneInfo(policy.timezone))
    return local.strftime("%a %H:%M").lower()


def _text(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(str(each) for each in value) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)
