"""JSON from outside: whatever is wrong with it is one error, so that no caller can forget a kind of it."""

from typing import Any, TypeVar, overload

import msgspec

T = TypeVar("T")


class NotJson(Exception):
    """Not JSON, not of the shape that was wanted, or nested deeper than anything that a provider has to say."""


@overload
def decode(body: bytes) -> Any: ...
@overload
def decode(body: bytes, shape: type[T]) -> T: ...
def decode(body: bytes, shape: Any = Any) -> Any:
    """
    The value of *body*, checked against *shape*.

    ``RecursionError`` is how msgspec answers a thousand brackets, which a stranger can send as well as anything else.
    """
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.MsgspecError, ValueError, RecursionError) as wrong:
        raise NotJson from wrong
