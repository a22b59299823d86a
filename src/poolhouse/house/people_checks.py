"""What the settings about people must satisfy, wherever they come from: a page, the command line or a file."""

from collections.abc import Collection, Iterable

from poolhouse.house.claim_rules import RULES_LIMIT, read_rule
from poolhouse.house.people import Authority, Newcomers, People
from poolhouse.house.rp.person import domain_key

DAYS = range(1, 91)


def check_people(people: People, provider_ids: Collection[str]) -> dict[str, str]:
    """What is wrong, by field name.  A rule whose group is not there is no fault: it gives nothing."""
    errors: dict[str, str] = {}
    if people.invitation_days not in DAYS:
        errors["invitation_days"] = f"Give a number from {DAYS[0]} to {DAYS[-1]}."
    for name, newcomers in (("newcomers.domains", people.newcomers), *_named(people)):
        if wrong := _check_newcomers(newcomers):
            errors[name] = wrong
    if wrong := _check_authorities(people.authorities, provider_ids):
        errors["authorities"] = wrong
    if len(people.rules) > RULES_LIMIT:
        errors["rules"] = f"Give at most {RULES_LIMIT} rules."
    for number, rule in enumerate(people.rules, 1):
        read = read_rule(rule, group_ids=[rule.group_id], provider_ids=[*provider_ids, rule.provider])
        if read != rule:
            errors["rules"] = f"Rule {number}: {read if isinstance(read, str) else f'write the value as {read.value}.'}"
    return errors


def _named(people: People) -> Iterable[tuple[str, Newcomers]]:
    return (("newcomers_of", each) for each in people.newcomers_of.values())


def _check_newcomers(newcomers: Newcomers) -> str:
    if newcomers.who == "domains" and not newcomers.domains:
        return "Give at least one domain, such as example.com."
    return _check_domains(newcomers.domains)


def _check_domains(domains: Iterable[str]) -> str:
    for domain in domains:
        if "." not in domain or domain_key(domain) != domain:
            return f"{domain[:80]} is not a domain in ASCII and lower case; write example.com."
    return ""


def _check_authorities(authorities: Collection[Authority], provider_ids: Collection[str]) -> str:
    if len({each.domain for each in authorities}) != len(authorities):
        return "A domain belongs to one provider."
    if unknown := {each.provider for each in authorities} - set(provider_ids):
        return f"There is no provider {min(unknown)}."
    return _check_domains(each.domain for each in authorities)
