"""The routes for programs: of a domain (relative to it), and of the issuer."""

from collections.abc import Mapping
from typing import Final

from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from poolhouse.pool.flows.context import Flow
from poolhouse.pool.oauth import device, introspect, metadata, par, register, revoke, token, userinfo
from poolhouse.pool.oauth.answers import answering
from poolhouse.pool.oauth.published import Published

_DOMAINS: Final = "/domains/"
_TOKEN: Final = "/oauth2/token"  # noqa: S105 (a path)
_DISCOVERY = ("openid-configuration", "oauth-authorization-server")


def routes(flow: Flow) -> list[BaseRoute]:
    """Relative to a domain: to be mounted under ``/domains/{domain}`` and at the domains' hosts."""
    # Whoever takes the domain for the issuer learns it there; the service has nothing at that path.
    documents = [] if flow.config.strict else [Route(metadata.PATH, answering(flow, metadata.answer, "GET", "HEAD"))]
    return [
        *documents,
        Route(_TOKEN, answering(flow, token.answer, "POST")),
        Route(par.PATH, answering(flow, par.answer, "POST", rate="UserToken")),
        Route("/oauth2/revoke", answering(flow, revoke.answer, "POST", rate="UserToken")),
        Route(device.PATH, answering(flow, device.answer, "POST")),
        Route("/oauth2/introspect", answering(flow, introspect.answer, "POST", rate="UserToken")),
        Route(register.PATH, answering(flow, register.answer, "POST")),
        Route(f"{register.PATH}/{{client_id}}", answering(flow, register.manage, "GET", "PUT", "DELETE")),
        Route("/oauth2/userInfo", answering(flow, userinfo.answer, "GET", "POST", rate="UserRead")),
    ]


def straight(rest: ASGIApp, flow: Flow) -> ASGIApp:
    """*rest* behind the token endpoint under ``/domains/``: for the most used one no other route is tried."""
    token_endpoint = answering(flow, token.answer, "POST")

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (path := scope["path"]).endswith(_TOKEN) and path.startswith(_DOMAINS):
            domain = path[len(_DOMAINS) : -len(_TOKEN)]
            if domain and "/" not in domain:
                scope["path_params"] = {"domain": domain}
                await token_endpoint(scope, receive, send)
                return
        await rest(scope, receive, send)

    return app


def issuer_documents(flow: Flow) -> dict[str, Published]:
    """By their names at ``<issuer>/.well-known/``; the issuer of a pool is ``<base>/<pool id>``."""
    discovery = Published(flow, metadata.discovery)
    return {"jwks.json": Published(flow, metadata.key_set), **dict.fromkeys(_DISCOVERY, discovery)}


def issuer_routes(documents: Mapping[str, Published]) -> list[BaseRoute]:
    """
    Where the documents are, relative to the base URL.

    OpenID Connect Discovery appends to the issuer; RFC 8414 section 3.1 puts its name between host and path, and
    clients of either look in both places.
    """
    return [
        *(Route(f"/{{pool_id}}/.well-known/{name}", document) for name, document in documents.items()),
        *(Route(f"/.well-known/{name}/{{pool_id}}", documents[name]) for name in _DISCOVERY),
    ]
