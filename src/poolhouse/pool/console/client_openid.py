"""The app client's page "OpenID Connect": what it has beyond the service's settings."""

from collections.abc import Mapping
from typing import Any, Final

from poolhouse.kit.edge import Reply
from poolhouse.pool.console.calls import get_client, get_pool
from poolhouse.pool.console.clients import TAB, address
from poolhouse.pool.console.context import Visit
from poolhouse.pool.console.edits import edit_page
from poolhouse.pool.console.form import Form, Problems
from poolhouse.pool.console.frame import go
from poolhouse.pool.console.settings import openid as settings
from poolhouse.pool.console.tabs import crumbs
from poolhouse.pool.core.settings.openid import WrongSetting
from poolhouse.pool.flows import client_extension
from poolhouse.pool.flows.context import Refused
from poolhouse.pool.model.pool import PoolId
from poolhouse.pool.spec.errors import Reason

_BUSY: Final = "Somebody else changed this app client just now. Look at the page again, and save once more."


async def show(visit: Visit) -> Reply:
    """GET: the form, filled in with what is."""
    client = await get_client(visit, visit.raw.params["client"])
    held = await client_extension.find(visit.flow, PoolId(visit.pool_id), client["ClientId"])
    return await _form(visit, client, settings.filled(held), {})


async def save(visit: Visit) -> Reply:
    """POST."""
    client = await get_client(visit, visit.raw.params["client"])
    changes, problems = settings.changes(visit.form)
    if not problems:
        try:
            await client_extension.change(visit.flow, PoolId(visit.pool_id), client["ClientId"], changes)
        except WrongSetting as wrong:
            problems = settings.placed(wrong)
        except Refused as no:
            if no.reason is not Reason.BUSY:
                raise
            problems = {"": _BUSY}
    if problems:
        return await _form(visit, client, visit.form, problems)
    return go(visit, address(visit, client["ClientId"]), "The OpenID Connect settings were saved.", visit.form)


async def _form(visit: Visit, client: Mapping[str, Any], form: Form, problems: Problems) -> Reply:
    above = (client["ClientName"], address(visit, client["ClientId"]))
    return edit_page(
        visit,
        title="Edit OpenID Connect",
        lead="What this app has that Amazon Cognito does not. Left as it is, the app is served as Cognito would.",
        fields="extended.html",
        form=form,
        problems=problems,
        crumbs=crumbs(visit, await get_pool(visit), TAB, above),
        groups=settings.groups(),
    )
