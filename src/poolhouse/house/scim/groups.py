"""``/Groups`` (RFC 7643 section 4.2): a client sees all, and changes those that it made."""

from collections.abc import Iterable
from typing import Any

import msgspec

from poolhouse.house.audit import Event
from poolhouse.house.groups import check_group, end_sessions_of_members, follow
from poolhouse.house.guards import check_left
from poolhouse.house.people import SCIM, Group
from poolhouse.house.scim import patching
from poolhouse.house.scim.call import Call, whole_body, write
from poolhouse.house.scim.filters import Compare, exact_value, matches, values_at
from poolhouse.house.scim.patching import Operation
from poolhouse.house.scim.query import Listing, project, wants
from poolhouse.house.scim.reading import show_one, show_page
from poolhouse.house.scim.replies import ScimError, bad, not_found, nothing, reply
from poolhouse.house.scim.resources import GROUP_NAMES, group_resource, read_group, read_members
from poolhouse.house.store import accounts, grants, groups, leases, provisioning, sessions
from poolhouse.kit.ambient import uuid4
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.edge import Reply


async def show_all(call: Call) -> Reply:
    """A page of those that fit the filter."""
    return await show_page(call, _fitting, _resource, sorted_by="displayName")


async def show(call: Call, group_id: str) -> Reply:
    """One of them."""
    return await show_one(call, groups.find_group, _resource, group_id)


async def add(call: Call) -> Reply:
    """A new group that the client may change later; ``uniqueness`` when one is called so."""
    body = whole_body(call)
    name, external_id = _named(body)
    members = read_members(next(iter(_members_of(body)), None))
    now = call.ctx.clock.now()
    group = Group(
        id=uuid4(call.ctx.entropy), name=name, external_id=external_id, managed_by=SCIM, created_at=now, changed_at=now
    )

    async def unit(tx: Tx) -> dict[str, Any]:
        await _check_free(tx, group)
        await _check_external(tx, group)
        await groups.put_group(tx, group)
        await call.note(tx, Event.GROUP_ADDED, group.name)
        await _set_members(tx, call, group, members)
        return await _resource(tx, call, group)

    made = await call.ctx.db.write(unit)
    return reply(project(made, call.query), 201, (("location", made["meta"]["location"]),))


async def replace(call: Call, group_id: str) -> Reply:
    """PUT: the members are exactly those that are sent."""
    body = whole_body(call)
    name, external_id = _named(body)
    members = read_members(next(iter(_members_of(body)), None))

    async def unit(tx: Tx) -> dict[str, Any]:
        group = await _find_own(tx, group_id)
        group = await _rename(tx, call, group, name, external_id)
        await _set_members(tx, call, group, members)
        return await _resource(tx, call, group)

    return reply(project(await write(call, unit), call.query))


async def patch(call: Call, group_id: str) -> Reply:
    """PATCH, all operations or none; members one by one, however many there are."""
    operations = patching.read(whole_body(call))

    async def unit(tx: Tx) -> dict[str, Any]:
        group = await _find_own(tx, group_id)
        for operation in operations:
            group = await _apply(tx, call, group, operation)
        return await _resource(tx, call, group)

    return reply(project(await write(call, unit), call.query))


async def remove(call: Call, group_id: str) -> Reply:
    """The group, its memberships and what it opened."""

    async def unit(tx: Tx) -> None:
        group = await _find_own(tx, group_id)
        if await grants.roles_of_group(tx, group.id):
            await end_sessions_of_members(tx, group.id)
        await groups.delete_group(tx, group.id)
        await check_left(tx, call.ctx.ring)
        await call.note(tx, Event.GROUP_DELETED, group.name)

    await write(call, unit)
    return nothing()


async def _apply(tx: Tx, call: Call, group: Group, operation: Operation) -> Group:
    place = operation.place
    if place is not None and place.attribute.lower() == "members":
        await _apply_to_members(tx, call, group, operation)
        return group
    rest = operation
    if place is None and isinstance(operation.value, dict):
        for value in _members_of(operation.value):
            await _apply_to_members(tx, call, group, Operation(operation.op, patching.Place("members"), value))
        left = {name: value for name, value in operation.value.items() if name.lower() != "members"}
        rest = Operation(operation.op, None, left)
    resource = patching.apply(group_resource(group, None, call.base), [rest], GROUP_NAMES)
    if values_at(resource, "id") != [group.id]:
        raise bad("id cannot be changed", "mutability")
    return await _rename(tx, call, group, *_named(resource))


async def _apply_to_members(tx: Tx, call: Call, group: Group, operation: Operation) -> None:
    place = operation.place
    chosen = _one_member(place.only) if place is not None and place.only is not None else None
    if operation.op == "remove":
        if chosen is not None:
            await _drop(tx, call, group, [chosen])
        elif operation.value is None:
            await _set_members(tx, call, group, [])
        else:
            await _drop(tx, call, group, read_members(operation.value))
    elif chosen is not None:
        raise bad("members are added and removed, not changed", "mutability")
    elif operation.op == "add":
        await _put(tx, call, group, read_members(operation.value))
    else:
        await _set_members(tx, call, group, read_members(operation.value))


