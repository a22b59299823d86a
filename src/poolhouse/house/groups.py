"""
Changing groups, with the rules that hold whoever does it.

Policies of apps and service tokens name groups by their names, since a provider's groups have nothing else; rules on
claims and invitations go by id.  So a new name is written wherever the former one stands, in the same unit.
"""

from typing import Any

import msgspec

from poolhouse.house.audit import Event, Trail
from poolhouse.house.gate import Gate
from poolhouse.house.gateway.policy import is_group_name
from poolhouse.house.guards import Refused, check_left, check_may_give, check_may_touch
from poolhouse.house.model import Account, App
from poolhouse.house.people import GROUP_NAME_LIMIT, HAND, Group
from poolhouse.house.roles import ROLES
from poolhouse.house.rp.person import email_key
from poolhouse.house.store import accounts, apps, directory, grants, groups, sessions, tokens
from poolhouse.house.tokens import Kind
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx, Tx

DESCRIPTION_LIMIT = 200


def check_group(name: str, description: str) -> dict[str, str]:
    """What is wrong, by field name.  A comma would make two groups of it in a header."""
    errors: dict[str, str] = {}
    if not name or len(name) > GROUP_NAME_LIMIT or not is_group_name(name) or not name.isprintable():
        errors["name"] = f"Name has 1 to {GROUP_NAME_LIMIT} characters, and no comma."
    if len(description) > DESCRIPTION_LIMIT or not description.isprintable():
        errors["description"] = f"Description has at most {DESCRIPTION_LIMIT} characters, on one line."
    return errors


async def apps_opened_by(tx: ReadTx, name: str) -> list[App]:
    """The apps whose settings name the group, by name."""
    return [app for app in await apps.list_apps(tx) if app.gate is not None and _names(app.gate, name)]


async def change_group(
    tx: Tx, trail: Trail, actor: Account, group: Group, *, name: str, description: str, now: Epoch
) -> None:
    """
    Another name or description; what names the group follows.

    Whoever may not fill the group does not name it either: under another name somebody else would.
    """
    await check_may_give(tx, actor.id, await grants.roles_of_group(tx, group.id))
    changed = msgspec.structs.replace(group, name=name, description=description, changed_at=now)
    await groups.change_group(tx, changed)
    followed = await follow(tx, group.name, name) if name != group.name else []
    details = [f"Name: {group.name} to {name}"] if name != group.name else []
    details += ["Description"] if description != group.description else []
    details += [f"followed by {', '.join(followed)}"] if followed else []
    await trail.write(tx, Event.GROUP_CHANGED, subject=name, detail="; ".join(details))


async def delete_group(tx: Tx, trail: Trail, actor: Account, group: Group) -> None:
    """What names it goes on naming it: a rule that nobody fits any more lets nobody in."""
    roles = await grants.roles_of_group(tx, group.id)
    await check_may_give(tx, actor.id, roles)
    if roles:
        await end_sessions_of_members(tx, group.id, but=actor.id)
    await groups.delete_group(tx, group.id)
    await check_left(tx, trail.ring)
    await trail.write(tx, Event.GROUP_DELETED, subject=group.name)


async def add_member(tx: Tx, trail: Trail, actor: Account, group: Group, account: Account, now: Epoch) -> None:
    """By hand.  Where the group gives powers, the new member signs in anew."""
    roles = await grants.roles_of_group(tx, group.id)
    await check_may_give(tx, actor.id, roles)
    if await groups.put_member(tx, group.id, account.id, source=HAND, now=now):
        if roles and account.id != actor.id:
            await sessions.delete_sessions_of(tx, account.id)
        await trail.write(tx, Event.GROUPS_GIVEN, subject=account, detail=group.name)


async def remove_member(tx: Tx, trail: Trail, actor: Account, group: Group, account: Account, *, now: Epoch) -> None:
    """What was added by hand; what a rule or SCIM says is theirs to take away."""
    roles = await grants.roles_of_group(tx, group.id)
    await check_may_give(tx, actor.id, roles)
    if account.id != actor.id:
        await check_may_touch(tx, actor.id, account.id)
    if not await groups.delete_member(tx, group.id, account.id, source=HAND, now=now):
        raise Refused("A rule or SCIM says that this person belongs to the group, so it has to be changed there.")
    await check_left(tx, trail.ring)
    if roles and account.id != actor.id:
        await sessions.delete_sessions_of(tx, account.id)
    await trail.write(tx, Event.GROUPS_TAKEN, subject=account, detail=group.name)


async def give_group_role(tx: Tx, trail: Trail, actor: Account, group: Group, role: str, now: Epoch) -> None:
    """Every member has it from now on, and signs in anew."""
    await check_may_give(tx, actor.id, {role})
    if await grants.put_group_role(tx, group.id, role, now=now):
        await end_sessions_of_members(tx, group.id, but=actor.id)
        await trail.write(tx, Event.ROLE_GIVEN, subject=group.name, detail=ROLES[role].name)


async def take_group_role(tx: Tx, trail: Trail, actor: Account, group: Group, role: str) -> None:
    await check_may_give(tx, actor.id, {role})
    if await grants.delete_group_role(tx, group.id, role):
        await check_left(tx, trail.ring)
        await end_sessions_of_members(tx, group.id, but=actor.id)
        name = ROLES[role].name if role in ROLES else role
        await trail.write(tx, Event.ROLE_TAKEN, subject=group.name, detail=name)


async def find_person(tx: ReadTx, typed: str) -> Account | None:
    """Whoever holds this address, or has this user name."""
    key = email_key(typed)
    holder = await accounts.find_email_holder(tx, key) if key else None
    return holder or await directory.find_account_named(tx, typed)


async def check_person(tx: ReadTx, actor: Account, typed: str) -> Account:
    """The person who is meant and may be changed; ``Refused`` when there is none."""
    found = await find_person(tx, typed.strip()) if typed.strip() else None
    if found is None:
        raise Refused("Nobody has this e-mail address or user name.")
    if found.id != actor.id:
        await check_may_touch(tx, actor.id, found.id)
    return found


async def end_sessions_of_members(tx: Tx, group_id: str, *, but: str = "") -> None:
    """Powers come or go: all but one have to sign in anew."""
    for account_id in await groups.member_ids(tx, group_id):
        if account_id != but:
            await sessions.delete_sessions_of(tx, account_id)


async def follow(tx: Tx, old: str, new: str) -> list[str]:
    """Write a group's new name wherever the former one stands; what was changed, by name."""
    followed = []
    for app in await apps_opened_by(tx, old):
        plain = _renamed(msgspec.to_builtins(app.gate), old, new)
        await apps.change_app(tx, msgspec.structs.replace(app, gate=msgspec.convert(plain, Gate)))
        followed.append(app.name)
    for held in await tokens.list_tokens(tx, Kind.SERVICE):
        if old in held.token.groups:
            renamed = tuple(new if each == old else each for each in held.token.groups)
            await tokens.set_groups(tx, held.token.id, renamed)
            followed.append(f"token {held.token.name}")
    return followed


def _names(gate: Gate, name: str) -> bool:
    plain = msgspec.to_builtins(gate)
    return bool(_renamed(plain, name, "") != plain)


def _renamed(plain: Any, old: str, new: str, *, is_groups: bool = False) -> Any:
    """The same with every list called ``groups`` changed, wherever in the settings of an app it stands."""
    if isinstance(plain, dict):
        return {key: _renamed(value, old, new, is_groups=key == "groups") for key, value in plain.items()}
    if isinstance(plain, list | tuple):
        return type(plain)(new if is_groups and each == old else _renamed(each, old, new) for each in plain)
    return plain
