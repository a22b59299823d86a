"""
Invitations: made by an administrator, accepted once.

An invitation is for an address.  It is accepted by a sign-in at a provider that has verified this address, by the
account that holds it already, or with the link by choosing a password, as long as nobody has an account with that
address.  It gives what whoever invited may give at the moment when it is accepted, not when it was written.
"""

from collections.abc import Sequence

import msgspec

from poolhouse.house.audit import Event, Trail
from poolhouse.house.context import Context
from poolhouse.house.guards import Refused, check_may_give
from poolhouse.house.mail.letter import Letter
from poolhouse.house.mail.outbox import post
from poolhouse.house.model import Account
from poolhouse.house.people import HAND, Invitation
from poolhouse.house.provider import FORM
from poolhouse.house.roles import ADMINISTRATOR, ROLES, USER_ADMINISTRATOR
from poolhouse.house.rp.person import email_key
from poolhouse.house.session import NewSession, mint_session, write_session
from poolhouse.house.store import accounts, documents, grants, groups, invitations, sessions
from poolhouse.house.visit import Visit
from poolhouse.kit.ambient import Epoch, urlsafe, uuid4
from poolhouse.kit.db.protocol import ReadTx, Tx, UniqueViolation
from poolhouse.kit.passwords import hash_password
from poolhouse.kit.seal import digest

PATH = "/user/invitation"
BY_MAIL = "mail"
"""How an address was proved whose mail the link went to."""
_TOKEN_BYTES = 32
_DAY = 24 * 3600

GONE = "This invitation is used, revoked or over. Ask for another one."
HAS_ACCOUNT = "An account with this address exists here already. Sign in with it, then open the link again."
FORM_OFF = "Sign-in with a password is turned off in this house."


class Made(msgspec.Struct, frozen=True):
    """An invitation and its link, which is known only now; empty where it went by mail."""

    invitation: Invitation
    link: str


async def invite(
    ctx: Context, visit: Visit, actor: Account, *, emails: Sequence[str], group_ids: Sequence[str], roles: Sequence[str]
) -> list[Made]:
    """Invite every one of *emails* with the same groups and roles; ``Refused`` for what the actor may not give."""
    days, is_mailed = ctx.live.document.people.invitation_days, ctx.live.document.mail.is_set_up
    now, made = ctx.clock.now(), []
    tokens = []
    for email in emails:
        invitation = Invitation(
            id=uuid4(ctx.entropy),
            email=email,
            email_key=email_key(email),
            group_ids=tuple(group_ids),
            roles=tuple(roles),
            invited_by=actor.id,
            inviter_name=actor.label,
            is_mailed=is_mailed,
            created_at=now,
            expires_at=Epoch(now + days * _DAY),
        )
        tokens.append(urlsafe(ctx.entropy, _TOKEN_BYTES))
        made.append(Made(invitation, "" if is_mailed else link_of(ctx, tokens[-1])))
    trail = Trail(ctx, visit)

    async def unit(tx: Tx) -> None:
        await check_may_give(tx, actor.id, await _all_roles(tx, roles, group_ids))
        for each, token in zip(made, tokens, strict=True):
            former = await invitations.find_invitation_of(tx, each.invitation.email_key, now)
            if former is not None:
                await check_may_give(tx, actor.id, await _all_roles(tx, former.roles, former.group_ids))
            await invitations.put_invitation(tx, each.invitation, token_digest=digest(token))
            await trail.write(
                tx, Event.INVITED, subject=each.invitation.email, detail=await _words(tx, each.invitation)
            )
            if is_mailed:
                await post(
                    tx, ctx, to=each.invitation.email, letter=_letter(ctx, each.invitation, token), kind="invitation"
                )

    await ctx.db.write(unit)
    return made


