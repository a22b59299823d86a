"""The groups of a pool: the list, one of them, and who is in it."""

from collections.abc import Mapping
from typing import Any, Final

from poolhouse.kit.edge import Reply
from poolhouse.pool.console import paths
from poolhouse.pool.console.calls import call, get_pool, list_page
from poolhouse.pool.console.context import NotFound, Visit
from poolhouse.pool.console.edits import edit_page
from poolhouse.pool.console.form import Form, Problems, of
from poolhouse.pool.console.frame import go, page
from poolhouse.pool.console.refusals import message_of, placed
from poolhouse.pool.console.settings.checks import check_arn
from poolhouse.pool.console.tabs import crumbs, tab_page
from poolhouse.pool.console.users import line
from poolhouse.pool.spec.errors import CognitoError

ON_PAGE: Final = 25
_MEMBERSHIP: Final = ("add", "remove", "delete")
_HIGHEST: Final = 2**31 - 1
_PLACES: Final = {
    "GroupExistsException": "name",
    "groupName": "name",
    "description": "description",
    "roleArn": "role",
    "precedence": "precedence",
}


async def show_all(visit: Visit) -> Reply:
    """GET: groups by name, a page at a time."""
    pool = await get_pool(visit)
    came_by = visit.query.column("page")
    groups, token = await list_page(
        visit, "ListGroups", came_by[-1] if came_by else "", ON_PAGE, UserPoolId=visit.pool_id
    )
    return tab_page(
        visit,
        pool,
        "Groups",
        "groups.html",
        groups=[(group, _address(visit, group["GroupName"])) for group in groups],
        previous=paths.of_pool(visit.pool_id, "groups", page=list(came_by[:-1])) if came_by else "",
        following=paths.of_pool(visit.pool_id, "groups", page=[*came_by, token]) if token else "",
    )


async def show(visit: Visit) -> Reply:
    """GET: one group, named in the query: a name may have any character."""
    return await _page(visit)


async def show_create(visit: Visit) -> Reply:
    return await _form(visit, Form(), {}, is_new=True)


async def create(visit: Visit) -> Reply:
    """POST: CreateGroup."""
    problems = check(visit.form, is_new=True)
    if problems:
        return await _form(visit, visit.form, problems, is_new=True)
    name = visit.form.text("name")
    try:
        await call(visit, "CreateGroup", UserPoolId=visit.pool_id, GroupName=name, **body(visit.form))
    except CognitoError as error:
        return await _form(visit, visit.form, placed(error, _PLACES), is_new=True)
    return go(visit, paths.of_pool(visit.pool_id, "groups"), f"Group {name} was created.", visit.form)


async def show_edit(visit: Visit) -> Reply:
    group = await _get(visit)
    form = of(
        description=group.get("Description") or "",
        role=group.get("RoleArn") or "",
        precedence=group.get("Precedence"),
    )
    return await _form(visit, form, {}, is_new=False)


async def save(visit: Visit) -> Reply:
    """POST: UpdateGroup, which cannot take a role or a precedence away: that is said, not passed over."""
    group = await _get(visit)
    problems = check(visit.form, is_new=False)
    for field, member in (("role", "RoleArn"), ("precedence", "Precedence")):
        if not visit.form.text(field) and group.get(member) is not None:
            problems[field] = "It can be changed but not taken away: for that, delete the group and create it again."
    if problems:
        return await _form(visit, visit.form, problems, is_new=False)
    wanted = {"Description": "", **body(visit.form)}
    try:
        await call(visit, "UpdateGroup", UserPoolId=visit.pool_id, GroupName=group["GroupName"], **wanted)
    except CognitoError as error:
        return await _form(visit, visit.form, placed(error, _PLACES), is_new=False)
    return go(visit, _address(visit, group["GroupName"]), "The group was saved.", visit.form)


async def delete(visit: Visit) -> Reply:
    """POST: typed to confirm; its members stay."""
    name = (await _get(visit))["GroupName"]
    if visit.form.text("confirmation") != name:
        return await _page(visit, "Nothing was deleted: what you typed is not the group's name.")
    await call(visit, "DeleteGroup", UserPoolId=visit.pool_id, GroupName=name)
    return go(visit, paths.of_pool(visit.pool_id, "groups"), f"Group {name} was deleted.")


