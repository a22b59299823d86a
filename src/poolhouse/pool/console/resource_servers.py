"""Resource servers and their scopes."""

from typing import Any, Final

from poolhouse.kit.edge import Reply
from poolhouse.pool.console import paths
from poolhouse.pool.console.calls import call, get_pool
from poolhouse.pool.console.context import NotFound, Visit
from poolhouse.pool.console.edits import edit_page
from poolhouse.pool.console.form import Form, Problems, merged, of
from poolhouse.pool.console.frame import go, page
from poolhouse.pool.console.refusals import placed
from poolhouse.pool.console.settings import pairs
from poolhouse.pool.console.settings.checks import check_name
from poolhouse.pool.console.tabs import crumbs
from poolhouse.pool.spec.errors import CognitoError

_TAB: Final = "App Integration"
_PLACES: Final = {"identifier": "identifier", "name": "name", "scopes": "scope"}
_PLACES_NEW: Final = {**_PLACES, "InvalidParameterException": "identifier"}


async def show(visit: Visit) -> Reply:
    """GET: one resource server, named in the query: an identifier is often a URL."""
    return await _page(visit)


async def show_create(visit: Visit) -> Reply:
    return await _form(visit, Form(), {}, is_new=True)


async def create(visit: Visit) -> Reply:
    """POST: CreateResourceServer."""
    problems = check(visit.form, is_new=True)
    if problems:
        return await _form(visit, visit.form, problems, is_new=True)
    try:
        await call(
            visit,
            "CreateResourceServer",
            UserPoolId=visit.pool_id,
            Identifier=visit.form.text("identifier"),
            **body(visit.form),
        )
    except CognitoError as error:
        return await _form(visit, visit.form, placed(error, _PLACES_NEW), is_new=True)
    word = f"Resource server {visit.form.text('name')} was created."
    return go(visit, paths.of_pool(visit.pool_id, "app-integration"), word, visit.form)


async def show_edit(visit: Visit) -> Reply:
    server = await _get(visit)
    return await _form(visit, merged(of(name=server["Name"]), pairs.filled_scopes(server)), {}, is_new=False)


async def save(visit: Visit) -> Reply:
    """POST: UpdateResourceServer replaces name and scopes, which is what the form has."""
    server = await _get(visit)
    problems = check(visit.form, is_new=False)
    if problems:
        return await _form(visit, visit.form, problems, is_new=False)
    identifier = server["Identifier"]
    try:
        await call(visit, "UpdateResourceServer", UserPoolId=visit.pool_id, Identifier=identifier, **body(visit.form))
    except CognitoError as error:
        return await _form(visit, visit.form, placed(error, _PLACES), is_new=False)
    return go(visit, _address(visit, identifier), "The resource server was saved.", visit.form)


async def delete(visit: Visit) -> Reply:
    """POST: typed to confirm."""
    server = await _get(visit)
    if visit.form.text("confirmation") != server["Identifier"]:
        return await _page(visit, "Nothing was deleted: what you typed is not the identifier.")
    await call(visit, "DeleteResourceServer", UserPoolId=visit.pool_id, Identifier=server["Identifier"])
    return go(visit, paths.of_pool(visit.pool_id, "app-integration"), f"Resource server {server['Name']} was deleted.")


def check(form: Form, *, is_new: bool) -> Problems:
    problems: Problems = {}
    if is_new and not form.text("identifier"):
        problems["identifier"] = "Enter an identifier."
    check_name(form, "name", problems, what="the resource server")
    return {**problems, **pairs.check_scopes(form)}


def body(form: Form) -> dict[str, Any]:
    return {"Name": form.text("name"), "Scopes": pairs.scopes(form)}


def _address(visit: Visit, identifier: str) -> str:
    return paths.of_pool(visit.pool_id, "resource-servers", "server", id=identifier)


async def _get(visit: Visit) -> dict[str, Any]:
    identifier = visit.query.text("id")
    if not identifier:
        raise NotFound
    answer = await call(visit, "DescribeResourceServer", UserPoolId=visit.pool_id, Identifier=identifier)
    server: dict[str, Any] = answer["ResourceServer"]
    return server


async def _page(visit: Visit, refusal: str = "") -> Reply:
    pool, server = await get_pool(visit), await _get(visit)
    scopes = server.get("Scopes") or []
    return page(
        visit,
        "resource_server.html",
        status=422 if refusal else 200,
        server=server,
        scopes=[(f"{server['Identifier']}/{each['ScopeName']}", each["ScopeDescription"]) for each in scopes],
        edit=paths.of_pool(visit.pool_id, "resource-servers", "server", "edit"),
        delete=paths.of_pool(visit.pool_id, "resource-servers", "server", "delete", id=server["Identifier"]),
        crumbs=crumbs(visit, pool, _TAB),
        refusal=refusal,
    )


async def _form(visit: Visit, form: Form, problems: Problems, *, is_new: bool) -> Reply:
    pool = await get_pool(visit)
    identifier = visit.query.text("id")
    above = crumbs(visit, pool, _TAB)
    return edit_page(
        visit,
        title="Create resource server" if is_new else "Edit resource server",
        lead="An API of yours, and the scopes that an access token for it may have.",
        fields="resource_server.html",
        form=form,
        problems=problems,
        crumbs=above if is_new else [*above, (identifier, _address(visit, identifier))],
        submit="Create resource server" if is_new else "Save changes",
        server_is_new=is_new,
    )
