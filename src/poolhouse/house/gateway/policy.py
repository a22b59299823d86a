"""May this person open this app, from here, now?  One function for the proxy, forward-auth and the pages."""

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, time, tzinfo
from functools import lru_cache
from typing import Any

import msgspec

from poolhouse.house.gate import Policy
from poolhouse.kit.address import Network
from poolhouse.kit.ambient import Epoch

GROUP_CLAIMS = ("groups", "cognito:groups", "roles")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS = re.compile(r"(?:([a-z]{3})(?:-([a-z]{3}))? )?([0-2][0-9]):([0-5][0-9])-([0-2][0-9]):([0-5][0-9])")
_CLAIM = re.compile(r"[^=\s]+=.+")
_GROUP = re.compile(r"[^,\x00-\x1f\x7f]+")
_DOMAIN = re.compile(r"[A-Za-z0-9._-]+")


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the person and the moment; ``email`` only where it is verified."""

    email: str
    groups: tuple[str, ...]
    claims: Mapping[str, Any]
    address: str
    now: Epoch


class Miss(msgspec.Struct, frozen=True):
    """A rule that does not hold: its name in ``Policy``, and what would satisfy it, in words."""

    rule: str
    wanted: str


class BadRule(ValueError):
    """A rule that means nothing; the text says which and why."""


class _Window(msgspec.Struct, frozen=True):
    days: frozenset[int]
    begins: time
    ends: time


def decide(policy: Policy, facts: Facts) -> tuple[Miss, ...]:
    """The rules that do not hold; none of them: the app may be opened.  ``BadRule`` must be taken for a refusal."""
    missed: list[str] = []
    if policy.groups and not set(policy.groups) & set(facts.groups):
        missed.append("groups")
    if policy.email_domains and _domain(facts.email) not in {each.lower() for each in policy.email_domains}:
        missed.append("email_domains")
    if policy.claims and not any(_has_claim(facts.claims, each) for each in policy.claims):
        missed.append("claims")
    if policy.networks and not _is_in(facts.address, _networks(policy.networks)):
        missed.append("networks")
    if policy.hours and not _is_open(policy, facts.now):
        missed.append("hours")
    return tuple(Miss(rule, wanted(policy, rule)) for rule in missed)


def wanted(policy: Policy, rule: str) -> str:
    """What would satisfy *rule*, in words; empty where it is not set."""
    words = " or ".join(getattr(policy, rule))
    return f"{words} ({policy.timezone})" if words and rule == "hours" else words


def faults(policy: Policy) -> dict[str, str]:
    """What an administrator should not save: rules by name, with a sentence each."""
    checks: tuple[tuple[str, Callable[[], object]], ...] = (
        ("groups", lambda: _check_groups(policy.groups)),
        ("email_domains", lambda: _check_domains(policy.email_domains)),
        ("claims", lambda: _check_claims(policy.claims)),
        ("networks", lambda: _networks(policy.networks)),
        ("hours", lambda: _windows(policy.hours)),
        ("timezone", lambda: _zone(policy.timezone)),
    )
    found: dict[str, str] = {}
    for name, check in checks:
        try:
            check()
        except BadRule as wrong:
            found[name] = f"{wrong}."
    return found


def _check_groups(groups: Sequence[str]) -> None:
    for group in groups:
        if not _GROUP.fullmatch(group):
            raise BadRule(f"{group!r} is no name of a group")


def _check_domains(domains: Sequence[str]) -> None:
    for domain in domains:
        if "." not in domain or not _DOMAIN.fullmatch(domain):
            raise BadRule(f"{domain!r} is no domain; write example.com")


def _check_claims(claims: Sequence[str]) -> None:
    for claim in claims:
        if not _CLAIM.fullmatch(claim):
            raise BadRule(f"{claim!r}: write name=value")


def is_group_name(name: str) -> bool:
    """Whether it can stand in a header with others."""
    return _GROUP.fullmatch(name) is not None


def groups_of(claims: Mapping[str, Any]) -> tuple[str, ...]:
    """The groups that the provider named, each once, in its order."""
    found: dict[str, None] = {}
    for name in GROUP_CLAIMS:
        value = claims.get(name)
        for each in [value] if isinstance(value, str) else value if isinstance(value, list) else []:
            if _GROUP.fullmatch(each):
                found[each] = None
    return tuple(found)


def _domain(email: str) -> str:
    """The one domain of an address with one ``@`` (CVE-2026-40574); empty for anything else."""
    local, at, domain = email.partition("@")
    return domain.lower() if at and local and "@" not in domain else ""


def _has_claim(claims: Mapping[str, Any], rule: str) -> bool:
    name, _, wanted = rule.partition("=")
    value = claims.get(name)
    if isinstance(value, bool):
        return wanted == ("true" if value else "false")
    if isinstance(value, list):
        return wanted in value
    return value is not None and str(value) == wanted


@lru_cache(maxsize=256)
def _networks(words: Sequence[str]) -> tuple[Network, ...]:
    found: list[Network] = []
    for word in words:
        try:
            found.append(ipaddress.ip_network(word))
        except ValueError as wrong:
            raise BadRule(f"{word!r} is no network; write 10.0.0.0/8") from wrong
    return tuple(found)


def _is_in(address: str, networks: Sequence[Network]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)


def _is_open(policy: Policy, now: Epoch) -> bool:
    local = datetime.fromtimestamp(now, UTC).astimezone(_zone(policy.timezone))
    return any(
        local.weekday() in window.days and window.begins <= local.time() < window.ends
        for window in _windows(policy.hours)
    )


@lru_cache(maxsize=256)
def _windows(lines: Sequence[str]) -> tuple[_Window, ...]:
    return tuple(_window(line) for line in lines)


def _window(line: str) -> _Window:
    found = _HOURS.fullmatch(line.strip().lower())
    if found is None:
        raise BadRule(f"{line!r}: write mon-fri 08:00-18:00")
    first, last, *clock = found.groups()
    try:
        low = DAYS.index(first) if first else 0
        high = DAYS.index(last) if last else (low if first else 6)
    except ValueError as wrong:
        raise BadRule(f"{line!r}: days are {', '.join(DAYS)}") from wrong
    days = range(low, high + 1) if low <= high else (*range(low, 7), *range(high + 1))
    hours = [int(each) for each in clock]
    try:
        begins = time(hours[0], hours[1])
        ends = time.max if hours[2:] == [24, 0] else time(hours[2], hours[3])
    except ValueError as wrong:
        raise BadRule(f"{line!r}: hours are 00:00 to 24:00") from wrong
    if begins >= ends:
        raise BadRule(f"{line!r}: ends before it begins")
    return _Window(frozenset(days), begins, ends)


@lru_cache(maxsize=64)
def _zone(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # noqa: PLC0415 (for rules with hours, which few have)

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as wrong:
        raise BadRule(f"{name!r} is no time zone; write Europe/Berlin") from wrong
