"""Admin Settings > Groups: all of them, and one with its members and what it opens."""

from collections.abc import Awaitable, Callable

import msgspec

from poolhouse.house.audit import Event, Trail
from poolhouse.house.context import Context
from poolhouse.house.groups import (
    add_member,
    apps_opened_by,
    change_group,
    check_group,
    check_person,
    delete_group,
    give_group_role,
    remove_member,
    take_group_role,
)
from poolhouse.house.guards import Refused
from poolhouse.house.model import App
from poolhouse.house.pages.frame import GROUPS, account_of, page, session_of
from poolhouse.house.pages.problem import problem
from poolhouse.house.pages.query import read_query, with_query
from poolhouse.house.people import HAND, Group, group_key, source_words
from poolhouse.house.roles import GRANTED, ROLES, covers
from poolhouse.house.store import accounts, grants, groups
from poolhouse.house.store.groups import GroupLine, Member
from poolhouse.house.visit import Visit
from poolhouse.kit.ambient import uuid4
from poolhouse.kit.db.protocol import ReadTx, Tx, UniqueViolation
from poolhouse.kit.edge import Reply, redirect

PATH = GROUPS.href
_TAKEN = {"name": "Another group is called so."}
_DONE = {
    "added": "Group added",
    "changed": "Group saved",
    "deleted": "Group deleted",
    "member-added": "Added to the group",
    "member-removed": "Taken out of the group",
    "role-given": "Role given",
    "role-taken": "Role taken away",
}


class Details(msgspec.Struct, frozen=True):
    """All that is shown of one group."""

    group: Group
    members: list[Member]
    has_more: bool
    roles: frozenset[str]
    apps: list[App]


async def show_all(ctx: Context, visit: Visit) -> Reply:
    """``/settings/groups``, by name."""
    return await _list(ctx, visit)


async def add(ctx: Context, visit: Visit) -> Reply:
    """A new group, without members."""
    name, description = _entered(visit)
    errors = check_group(name, description)
    if errors:
        return await _list(ctx, visit, errors=errors)
    now = ctx.clock.now()
    group = Group(id=uuid4(ctx.entropy), name=name, description=description, created_at=now, changed_at=now)
    trail = Trail(ctx, visit)

    async def unit(tx: Tx) -> None:
        await groups.put_group(tx, group)
        await trail.write(tx, Event.GROUP_ADDED, subject=group.name)

    try:
        await ctx.db.write(unit)
    except UniqueViolation:
        return await _list(ctx, visit, errors=_TAKEN)
    return redirect(with_query(f"{PATH}/{group.id}", done="added"))


async def show(ctx: Context, visit: Visit) -> Reply:
    """``/settings/groups/{id}``."""
    return await _page(ctx, visit, done=_DONE.get(read_query(visit.raw).get("done", ""), ""))


async def change(ctx: Context, visit: Visit) -> Reply:
    """Name and description."""
    name, description = _entered(visit)
    errors = check_group(name, description)
    if errors:
        return await _page(ctx, visit, status=422, errors=errors)

    async def deed(tx: Tx, group: Group) -> None:
        trail, actor, now = Trail(ctx, visit), account_of(visit), ctx.clock.now()
        await change_group(tx, trail, actor, group, name=name, description=description, now=now)

    try:
        return await _do(ctx, visit, deed, "changed")
    except UniqueViolation:
        return await _page(ctx, visit, status=422, errors=_TAKEN)


async def delete(ctx: Context, visit: Visit) -> Reply:
    """For good; its members stay."""

    async def deed(tx: Tx, group: Group) -> None:
        if visit.form.get("confirmation", "").strip() != group.name:
            raise Refused("Type the name of the group to confirm.")
        await delete_group(tx, Trail(ctx, visit), account_of(visit), group)

    return await _do(ctx, visit, deed, "deleted", then=PATH)


async def put_member(ctx: Context, visit: Visit) -> Reply:
    """By e-mail address or user name."""

    async def deed(tx: Tx, group: Group) -> None:
        actor = account_of(visit)
        account = await check_person(tx, actor, visit.form.get("who", ""))
        await add_member(tx, Trail(ctx, visit), actor, group, account, ctx.clock.now())

    return await _do(ctx, visit, deed, "member-added")


async def take_member(ctx: Context, visit: Visit) -> Reply:
    """What somebody added by hand."""

    async def deed(tx: Tx, group: Group) -> None:
        account = await accounts.find_account(tx, visit.form.get("account", ""))
        if account is not None:
            actor, now = account_of(visit), ctx.clock.now()
            await remove_member(tx, Trail(ctx, visit), actor, group, account, now=now)

    return await _do(ctx, visit, deed, "member-removed")


