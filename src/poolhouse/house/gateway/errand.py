"""What is to be done with one request."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from poolhouse.house.gateway.head import Head
from poolhouse.house.gateway.registry import Bound, Registry
from poolhouse.house.gateway.returning import Returning
from poolhouse.house.metrics.tally import AppTally

if TYPE_CHECKING:
    from poolhouse.house.gateway.backends import Backends
    from poolhouse.house.gateway.front import Front


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds: until the app's answer begins, between two pieces of a body; and bytes of a request's body, 0: any."""

    answer: float = 60.0
    idle: float = 300.0
    body: int = 0


class Errand(msgspec.Struct, frozen=True, kw_only=True):
    """
    What is to be done: *request* to one of *backends*, if need be once more.

    *on_failure* makes the answer when the app has none; ``owner`` is what the request is bound to.
    """

    backends: "Backends"
    request: bytes
    limits: Limits
    on_failure: Callable[["Front", Head, int, str], None]
    registry: Registry
    owner: Bound
    tally: AppTally
    returning: Returning
    back: bytes = b""
    """Lines of the answer's head that are the gateway's."""
