"""Admin Settings > Roles: what each may do, and who has it."""

from collections.abc import Awaitable, Callable

import msgspec

from poolhouse.house.audit import Event, Trail
from poolhouse.house.context import Context
from poolhouse.house.groups import check_person
from poolhouse.house.guards import Refused, check_left, check_may_give, check_may_touch
from poolhouse.house.model import Account
from poolhouse.house.pages.frame import ROLES as ITEM
from poolhouse.house.pages.frame import account_of, page, session_of
from poolhouse.house.pages.query import read_query, with_query
from poolhouse.house.pages.users import YOURSELF
from poolhouse.house.people import HAND, Grant, source_words
from poolhouse.house.roles import ADMINISTRATOR, GRANTED, ROLES, Role, covers
from poolhouse.house.store import accounts, grants, sessions
from poolhouse.house.visit import Visit
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.edge import Reply, redirect

_DONE = {"given": "Role given", "taken": "Role taken away"}


class Holder(msgspec.Struct, frozen=True):
    """An account or a group that has a role, and the reason."""

    label: str
    href: str
    reason: str
    account_id: str


async def show(ctx: Context, visit: Visit) -> Reply:
    """``/settings/roles``."""
    return await _page(ctx, visit, done=_DONE.get(read_query(visit.raw).get("done", ""), ""))


async def give(ctx: Context, visit: Visit) -> Reply:
    """To an account, by hand.  Its sessions end: more rights take a new session id."""
    role = visit.form.get("role", "")

    async def deed(tx: Tx) -> None:
        actor = account_of(visit)
        await check_may_give(tx, actor.id, {role})
        account = await check_person(tx, actor, visit.form.get("who", ""))
        if account.id == actor.id:
            raise Refused(YOURSELF)
        if role == ADMINISTRATOR:
            await accounts.set_admin(tx, account.id, is_admin=True)
        else:
            await grants.put_account_role(tx, account.id, role, source=HAND, now=ctx.clock.now())
        await sessions.delete_sessions_of(tx, account.id)
        await Trail(ctx, visit).write(tx, Event.ROLE_GIVEN, subject=account, detail=ROLES[role].name)

    return await _do(ctx, visit, deed, "given")


async def take(ctx: Context, visit: Visit) -> Reply:
    """What an account was given by hand; it may have the same by a rule or through a group."""
    role, account_id = visit.form.get("role", ""), visit.form.get("account", "")

    async def deed(tx: Tx) -> None:
        actor = account_of(visit)
        await check_may_give(tx, actor.id, {role})
        account = await accounts.find_account(tx, account_id)
        if account is None:
            return
        if account.id == actor.id:
            raise Refused(YOURSELF)
        await check_may_touch(tx, actor.id, account.id)
        if role == ADMINISTRATOR:
            await accounts.set_admin(tx, account.id, is_admin=False)
        else:
            await grants.delete_account_role(tx, account.id, role, source=HAND)
        await check_left(tx, ctx.ring)
        await sessions.delete_sessions_of(tx, account.id)
        await Trail(ctx, visit).write(tx, Event.ROLE_TAKEN, subject=account, detail=ROLES[role].name)

    return await _do(ctx, visit, deed, "taken")


async def _do(ctx: Context, visit: Visit, deed: Callable[[Tx], Awaitable[None]], done: str) -> Reply:
    async def unit(tx: Tx) -> None:
        await deed(tx)

    try:
        await ctx.db.write(unit)
    except Refused as refused:
        return await _page(ctx, visit, status=409, refusal=str(refused))
    return redirect(with_query(ITEM.href, done=done))


async def _page(ctx: Context, visit: Visit, *, status: int = 200, done: str = "", refusal: str = "") -> Reply:
    async def unit(tx: ReadTx) -> list[tuple[Role, list[Holder]]]:
        given = await grants.all_grants(tx)
        named = {each.account_id: await accounts.find_account(tx, each.account_id) for each in given if each.account_id}
        return [(role, _holders(role, given, named)) for role in ROLES.values()]

    powers = session_of(visit).powers
    return page(
        ctx,
        visit,
        "roles.html",
        current=ITEM,
        status=status,
        done=done,
        refusal=refusal,
        roles=await ctx.db.read(unit),
        own_powers=powers,
        may_give={role.id for role in GRANTED if covers(powers, {role.id})},
        role_options=[(role.id, role.name) for role in reversed(GRANTED) if covers(powers, {role.id})],
        chosen=visit.form.get("role", "") if refusal else "",
        who=visit.form.get("who", "") if refusal else "",
        own_id=account_of(visit).id,
    )


def _holders(role: Role, given: list[Grant], named: dict[str, Account | None]) -> list[Holder]:
    found = []
    for each in given:
        if each.role != role.id:
            continue
        if each.group_id:
            label, href = f"Everybody in {each.group_name}", f"/settings/groups/{each.group_id}"
            found.append(Holder(label, href, "through the group", ""))
            continue
        account = named.get(each.account_id)
        if account is not None:
            taken_here = account.id if each.source == HAND else ""
            href = f"/settings/users/{account.id}"
            found.append(Holder(account.username, href, source_words(each.source), taken_here))
    return sorted(found, key=lambda holder: (bool(holder.account_id), holder.label))
