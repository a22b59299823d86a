"""Admin Settings > Invitations."""

from poolhouse.house import invitations as flow
from poolhouse.house.context import Context
from poolhouse.house.guards import Refused
from poolhouse.house.invitations import Made, invite, invite_again
from poolhouse.house.pages.frame import INVITATIONS, account_of, page, session_of
from poolhouse.house.pages.query import read_query, with_query
from poolhouse.house.people import Group, Invitation
from poolhouse.house.roles import GRANTED, ROLES, covers
from poolhouse.house.rp.person import email_key
from poolhouse.house.store import accounts, grants, groups
from poolhouse.house.store import invitations as store
from poolhouse.house.visit import Visit
from poolhouse.kit.db.protocol import ReadTx
from poolhouse.kit.edge import Reply, redirect

PATH = INVITATIONS.href
MOST = 50
_DONE = {"sent": "Invited by e-mail", "revoked": "Invitation revoked"}


async def show(ctx: Context, visit: Visit) -> Reply:
    """``/settings/invitations``."""
    return await _page(ctx, visit, done=_DONE.get(read_query(visit.raw).get("done", ""), ""))


async def send(ctx: Context, visit: Visit) -> Reply:
    """
    Invite everybody in the field.

    By mail, where the house can send it.  Otherwise the answer shows the links, which nobody can see a second time.
    """
    emails, error = _read_emails(visit.form.get("emails", ""))
    if not error:
        error = await _check_unknown(ctx, emails)
    if error:
        return await _page(ctx, visit, status=422, errors={"emails": error})
    group_ids = [name.removeprefix("group-") for name in visit.form if name.startswith("group-")]
    roles = [role.id for role in GRANTED if f"role-{role.id}" in visit.form]
    try:
        made = await invite(ctx, visit, account_of(visit), emails=emails, group_ids=group_ids, roles=roles)
    except Refused as refused:
        return await _page(ctx, visit, status=409, refusal=str(refused))
    return await _answer(ctx, visit, made)


async def send_again(ctx: Context, visit: Visit) -> Reply:
    """A new link; the former one is worth nothing from then on."""
    try:
        made = await invite_again(ctx, visit, account_of(visit), visit.raw.params["id"])
    except Refused as refused:
        return await _page(ctx, visit, status=409, refusal=str(refused))
    if made is None:
        return await _page(ctx, visit, status=404, refusal=flow.GONE)
    return await _answer(ctx, visit, [made])


async def revoke(ctx: Context, visit: Visit) -> Reply:
    """Nobody comes in by it any more."""
    try:
        await flow.revoke(ctx, visit, account_of(visit), visit.raw.params["id"])
    except Refused as refused:
        return await _page(ctx, visit, status=409, refusal=str(refused))
    return redirect(with_query(PATH, done="revoked"))


async def _answer(ctx: Context, visit: Visit, made: list[Made]) -> Reply:
    if all(not each.link for each in made):
        return redirect(with_query(PATH, done="sent"))
    return await _page(ctx, visit, made=made)


def _read_emails(typed: str) -> tuple[list[str], str]:
    """Addresses with blanks, commas or lines between them, each once; and what is wrong, as a sentence."""
    found: dict[str, str] = {}
    for word in typed.replace(",", " ").replace(";", " ").split():
        key = email_key(word)
        if not key or "." not in key.rpartition("@")[2]:
            return [], f"“{word[:80]}” is not an e-mail address."
        found.setdefault(key, word)
    if not found:
        return [], "Give at least one e-mail address."
    if len(found) > MOST:
        return [], f"Give at most {MOST} addresses at a time."
    return list(found.values()), ""


async def _check_unknown(ctx: Context, emails: list[str]) -> str:
    async def unit(tx: ReadTx) -> list[str]:
        return [each for each in emails if await accounts.find_email_holder(tx, email_key(each)) is not None]

    known = await ctx.db.read(unit)
    return f"{', '.join(known)}: there is an account already. Change its groups and roles in Users." if known else ""


async def _page(
    ctx: Context,
    visit: Visit,
    *,
    status: int = 200,
    done: str = "",
    refusal: str = "",
    errors: dict[str, str] | None = None,
    made: list[Made] | None = None,
) -> Reply:
    async def unit(tx: ReadTx) -> tuple[list[Invitation], list[Group], dict[str, frozenset[str]]]:
        return await store.list_invitations(tx), await groups.all_groups(tx), await grants.roles_of_groups(tx)

    waiting, all_groups, of_groups = await ctx.db.read(unit)
    powers, form = session_of(visit).powers, visit.form if errors or refusal else {}
    return page(
        ctx,
        visit,
        "invitations.html",
        current=INVITATIONS,
        status=status,
        done=done,
        refusal=refusal,
        errors=errors or {},
        emails=form.get("emails", ""),
        chosen=set(form),
        made=made or [],
        waiting=waiting,
        group_names={each.id: each.name for each in all_groups},
        role_names={role.id: role.name for role in ROLES.values()},
        groups=[each for each in all_groups if covers(powers, of_groups.get(each.id, ()))],
        roles=[role for role in reversed(GRANTED) if covers(powers, {role.id})],
        now=ctx.clock.now(),
        days=ctx.live.document.people.invitation_days,
        can_mail=ctx.live.document.mail.is_set_up,
    )
