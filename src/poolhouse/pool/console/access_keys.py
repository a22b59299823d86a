"""Access keys: how programs and command lines prove to the API that an administrator sent them."""

from typing import Final

from poolhouse.kit.edge import Reply
from poolhouse.pool.console.context import NotFound, Visit
from poolhouse.pool.console.form import Form, Problems
from poolhouse.pool.console.frame import go, page
from poolhouse.pool.console.settings.checks import check_name
from poolhouse.pool.flows import admins

ADDRESS: Final = "/console/access-keys"


async def show(visit: Visit) -> Reply:
    """GET: those that there are, without their secrets, and the form for a new one."""
    return await _page(visit, Form(), {})


async def create(visit: Visit) -> Reply:
    """POST: the key and its secret, on this one page and never again."""
    problems: Problems = {}
    check_name(visit.form, "name", problems, what="the access key")
    if problems:
        return await _page(visit, visit.form, problems)
    key_id, secret = await admins.mint_access_key(visit.flow, visit.form.text("name"))
    return await _page(visit, Form(), {}, key_id=key_id, secret=secret.reveal())


async def delete(visit: Visit) -> Reply:
    """POST: what signs with it is refused from now on."""
    key_id = visit.form.text("key_id")
    if not await admins.drop_access_key(visit.flow, key_id):
        raise NotFound("There is no such access key.")
    return go(visit, ADDRESS, f"Access key {key_id} was deleted.")


async def _page(visit: Visit, form: Form, problems: Problems, *, key_id: str = "", secret: str = "") -> Reply:
    config = visit.flow.config
    return page(
        visit,
        "access_keys.html",
        section="keys",
        form=form,
        problems=problems,
        key_id=key_id,
        secret=secret,
        keys=await admins.list_access_keys(visit.flow),
        base_url=config.base_url,
    )
