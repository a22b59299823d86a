"""Admin Settings > Users > one of them: what is known, what they may do and why, where they are signed in."""

from functools import partial

import msgspec

from poolhouse.house.audit import LABELS
from poolhouse.house.context import Context
from poolhouse.house.model import Account, AuditEvent, Identity, SessionLine
from poolhouse.house.pages.frame import USERS, account_of, page, session_of
from poolhouse.house.pages.problem import problem
from poolhouse.house.people import Grant, Membership, source_words
from poolhouse.house.provider import Providers, issuer_title, method_title
from poolhouse.house.roles import ADMINISTRATOR, DEFAULT, ROLES, Power, covers
from poolhouse.house.store import accounts, audit, grants, groups, sessions
from poolhouse.house.visit import Visit
from poolhouse.kit.db.protocol import ReadTx
from poolhouse.kit.edge import Reply


class Details(msgspec.Struct, frozen=True):
    """All that is shown of one account."""

    account: Account
    identities: list[Identity]
    sessions: list[SessionLine]
    memberships: list[Membership]
    grants: list[Grant]
    refusals: list[AuditEvent]


async def person_page(ctx: Context, visit: Visit, *, status: int = 200, done: str = "", refusal: str = "") -> Reply:
    """The page of the account in the path."""
    found = await ctx.db.read(partial(_read, ctx, visit.raw.params["id"]))
    if found is None:
        return gone(ctx, visit)
    providers, powers = ctx.live.document.providers, session_of(visit).powers
    return page(
        ctx,
        visit,
        "user.html",
        current=USERS,
        status=status,
        done=done,
        refusal=refusal,
        user=found.account,
        methods=_methods(providers, found),
        method_title=partial(method_title, providers),
        sessions=found.sessions,
        groups=_groups(found),
        roles=_roles(found),
        refusals=found.refusals,
        labels=LABELS,
        may_read_log=Power.AUDIT in powers,
        may_see_tokens=Power.INSTANCE in powers,
        may_change=covers(powers, {each.role for each in found.grants}),
        may_make_admin=covers(powers, {ADMINISTRATOR}),
        is_yourself=found.account.id == account_of(visit).id,
    )


def gone(ctx: Context, visit: Visit) -> Reply:
    """There is no such account."""
    return problem(
        ctx,
        visit,
        status=404,
        heading="There is no such account",
        what="It may have been deleted.",
        todo="",
        links=(("Go to Users", USERS.href),),
    )


async def _read(ctx: Context, account_id: str, tx: ReadTx) -> Details | None:
    account = await accounts.find_account(tx, account_id)
    if account is None:
        return None
    return Details(
        account=account,
        identities=await accounts.list_identities(tx, account_id),
        sessions=await sessions.list_sessions(tx, account_id, now=ctx.clock.now(), idle_seconds=ctx.idle_seconds),
        memberships=await groups.groups_of_account(tx, account_id),
        grants=await grants.grants_of_account(tx, account_id),
        refusals=await audit.refusals_of(tx, account_id, account.email),
    )


def _methods(providers: Providers, found: Details) -> list[tuple[str, str]]:
    form = [("Form login", "Password set")] if found.account.password_hash is not None else []
    return [
        *form,
        *((issuer_title(providers, each.issuer), f"{each.subject} at {each.issuer}") for each in found.identities),
    ]


def _groups(found: Details) -> list[tuple[str, str, list[str]]]:
    """Id, name and reasons of each group."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for each in found.memberships:
        reasons.setdefault((each.group.id, each.group.name), []).append(source_words(each.source))
    return [(group_id, name, why) for (group_id, name), why in reasons.items()]


def _roles(found: Details) -> list[tuple[str, str, list[str]]]:
    """Name, description and reasons of each role, the one that everybody has last."""
    reasons: dict[str, list[str]] = {}
    for each in found.grants:
        why = f"through the group {each.group_name}" if each.group_id else source_words(each.source)
        reasons.setdefault(each.role, []).append(why)
    reasons[DEFAULT] = ["everybody has it"]
    return [(role.name, role.description, reasons[role.id]) for role in ROLES.values() if role.id in reasons]