async def invite_again(ctx: Context, visit: Visit, actor: Account, invitation_id: str) -> Made | None:
    """A new link, in the place of the former one; None when the invitation is gone."""
    is_mailed, token = ctx.live.document.mail.is_set_up, urlsafe(ctx.entropy, _TOKEN_BYTES)
    expires_at = Epoch(ctx.clock.now() + ctx.live.document.people.invitation_days * _DAY)
    trail = Trail(ctx, visit)

    async def unit(tx: Tx) -> Made | None:
        found = await invitations.find_invitation(tx, invitation_id)
        if found is None:
            return None
        await check_may_give(tx, actor.id, await _all_roles(tx, found.roles, found.group_ids))
        await invitations.renew_invitation(
            tx, found.id, token_digest=digest(token), is_mailed=is_mailed, expires_at=expires_at
        )
        await trail.write(tx, Event.INVITATION_RENEWED, subject=found.email)
        renewed = msgspec.structs.replace(found, is_mailed=is_mailed, expires_at=expires_at)
        if is_mailed:
            await post(tx, ctx, to=found.email, letter=_letter(ctx, renewed, token), kind="invitation")
        return Made(renewed, "" if is_mailed else link_of(ctx, token))

    return await ctx.db.write(unit)


async def revoke(ctx: Context, visit: Visit, actor: Account, invitation_id: str) -> None:
    """Nobody comes in by it any more; ``Refused`` for one that gives what the actor may not take back."""
    trail = Trail(ctx, visit)

    async def unit(tx: Tx) -> None:
        found = await invitations.find_invitation(tx, invitation_id)
        if found is None:
            return
        await check_may_give(tx, actor.id, await _all_roles(tx, found.roles, found.group_ids))
        if await invitations.delete_invitation(tx, invitation_id):
            await trail.write(tx, Event.INVITATION_REVOKED, subject=found.email)

    await ctx.db.write(unit)


async def is_good(tx: ReadTx, invitation: Invitation) -> bool:
    """Whether who wrote it is still there and may still give what it gives."""
    inviter = await accounts.find_account(tx, invitation.invited_by)
    if inviter is None or not inviter.is_enabled:
        return False
    wanted = await _all_roles(tx, invitation.roles, invitation.group_ids)
    try:
        # To invite at all takes what a user administrator may do.
        await check_may_give(tx, inviter.id, {*wanted, USER_ADMINISTRATOR})
    except Refused:
        return False
    return True


async def give(tx: Tx, ctx: Context, trail: Trail, invitation: Invitation, account: Account) -> bool:
    """Groups and roles of an invitation that has just been taken; whether roles came with it."""
    now = ctx.clock.now()
    for group_id in invitation.group_ids:
        if await groups.find_group(tx, group_id) is not None:
            await groups.put_member(tx, group_id, account.id, source=HAND, now=now)
    for role in invitation.roles:
        if role == ADMINISTRATOR:
            await accounts.set_admin(tx, account.id, is_admin=True)
        else:
            await grants.put_account_role(tx, account.id, role, source=HAND, now=now)
    words = await _words(tx, invitation)
    await trail.write(tx, Event.INVITATION_ACCEPTED, actor=account, subject=account, detail=words)
    return bool(await _all_roles(tx, invitation.roles, invitation.group_ids))


async def take_for(tx: Tx, ctx: Context, trail: Trail, account: Account, verified_key: str) -> bool:
    """Accept, by a proved address, what is waiting for it; whether roles came with it."""
    found = await invitations.take_invitation_of(tx, verified_key, ctx.clock.now()) if verified_key else None
    if found is None:
        return False
    if not await is_good(tx, found):
        await trail.write(tx, Event.INVITATION_REFUSED, actor=account, detail="who invited may not", is_refusal=True)
        return False
    return await give(tx, ctx, trail, found, account)


