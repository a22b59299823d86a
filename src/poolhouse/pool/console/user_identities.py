"""The identities at providers that are one user: linked by a form, unlinked by a button."""

from collections.abc import Mapping
from typing import Any, Final

from poolhouse.kit.edge import Reply
from poolhouse.pool.console import user as users
from poolhouse.pool.console.calls import call, get_pool, list_all
from poolhouse.pool.console.context import Visit
from poolhouse.pool.console.edits import edit_page
from poolhouse.pool.console.form import Form, Problems, of
from poolhouse.pool.console.frame import go
from poolhouse.pool.console.refusals import placed
from poolhouse.pool.console.tabs import crumbs
from poolhouse.pool.spec.errors import CognitoError

_SUBJECT: Final = "Cognito_Subject"
_PLACES: Final[Mapping[str, str]] = {
    "sourceUser.providerAttributeValue": "identity",
    "ResourceNotFoundException": "provider",
    "InvalidParameterException": "identity",
    "AliasExistsException": "identity",
    "LimitExceededException": "identity",
}


async def show(visit: Visit) -> Reply:
    """GET: which provider, and what it calls the person."""
    return await _form(visit, await users.get(visit), of(), {})


async def link(visit: Visit) -> Reply:
    """POST: AdminLinkProviderForUser."""
    user = await users.get(visit)
    provider, identity = visit.form.text("provider"), visit.form.text("identity")
    missing = {name: "Enter a value." for name, value in (("provider", provider), ("identity", identity)) if not value}
    if missing:
        return await _form(visit, user, visit.form, missing)
    try:
        await call(
            visit,
            "AdminLinkProviderForUser",
            UserPoolId=visit.pool_id,
            DestinationUser=_user("Cognito", user["Username"]),
            SourceUser=_user(provider, identity),
        )
    except CognitoError as error:
        return await _form(visit, user, visit.form, placed(error, _PLACES))
    return go(visit, users.address(visit), "The identity was linked.")


async def unlink(visit: Visit) -> Reply:
    """POST: AdminDisableProviderForUser."""
    provider, identity = visit.form.text("provider"), visit.form.verbatim("identity")
    await call(visit, "AdminDisableProviderForUser", UserPoolId=visit.pool_id, User=_user(provider, identity))
    return go(visit, users.address(visit), "The identity is no longer linked.")


def _user(provider: str, value: str) -> dict[str, str]:
    return {"ProviderName": provider, "ProviderAttributeName": _SUBJECT, "ProviderAttributeValue": value}


async def _form(visit: Visit, user: Mapping[str, Any], form: Form, problems: Problems) -> Reply:
    pool = await get_pool(visit)
    name = users.shown_name(user)
    listed = await list_all(visit, "ListIdentityProviders", UserPoolId=visit.pool_id)
    return edit_page(
        visit,
        title="Link identity",
        lead=f"Whoever signs in with this identity is {name} from then on.",
        fields="user_identity.html",
        form=form,
        problems=problems,
        crumbs=crumbs(visit, pool, "Users", (name, users.address(visit))),
        submit="Link identity",
        providers=[(each["ProviderName"], each["ProviderName"]) for each in listed],
    )
