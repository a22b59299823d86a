"""The body of a request, read to its end or to the route's limit."""

from collections.abc import AsyncIterator, Collection

from starlette.types import Message, Receive, Scope

from poolhouse.kit.left_out import Fields

UPLOAD_LIMIT = 33_554_432
"""Bytes of a form that is read to its end although fields of it are left out."""
VALUE_LIMIT = 524_288


class MalformedRequest(Exception):
    """A request that contradicts itself before its body begins."""


class BodyTooLarge(Exception):
    """The body passed the route's limit before it was read to its end."""


async def read_body(scope: Scope, receive: Receive, limit: int, leaves_out: Collection[str]) -> bytes:
    """All of it; without what is too large in the fields of a form that are named in *leaves_out*."""
    if not leaves_out:
        _check_length(scope, limit)
        message: Message = await receive()
        if message["type"] == "http.request" and not message.get("more_body", False):
            # As nearly all come; the steps of a generator would take as long as all the rest of this.
            whole: bytes = message.get("body", b"")
            if len(whole) > limit:
                raise BodyTooLarge
            return whole
        return b"".join([chunk async for chunk in _chunks(receive, limit, message)])
    _check_length(scope, UPLOAD_LIMIT)
    fields = Fields(leaves_out, VALUE_LIMIT)
    async for chunk in _chunks(receive, UPLOAD_LIMIT, await receive()):
        fields.feed(chunk)
        if fields.size > limit:
            raise BodyTooLarge
    return fields.end()


def _check_length(scope: Scope, limit: int) -> None:
    for key, value in scope["headers"]:
        if key == b"content-length":
            if not value.isdigit():
                raise MalformedRequest
            if len(value) > 18 or int(value) > limit:
                raise BodyTooLarge


async def _chunks(receive: Receive, limit: int, message: Message) -> AsyncIterator[bytes]:
    """The parts of a body of which *message* brings the first."""
    size = 0
    while True:
        if message["type"] == "http.disconnect":
            raise ConnectionError
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise BodyTooLarge
        yield chunk
        if not message.get("more_body", False):
            return
        message = await receive()
