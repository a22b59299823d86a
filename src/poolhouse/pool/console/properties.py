"""The tab User pool properties, and the end of a pool."""

from collections.abc import Mapping
from typing import Any

from poolhouse.kit.edge import Reply
from poolhouse.pool.console import paths
from poolhouse.pool.console.calls import call, get_pool, update_pool
from poolhouse.pool.console.context import Visit
from poolhouse.pool.console.experience import edit
from poolhouse.pool.console.frame import go, page
from poolhouse.pool.console.integration import domains_of
from poolhouse.pool.console.refusals import message_of
from poolhouse.pool.console.settings import triggers
from poolhouse.pool.console.tabs import crumbs, tab_page
from poolhouse.pool.spec.errors import CognitoError


async def show(visit: Visit) -> Reply:
    """GET."""
    pool = await get_pool(visit)
    return tab_page(
        visit,
        pool,
        "User pool properties",
        "properties.html",
        edit_name=edit(visit, "name"),
        edit_tags=edit(visit, "tags"),
        tags=list((pool.get("UserPoolTags") or {}).items()),
        protected=_is_protected(pool),
        triggers=triggers.in_words(visit.flow, pool),
        edit_triggers=edit(visit, "triggers"),
    )


async def protect(visit: Visit) -> Reply:
    """POST: deletion protection on or off."""
    wanted = "ACTIVE" if visit.form.has("protection") else "INACTIVE"
    await update_pool(visit, await get_pool(visit), DeletionProtection=wanted)
    word = "Deletion protection is active." if wanted == "ACTIVE" else "Deletion protection is inactive."
    return go(visit, paths.of_pool(visit.pool_id, "properties"), word)


async def show_delete(visit: Visit) -> Reply:
    """GET: what goes with the pool."""
    return await _delete_page(visit)


async def delete(visit: Visit) -> Reply:
    """
    POST: typed to confirm.

    The service refuses while there is a domain or a protection; both are taken away here, and only when their boxes
    are ticked. What was taken away before something went wrong is said.
    """
    pool = await get_pool(visit)
    domains = domains_of(visit, pool)
    if visit.form.text("confirmation") != pool["Name"]:
        return await _delete_page(visit, "What you typed is not the name of the user pool.")
    if (domains and not visit.form.has("domains")) or (_is_protected(pool) and not visit.form.has("unprotect")):
        return await _delete_page(visit, "Tick what has to be taken away before the user pool can be deleted.")
    gone: list[str] = []
    try:
        if _is_protected(pool):
            await update_pool(visit, pool, DeletionProtection="INACTIVE")
            gone.append("the deletion protection")
        for _, name, _ in domains:
            await call(visit, "DeleteUserPoolDomain", UserPoolId=visit.pool_id, Domain=name)
            gone.append(f"the domain {name}")
        await call(visit, "DeleteUserPool", UserPoolId=visit.pool_id)
    except CognitoError as error:
        so_far = f" Gone already: {', '.join(gone)}." if gone else ""
        return await _delete_page(visit, f"{message_of(error)}{so_far}")
    return go(visit, paths.POOLS, f"User pool {pool['Name']} was deleted.")


async def _delete_page(visit: Visit, refusal: str = "") -> Reply:
    pool = await get_pool(visit)
    return page(
        visit,
        "pool/delete.html",
        status=422 if refusal else 200,
        pool=pool,
        domains=domains_of(visit, pool),
        protected=_is_protected(pool),
        crumbs=crumbs(visit, pool, "User pool properties"),
        back=paths.of_pool(visit.pool_id, "properties"),
        refusal=refusal,
    )


def _is_protected(pool: Mapping[str, Any]) -> bool:
    return pool.get("DeletionProtection") == "ACTIVE"
