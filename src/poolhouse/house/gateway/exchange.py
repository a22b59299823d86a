"""One request between a client and an app: streams both ways, holding no more than one buffer of each side."""

import asyncio

from poolhouse.house.gateway.answer import AnswerHead
from poolhouse.house.gateway.backends import Backend
from poolhouse.house.gateway.chunks import encode, encode_end
from poolhouse.house.gateway.errand import Errand
from poolhouse.house.gateway.forwarding import answer_bytes, status_line, switching_bytes, trailers_back
from poolhouse.house.gateway.front import Front
from poolhouse.house.gateway.head import Head, Header
from poolhouse.house.gateway.place import Unreached
from poolhouse.house.gateway.tunnel import Tunnel
from poolhouse.house.gateway.upstream import Upstream
from poolhouse.house.gateway.work import AHEAD_BYTES

SAFE = frozenset({b"GET", b"HEAD", b"OPTIONS"})
"""What may be sent a second time when a connection that was kept alive turns out to have died."""


class Exchange:
    """See the module; the ``Work`` of a front."""

    __slots__ = (
        "_backend", "_began", "_deadline", "_errand", "_front", "_is_answered", "_is_back_chunked", "_is_moving",
        "_pending", "_pending_size", "_sent", "_task", "_tried", "_upstream", "_why", "head", "is_sent",
    )  # fmt: skip

    def __init__(self, front: Front, head: Head, errand: Errand) -> None:
        self.head = head
        self.is_sent = not head.has_body
        self._front = front
        self._errand = errand
        self._backend: Backend | None = None
        self._tried: tuple[Backend, ...] = ()
        self._why = "it was down a moment ago"
        self._upstream: Upstream | None = None
        self._task: asyncio.Task[None] | None = None
        self._pending: list[bytes] = []
        self._pending_size = 0
        self._sent = 0
        self._is_answered = False
        self._is_back_chunked = False
        self._is_moving = False
        self._began = front.loop.time()
        self._deadline = self._began + errand.limits.answer

    def start(self) -> None:
        """Send the request, over a connection that is open if there is one."""
        self._front.work = self
        self._errand.registry.open[self] = self._errand.owner
        if self.head.length and 0 < self._errand.limits.body < self.head.length:
            self.failed(413, "the body is larger than this app takes")
            return
        self._go_to_next()

    def _go_to_next(self) -> None:
        backend = self._errand.backends.choose(self._tried, self._front.loop.time())
        if backend is None:
            self.failed(503, self._why)
            return
        self._backend = backend
        found = backend.pool.take()
        if found is None:
            self._task = self._front.loop.create_task(self._open(backend))
        else:
            self._send(found)

    async def _open(self, backend: Backend) -> None:
        try:
            made = await backend.pool.open()
        except (Unreached, OSError) as wrong:
            backend.health.was_unreached(str(wrong), self._front.loop.time())
            self._task = None
            if self._front.work is self:
                self._go_on(f"no connection: {wrong}")
            return
        self._task = None
        if self._front.work is self:
            self._send(made)
        else:
            backend.pool.give(made)

    def _go_on(self, why: str) -> None:
        """To another upstream: of this request nothing has been done."""
        self._why = why
        if self._backend is not None:
            self._tried += (self._backend,)
        self._go_to_next()

    def _send(self, upstream: Upstream) -> None:
        self._upstream = upstream
        upstream.send(self, self._errand.request)
        if self._front.is_slow:
            upstream.transport.pause_reading()
        pending, self._pending = self._pending, []
        if pending:
            self._pending_size = 0
            upstream.transport.write(b"".join(pending))
        if not upstream.is_slow:
            self._front.hold_upload(hold=False)

    # -- from the client

    def body(self, pieces: list[bytes]) -> None:
        self._is_moving = True
        size = sum(map(len, pieces))
        self._sent += size
        if 0 < self._errand.limits.body < self._sent:
            self.failed(413, "the body is larger than this app takes")
            return
        self._write(encode(pieces) if self.head.is_chunked else pieces, size)

    def body_end(self) -> None:
        self.is_sent = True
        if self.head.is_chunked:
            # Trailers end here: what they say nobody has checked (RFC 9110 section 6.5.1).
            self._write([encode_end()], 0)
        self._deadline = self._front.loop.time() + self._errand.limits.answer

    def _write(self, pieces: list[bytes], size: int) -> None:
        if self._upstream is not None:
            self._upstream.transport.write(pieces[0] if len(pieces) == 1 else b"".join(pieces))
            return
        self._pending += pieces
        self._pending_size += size
        if self._pending_size > AHEAD_BYTES:
            self._front.hold_upload(hold=True)

    def abort(self) -> None:
        self._let_go()

    def pause(self) -> None:
        if self._upstream is not None:
            self._upstream.transport.pause_reading()

    def resume(self) -> None:
        if self._upstream is not None:
            self._upstream.transport.resume_reading()

    def tick(self, now: float) -> None:
        if self._is_moving or self._front.is_slow:
            self._is_moving = False
            limit = self._errand.limits.idle if self._is_answered or not self.is_sent else self._errand.limits.answer
            self._deadline = now + limit
        elif now > self._deadline:
            if self._backend is not None and self.is_sent and not self._is_answered:
                self._backend.health.was_late(now)
            self.failed(504, "no answer in time")

    # -- from the app

    def app_slow(self, *, slow: bool) -> None:
        self._front.hold_upload(hold=slow)

    def interim(self, answer: AnswerHead) -> None:
        """``100 Continue`` and ``103 Early Hints`` are passed on to whoever can read them."""
        if self.head.minor == 1 and answer.status in {100, 103}:
            hints = [b"link: %s\r\n" % value for name, value in answer.headers if name == b"link"]
            self._front.write(b"".join([status_line(answer.status), *hints, b"\r\n"]))

    def received(
        self, answer: AnswerHead | None, pieces: list[bytes], *, is_done: bool, trailers: list[Header] | None = None
    ) -> None:
        """The head of the answer (once), parts of its body, its end: in one write where they came in one piece."""
        self._is_moving = True
        out: list[bytes] = []
        if answer is not None:
            out.append(self._head_back(answer))
        if self._is_back_chunked:
            out += encode(pieces)
            if is_done:
                out.append(encode_end(trailers_back(trailers) if trailers else None))
        else:
            out += pieces
        front = self._front
        if is_done:
            self._upstream = None
            self._errand.registry.open.pop(self, None)
        if out:
            front.write(out[0] if len(out) == 1 else b"".join(out))
        if is_done:
            front.finish()

    def _head_back(self, answer: AnswerHead) -> bytes:
        front = self._front
        self._is_answered = front.is_answering = True
        if self._backend is not None:
            self._backend.health.answered()
        self._errand.tally.answered(answer.status, front.loop.time() - self._began)
        if not self.is_sent:
            front.is_last = True
        is_bodiless = self.head.method == b"HEAD" or answer.status in {204, 304}
        framing = b""
        if answer.length >= 0 and answer.status != 204:
            framing = b"content-length: %d\r\n" % answer.length
        elif is_bodiless:
            framing = b"transfer-encoding: chunked\r\n" if answer.is_chunked and self.head.minor == 1 else b""
        elif self.head.minor == 1:
            self._is_back_chunked = True
            framing = b"transfer-encoding: chunked\r\n"
        else:
            front.is_last = True
        return answer_bytes(
            answer, framing=framing + self._errand.back, is_last=front.is_last, returning=self._errand.returning
        )

    def switched(self, answer: AnswerHead, rest: bytes) -> None:
        """The app has agreed to a websocket."""
        upstream = self._upstream
        if upstream is None or not self.head.is_websocket:
            self._let_go()
            self.failed(502, "the app switched protocols, which nobody had asked for")
            return
        front = self._front
        self._upstream = None
        self._errand.registry.open.pop(self, None)
        if self._backend is not None:
            self._backend.health.answered()
        tunnel = Tunnel(front, upstream, self._errand.registry, self._errand.owner)
        upstream.switch(tunnel)
        front.write(switching_bytes(answer, self._errand.returning) + rest)
        ahead = front.switch(tunnel)
        if ahead:
            tunnel.from_client(ahead)

    def lost(self, *, is_silent: bool, was_kept: bool) -> None:
        """
        The connection to the app has ended before the answer had.

        *is_silent*: not a byte of it had come.  *was_kept*: it was kept from an earlier request, and may have died of
        its age.
        """
        self._upstream = None
        is_repeatable = is_silent and self.head.method in SAFE and not self.head.has_body and not self._is_answered
        if is_repeatable and was_kept and self._backend is not None:
            self._task = self._front.loop.create_task(self._open(self._backend))
            return
        why = "the app closed the connection"
        if is_repeatable and len(self._errand.backends.all) > len(self._tried) + 1:
            self._go_on(why)
        else:
            self.failed(502, why)

    # -- ends by the house

    def was_used(self) -> bool:
        """What is only received is no sign of anybody."""
        return False

    def close(self) -> None:
        """The process ends."""
        self._let_go()
        self._front.transport.abort()

    def revoke(self) -> None:
        """The session is over: a stream or a download breaks off, so that nobody takes it for the whole."""
        self._let_go()
        if self._front.work is self:
            self._front.refuse(401, "the session is over, or may no longer open this app")

    def failed(self, status: int, why: str) -> None:
        """Say so while nothing has been said; afterwards only a broken connection shows that something is missing."""
        self._let_go()
        front = self._front
        if status == 502 and self._backend is not None:
            self._backend.health.broke_off(why)
        if front.work is not self:
            return
        if self._is_answered:
            front.work = None
            front.transport.abort()
        else:
            self._errand.on_failure(front, self.head, status, why)

    def _let_go(self) -> None:
        self._errand.registry.open.pop(self, None)
        upstream, self._upstream = self._upstream, None
        if upstream is not None:
            upstream.drop()
        task, self._task = self._task, None
        if task is not None and task is not asyncio.current_task():
            task.cancel()
