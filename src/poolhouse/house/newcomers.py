"""Who gets an account at the first sign-in, and whose account a provider may speak for."""

from poolhouse.house.people import Newcomers, People
from poolhouse.house.rp.failures import Failure


def newcomers_of(people: People, provider: str) -> Newcomers:
    """What holds for *provider*: its own rule, or the common one."""
    return people.newcomers_of.get(provider, people.newcomers)


def refuse_newcomer(
    people: People, provider: str, *, verified_domain: str, is_invited: bool, is_administrators: bool
) -> Failure | None:
    """
    Why somebody new may not come in; None when they may.

    *verified_domain* is that of the address that the provider has verified, or empty.  The address of the
    administrator that the house was started with always passes, so that a wrong setting here locks nobody out.
    """
    rule = newcomers_of(people, provider)
    if is_administrators or rule.who == "everybody":
        return None
    if rule.who == "nobody":
        return Failure.NOBODY_NEW
    if is_invited or (rule.who == "domains" and verified_domain and verified_domain in rule.domains):
        return None
    return Failure.NOT_INVITED if rule.who == "invited" else Failure.DOMAIN_NOT_ALLOWED


def speaks_for(people: People, provider: str, verified_domain: str) -> bool:
    """Whether an administrator has said that *provider* is the authority for this domain."""
    return bool(verified_domain) and any(
        each.provider == provider and each.domain == verified_domain for each in people.authorities
    )
