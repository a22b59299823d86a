"""Access keys: how programs and command lines prove to the API that an administrator sent them."""

from poolhouse.kit.edge import Reply
from poolhouse.pool.console.context import Visit
from poolhouse.pool.console.form import Form, Problems
from poolhouse.pool.console.frame import page
from poolhouse.pool.console.settings.checks import check_name
from poolhouse.pool.flows import admins


async def show(visit: Visit) -> Reply:
    """GET: what they are, and the form for a new one."""
    return _page(visit, Form(), {})


async def create(visit: Visit) -> Reply:
    """POST: the key and its secret, on this one page and never again."""
    problems: Problems = {}
    check_name(visit.form, "name", problems, what="the access key")
    if problems:
        return _page(visit, visit.form, problems)
    key_id, secret = await admins.mint_access_key(visit.flow, visit.form.text("name"))
    return _page(visit, Form(), {}, key_id=key_id, secret=secret.reveal())


def _page(visit: Visit, form: Form, problems: Problems, *, key_id: str = "", secret: str = "") -> Reply:
    config = visit.flow.config
    return page(
        visit,
        "access_keys.html",
        section="keys",
        form=form,
        problems=problems,
        key_id=key_id,
        secret=secret,
        base_url=config.base_url,
    )