def _one_member(node: Any) -> str:
    if isinstance(node, Compare) and node.operator == "eq" and node.path == "value" and isinstance(node.value, str):
        return node.value
    raise bad('members are chosen by value eq "id"', "invalidFilter")


async def _set_members(tx: Tx, call: Call, group: Group, wanted: Iterable[str]) -> None:
    present = set(await groups.member_ids(tx, group.id, source=SCIM))
    await _put(tx, call, group, sorted(set(wanted) - present))
    await _drop(tx, call, group, sorted(present - set(wanted)))


async def _put(tx: Tx, call: Call, group: Group, ids: Iterable[str]) -> None:
    has_roles = bool(await grants.roles_of_group(tx, group.id))
    for each in ids:
        account = await accounts.find_account(tx, each)
        if account is None:
            raise bad(f"there is no user {each!r}")
        if await groups.put_member(tx, group.id, each, source=SCIM, now=call.ctx.clock.now()):
            if has_roles:
                await sessions.delete_sessions_of(tx, each)
            await call.note(tx, Event.GROUPS_GIVEN, account, group.name)


async def _drop(tx: Tx, call: Call, group: Group, ids: Iterable[str]) -> None:
    has_roles = bool(await grants.roles_of_group(tx, group.id))
    for each in ids:
        account = await accounts.find_account(tx, each)
        if await groups.delete_member(tx, group.id, each, source=SCIM, now=call.ctx.clock.now()):
            if has_roles:
                await sessions.delete_sessions_of(tx, each)
            await call.note(tx, Event.GROUPS_TAKEN, account or each, group.name)
    if has_roles:
        await check_left(tx, call.ctx.ring)


async def _rename(tx: Tx, call: Call, group: Group, name: str, external_id: str) -> Group:
    changed = msgspec.structs.replace(group, name=name, external_id=external_id)
    if changed == group:
        return group
    await _check_free(tx, changed)
    if external_id != group.external_id:
        await _check_external(tx, changed)
    changed = msgspec.structs.replace(changed, changed_at=call.ctx.clock.now())
    await groups.change_group(tx, changed)
    detail = "" if name == group.name else f"Name: {group.name} to {name}"
    followed = await follow(tx, group.name, name) if name != group.name else []
    detail += f"; followed by {', '.join(followed)}" if followed else ""
    await call.note(tx, Event.GROUP_CHANGED, changed.name, detail)
    return changed


async def _check_external(tx: Tx, group: Group) -> None:
    """One group for each externalId, as of accounts; one such unit at a time."""
    await leases.hold(tx, "external ids of groups")
    namesake = await groups.find_group_external(tx, group.external_id)
    if namesake is not None and namesake.id != group.id:
        raise ScimError(409, "another group has this externalId", "uniqueness")


async def _check_free(tx: ReadTx, group: Group) -> None:
    namesake = await groups.find_group_named(tx, group.name)
    if namesake is not None and namesake.id != group.id:
        raise ScimError(409, "another group has this displayName", "uniqueness")


async def _fitting(tx: ReadTx, call: Call, listing: Listing) -> tuple[int, list[Group]]:
    if listing.node is None:
        return await provisioning.count_groups(tx), await provisioning.groups_from(tx, listing.skip, listing.count)
    named = exact_value(listing.node)
    if named is not None and named[0] in {"id", "displayname", "externalid"}:
        find = {
            "id": groups.find_group,
            "displayname": groups.find_group_named,
            "externalid": groups.find_group_external,
        }[named[0]]
        found = await find(tx, named[1])
        page = [found] if found is not None else []
        return len(page), page[listing.skip :][: listing.count]
    fits = []
    for group in await groups.all_groups(tx):
        members = await groups.accounts_of_group(tx, group.id)
        if matches(listing.node, group_resource(group, members, call.base)):
            fits.append(group)
    return len(fits), fits[listing.skip :][: listing.count]


async def _resource(tx: ReadTx, call: Call, group: Group) -> dict[str, Any]:
    members = await groups.accounts_of_group(tx, group.id) if wants("members", call.query) else None
    return group_resource(group, members, call.base)


async def _find_own(tx: ReadTx, group_id: str) -> Group:
    group = await groups.find_group(tx, group_id)
    if group is None:
        raise not_found()
    if group.managed_by != SCIM:
        raise ScimError(403, "this group was made in the house; only administrators change it")
    return group


def _named(body: Any) -> tuple[str, str]:
    name, external_id = read_group(body)
    wrong = check_group(name, "")
    if wrong:
        raise bad(f"displayName: {wrong['name']}")
    return name, external_id


def _members_of(body: Any) -> list[Any]:
    return [value for name, value in body.items() if name.lower() == "members"]
