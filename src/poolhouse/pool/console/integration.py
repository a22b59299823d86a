"""The tab App Integration: domain, resource servers, app clients."""

from collections.abc import Mapping
from typing import Any

from poolhouse.kit.edge import Reply
from poolhouse.pool.console import hosted, paths
from poolhouse.pool.console.calls import get_pool, list_all
from poolhouse.pool.console.context import Visit
from poolhouse.pool.console.settings import dcr
from poolhouse.pool.console.tabs import endpoints, has_domain, tab_page


async def show(visit: Visit) -> Reply:
    """GET."""
    return await tab(visit)


async def tab(visit: Visit, refusal: str = "") -> Reply:
    pool = await get_pool(visit)
    servers = await list_all(visit, "ListResourceServers", UserPoolId=visit.pool_id)
    clients = await list_all(visit, "ListUserPoolClients", UserPoolId=visit.pool_id)
    clients.sort(key=lambda client: (client["ClientName"].casefold(), client["ClientId"]))
    return tab_page(
        visit,
        pool,
        "App Integration",
        "app_integration.html",
        status=422 if refusal else 200,
        domains=domains_of(visit, pool),
        clients=[(client, paths.of_pool(visit.pool_id, "clients", client["ClientId"])) for client in clients],
        servers=[
            (server, paths.of_pool(visit.pool_id, "resource-servers", "server", id=server["Identifier"]))
            for server in servers
        ],
        endpoints=endpoints(visit, pool),
        has_domain=has_domain(pool),
        pages=await hosted.in_words(visit),
        edit_pages=paths.of_pool(visit.pool_id, "app-integration", "sign-in-pages"),
        registration=dcr.in_words(dcr.filled(pool)),
        edit_registration=paths.of_pool(visit.pool_id, "edit", "client-registration"),
        texts=paths.of_pool(visit.pool_id, "app-integration", "texts"),
        refusal=refusal,
    )


def domains_of(visit: Visit, pool: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What kind, name, and address of each domain."""
    config = visit.flow.config
    found = (("Cognito domain", pool.get("Domain"), False), ("Custom domain", pool.get("CustomDomain"), True))
    return [(kind, name, config.domain_url(name, custom=custom)) for kind, name, custom in found if name]
