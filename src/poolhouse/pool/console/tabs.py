"""The frame of a pool's pages: its name, its tabs, the way back to the list."""

from collections.abc import Mapping
from typing import Any, Final

from poolhouse.kit.edge import Reply
from poolhouse.pool.console import paths
from poolhouse.pool.console.calls import get_pool
from poolhouse.pool.console.context import Visit
from poolhouse.pool.console.frame import page

TABS: Final = (
    ("Overview", ""),
    ("Users", "users"),
    ("Groups", "groups"),
    ("Sign-in experience", "sign-in"),
    ("Sign-up experience", "sign-up"),
    ("Messaging", "messaging"),
    ("Threat protection", "threat-protection"),
    ("App Integration", "app-integration"),
    ("User pool properties", "properties"),
)
Crumbs = list[tuple[str, str]]


def tab_page(visit: Visit, pool: Mapping[str, Any], tab: str, template: str, **view: Any) -> Reply:
    """One tab of *pool*."""
    return page(
        visit,
        f"pool/{template}",
        pool=pool,
        here=paths.of_pool(visit.pool_id),
        tab=tab,
        tabs=[(label, paths.of_pool(visit.pool_id, *filter(None, (slug,)))) for label, slug in TABS],
        crumbs=[("User pools", paths.POOLS)],
        **view,
    )


def crumbs(visit: Visit, pool: Mapping[str, Any], tab: str, *more: tuple[str, str]) -> Crumbs:
    """The way to a page below a tab."""
    slug = dict(TABS)[tab]
    return [
        ("User pools", paths.POOLS),
        (pool["Name"], paths.of_pool(visit.pool_id)),
        (tab, paths.of_pool(visit.pool_id, slug)),
        *more,
    ]


async def show_overview(visit: Visit) -> Reply:
    """GET: what the pool is, and what an app is told about it."""
    pool = await get_pool(visit)
    return tab_page(
        visit, pool, "Overview", "overview.html", endpoints=endpoints(visit, pool), has_domain=has_domain(pool)
    )


def has_domain(pool: Mapping[str, Any]) -> bool:
    return bool(pool.get("Domain") or pool.get("CustomDomain"))


def endpoints(visit: Visit, pool: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The URLs of the guide's table; those of the domain once there is one, the custom one before the prefix."""
    config = visit.flow.config
    issuer = config.issuer(pool["Id"])
    own = pool.get("CustomDomain")
    name = own or pool.get("Domain")
    of_domain: list[tuple[str, str]] = []
    if name:
        base = config.domain_url(name, custom=own is not None)
        of_domain = [
            ("Authorization URL", f"{base}/oauth2/authorize"),
            ("Token URL", f"{base}/oauth2/token"),
            ("User Info URL", f"{base}/oauth2/userInfo"),
        ]
    return [*of_domain, ("JWK Set URL", f"{issuer}/.well-known/jwks.json"), ("Issuer", issuer)]
