"""
Checks of upstreams: each is asked for its app's *check_path* now and then, by every process for itself.

What one process can reach says nothing about another, so no lease is taken, and nothing is written down.
"""

import asyncio

from poolhouse.house.context import Context
from poolhouse.house.gateway.backends import Backend
from poolhouse.house.gateway.place import Unreached
from poolhouse.house.gateway.question import ask
from poolhouse.house.gateway.site import Site
from poolhouse.house.gateway.table import Entry
from poolhouse.house.rounds import Round

ANSWER_SECONDS = 5.0
_ROUND_SECONDS = 1.0


def rounds_of(site: Site) -> tuple[Round, ...]:
    """What a gateway does by itself."""
    checks = Checks(site)
    return (Round(name="health of apps", seconds=_ROUND_SECONDS, run=checks.run, everywhere=True),)


class Checks:
    """Remembers which upstream is due when."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._due: dict[Backend, float] = {}

    async def run(self, _ctx: Context) -> None:
        """Ask whoever is due; as long as the slowest of them takes, and that is bounded."""
        now = asyncio.get_running_loop().time()
        due: dict[Backend, float] = {}
        work = []
        for entry in self._site.table.entries:
            if entry.gate is None or not entry.gate.check_path:
                continue
            for backend in self._site.backends(entry).all:
                at = self._due.get(backend, now)
                if at <= now:
                    at = now + entry.gate.check_seconds
                    work.append(check(entry, backend))
                due[backend] = at
        self._due = due
        await asyncio.gather(*work)


async def check(entry: Entry, backend: Backend) -> None:
    """Ask one upstream, and note what came of it."""
    gate = entry.gate
    if gate is None:
        return
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            status = await _ask(entry, backend, gate.check_path.encode("ascii"))
    except TimeoutError:
        why = f"the check was not answered within {ANSWER_SECONDS:g} seconds"
    except (Unreached, OSError) as wrong:
        why = str(wrong)
    else:
        why = "" if status == gate.check_status else f"the check was answered with {status}, not {gate.check_status}"
    backend.health.checked(why)


async def _ask(entry: Entry, backend: Backend, target: bytes) -> int:
    request = b"GET %s HTTP/1.1\r\nhost: %s\r\nuser-agent: poolhouse-health\r\nconnection: close\r\n\r\n"
    return await ask(backend.pool, request % (target, entry.host_header))
