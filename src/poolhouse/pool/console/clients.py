"""App clients: a new one, its page, and what can be changed of it."""

from collections.abc import Mapping
from typing import Any, Final

from poolhouse.kit.edge import Reply
from poolhouse.pool.console import paths
from poolhouse.pool.console.calls import call, get_client, get_pool, list_all, update_client
from poolhouse.pool.console.choices import GRANTS, SCOPES, labels
from poolhouse.pool.console.context import Visit
from poolhouse.pool.console.edits import edit_page
from poolhouse.pool.console.form import Form, Problems, merged
from poolhouse.pool.console.frame import go, page
from poolhouse.pool.console.refusals import placed
from poolhouse.pool.console.settings import client as settings
from poolhouse.pool.console.settings import hosted_ui, openid, permissions
from poolhouse.pool.console.tabs import crumbs, endpoints, has_domain
from poolhouse.pool.flows import client_extension
from poolhouse.pool.model.pool import PoolId
from poolhouse.pool.spec.errors import CognitoError

TAB: Final = "App Integration"
_SYSTEM_SCOPES: Final = tuple(value for value, _ in SCOPES)
_PLACES: Final = {"clientName": "client_name", "explicitAuthFlows": "flows", "authSessionValidity": "session_minutes"}
_OAUTH_PLACES: Final = {
    "callbackURLs": "callback_urls",
    "logoutURLs": "logout_urls",
    "defaultRedirectURI": "default_redirect",
    "supportedIdentityProviders": "providers",
    "ScopeDoesNotExistException": "scopes",
    "InvalidOAuthFlowException": "grants",
}


async def show(visit: Visit) -> Reply:
    """GET: the app client's page."""
    return await _page(visit)


async def show_create(visit: Visit) -> Reply:
    pool = await get_pool(visit)
    return _create_form(visit, pool, merged(settings.new(), permissions.filled({}, pool)), {})


async def create(visit: Visit) -> Reply:
    """POST: CreateUserPoolClient."""
    pool = await get_pool(visit)
    problems = {**settings.check(visit.form, is_new=True), **permissions.check(visit.form, pool)}
    if problems:
        return _create_form(visit, pool, visit.form, problems)
    wanted = {**settings.creation(visit.form), **permissions.members(visit.form)}
    given = {name: value for name, value in wanted.items() if value is not None}
    try:
        answer = await call(visit, "CreateUserPoolClient", UserPoolId=visit.pool_id, **given)
    except CognitoError as error:
        return _create_form(visit, pool, visit.form, placed(error, _PLACES))
    made = answer["UserPoolClient"]
    return go(visit, address(visit, made["ClientId"]), f"App client {made['ClientName']} was created.", visit.form)


async def show_edit(visit: Visit) -> Reply:
    client = await get(visit)
    return await _edit_form(visit, client, settings.filled(client), {})


async def save(visit: Visit) -> Reply:
    """POST: what the card "App client information" shows."""
    client = await get(visit)
    problems = settings.check(visit.form, is_new=False)
    if problems:
        return await _edit_form(visit, client, visit.form, problems)
    try:
        await update_client(visit, client, **settings.members(visit.form))
    except CognitoError as error:
        return await _edit_form(visit, client, visit.form, placed(error, _PLACES))
    return go(visit, address(visit, client["ClientId"]), "The app client was saved.", visit.form)


async def show_permissions(visit: Visit) -> Reply:
    client, pool = await get(visit), await get_pool(visit)
    return _permissions_form(visit, pool, client, permissions.filled(client, pool), {})


async def save_permissions(visit: Visit) -> Reply:
    """POST: which attributes the app reads and writes."""
    client, pool = await get(visit), await get_pool(visit)
    problems = permissions.check(visit.form, pool)
    if problems:
        return _permissions_form(visit, pool, client, visit.form, problems)
    try:
        await update_client(visit, client, **permissions.members(visit.form))
    except CognitoError as error:
        return _permissions_form(visit, pool, client, visit.form, placed(error, {}))
    return go(visit, address(visit, client["ClientId"]), "The permissions were saved.")


async def show_hosted_ui(visit: Visit) -> Reply:
    """GET: the pane "Edit Hosted UI"."""
    client = await get(visit)
    return await _hosted_form(visit, client, hosted_ui.filled(client, _SYSTEM_SCOPES), {})


async def save_hosted_ui(visit: Visit) -> Reply:
    """POST."""
    client = await get(visit)
    problems = hosted_ui.check(visit.form, has_secret="ClientSecret" in client)
    if problems:
        return await _hosted_form(visit, client, visit.form, problems)
    try:
        await update_client(visit, client, **hosted_ui.members(visit.form))
    except CognitoError as error:
        return await _hosted_form(visit, client, visit.form, placed(error, _OAUTH_PLACES))
    return go(visit, address(visit, client["ClientId"]), "The Hosted UI settings were saved.", visit.form)


async def delete(visit: Visit) -> Reply:
    """POST: typed to confirm."""
    client = await get(visit)
    if visit.form.text("confirmation") != client["ClientName"]:
        return await _page(visit, "Nothing was deleted: what you typed is not the app client's name.")
    await call(visit, "DeleteUserPoolClient", UserPoolId=visit.pool_id, ClientId=client["ClientId"])
    back = paths.of_pool(visit.pool_id, "app-integration")
    return go(visit, back, f"App client {client['ClientName']} was deleted.")


