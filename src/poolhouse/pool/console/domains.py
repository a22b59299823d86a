"""The domains of a pool: a prefix, a host of one's own, or one of each."""

from typing import Final

from poolhouse.kit.edge import Reply
from poolhouse.pool.console import paths
from poolhouse.pool.console.calls import call, get_pool
from poolhouse.pool.console.context import Visit
from poolhouse.pool.console.edits import edit_page
from poolhouse.pool.console.form import Form, Problems
from poolhouse.pool.console.frame import go
from poolhouse.pool.console.integration import domains_of, tab
from poolhouse.pool.console.refusals import message_of, placed
from poolhouse.pool.console.settings import domain
from poolhouse.pool.console.tabs import crumbs
from poolhouse.pool.spec.errors import CognitoError

_TAB: Final = "App Integration"


async def show_prefix(visit: Visit) -> Reply:
    """GET: the screen "Create Cognito domain"."""
    return await _prefix_form(visit, Form(), {})


async def create_prefix(visit: Visit) -> Reply:
    """POST: CreateUserPoolDomain with a prefix."""
    problems = domain.check_prefix(visit.form)
    if problems:
        return await _prefix_form(visit, visit.form, problems)
    try:
        await call(visit, "CreateUserPoolDomain", UserPoolId=visit.pool_id, **domain.prefix_body(visit.form))
    except CognitoError as error:
        return await _prefix_form(visit, visit.form, {"prefix": message_of(error)})
    return go(visit, _back(visit), f"Domain {visit.form.text('prefix')} was created.", visit.form)


async def show_host(visit: Visit) -> Reply:
    """GET: the screen "Create custom domain"."""
    return await _host_form(visit, Form(), {})


async def create_host(visit: Visit) -> Reply:
    """POST: CreateUserPoolDomain with a host."""
    problems = domain.check_host(visit.form)
    if problems:
        return await _host_form(visit, visit.form, problems)
    wanted = domain.host_body(visit.form, visit.flow.config.account)
    try:
        await call(visit, "CreateUserPoolDomain", UserPoolId=visit.pool_id, **wanted)
    except CognitoError as error:
        problems = placed(error, {"domain": "host", "customDomainConfig": "certificate", error.code: "host"})
        return await _host_form(visit, visit.form, problems)
    return go(visit, _back(visit), f"Domain {visit.form.text('host')} was created.", visit.form)


async def delete(visit: Visit) -> Reply:
    """POST: typed to confirm; sign-in at this address ends at once."""
    name = visit.form.text("domain")
    known = [each for _, each, _ in domains_of(visit, await get_pool(visit))]
    if visit.form.text("confirmation") != name or name not in known:
        return await tab(visit, "Nothing was deleted: what you typed is not the name of the domain.")
    await call(visit, "DeleteUserPoolDomain", UserPoolId=visit.pool_id, Domain=name)
    return go(visit, _back(visit), f"Domain {name} was deleted.")


def _back(visit: Visit) -> str:
    return paths.of_pool(visit.pool_id, "app-integration")


async def _prefix_form(visit: Visit, form: Form, problems: Problems) -> Reply:
    pool = await get_pool(visit)
    return edit_page(
        visit,
        title="Create Cognito domain",
        lead="The address of the hosted pages and of the OAuth 2.0 endpoints. It works at once.",
        fields="domain_prefix.html",
        form=form,
        problems=problems,
        crumbs=crumbs(visit, pool, _TAB),
        submit="Create Cognito domain",
    )


async def _host_form(visit: Visit, form: Form, problems: Problems) -> Reply:
    pool = await get_pool(visit)
    return edit_page(
        visit,
        title="Create custom domain",
        lead="A host of your own for the hosted pages and the OAuth 2.0 endpoints.",
        fields="domain_host.html",
        form=form,
        problems=problems,
        crumbs=crumbs(visit, pool, _TAB),
        submit="Create custom domain",
    )
