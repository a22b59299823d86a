"""A request of the house's own to an app, by the code that carries everybody's; of its answer the status counts."""

import asyncio

from poolhouse.house.gateway.answer import AnswerHead
from poolhouse.house.gateway.head import Head, Header
from poolhouse.house.gateway.place import Unreached
from poolhouse.house.gateway.upstream import Pool


async def ask(pool: Pool, request: bytes) -> int:
    """The status of the answer; ``Unreached`` or ``OSError`` when there is none.  The connection is not kept."""
    upstream = await pool.open()
    question = _Question()
    upstream.send(question, request)
    try:
        return await question.status
    finally:
        upstream.exchange = None
        upstream.transport.abort()


class _Question:
    """A request of our own: of its answer only the status counts."""

    is_sent = True
    head = Head(method=b"GET", target=b"/", minor=1, headers=[], host="", is_websocket=False)

    def __init__(self) -> None:
        self.status: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def received(
        self,
        answer: AnswerHead | None,
        pieces: list[bytes],  # noqa: ARG002 - what is asked of whoever asks (``upstream.Asking``)
        *,
        is_done: bool,  # noqa: ARG002
        trailers: list[Header] | None = None,  # noqa: ARG002
    ) -> None:
        if answer is not None and not self.status.done():
            self.status.set_result(answer.status)

    def switched(self, answer: AnswerHead, rest: bytes) -> None:  # noqa: ARG002
        self.failed(502, "it switched protocols")

    def lost(self, *, is_silent: bool, was_kept: bool) -> None:  # noqa: ARG002
        self.failed(502, "it closed the connection without an answer")

    def failed(self, status: int, why: str) -> None:  # noqa: ARG002
        if not self.status.done():
            self.status.set_exception(Unreached(why))

    def interim(self, answer: AnswerHead) -> None: ...
    def app_slow(self, *, slow: bool) -> None: ...