async def give_role(ctx: Context, visit: Visit) -> Reply:
    """To everybody in it."""
    role = visit.form.get("role", "")

    async def deed(tx: Tx, group: Group) -> None:
        await give_group_role(tx, Trail(ctx, visit), account_of(visit), group, role, ctx.clock.now())

    return await _do(ctx, visit, deed, "role-given")


async def take_role(ctx: Context, visit: Visit) -> Reply:
    """From everybody in it who does not have it otherwise."""
    role = visit.form.get("role", "")

    async def deed(tx: Tx, group: Group) -> None:
        await take_group_role(tx, Trail(ctx, visit), account_of(visit), group, role)

    return await _do(ctx, visit, deed, "role-taken")


async def _do(
    ctx: Context, visit: Visit, deed: Callable[[Tx, Group], Awaitable[None]], done: str, *, then: str = ""
) -> Reply:
    group_id = visit.raw.params["id"]

    async def unit(tx: Tx) -> bool:
        group = await groups.find_group(tx, group_id)
        if group is None:
            return False
        await deed(tx, group)
        return True

    try:
        if not await ctx.db.write(unit):
            return _gone(ctx, visit)
    except Refused as refused:
        return await _page(ctx, visit, status=409, refusal=str(refused))
    return redirect(with_query(then or f"{PATH}/{group_id}", done=done))


async def _list(ctx: Context, visit: Visit, *, errors: dict[str, str] | None = None) -> Reply:
    query = read_query(visit.raw)
    wanted, after = query.get("q", "").strip(), query.get("after", "")

    async def unit(tx: ReadTx) -> tuple[list[GroupLine], bool, dict[str, frozenset[str]]]:
        found, has_more = await groups.list_groups(tx, wanted=wanted, after=after)
        return found, has_more, await grants.roles_of_groups(tx)

    found, has_more, roles = await ctx.db.read(unit)
    return page(
        ctx,
        visit,
        "groups.html",
        current=GROUPS,
        status=422 if errors else 200,
        done=_DONE.get(query.get("done", ""), ""),
        lines=found,
        role_names={each: [ROLES[role].name for role in ROLES if role in given] for each, given in roles.items()},
        wanted=wanted,
        entered=_entered(visit),
        errors=errors or {},
        first=with_query(PATH, q=wanted) if after else "",
        following=with_query(PATH, q=wanted, after=group_key(found[-1].group.name)) if has_more else "",
    )


async def _page(
    ctx: Context,
    visit: Visit,
    *,
    status: int = 200,
    done: str = "",
    refusal: str = "",
    errors: dict[str, str] | None = None,
) -> Reply:
    group_id, query = visit.raw.params["id"], read_query(visit.raw)
    wanted, after = query.get("q", "").strip(), (query.get("after", ""), query.get("after_id", ""))

    async def unit(tx: ReadTx) -> Details | None:
        group = await groups.find_group(tx, group_id)
        if group is None:
            return None
        members, has_more = await groups.list_members(tx, group_id, wanted=wanted, after=after)
        roles = await grants.roles_of_group(tx, group_id)
        return Details(group, members, has_more, roles, await apps_opened_by(tx, group.name))

    found = await ctx.db.read(unit)
    if found is None:
        return _gone(ctx, visit)
    powers, last, path = session_of(visit).powers, found.members[-1:], f"{PATH}/{group_id}"
    return page(
        ctx,
        visit,
        "group.html",
        current=GROUPS,
        status=status,
        done=done,
        refusal=refusal,
        errors=errors or {},
        group=found.group,
        entered=_entered(visit) if errors else (found.group.name, found.group.description),
        who=visit.form.get("who", "") if refusal else "",
        members=found.members,
        by_hand=HAND,
        source_words=source_words,
        wanted=wanted,
        first=with_query(path, q=wanted) if after != ("", "") else "",
        following=with_query(path, q=wanted, after=last[0].account.username, after_id=last[0].account.id)
        if found.has_more
        else "",
        roles=[ROLES[role] for role in ROLES if role in found.roles],
        may_change=covers(powers, found.roles),
        role_options=[
            (role.id, role.name)
            for role in reversed(GRANTED)
            if role.id not in found.roles and covers(powers, {role.id})
        ],
        apps=found.apps,
    )


def _entered(visit: Visit) -> tuple[str, str]:
    return " ".join(visit.form.get("name", "").split()), visit.form.get("description", "").strip()


def _gone(ctx: Context, visit: Visit) -> Reply:
    return problem(
        ctx,
        visit,
        status=404,
        heading="There is no such group",
        what="It may have been deleted.",
        todo="",
        links=(("Go to Groups", PATH),),
    )
