"""What a sign-in would come to, told without doing it: the account, the groups, the apps."""

from collections.abc import Mapping
from typing import Any

import msgspec

from poolhouse.house.claim_rules import due_of
from poolhouse.house.context import Context
from poolhouse.house.gateway.judge import Outcome, of_person
from poolhouse.house.gateway.seen import read_seen
from poolhouse.house.gateway.table import entry_of
from poolhouse.house.invitations import is_good
from poolhouse.house.model import Account, App, Session
from poolhouse.house.newcomers import refuse_newcomer, speaks_for
from poolhouse.house.people import rule_source
from poolhouse.house.provider import Provider
from poolhouse.house.roles import ROLES
from poolhouse.house.rp.explained import EXPLAINED
from poolhouse.house.rp.failures import Failure, SignInFailed
from poolhouse.house.rp.person import Person, email_key, read_person
from poolhouse.house.session import kept_claims
from poolhouse.house.store import accounts, apps, groups, invitations
from poolhouse.house.taking_over import find_taken
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx


class Foreseen(msgspec.Struct, frozen=True, kw_only=True):
    """``account`` says whose it is; a refusal is a sentence, and then nothing else is foreseen."""

    username: str = ""
    account: str = ""
    refusal: str = ""
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    apps: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()


class _Given(msgspec.Struct, frozen=True):
    """What the person would have by the house's own rules."""

    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


async def foresee(ctx: Context, claims: Mapping[str, Any], provider: Provider, *, address: str) -> Foreseen:
    """For the person behind *claims*, if they signed in now at *provider*, from *address*."""
    settings = provider.settings
    attribute = settings.username_attribute
    try:
        person = read_person(dict(claims), issuer=settings.issuer, username_attribute=attribute)
    except SignInFailed:
        return Foreseen(refusal=f"The provider says nothing usable under {attribute}. Choose another claim.")

    async def unit(tx: ReadTx) -> tuple[Foreseen, Account | None, _Given, list[App]]:
        said, account = await _account(tx, ctx, person, provider.id)
        given = await _given(tx, ctx, account, provider.id, claims) if account is not None else _Given()
        return said, account, given, await apps.list_apps(tx)

    said, account, given, listed = await ctx.db.read(unit)
    if account is None:
        return said
    now = ctx.clock.now()
    seen = read_seen(_imagined(account, person, claims, given, now), until=0.0)
    opened: list[str] = []
    closed: list[str] = []
    for app in listed:
        if app.gate is None and not app.is_broken:
            opened.append(app.name)
            continue
        verdict = of_person(entry_of(app, ctx.origin), seen, address=address, now=now)
        (opened if verdict.outcome is Outcome.OPEN else closed).append(app.name)
    return msgspec.structs.replace(
        said, groups=seen.groups, roles=given.roles, apps=tuple(opened), closed=tuple(closed)
    )


async def _account(tx: ReadTx, ctx: Context, person: Person, provider_id: str) -> tuple[Foreseen, Account | None]:
    identity = await accounts.find_identity(tx, person.issuer, person.subject)
    if identity is not None:
        account = await accounts.find_account(tx, identity.account_id)
        if account is None or not account.is_enabled:
            return Foreseen(username=person.username, refusal=EXPLAINED[Failure.ACCOUNT_DISABLED].sentence), None
        right = ", an administrator" if account.is_admin else ""
        return Foreseen(username=person.username, account=f"{account.username}{right}: signed in before"), account
    key = email_key(person.email) if person.is_email_verified else ""
    if await find_taken(tx, person, ""):
        holder = await _by_authority(tx, ctx, person, provider_id, key)
        if holder is None:
            return Foreseen(username=person.username, refusal=EXPLAINED[Failure.EMAIL_TAKEN].sentence), None
        return Foreseen(username=person.username, account=f"{holder.username}: would be connected"), holder
    refusal = await _refuse(tx, ctx, provider_id, key)
    if refusal is not None:
        return Foreseen(username=person.username, refusal=EXPLAINED[refusal].sentence), None
    return Foreseen(username=person.username, account=f"{person.username}: a new account would be made"), Account(
        id="",
        username=person.username,
        email=person.email,
        is_email_holder=bool(key),
        name=person.name,
        is_admin=False,
        is_enabled=True,
        password_hash=None,
        created_at=ctx.clock.now(),
        signed_in_at=None,
    )


async def _refuse(tx: ReadTx, ctx: Context, provider_id: str, key: str) -> Failure | None:
    invitation = await invitations.find_invitation_of(tx, key, ctx.clock.now()) if key else None
    return refuse_newcomer(
        ctx.live.document.people,
        provider_id,
        verified_domain=key.rpartition("@")[2],
        is_invited=invitation is not None and await is_good(tx, invitation),
        is_administrators=bool(key) and key == email_key(ctx.settings.admin_email),
    )


async def _by_authority(tx: ReadTx, ctx: Context, person: Person, provider_id: str, key: str) -> Account | None:
    """The account that would be connected because this provider speaks for the domain of its address."""
    if not speaks_for(ctx.live.document.people, provider_id, key.rpartition("@")[2]):
        return None
    holder = await accounts.find_email_holder(tx, key)
    if holder is None or not holder.is_enabled or not holder.email_proof or holder.is_admin:
        return None
    others = await accounts.list_identities(tx, holder.id)
    return None if any(each.issuer == person.issuer for each in others) else holder


async def _given(tx: ReadTx, ctx: Context, account: Account, provider_id: str, claims: Mapping[str, Any]) -> _Given:
    """Groups that the account has by other ways than this provider's rules, and what the rules would give."""
    due = due_of(ctx.live.document.people.rules, provider_id, claims)
    names = {group.id: group.name for group in await groups.all_groups(tx)}
    kept = await groups.groups_of_account(tx, account.id) if account.id else []
    others = {each.group.name for each in kept if each.source != rule_source(provider_id)}
    found = others | {names[group_id] for group_id in due.groups if group_id in names}
    return _Given(tuple(sorted(found)), tuple(sorted(ROLES[role].name for role in due.roles if role in ROLES)))


def _imagined(account: Account, person: Person, claims: Mapping[str, Any], given: _Given, now: Epoch) -> Session:
    """What a session of that sign-in would hold; it is never stored."""
    return Session(
        key=b"",
        account=account,
        method="",
        issuer=person.issuer,
        subject=person.subject,
        claims=kept_claims(claims),
        sealed_id_token=None,
        created_at=now,
        seen_at=now,
        expires_at=now,
        groups=given.groups,
    )
