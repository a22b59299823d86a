"""
Pages of a list, and the tokens that lead from one to the next.

A token is the key of the last item shown, sealed for the operation and for what was asked (pool, filter, group): it
tells nothing, and a token of another list, another pool or another filter is a bad one.
"""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from poolhouse.kit.jose import b64url, b64url_decode
from poolhouse.kit.seal import SealBroken
from poolhouse.pool.api.operations import Call
from poolhouse.pool.spec.errors import invalid_parameter

T = TypeVar("T")
MOST: Final = 60
_PURPOSE: Final = "page"


async def page(
    call: Call,
    fetch: Callable[[str, int], Awaitable[list[T]]],
    *,
    asked: tuple[str, ...] = (),
    key: Callable[[T], str],
    token: str | None,
    limit: int | None,
) -> tuple[list[T], str | None]:
    """
    One page and the token of the next, None on the last.

    *fetch(after, count)* gives at most *count* items whose key comes after *after*; one more than is shown is fetched,
    so that a last page that is exactly full has no token.  A *limit* of 0 or None is the default, the most there is.
    """

    async def cut(after: str, wanted: int) -> tuple[list[T], str | None]:
        found = await fetch(after, wanted + 1)
        shown = found[:wanted]
        return shown, key(shown[-1]) if len(found) > wanted else None

    return await scan(call, cut, asked=asked, token=token, limit=limit)


async def scan(
    call: Call,
    fetch: Callable[[str, int], Awaitable[tuple[list[T], str | None]]],
    *,
    asked: tuple[str, ...],
    token: str | None,
    limit: int | None,
) -> tuple[list[T], str | None]:
    """The same for a *fetch* that tells itself where the next page begins, and whose pages may be short or empty."""
    row = "\0".join((call.operation, call.region, *asked))
    after = "" if token is None else _open(call, token, row)
    shown, following = await fetch(after, limit or MOST)
    return shown, None if following is None else _seal(call, following, row)


def _seal(call: Call, key: str, row: str) -> str:
    sealed = call.ctx.ring.seal(key.encode(), purpose=_PURPOSE, row=row)
    return b64url(sealed).decode("ascii")


def _open(call: Call, token: str, row: str) -> str:
    try:
        return call.ctx.ring.open(b64url_decode(token), purpose=_PURPOSE, row=row).decode()
    except (ValueError, SealBroken) as wrong:
        raise invalid_parameter("Invalid pagination token") from wrong