async def accept_signed_in(ctx: Context, visit: Visit, account: Account, token: str) -> bool:
    """By the link, by whoever is signed in: only the account that holds the address; False if it is gone."""
    trail, now = Trail(ctx, visit), ctx.clock.now()

    async def unit(tx: Tx) -> bool:
        found = await invitations.find_invitation_by_token(tx, digest(token), now)
        holder = await accounts.find_email_holder(tx, found.email_key) if found else None
        if found is None or holder is None or holder.id != account.id or not await is_good(tx, found):
            return False
        if await invitations.take_invitation_by_token(tx, digest(token), now) is None:
            return False
        if await give(tx, ctx, trail, found, account) and visit.session is not None:
            await sessions.delete_other_sessions(tx, account.id, visit.session.key)
        return True

    return await ctx.db.write(unit)


async def accept_with_password(ctx: Context, visit: Visit, token: str, *, name: str, password: str) -> NewSession | str:
    """
    A new account with a password, signed in; or why not, as a sentence.

    Never an account that is there already: whoever has the link would get into it.
    """
    password_hash = await ctx.cpu.run(hash_password, password)
    new, account_id = mint_session(ctx, method=FORM), uuid4(ctx.entropy)
    trail, now = Trail(ctx, visit), ctx.clock.now()

    async def unit(tx: Tx) -> None:
        # While the hash was being made, form login may have been turned off.
        if not (await documents.newest_document(tx, ctx.ring)).form_login.is_enabled:
            raise Refused(FORM_OFF)
        found = await invitations.take_invitation_by_token(tx, digest(token), now)
        if found is None or not await is_good(tx, found):
            raise Refused(GONE)
        if await _is_taken(tx, found):
            raise Refused(HAS_ACCOUNT)
        account = Account(
            id=account_id,
            username=found.email,
            email=found.email,
            is_email_holder=True,
            name=name,
            is_admin=False,
            is_enabled=True,
            password_hash=password_hash,
            created_at=now,
            signed_in_at=now,
            email_proof=BY_MAIL if found.is_mailed else "",
            changed_at=now,
        )
        await accounts.claim_email(tx, found.email_key, account_id)
        await accounts.put_account(tx, account, email_key=found.email_key)
        await trail.write(tx, Event.ACCOUNT_CREATED, actor=account, subject=account, detail="by invitation")
        await give(tx, ctx, trail, found, account)
        await write_session(tx, ctx, visit, new, account_id)
        await trail.write(tx, Event.SIGNED_IN, actor=account, detail="by invitation")

    try:
        await ctx.db.write(unit)
    except Refused as refused:
        return str(refused)
    except UniqueViolation:
        return HAS_ACCOUNT
    return new


def link_of(ctx: Context, token: str) -> str:
    """Where the invited person begins."""
    return ctx.origin.at(f"{PATH}?token={token}")


async def _is_taken(tx: ReadTx, invitation: Invitation) -> bool:
    """By its holder; where nobody has proved the address, also by an account that merely shows it."""
    if await accounts.find_email_holder(tx, invitation.email_key) is not None:
        return True
    return not invitation.is_mailed and await accounts.has_namesake(tx, invitation.email_key, but="")


async def _all_roles(tx: ReadTx, roles: Sequence[str], group_ids: Sequence[str]) -> set[str]:
    of_groups = await grants.roles_of_groups(tx)
    return set(roles).union(*(of_groups.get(each, frozenset()) for each in group_ids))


async def _words(tx: ReadTx, invitation: Invitation) -> str:
    named = [await groups.find_group(tx, each) for each in invitation.group_ids]
    words = [group.name for group in named if group is not None]
    return ", ".join((*words, *(ROLES[role].name for role in invitation.roles if role in ROLES)))


def _letter(ctx: Context, invitation: Invitation, token: str) -> Letter:
    name = ctx.live.document.instance_name
    days = ctx.live.document.people.invitation_days
    return Letter(
        subject=f"You are invited to {name}",
        heading=f"You are invited to {name}",
        paragraphs=(f"{invitation.inviter_name} invites you to {name}, with this address: {invitation.email}.",),
        actions=(("Accept the invitation", link_of(ctx, token)),),
        asides=(
            f"The link works once, within {days} day{'s' if days != 1 else ''}.",
            "If you do not know who invites you, ignore this mail: nothing happens.",
        ),
    )
