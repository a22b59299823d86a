"""The routes for programs: of a domain (relative to it), and of the issuer."""

from starlette.routing import BaseRoute, Route

from poolhouse.pool.flows.context import Flow
from poolhouse.pool.oauth import device, introspect, metadata, register, revoke, token, userinfo
from poolhouse.pool.oauth.answers import answering


def routes(flow: Flow) -> list[BaseRoute]:
    """Relative to a domain: to be mounted under ``/domains/{domain}`` and at the domains' hosts."""
    return [
        Route("/oauth2/token", answering(flow, token.answer, "POST")),
        Route("/oauth2/revoke", answering(flow, revoke.answer, "POST", rate="UserToken")),
        Route(device.PATH, answering(flow, device.answer, "POST")),
        Route("/oauth2/introspect", answering(flow, introspect.answer, "POST", rate="UserToken")),
        Route(register.PATH, answering(flow, register.answer, "POST")),
        Route(f"{register.PATH}/{{client_id}}", answering(flow, register.manage, "GET", "PUT", "DELETE")),
        Route("/oauth2/userInfo", answering(flow, userinfo.answer, "GET", "POST", rate="UserRead")),
    ]


def issuer_routes(flow: Flow) -> list[BaseRoute]:
    """
    Relative to the base URL; the issuer of a pool is ``<base>/<pool id>``.

    OpenID Connect Discovery appends to the issuer; RFC 8414 section 3.1 puts its name between host and path, and
    clients of either look in both places.
    """
    discovery = metadata.serving(flow, metadata.discovery)
    names = ("openid-configuration", "oauth-authorization-server")
    return [
        Route("/{pool_id}/.well-known/jwks.json", metadata.serving(flow, metadata.key_set)),
        *(Route(f"/{{pool_id}}/.well-known/{name}", discovery) for name in names),
        *(Route(f"/.well-known/{name}/{{pool_id}}", discovery) for name in names),
    ]
