"""
What the rules on claims make of a person: groups and roles, at each sign-in anew.

What a rule gave it takes away when it no longer holds; what somebody's hand or SCIM gave it leaves alone.  Nobody
becomes administrator but by a rule that says so, which is in the audit log; and the last administrator who can sign in
stays one, which is there too.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from poolhouse.house.audit import Event, Trail
from poolhouse.house.guards import Refused, check_left
from poolhouse.house.model import Account, Document
from poolhouse.house.people import ClaimRule, rule_source
from poolhouse.house.roles import ADMINISTRATOR, GRANTED, ROLES
from poolhouse.house.rp.person import domain_key, email_domain
from poolhouse.house.store import accounts, grants, groups
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import Tx

CLAIM_LIMIT = 128
VALUE_LIMIT = 256
RULES_LIMIT = 200


class Due(msgspec.Struct, frozen=True):
    """What somebody gets by rules: ids of groups, and roles."""

    groups: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()


def due_of(rules: Iterable[ClaimRule], provider: str, claims: Mapping[str, Any]) -> Due:
    """Of *rules* those for *provider* and for all, on what it says."""
    hold = [rule for rule in rules if rule.provider in {"", provider} and is_true(rule, claims)]
    return Due(
        frozenset(rule.group_id for rule in hold if rule.group_id),
        frozenset(rule.role for rule in hold if rule.role),
    )


def is_true(rule: ClaimRule, claims: Mapping[str, Any]) -> bool:
    """Whether the claims are as the rule says.  The domain of ``email`` counts only where that is verified."""
    value = claims.get(rule.claim)
    if rule.test == "matches-domain":
        if rule.claim == "email" and claims.get("email_verified") is not True:
            return False
        return any(email_domain(word) == rule.value for word in _words(value) if rule.value)
    if rule.test == "contains" and isinstance(value, str):
        return bool(rule.value) and rule.value in value
    words = _words(value)
    return rule.value in words if rule.test == "contains" else words == [rule.value]


def read_rule(rule: ClaimRule, *, group_ids: Iterable[str], provider_ids: Iterable[str]) -> ClaimRule | str:
    """The rule as it is kept, or what is wrong with it, as a sentence."""
    value = domain_key(rule.value) if rule.test == "matches-domain" else rule.value.strip()
    read = msgspec.structs.replace(rule, claim=rule.claim.strip(), value=value)
    if rule.provider and rule.provider not in set(provider_ids):
        return "This provider is not there any more."
    return _wrong_test(read) or _wrong_gift(read, set(group_ids)) or read


def _wrong_test(rule: ClaimRule) -> str:
    if not rule.claim or len(rule.claim) > CLAIM_LIMIT or not rule.claim.isprintable():
        return "Give the name of a claim, such as groups."
    if rule.test == "matches-domain" and "." not in rule.value:
        return "Give a domain, such as example.com."
    if not rule.value or len(rule.value) > VALUE_LIMIT or not rule.value.isprintable():
        return "Give the value that the claim must have."
    return ""


def _wrong_gift(rule: ClaimRule, group_ids: set[str]) -> str:
    if bool(rule.group_id) == bool(rule.role):
        return "Choose what the rule gives."
    if rule.group_id and rule.group_id not in group_ids:
        return "This group is not there any more."
    return "There is no such role." if rule.role and rule.role not in {role.id for role in GRANTED} else ""


async def apply_rules(
    tx: Tx,
    trail: Trail,
    document: Document,
    account: Account,
    *,
    provider: str,
    claims: Mapping[str, Any],
    now: Epoch,
) -> bool:
    """
    Give and take what the rules say, in the unit of a sign-in or of a refresh; whether powers may have changed.

    The caller ends the account's other sessions when they have: more rights take a new session.
    """
    due, source = due_of(document.people.rules, provider, claims), rule_source(provider)
    there = {group.id: group for group in await groups.all_groups(tx)} if document.people.rules else {}
    was_admin = account.is_admin
    added, removed = await groups.set_groups_by_source(
        tx, account.id, due.groups & there.keys(), source=source, now=now
    )
    given, taken = await grants.set_roles_by_source(tx, account.id, due.roles & ROLES.keys(), source=source, now=now)
    if was_admin and (removed or taken):
        kept = await _keep_last(tx, trail, account, removed, taken, source=source, now=now)
        removed, taken = removed - kept.groups, taken - kept.roles
    by = f"rule on claims, {provider}"
    named = there or ({group.id: group for group in await groups.all_groups(tx)} if removed else {})
    names = {group_id: group.name for group_id, group in named.items()}
    for event, changed in ((Event.GROUPS_GIVEN, added), (Event.GROUPS_TAKEN, removed)):
        if changed:
            words = ", ".join(sorted(names.get(each, each) for each in changed))
            await trail.write(tx, event, actor=by, subject=account, detail=words)
    for event, changed in ((Event.ROLE_GIVEN, given), (Event.ROLE_TAKEN, taken)):
        for role in sorted(changed):
            await trail.write(tx, event, actor=by, subject=account, detail=ROLES[role].name if role in ROLES else role)
    with_roles = await grants.roles_of_groups(tx) if added | removed else {}
    return bool(given | taken or (added | removed) & with_roles.keys())


async def _keep_last(
    tx: Tx,
    trail: Trail,
    account: Account,
    removed: set[str],
    taken: set[str],
    *,
    source: str,
    now: Epoch,
) -> Due:
    """Put back what made the last administrator one; the rest of the change stands."""
    found = await accounts.find_account(tx, account.id)
    if found is not None and found.is_admin:
        return Due()
    try:
        await check_left(tx, trail.ring)
    except Refused as refused:
        with_roles = await grants.roles_of_groups(tx)
        kept = frozenset(each for each in removed if ADMINISTRATOR in with_roles.get(each, ()))
        for group_id in sorted(kept):
            await groups.put_member(tx, group_id, account.id, source=source, now=now)
        if ADMINISTRATOR in taken:
            await grants.put_account_role(tx, account.id, ADMINISTRATOR, source=source, now=now)
        await trail.write(tx, Event.ROLE_KEPT, actor=account, subject=account, detail=str(refused), is_refusal=True)
        return Due(kept, frozenset({ADMINISTRATOR} & taken))
    return Due()


def _words(value: object) -> list[str]:
    if isinstance(value, bool):
        return ["true" if value else "false"]
    if isinstance(value, list):
        return [each for each in value if isinstance(each, str)]
    return [str(value)] if isinstance(value, str | int | float) else []
