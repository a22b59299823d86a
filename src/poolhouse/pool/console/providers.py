"""Sign-in experience: Federated identity provider sign-in."""

from collections.abc import Mapping
from typing import Any, Final

from poolhouse.kit.edge import Reply
from poolhouse.pool.console import paths
from poolhouse.pool.console.calls import call, get_client, get_pool, list_all, update_client
from poolhouse.pool.console.context import NotFound, Visit
from poolhouse.pool.console.edits import edit_page
from poolhouse.pool.console.form import Form, Problems
from poolhouse.pool.console.frame import go, page
from poolhouse.pool.console.refusals import placed
from poolhouse.pool.console.settings import pairs
from poolhouse.pool.console.settings import providers as settings
from poolhouse.pool.console.settings.schema import attributes as schema_of
from poolhouse.pool.console.tabs import crumbs
from poolhouse.pool.spec.errors import CognitoError

TAB: Final = "Sign-in experience"
_PLACES: Final = {
    "providerName": "name",
    "DuplicateProviderException": "name",
    "attributeMapping": "map",
    "idpIdentifiers": "identifiers",
}


def listed(visit: Visit, providers: list[dict[str, Any]]) -> list[tuple[dict[str, Any], str, str]]:
    """Each with its type in words and its page."""
    types = dict(settings.TYPES)
    return [(each, types[each["ProviderType"]], _address(visit, each["ProviderName"])) for each in providers]


def additions(visit: Visit) -> list[tuple[str, str]]:
    """The types that can be added, and where."""
    return [(label, paths.of_pool(visit.pool_id, "providers", "create", type=kind)) for kind, label in settings.TYPES]


async def show(visit: Visit) -> Reply:
    """GET: one provider, named in the query: a name may hold any character."""
    return await _page(visit, await _get(visit))


async def show_create(visit: Visit) -> Reply:
    kind = _kind(visit)
    return await _form(visit, kind, settings.new(kind), {})


async def create(visit: Visit) -> Reply:
    """POST: CreateIdentityProvider."""
    kind = _kind(visit)
    problems = settings.check(visit.form, kind, is_new=True)
    if problems:
        return await _form(visit, kind, visit.form, problems)
    name = kind if settings.is_social(kind) else visit.form.text("name")
    try:
        await call(
            visit,
            "CreateIdentityProvider",
            UserPoolId=visit.pool_id,
            ProviderName=name,
            ProviderType=kind,
            **settings.body(visit.form, kind, {}),
        )
    except CognitoError as error:
        return await _form(visit, kind, visit.form, placed(error, _PLACES))
    return go(visit, paths.of_pool(visit.pool_id, "sign-in"), f"Identity provider {name} was added.")


async def show_edit(visit: Visit) -> Reply:
    provider = await _get(visit)
    return await _form(visit, provider["ProviderType"], settings.filled(provider), {}, provider)


async def save(visit: Visit) -> Reply:
    """POST: UpdateIdentityProvider."""
    provider = await _get(visit)
    kind, name = provider["ProviderType"], provider["ProviderName"]
    problems = settings.check(visit.form, kind, is_new=False)
    if problems:
        return await _form(visit, kind, visit.form, problems, provider)
    body = settings.body(visit.form, kind, provider["ProviderDetails"])
    try:
        await call(visit, "UpdateIdentityProvider", UserPoolId=visit.pool_id, ProviderName=name, **body)
    except CognitoError as error:
        return await _form(visit, kind, visit.form, placed(error, _PLACES), provider)
    return go(visit, _address(visit, name), "The identity provider was saved.")


async def delete(visit: Visit) -> Reply:
    """
    POST: typed to confirm.

    App clients that list it are changed first: with a provider that is gone on its list none of them could be saved.
    """
    provider = await _get(visit)
    name = provider["ProviderName"]
    if visit.form.text("confirmation") != name:
        return await _page(visit, provider, "Nothing was deleted: what you typed is not the provider's name.")
    for line in await list_all(visit, "ListUserPoolClients", UserPoolId=visit.pool_id):
        client = await get_client(visit, line["ClientId"])
        supported = client.get("SupportedIdentityProviders") or []
        if name in supported:
            await update_client(visit, client, SupportedIdentityProviders=[each for each in supported if each != name])
    await call(visit, "DeleteIdentityProvider", UserPoolId=visit.pool_id, ProviderName=name)
    return go(visit, paths.of_pool(visit.pool_id, "sign-in"), f"Identity provider {name} was deleted.")


def _kind(visit: Visit) -> str:
    kind = visit.query.text("type")
    if kind not in dict(settings.TYPES):
        raise NotFound
    return kind


def _address(visit: Visit, name: str) -> str:
    return paths.of_pool(visit.pool_id, "providers", "provider", name=name)


async def _get(visit: Visit) -> dict[str, Any]:
    name = visit.query.text("name")
    if not name:
        raise NotFound
    answer = await call(visit, "DescribeIdentityProvider", UserPoolId=visit.pool_id, ProviderName=name)
    provider: dict[str, Any] = answer["IdentityProvider"]
    return provider


async def _page(visit: Visit, provider: Mapping[str, Any], refusal: str = "") -> Reply:
    name = provider["ProviderName"]
    certificate = ""
    if provider["ProviderType"] == "SAML":
        certificate = (await call(visit, "GetSigningCertificate", UserPoolId=visit.pool_id))["Certificate"]
    return page(
        visit,
        "provider.html",
        status=422 if refusal else 200,
        name=name,
        kind=dict(settings.TYPES)[provider["ProviderType"]],
        facts=settings.facts(provider),
        mapping=sorted((provider.get("AttributeMapping") or {}).items()),
        certificate=certificate,
        encryption=provider["ProviderDetails"].get("ActiveEncryptionCertificate", ""),
        entity_id=f"urn:amazon:cognito:sp:{visit.pool_id}",
        edit=paths.of_pool(visit.pool_id, "providers", "provider", "edit"),
        delete=paths.of_pool(visit.pool_id, "providers", "provider", "delete", name=name),
        crumbs=crumbs(visit, await get_pool(visit), TAB),
        refusal=refusal,
    )


async def _form(
    visit: Visit, kind: str, form: Form, problems: Problems, provider: Mapping[str, Any] | None = None
) -> Reply:
    pool = await get_pool(visit)
    above = crumbs(visit, pool, TAB)
    label = dict(settings.TYPES)[kind]
    own: str | None = None if provider is None else provider["ProviderName"]
    names = [name for name in schema_of(pool) if name != "sub"]
    return edit_page(
        visit,
        title=f"Add {label}" if provider is None else "Edit identity provider",
        lead="What the provider told you about your app, and which of its attributes become attributes of users.",
        fields="provider.html",
        form=form,
        problems=problems,
        crumbs=above if own is None else [*above, (own, _address(visit, own))],
        submit="Add identity provider" if provider is None else "Save changes",
        has_name=provider is None and not settings.is_social(kind),
        is_new=provider is None,
        details=settings.DETAILS[kind],
        switches=settings.SWITCHES.get(kind, ()),
        areas=settings.AREAS,
        provider_secrets=settings.SECRETS,
        methods=settings.METHODS,
        mapping_rows=pairs.rows(form, *settings.MAPPING),
        pool_attributes=[("", "Choose an attribute"), *((name, name) for name in names)],
    )
