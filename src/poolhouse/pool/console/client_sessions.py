"""How long an app goes on silently with an SSO session (SetUserPoolClientSessionConfiguration)."""

from collections.abc import Mapping
from typing import Any, Final

from poolhouse.kit.edge import Reply
from poolhouse.pool.console.calls import call, get_client, get_pool
from poolhouse.pool.console.clients import TAB, address
from poolhouse.pool.console.context import Visit
from poolhouse.pool.console.edits import edit_page
from poolhouse.pool.console.form import Form, Problems, of
from poolhouse.pool.console.frame import go
from poolhouse.pool.console.refusals import placed
from poolhouse.pool.console.settings.checks import check_number
from poolhouse.pool.console.tabs import crumbs
from poolhouse.pool.spec.errors import CognitoError

_FIELD: Final = "sso_minutes"
_MOST: Final = 129_600
_PLACES: Final[Mapping[str, str]] = {"SSOSession.maxValidityMinutes": _FIELD}


async def show(visit: Visit) -> Reply:
    """GET: the form, filled in with what is."""
    client = await get_client(visit, visit.raw.params["client"])
    of_client = {"UserPoolId": visit.pool_id, "ClientId": client["ClientId"]}
    held = await call(visit, "GetUserPoolClientSessionConfiguration", **of_client)
    return await _form(visit, client, of(**{_FIELD: str(held["SSOSession"]["MaxValidityMinutes"])}), {})


async def save(visit: Visit) -> Reply:
    """POST."""
    client = await get_client(visit, visit.raw.params["client"])
    problems: Problems = {}
    check_number(visit.form, _FIELD, problems, 0, _MOST)
    if not problems:
        try:
            await call(
                visit,
                "SetUserPoolClientSessionConfiguration",
                UserPoolId=visit.pool_id,
                ClientId=client["ClientId"],
                SSOSession={"MaxValidityMinutes": visit.form.number(_FIELD)},
            )
        except CognitoError as error:
            problems = placed(error, _PLACES)
    if problems:
        return await _form(visit, client, visit.form, problems)
    return go(visit, address(visit, client["ClientId"]), "The SSO session was saved.", visit.form)


async def _form(visit: Visit, client: Mapping[str, Any], form: Form, problems: Problems) -> Reply:
    above = (client["ClientName"], address(visit, client["ClientId"]))
    return edit_page(
        visit,
        title="Edit SSO session",
        lead="Whoever has signed in to another app of this user pool is let into this one without being asked.",
        fields="client_sessions.html",
        form=form,
        problems=problems,
        crumbs=crumbs(visit, await get_pool(visit), TAB, above),
    )
