"""One request of a SCIM client."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, TypeVar

import msgspec

from poolhouse.house.audit import Event, Trail
from poolhouse.house.context import Context
from poolhouse.house.guards import Refused
from poolhouse.house.model import Account
from poolhouse.house.scim.replies import ScimError, bad
from poolhouse.house.store.provisioning import Key
from poolhouse.house.visit import Visit
from poolhouse.kit.db.protocol import Tx

T = TypeVar("T")
BASE = "/scim/v2"


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """*query* is decoded; *body* is an object, empty where there is none."""

    ctx: Context
    visit: Visit
    key: Key
    query: Mapping[str, str]
    body: Mapping[str, Any]

    @property
    def base(self) -> str:
        """The URL of the service."""
        return self.ctx.origin.at(BASE)

    async def note(self, tx: Tx, event: Event, subject: Account | str, detail: str = "") -> None:
        """One line of the audit log."""
        actor = f"SCIM ({self.key.start}\N{HORIZONTAL ELLIPSIS})"
        await Trail(self.ctx, self.visit).write(tx, event, actor=actor, subject=subject, detail=detail)


def whole_body(call: Call) -> Mapping[str, Any]:
    """The body of a POST or PUT, which must be there."""
    if not call.body:
        raise bad("the body must be a JSON object", "invalidSyntax")
    return call.body


async def write(call: Call, unit: Callable[[Tx], Coroutine[Any, Any, T]]) -> T:
    """Write *unit*; what would lock the administrators out is a conflict."""
    try:
        return await call.ctx.db.write(unit)
    except Refused as refused:
        raise ScimError(409, str(refused)) from refused
