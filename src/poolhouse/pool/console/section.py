"""A section of a pool's settings, and what it is read from."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from poolhouse.pool.console.calls import call, get_pool
from poolhouse.pool.console.context import Visit
from poolhouse.pool.console.form import Form, Problems

Described = dict[str, Any]


class Facts(msgspec.Struct, frozen=True):
    """What was described of the pool, its second factors and its sessions, and what a new ARN is made of."""

    pool: Described
    mfa: Described
    sessions: Described
    region: str
    account: str


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """``save`` performs the operations; ``places`` leads from members of a request to fields."""

    slug: str
    tab: str
    title: str
    fields: str
    filled: Callable[[Facts], Form]
    check: Callable[[Form, Facts], Problems]
    save: Callable[[Visit, Form, Facts], Awaitable[None]]
    lead: str = ""
    places: dict[str, str] = {}


async def facts(visit: Visit) -> Facts:
    """The pool in the path, as it is now."""
    pool = await get_pool(visit)
    described = await call(visit, "GetUserPoolMfaConfig", UserPoolId=visit.pool_id)
    sessions = await call(visit, "GetUserPoolSessionConfiguration", UserPoolId=visit.pool_id)
    return Facts(pool, described, sessions, visit.region, visit.flow.config.account)
