"""One request as exact bytes to a chain, and what came back; tolerant, for a chain may be anything."""

import asyncio
import contextlib
import ssl

import msgspec

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 15.0
REST_SECONDS = 0.7
BODY_BYTES = 262_144


class Where(msgspec.Struct, frozen=True, kw_only=True):
    """Where to connect, whatever the address in the URL is; *context* for TLS."""

    address: str
    port: int
    server_name: str = ""
    context: ssl.SSLContext | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """``status`` is 0 when the connection was closed without one; *data* is all that came, further answers too."""

    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    data: bytes = b""

    def get(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]

    @property
    def statuses(self) -> list[int]:
        """Of every answer on the connection, as far as a line that begins one can tell."""
        starts = [line for line in self.data.split(b"\r\n") if line.startswith((b"HTTP/1.1 ", b"HTTP/1.0 "))]
        return [int(line[9:12]) for line in starts if line[9:12].isdigit()]


async def send(where: Where, data: bytes) -> Answer:
    """Raises ``OSError`` (``TimeoutError`` is one) when there is no connection."""
    async with asyncio.timeout(CONNECT_SECONDS):
        reader, writer = await asyncio.open_connection(
            where.address, where.port, ssl=where.context, server_hostname=where.server_name if where.context else None
        )
    out = b""
    try:
        writer.write(data)
        with contextlib.suppress(TimeoutError, ConnectionError, ssl.SSLError):
            while len(out) < BODY_BYTES:
                async with asyncio.timeout(REST_SECONDS if out else ANSWER_SECONDS):
                    piece = await reader.read(65_536)
                if not piece:
                    break
                out += piece
    finally:
        writer.transport.abort()
    return read(out)


def read(data: bytes) -> Answer:
    head, _, _ = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    words = first.split()
    if len(words) < 2 or not words[0].startswith("HTTP/") or not words[1].isdigit():
        return Answer(data=data)
    pairs = (line.partition(":") for line in lines)
    headers = tuple((name.strip().lower(), value.strip()) for name, mark, value in pairs if mark)
    return Answer(status=int(words[1]), headers=headers, data=data)
