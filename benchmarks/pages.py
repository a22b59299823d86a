"""
The hosted pages under fifty browsers at once, and the first paint of one.

    python benchmarks/pages.py [--browsers 50] [--rounds 4] [--paint]

Each browser opens the app's authorization request, gets the sign-in page with what it links, sends the password and
is sent back to the app; then it does so again without cookies.  The server runs in this process on one loop and two
hash threads, the browsers in another.  What is told is the time of each request in the server, and the same without the
time that the password hash waited and ran: with fifty sign-ins at once that is a queue, not the pages.
"""

import argparse
import asyncio
import contextvars
import multiprocessing
import re
import shutil
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin

import httpx

sys.path.insert(0, str(Path(__file__).parents[1]))

from poolhouse.kit.cpu import CpuPool
from tests.pages import server as hosted
from tests.support.builders import PASSWORD, a_user
from tests.support.web import a_web_client, a_web_pool

_hashing: contextvars.ContextVar[list[float]] = contextvars.ContextVar("hashing")
TIMES: dict[str, list[tuple[float, float]]] = defaultdict(list)


class Timed(CpuPool):
    """Threads that tell each request how long it waited for them, the queue included."""

    async def run(self, work: Any, *args: Any, **kwargs: Any) -> Any:
        begun = time.perf_counter()
        try:
            return await super().run(work, *args, **kwargs)
        finally:
            _hashing.get([]).append(time.perf_counter() - begun)


class Watch:
    """Around the application: the time of each request by path."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        hashing: list[float] = []
        _hashing.set(hashing)
        begun = time.perf_counter()
        await self.app(scope, receive, send)
        whole = time.perf_counter() - begun
        kind = f"{scope['method']} {re.sub('/domains/[a-z]+|[.][0-9a-f]{12}', '', scope['path'])}"
        TIMES[kind].append((whole, whole - sum(hashing)))


async def browse(address: str, number: int, rounds: int, statuses: list[int]) -> None:
    for _ in range(rounds):
        async with httpx.AsyncClient(timeout=60) as web:
            page = await web.get(address, follow_redirects=True)
            for link in re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text):
                await web.get(urljoin(address, link))
            action = re.search(r'<form method="post" action="([^"]+)"', page.text)
            token = re.search(r'name="_csrf" value="([^"]+)"', page.text)
            assert action is not None
            assert token is not None
            fields = {"_csrf": token[1], "username": f"user{number}@example.com", "password": PASSWORD}
            sent = await web.post(urljoin(address, action[1].replace("&amp;", "&")), data=fields)
            statuses.append(sent.status_code if "code=" in sent.headers.get("location", "") else 0)


def browsers(address: str, many: int, rounds: int, told: Any) -> None:
    statuses: list[int] = []

    async def all_at_once() -> None:
        await asyncio.gather(*(browse(address, number, rounds, statuses) for number in range(many)))

    begun = time.perf_counter()
    asyncio.run(all_at_once())
    told.put((statuses, time.perf_counter() - begun))


def measured(many: int, rounds: int, *, paint: bool) -> None:
    with hosted.running() as place:
        usual = {"username_attributes": ["email"], "auto_verified_attributes": ["email"]}
        pool = place.do(a_web_pool(place.flow, domain="bench", **usual))
        client = place.do(a_web_client(place.flow, pool, callback_urls=[place.elsewhere + "/callback"]))
        for number in range(many):
            place.do(a_user(place.flow, pool, email=f"user{number}@example.com", email_verified="true"))
        asked = {"response_type": "code", "client_id": client.client.id, "redirect_uri": place.elsewhere + "/callback"}
        address = f"{place.base}/domains/bench/oauth2/authorize?{urlencode(asked)}"
        told: Any = multiprocessing.get_context("spawn").Queue()
        process = multiprocessing.get_context("spawn").Process(target=browsers, args=(address, many, rounds, told))
        process.start()
        statuses, seconds = told.get(timeout=300)
        process.join()
        good = sum(status == 302 for status in statuses)
        print(f"{many} browsers, {good} of {many * rounds} sign-ins in {seconds:.1f} s: {good / seconds:.0f} a second")
        for kind, times in sorted(TIMES.items()):
            print(f"  {kind:42} {len(times):5}  p50 {_at(times, 50, 1):6.1f} ms  p99 {_at(times, 99, 1):6.1f} ms"
                  f"  with the hash p99 {_at(times, 99, 0):7.1f} ms")  # fmt: skip
        if paint:
            login = address.replace("/oauth2/authorize?", "/login?")
            empty = place.elsewhere.replace("localhost", "127.0.0.1") + "/callback"
            for line in first_paint({"empty page": empty, "sign-in page": login, "from the app": address}):
                print("  first paint:", line)


def _at(times: list[tuple[float, float]], percent: int, which: int) -> float:
    ordered = sorted(each[which] for each in times)
    return 1000 * ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def first_paint(addresses: Mapping[str, str]) -> Iterator[str]:
    """
    Each of the pages in turn in a browser that was never there, so that all of them meet the same machine.

    The first is an empty one: what of a paint is the browser's and the machine's own.
    """
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    script = """() => new Promise((done) => new PerformanceObserver((list) => {
        for (const each of list.getEntries()) if (each.name === 'first-contentful-paint') done(each.startTime);
    }).observe({type: 'paint', buffered: true}))"""
    weight = """[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
        .reduce((sum, each) => sum + each.encodedBodySize, 0)"""
    paints: dict[str, list[float]] = defaultdict(list)
    sizes: dict[str, int] = {}
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for _ in range(21):
            for name, address in addresses.items():
                page = chromium.new_page()
                page.goto(address)
                paints[name].append(page.evaluate(script))
                sizes[name] = page.evaluate(weight)
                page.context.close()
        chromium.close()
    empty = statistics.median(next(iter(paints.values())))
    for name, found in paints.items():
        median = statistics.median(found)
        figures = f"median {median:4.0f} ms ({median - empty:+.0f})  least {min(found):4.0f} ms"
        yield f"{name:14} {figures}  {sizes[name] / 1000:.1f} kB"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--browsers", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--paint", action="store_true")
    given = parser.parse_args()
    plain = hosted._app  # noqa: SLF001
    hosted._app = lambda flow, html: Watch(plain(flow, html))  # type: ignore[assignment,return-value]  # noqa: SLF001
    hosted.CpuPool = Timed  # type: ignore[attr-defined]
    measured(given.browsers, given.rounds, paint=given.paint)