async def get(visit: Visit) -> dict[str, Any]:
    """The app client in the path."""
    return await get_client(visit, visit.raw.params["client"])


def address(visit: Visit, client_id: str, *more: str) -> str:
    return paths.of_pool(visit.pool_id, "clients", client_id, *more)


async def _page(visit: Visit, refusal: str = "") -> Reply:
    pool, client = await get_pool(visit), await get(visit)
    extended = await client_extension.find(visit.flow, PoolId(visit.pool_id), client["ClientId"])
    permitted = permissions.filled(client, pool)
    is_custom = permitted.has("permissions", "custom")
    return page(
        visit,
        "client.html",
        status=422 if refusal else 200,
        client=client,
        here=address(visit, client["ClientId"]),
        facts=settings.in_words(settings.filled(client)),
        oauth=_oauth_facts(client),
        openid=openid.in_words(extended),
        sessions=await _sso_facts(visit, client["ClientId"]),
        permissions=[
            ("Read", ", ".join(permitted.every("read")) if is_custom else "All standard attributes"),
            ("Write", ", ".join(permitted.every("write")) if is_custom else "All standard attributes"),
        ],
        endpoints=endpoints(visit, pool),
        has_domain=has_domain(pool),
        domain_address=paths.of_pool(visit.pool_id, "app-integration", "create-cognito-domain"),
        crumbs=crumbs(visit, pool, TAB),
        refusal=refusal,
    )


async def _sso_facts(visit: Visit, client_id: str) -> list[tuple[str, str]]:
    """Nothing where the pool does not track sessions: what is set does not count there."""
    tracked = await call(visit, "GetUserPoolSessionConfiguration", UserPoolId=visit.pool_id)
    if tracked["UserSessionTracking"] != "ENABLED":
        return []
    held = await call(visit, "GetUserPoolClientSessionConfiguration", UserPoolId=visit.pool_id, ClientId=client_id)
    minutes = held["SSOSession"]["MaxValidityMinutes"]
    return [("Goes on silently for", f"{minutes} minutes" if minutes else "Never: everybody signs in anew")]


def _oauth_facts(client: Mapping[str, Any]) -> list[tuple[str, str]]:
    listed = client.get("SupportedIdentityProviders") or []
    providers = ["Cognito user pool" if each == "COGNITO" else each for each in listed]
    scopes = client.get("AllowedOAuthScopes") or []
    return [
        ("Status", "Available" if client.get("AllowedOAuthFlowsUserPoolClient") else "Not set up"),
        ("Identity providers", ", ".join(providers)),
        ("OAuth 2.0 grant types", labels(GRANTS, client.get("AllowedOAuthFlows"))),
        ("OpenID Connect scopes", labels(SCOPES, [scope for scope in scopes if scope in _SYSTEM_SCOPES])),
        ("Custom scopes", ", ".join(scope for scope in scopes if scope not in _SYSTEM_SCOPES)),
        ("Default redirect URI", client.get("DefaultRedirectURI") or ""),
    ]


def _create_form(visit: Visit, pool: Mapping[str, Any], form: Form, problems: Problems) -> Reply:
    return edit_page(
        visit,
        title="Create app client",
        lead="What an app needs to ask this user pool who somebody is.",
        fields="client_create.html",
        form=form,
        problems=problems,
        crumbs=crumbs(visit, pool, TAB),
        submit="Create app client",
        is_new=True,
        readable=permissions.readable(pool),
        writable=permissions.writable(pool),
    )


async def _edit_form(visit: Visit, client: Mapping[str, Any], form: Form, problems: Problems) -> Reply:
    return edit_page(
        visit,
        title="Edit app client information",
        fields="client_edit.html",
        form=form,
        problems=problems,
        crumbs=_below(visit, await get_pool(visit), client),
    )


def _permissions_form(
    visit: Visit, pool: Mapping[str, Any], client: Mapping[str, Any], form: Form, problems: Problems
) -> Reply:
    return edit_page(
        visit,
        title="Edit attribute read and write permissions",
        fields="client_permissions.html",
        form=form,
        problems=problems,
        crumbs=_below(visit, pool, client),
        readable=permissions.readable(pool),
        writable=permissions.writable(pool),
    )


async def _hosted_form(visit: Visit, client: Mapping[str, Any], form: Form, problems: Problems) -> Reply:
    servers = await list_all(visit, "ListResourceServers", UserPoolId=visit.pool_id)
    known = [f"{server['Identifier']}/{each['ScopeName']}" for server in servers for each in server.get("Scopes") or []]
    return edit_page(
        visit,
        title="Edit Hosted UI",
        lead="What the hosted pages offer for this app, and where they may send people.",
        fields="client_hosted_ui.html",
        form=form,
        problems=problems,
        crumbs=_below(visit, await get_pool(visit), client),
        providers=await _providers(visit),
        custom_scopes=known + [scope for scope in form.every("custom_scopes") if scope not in known],
    )


async def _providers(visit: Visit) -> list[tuple[str, str]]:
    """The directory itself, and the pool's identity providers: one that is gone could not be saved."""
    others = await list_all(visit, "ListIdentityProviders", UserPoolId=visit.pool_id)
    return [("COGNITO", "Cognito user pool"), *((each["ProviderName"], each["ProviderName"]) for each in others)]


def _below(visit: Visit, pool: Mapping[str, Any], client: Mapping[str, Any]) -> list[tuple[str, str]]:
    return crumbs(visit, pool, TAB, (client["ClientName"], address(visit, client["ClientId"])))
