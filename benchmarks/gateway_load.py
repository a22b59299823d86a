"""
What wrk cannot do for the gateway's benchmark, as JSON on standard output.

    gateway_load.py app PORT                     an app: sends and takes bodies, agrees to websockets and is silent
    gateway_load.py yes PORT                     in the house's place: lets everybody in, with as many headers
    gateway_load.py paced PORT HOST COOKIE N S   N requests a second for S seconds: how long each takes
    gateway_load.py body PORT HOST COOKIE MIB    a body of MIB both ways
    gateway_load.py sockets PORT HOST COOKIE N   N websockets, opened and left alone until standard input ends
"""

import asyncio
import json
import statistics
import sys
import time

import uvloop

PIECE = b"x" * 262_144
SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
SMALL = b"HTTP/1.1 200 OK\r\nContent-Length: 1024\r\n\r\n" + b"x" * 1024

YES = (
    b"HTTP/1.1 200 OK\r\nX-Forwarded-User: somebody@example.com\r\nX-Forwarded-Email: somebody@example.com\r\n"
    b"X-Forwarded-Groups: staff\r\nX-Forwarded-Preferred-Username: Some Body\r\nX-House-Assertion: " + b"x" * 690
    + b"\r\ncache-control: no-store\r\ncontent-length: 0\r\n\r\n"
)  # fmt: skip


def value(head: bytes, name: bytes) -> int:
    lower = head.lower()
    at = lower.find(b"\r\n" + name + b": ")
    return int(lower[at + len(name) + 4 :].partition(b"\r\n")[0]) if at >= 0 else 0


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            if b"\r\nupgrade: websocket" in head.lower():
                writer.write(SWITCH)
                await reader.read()
                return
            size = value(head, b"content-length")
            if not size:
                writer.write(SMALL)
                continue
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
            left = size
            while left:
                got = await reader.read(262_144)
                left -= len(got)
                writer.write(got)
                await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def app(port: str) -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", int(port), backlog=2048)
    await server.serve_forever()


class Yes(asyncio.Protocol):
    """Reads nothing: each piece that comes is a question."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:  # noqa: ARG002 - the event loop's interface
        self.transport.write(YES)


async def yes(port: str) -> None:
    server = await asyncio.get_running_loop().create_server(Yes, "127.0.0.1", int(port), backlog=2048)
    await server.serve_forever()


async def paced(port: str, host: str, cookie: str, rate: str, seconds: str) -> dict[str, float]:
    connections = 16
    gap, took = connections / int(rate), []
    request = f"GET /x HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n".encode()

    async def one(number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(port))
        due = time.perf_counter() + gap * number / connections
        until = due + float(seconds)
        while due < until:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            start = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise SystemExit(head.decode())
            await reader.readexactly(value(head, b"content-length"))
            took.append(time.perf_counter() - start)
            due += gap
        writer.close()

    await asyncio.gather(*(one(number) for number in range(connections)))
    cuts = statistics.quantiles(took, n=100)
    return {"p50_ms": cuts[49] * 1000, "p99_ms": cuts[98] * 1000, "requests": len(took)}


async def body(port: str, host: str, cookie: str, mib: str) -> dict[str, float]:
    size = int(mib) * 1_048_576
    reader, writer = await asyncio.open_connection("127.0.0.1", int(port))
    start = time.perf_counter()
    writer.write(f"POST /x HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nContent-Length: {size}\r\n\r\n".encode())

    async def send() -> None:
        for _ in range(size // len(PIECE)):
            writer.write(PIECE)
            await writer.drain()

    sending = asyncio.create_task(send())
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise SystemExit(head.decode())
    got = 0
    while got < size:
        got += len(await reader.read(262_144))
    await sending
    writer.close()
    return {"mib_per_s": int(mib) / (time.perf_counter() - start)}


async def sockets(port: str, host: str, cookie: str, number: str) -> None:
    held = []
    request = (
        f"GET /ws HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    ).encode()
    for _ in range(int(number)):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(port))
        writer.write(request)
        if not (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101"):
            raise SystemExit("no websocket")
        held.append(writer)
    print("open", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    work = {"app": app, "yes": yes, "paced": paced, "body": body, "sockets": sockets}[sys.argv[1]]
    found = uvloop.run(work(*sys.argv[2:]))  # type: ignore[operator]
    if found is not None:
        print(json.dumps(found))
