"""
What a request costs the house without a network: a house in this process, one connection, one request after another.

Processor time of a request, the least of several rounds: a neighbour on the core can only add to it.

    same       what `wrk` sends in the gateway's benchmark, over and over
    browsers   what nginx asks for sixteen people, each of whom opens page after page: no head is the one before
    carried    such requests to an app that the house carries, with answers of 1 KiB

    python benchmarks/question.py [--case same] [--rounds 9] [--profile]
"""

import argparse
import asyncio
import cProfile
import itertools
import json
import pstats
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import uvloop
from gateway_servers import ASKED, PROXIED, fill_house, new_house, settings_of

from poolhouse.house.app import build
from poolhouse.house.gateway.doorway import Doorway
from poolhouse.house.gateway.front import Front
from poolhouse.house.gateway.site import Site, open_site
from poolhouse.house.gateway.upstream import Upstream

PORT = 8500
FIRST = 200
ANSWER = (
    b"HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Mon, 01 Jan 2029 00:00:00 GMT\r\nContent-Type: text/plain\r\n"
    b"Content-Length: 1024\r\nConnection: keep-alive\r\n\r\n" + 1024 * b"x"
)
BROWSER = (
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:{agent}.0) Gecko/20100101 Firefox/{agent}.0\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n"
    "Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n"
    "Referer: http://{host}/start\r\nCookie: theme=dark; {cookie}\r\nUpgrade-Insecure-Requests: 1\r\n"
    "Sec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Site: same-origin\r\nPriority: u=0, i\r\n"
)


class Wire(asyncio.Transport):
    """Keeps what is written in the place of sending it."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []

    def write(self, data: Any) -> None:
        self.written.append(data)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("127.0.0.1", 40_000) if name == "peername" else default

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return False

    def is_reading(self) -> bool:
        return True

    def close(self) -> None: ...


def same(cookies: dict[str, list[str]]) -> Iterator[bytes]:
    host = f"{ASKED}.localhost:{PORT}"
    lines = [
        "GET /.house/auth/nginx HTTP/1.1", f"Host: {host}", f"Cookie: {cookies[ASKED][0]}", "X-Original-Method: GET",
        f"X-Original-URL: http://{host}/x",
    ]  # fmt: skip
    return itertools.repeat("\r\n".join([*lines, "", ""]).encode())


def browsers(cookies: dict[str, list[str]]) -> Iterator[bytes]:
    host = f"{ASKED}.localhost:{PORT}"
    for number in itertools.count():
        who = number % 16
        of_browser = BROWSER.format(agent=120 + who, host=host, cookie=cookies[ASKED][who])
        yield (
            f"GET /.house/auth/nginx HTTP/1.1\r\nHost: {host}\r\nX-Original-URL: http://{host}/page/{number}?q=1\r\n"
            f"X-Original-Method: GET\r\nX-Forwarded-For: 203.0.113.{who}\r\n{of_browser}\r\n"
        ).encode()


def carried(cookies: dict[str, list[str]]) -> Iterator[bytes]:
    host = f"{PROXIED}.localhost:{PORT}"
    for number in itertools.count():
        who = number % 16
        of_browser = BROWSER.format(agent=120 + who, host=host, cookie=cookies[PROXIED][who])
        yield f"GET /page/{number}?q=1 HTTP/1.1\r\nHost: {host}\r\n{of_browser}\r\n".encode()


CASES: dict[str, Callable[[dict[str, list[str]]], Iterator[bytes]]] = {
    "same": same, "browsers": browsers, "carried": carried,
}  # fmt: skip


class Connection:
    """A proxy's connection to the house, and the house's to the app."""

    def __init__(self, site: Site) -> None:
        self.front, self.wire = Front(Doorway(site).begin, site.fronts), Wire()
        self.front.connection_made(self.wire)
        entry = site.table.find(f"{PROXIED}.localhost:{PORT}", b"/")
        if entry is None:
            raise LookupError(PROXIED)
        pool = site.backends(entry).all[0].pool
        self.app, self.to_app = Upstream(pool), Wire()
        self.app.connection_made(self.to_app)
        pool.give(self.app)

    async def ask(self, heads: list[bytes]) -> int:
        """Ask each; the length of the last answer.  A session that has to be looked up is waited for."""
        front, app, back, there = self.front, self.app, self.wire.written, self.to_app.written
        for head in heads:
            back.clear()
            front.data_received(head)
            while not back:
                if there:
                    there.clear()
                    app.data_received(ANSWER)
                else:
                    await asyncio.sleep(0)
            if not back[0].startswith(b"HTTP/1.1 200 "):
                raise SystemExit(f"not let in:\n{head.decode()}\n{back[0].decode()}")
        return len(back[0])


async def measure(site: Site, cookies: dict[str, list[str]], name: str, given: argparse.Namespace) -> dict[str, Any]:
    connection, heads = Connection(site), CASES[name](cookies)
    size = await connection.ask(list(itertools.islice(heads, FIRST)))
    if given.profile:
        few = list(itertools.islice(heads, 20_000))
        with cProfile.Profile() as profile:
            await connection.ask(few)
        pstats.Stats(profile).sort_stats("tottime").print_stats(40)
    best = 1.0
    for _ in range(given.rounds):
        some = list(itertools.islice(heads, given.each))
        start = time.process_time()
        await connection.ask(some)
        best = min(best, (time.process_time() - start) / len(some))
    return {"case": name, "microseconds": round(best * 1e6, 2), "answer_bytes": size}


async def run(given: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as name:
        settings = settings_of(new_house(Path(name)), PORT)
        cookies = await fill_house(settings, PORT)
        house = await build(settings)
        site = await open_site(house.ctx, house)
        for case in [given.case] if given.case else CASES:
            print(json.dumps(await measure(site, cookies, case, given)), flush=True)
        site.close()
        await house.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", choices=CASES, default="")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--each", type=int, default=4_000, help="requests of a round")
    parser.add_argument("--profile", action="store_true")
    uvloop.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
