"""
Groups and invitations as records, and the settings that say who may come in and what they become.

A membership has a source: somebody's hand, a rule on the claims of one provider, or SCIM.  Each source adds and takes
away its own; a person belongs to a group as long as one source says so.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from poolhouse.kit.ambient import Epoch

HAND = "hand"
SCIM = "scim"
_RULE = "rule:"
GROUP_NAME_LIMIT = 80

Newness = Literal["everybody", "invited", "domains", "nobody"]
Test = Literal["equals", "contains", "matches-domain"]


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """
    People under one name, which is what policies of apps and the headers say.

    ``external_id`` is what a SCIM client calls it, ``managed_by`` is ``SCIM`` for a group that such a client made.
    """

    id: str
    name: str
    description: str = ""
    external_id: str = ""
    managed_by: str = ""
    created_at: Epoch
    changed_at: Epoch


class Membership(msgspec.Struct, frozen=True):
    """One group of an account, and one of the sources that say so."""

    group: Group
    source: str


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """
    A role that an account or a group has.

    *group_id* and *group_name*: the group through which an account has it, or which has it; empty for an account's
    own.  *source* is ``HAND`` or a rule's.
    """

    role: str
    source: str
    account_id: str = ""
    group_id: str = ""
    group_name: str = ""


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """
    A person who may come in once, by a link or by a sign-in with this verified address.

    ``is_mailed``: the link went to the address and nowhere else, so that whoever has it can read its mail.
    """

    id: str
    email: str
    email_key: str
    group_ids: tuple[str, ...]
    roles: tuple[str, ...]
    invited_by: str
    inviter_name: str
    is_mailed: bool
    created_at: Epoch
    expires_at: Epoch


class ClaimRule(msgspec.Struct, frozen=True, kw_only=True):
    """
    Who has *claim* like this is in a group, or has a role.

    *provider* is a provider's id, empty for all.  ``contains`` means a member of a list, or a part of a text;
    ``matches-domain`` an address with this domain.  Exactly one of *group_id* and *role* is set.
    """

    provider: str = ""
    claim: str
    test: Test = "equals"
    value: str
    group_id: str = ""
    role: str = ""


class Newcomers(msgspec.Struct, frozen=True, kw_only=True):
    """Who gets an account at the first sign-in; *domains* are of verified addresses, in ASCII and lower case."""

    who: Annotated[
        Newness,
        Meta(
            title="New people",
            description="Who gets an account at the first sign-in.",
            extra={
                "labels": {
                    "everybody": "Everybody who can sign in at a provider",
                    "domains": "Only some e-mail domains, and who is invited",
                    "invited": "Only who is invited",
                    "nobody": "Nobody new",
                }
            },
        ),
    ] = "everybody"
    domains: Annotated[
        tuple[str, ...], Meta(title="E-mail domains", description="Of verified addresses, in ASCII and lower case.")
    ] = ()


class Authority(msgspec.Struct, frozen=True, kw_only=True):
    """*provider* speaks for all addresses of *domain*, so a verified one may be connected with its account here."""

    domain: str
    provider: str


class People(msgspec.Struct, frozen=True, kw_only=True):
    """The part of the settings that is about people; *newcomers_of* a provider goes before *newcomers*."""

    newcomers: Newcomers = Newcomers()
    newcomers_of: Annotated[
        dict[str, Newcomers], Meta(title="New people by provider", description="By the provider's id.")
    ] = {}
    rules: Annotated[
        tuple[ClaimRule, ...],
        Meta(title="Claim rules", description="What claims give: groups by their ids, and roles."),
    ] = ()
    authorities: Annotated[
        tuple[Authority, ...],
        Meta(title="Connect accounts", description="Which provider speaks for the addresses of which domain."),
    ] = ()
    invitation_days: Annotated[
        int, Meta(title="Invitation days", description="For how long an invitation is good, 1 to 90.")
    ] = 7


def rule_source(provider: str) -> str:
    """The source of what rules on claims of *provider* have decided."""
    return _RULE + provider


def source_words(source: str) -> str:
    """As pages say it."""
    if source == HAND:
        return "by hand"
    return "by SCIM" if source == SCIM else f"by a rule, {source.removeprefix(_RULE)}"


def group_key(name: str) -> str:
    """Two groups whose names differ by case or blanks only would be taken for one another."""
    return " ".join(name.split()).casefold()
