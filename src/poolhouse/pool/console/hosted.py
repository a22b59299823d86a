"""The pool's page "Sign-in pages": what its hosted pages have beyond the service's settings."""

from typing import Final

from poolhouse.kit.edge import Reply
from poolhouse.pool.console import paths
from poolhouse.pool.console.calls import get_pool
from poolhouse.pool.console.context import Visit
from poolhouse.pool.console.edits import edit_page
from poolhouse.pool.console.form import Form, Problems
from poolhouse.pool.console.frame import go
from poolhouse.pool.console.settings import extended
from poolhouse.pool.console.settings.hosted_fields import GROUPS
from poolhouse.pool.console.tabs import crumbs
from poolhouse.pool.core.settings.openid import WrongSetting
from poolhouse.pool.flows import pool_extension
from poolhouse.pool.flows.context import Refused
from poolhouse.pool.model.hosted import PLAIN_PAGES
from poolhouse.pool.spec.errors import Reason

_TAB: Final = "App Integration"
_BUSY: Final = "Somebody else changed this user pool just now. Look at the page again, and save once more."


async def show(visit: Visit) -> Reply:
    """GET: the form, filled in with what is."""
    held = await pool_extension.find(visit.flow, visit.pool_id)
    return await _form(visit, extended.filled(GROUPS, held), {})


async def save(visit: Visit) -> Reply:
    """POST."""
    changes, problems = extended.changes(GROUPS, visit.form)
    if not problems:
        try:
            await pool_extension.change(visit.flow, visit.pool_id, changes)
        except WrongSetting as wrong:
            problems = extended.placed(GROUPS, wrong)
        except Refused as no:
            if no.reason is not Reason.BUSY:
                raise
            problems = {"": _BUSY}
    if problems:
        return await _form(visit, visit.form, problems)
    here = paths.of_pool(visit.pool_id, "app-integration")
    return go(visit, here, "The settings of the sign-in pages were saved.", visit.form)


async def in_words(visit: Visit) -> list[tuple[str, str]]:
    """What is not as with every pool, for the tab's card."""
    held = await pool_extension.find(visit.flow, visit.pool_id)
    return extended.in_words(GROUPS, held, PLAIN_PAGES)


async def _form(visit: Visit, form: Form, problems: Problems) -> Reply:
    return edit_page(
        visit,
        title="Edit sign-in pages",
        lead="What the hosted pages have that Amazon Cognito's do not. Left as it is, they are as Cognito's.",
        fields="extended.html",
        form=form,
        problems=problems,
        crumbs=crumbs(visit, await get_pool(visit), _TAB),
        groups=GROUPS,
    )