async def add_member(visit: Visit) -> Reply:
    """POST: by any name that the user has."""
    return await _membership(visit, "AdminAddUserToGroup", "was added to the group.")


async def remove_member(visit: Visit) -> Reply:
    return await _membership(visit, "AdminRemoveUserFromGroup", "was removed from the group.")


async def _membership(visit: Visit, operation: str, word: str) -> Reply:
    name, user = (await _get(visit))["GroupName"], visit.form.text("username")
    if not user:
        return await _page(visit, "Enter the name of a user.")
    try:
        await call(visit, operation, UserPoolId=visit.pool_id, GroupName=name, Username=user)
    except CognitoError as error:
        return await _page(visit, f"{user}: {message_of(error)}")
    return go(visit, _address(visit, name), f"{visit.form.text('shown') or user} {word}", visit.form)


def check(form: Form, *, is_new: bool) -> Problems:
    problems: Problems = {}
    if is_new and not form.text("name"):
        problems["name"] = "Enter a name for the group."
    if is_new and " " in form.text("name"):
        problems["name"] = "A name has no blanks."
    check_arn(form, "role", problems, required=False)
    number = form.number("precedence")
    if form.text("precedence") and (number is None or number > _HIGHEST):
        problems["precedence"] = "Enter a whole number, 0 or more."
    return problems


def body(form: Form) -> dict[str, Any]:
    """CreateGroup and UpdateGroup without pool and name."""
    given = {
        "Description": form.verbatim("description").strip() or None,
        "RoleArn": form.text("role") or None,
        "Precedence": form.number("precedence"),
    }
    return {name: value for name, value in given.items() if value is not None}


async def _get(visit: Visit) -> dict[str, Any]:
    name = visit.query.text("name")
    if not name:
        raise NotFound
    answer = await call(visit, "GetGroup", UserPoolId=visit.pool_id, GroupName=name)
    group: dict[str, Any] = answer["Group"]
    return group


def _address(visit: Visit, name: str) -> str:
    return paths.of_pool(visit.pool_id, "groups", "group", name=name)


async def _page(visit: Visit, refusal: str = "") -> Reply:
    pool, group = await get_pool(visit), await _get(visit)
    name: str = group["GroupName"]
    came_by = visit.query.column("page")
    users, token = await list_page(
        visit,
        "ListUsersInGroup",
        came_by[-1] if came_by else "",
        ON_PAGE,
        UserPoolId=visit.pool_id,
        GroupName=name,
    )

    def at(tokens: list[str]) -> str:
        return paths.of_pool(visit.pool_id, "groups", "group", name=name, page=tokens)

    return page(
        visit,
        "group.html",
        status=422 if refusal else 200,
        group=group,
        facts=_facts(group),
        users=[line(visit, user) for user in users],
        edit=paths.of_pool(visit.pool_id, "groups", "group", "edit"),
        to={each: paths.of_pool(visit.pool_id, "groups", "group", each, name=name) for each in _MEMBERSHIP},
        crumbs=crumbs(visit, pool, "Groups"),
        previous=at(list(came_by[:-1])) if came_by else "",
        following=at([*came_by, token]) if token else "",
        refusal=refusal,
    )


def _facts(group: Mapping[str, Any]) -> list[tuple[str, str]]:
    precedence = group.get("Precedence")
    return [
        ("Group name", group["GroupName"]),
        ("Description", group.get("Description") or ""),
        ("Precedence", "" if precedence is None else str(precedence)),
        ("IAM role ARN", group.get("RoleArn") or ""),
    ]


async def _form(visit: Visit, form: Form, problems: Problems, *, is_new: bool) -> Reply:
    pool = await get_pool(visit)
    name = visit.query.text("name")
    above = crumbs(visit, pool, "Groups")
    return edit_page(
        visit,
        title="Create group" if is_new else "Edit group",
        lead="Its members carry its name in their tokens, so that apps can tell who may do what.",
        fields="group.html",
        form=form,
        problems=problems,
        crumbs=above if is_new else [*above, (name, _address(visit, name))],
        submit="Create group" if is_new else "Save changes",
        group_is_new=is_new,
    )
