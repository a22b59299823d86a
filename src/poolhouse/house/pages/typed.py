"""
A client secret that was typed into a form and is not saved yet.

No page has it in it, so a form that comes back would have lost it: it is kept sealed for half an hour instead, for this
administrator and this provider, and the form only says which one it is.
"""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from poolhouse.house import drafts
from poolhouse.house.context import Context
from poolhouse.house.pages.frame import account_of
from poolhouse.house.pages.saving import find_draft, provider_id
from poolhouse.house.visit import Visit

FIELD = "typed"
_LOST = MappingProxyType(
    {"client_secret": "The secret that you typed is not kept any more, and nothing was saved. Type it again."}
)


class Typed(msgspec.Struct, frozen=True, kw_only=True):
    """The secret, from the form or kept from an earlier one; *id* is that of the kept one."""

    secret: str = ""
    id: str = ""
    is_lost: bool = False
    """The form counts on a secret that is over: the saved one, if there is any, is not what was meant."""

    @property
    def errors(self) -> Mapping[str, str]:
        return _LOST if self.is_lost else {}


async def read_typed(ctx: Context, visit: Visit, entered: str) -> Typed:
    """What was typed now, else what was typed before."""
    if entered or f"providers.{provider_id(visit)}.settings.client_secret" in ctx.live.held:
        return Typed(secret=entered)
    kept, draft = visit.form.get(FIELD, ""), visit.form.get("draft", "")
    if kept:
        found = await drafts.find_typed(ctx, kept, account_id=account_of(visit).id, provider_id=provider_id(visit))
        return Typed(secret=found, id=kept) if found else Typed(is_lost=True)
    return Typed(is_lost=bool(draft) and await find_draft(ctx, visit, draft) is None)


async def keep_typed(ctx: Context, visit: Visit, typed: Typed) -> str:
    """By what the next page names the secret; "" without one."""
    if typed.id or not typed.secret:
        return typed.id
    return await drafts.put_typed(ctx, typed.secret, account_id=account_of(visit).id, provider_id=provider_id(visit))
