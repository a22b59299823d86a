"""
The same requests over and over, from a process of its own: what `wrk` does, for servers that close each connection.

    python benchmarks/requests_load.py URL < parameters.json > measured.json

`{n}` in a body is a number that no other request of the run has, `{person}` one of sixteen users in turn. `most` ends
the load after so many requests, where a server has room for no more of what they make. `{value}` is the next of
`values`, each of which is used once.
"""

import asyncio
import hashlib
import hmac
import itertools
import json
import sys
import time
from typing import Any
from urllib.parse import urlsplit

import uvloop


class Connection:
    """HTTP/1.1 with keep-alive where the server has it, and a new connection where it closes."""

    def __init__(self, host: str, port: int, head: bytes, sign: "Signature | None") -> None:
        self._where, self._head, self._sign = (host, port), head, sign
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, body: bytes) -> int:
        """Send, read the whole answer, and give its status."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self._where)
        reader, writer = self._streams
        head = self._head if self._sign is None else self._head + self._sign(body)
        writer.write(head + b"content-length: %d\r\n\r\n" % len(body) + body)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        _, found, rest = head.partition(b"content-length:")
        if found:
            await reader.readexactly(int(rest.partition(b"\r\n")[0]))
        elif b"chunked" in head:
            while size := int(await reader.readline(), 16):
                await reader.readexactly(size + 2)
            await reader.readexactly(2)
        if b"connection: close" in head or head.startswith(b"http/1.0"):
            self.close()
        return int(head[9:12])

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


class Signature:
    """Signature Version 4 with all that does not change worked out once: a body with a number in it is signed anew."""

    def __init__(self, given: dict[str, str], host: str, headers: dict[str, str]) -> None:
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        scope = (stamp[:8], given["region"], "cognito-idp", "aws4_request")
        signed = {**headers, "host": host, "x-amz-date": stamp}
        names = ";".join(sorted(signed))
        self._canonical = (
            "POST\n/\n\n" + "".join(f"{name}:{signed[name]}\n" for name in sorted(signed)) + f"\n{names}\n"
        )
        self._to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{'/'.join(scope)}\n"
        key = f"AWS4{given['secret']}".encode()
        for part in scope:
            key = hmac.digest(key, part.encode(), "sha256")
        self._key = key
        self._head = (
            f"x-amz-date: {stamp}\r\nauthorization: AWS4-HMAC-SHA256 Credential={given['key_id']}/{'/'.join(scope)},"
            f" SignedHeaders={names}, Signature="
        )

    def __call__(self, body: bytes) -> bytes:
        canonical = (self._canonical + hashlib.sha256(body).hexdigest()).encode()
        text = (self._to_sign + hashlib.sha256(canonical).hexdigest()).encode()
        return (self._head + hmac.digest(self._key, text, "sha256").hex() + "\r\n").encode()


async def load(url: str, given: dict[str, Any]) -> dict[str, float]:
    """Requests of as many connections as *given* says, for so many seconds."""
    where = urlsplit(url)
    headers = "".join(f"{name}: {value}\r\n" for name, value in given["headers"].items())
    head = f"{given.get('method', 'POST')} {where.path or '/'} HTTP/1.1\r\nhost: {where.netloc}\r\n{headers}".encode()
    sign = Signature(given["sign"], where.netloc, given["headers"]) if given.get("sign") else None
    first = given.get("first", 0)
    numbers = itertools.count(first)
    values = given.get("values")
    last = first + (len(values) if values else given.get("most") or sys.maxsize)
    times: list[float] = []
    failures = 0
    start = time.perf_counter()
    end = start + given["seconds"]

    async def one() -> None:
        nonlocal failures
        connection = Connection(where.hostname or "", where.port or 80, head, sign)
        while (begun := time.perf_counter()) < end and (number := next(numbers)) < last:
            body = given["body"].replace("{n}", str(number)).replace("{person}", f"person-{number % 16:02}")
            if values:
                body = body.replace("{value}", values[number - first])
            failures += await connection.ask(body.encode()) != 200
            times.append(time.perf_counter() - begun)
        connection.close()

    await asyncio.gather(*(one() for _ in range(given["connections"])))
    spent = time.perf_counter() - start
    times.sort()
    return {
        "count": len(times),
        "rps": len(times) / spent,
        "p50": times[len(times) // 2] * 1000,
        "p99": times[int(len(times) * 0.99)] * 1000,
        "failures": failures,
        "next": next(numbers),
    }


if __name__ == "__main__":
    print(json.dumps(uvloop.run(load(sys.argv[1], json.load(sys.stdin)))))
