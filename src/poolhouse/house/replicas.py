"""
Who else serves this house.

Each process writes every few seconds, and at once when another version of the settings has come into force in it, that
it is there, which version it runs and, where there are others, how much it has open for whom.  So the pages can say
whether a change has arrived everywhere, and count what is open in all of them without a write for each request.
"""

import asyncio
import os
import socket
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from importlib.metadata import version as version_of

import msgspec

from poolhouse.house.live import Live
from poolhouse.house.metrics.tally import Tally
from poolhouse.house.model import Replica
from poolhouse.house.store import replicas as store
from poolhouse.kit.ambient import Clock, Entropy, Epoch, hex_token
from poolhouse.kit.db.protocol import Database, DatabaseError, ReadTx, Tx
from poolhouse.kit.log import get_logger

BEAT_SECONDS = 5
GONE_SECONDS = 60
"""A process that was not heard of for so long is not counted."""
_OPEN_SECONDS = 3 * BEAT_SECONDS
"""What a process had open so long ago is not counted any more."""
_FORGOTTEN_SECONDS = 86_400
_SHORT_BYTES = 8
"""Of the digest of a cookie: enough to tell sessions apart."""


class Reached(msgspec.Struct, frozen=True):
    """How many of the processes run the newest version that one of them runs."""

    version: int
    at_it: int
    of: int

    @property
    def is_everywhere(self) -> bool:
        return self.at_it == self.of

    @property
    def words(self) -> str:
        return f"{self.at_it}/{self.of} on version {self.version}"


class OpenEverywhere(msgspec.Struct, frozen=True):
    """Requests under way, streams and websockets, by whose they are."""

    counts: dict[bytes, int]

    def of(self, keys: Iterable[bytes]) -> int:
        """By the cookies with these digests."""
        return sum(self.counts.get(key[:_SHORT_BYTES], 0) for key in keys)


class Replicas:
    """This process among the others."""

    def __init__(self, db: Database, live: Live, tally: Tally, clock: Clock, entropy: Entropy) -> None:
        self._db = db
        self._live = live
        self._tally = tally
        self._clock = clock
        self._started_at = clock.now()
        self._told = -1
        self._known: list[Replica] = []
        self._beats: set[asyncio.Task[None]] = set()
        self._is_serving = False
        self.id = hex_token(entropy, 8)

    async def start(self) -> None:
        """This process serves from now on: say so, and say so again at each change of the settings."""
        self._is_serving = True
        self._live.on_change(self._soon)
        self._db.subscribe(store.CHANNEL, lambda _: self._later(self.look))
        await self.beat()

    async def stop(self) -> None:
        """Gone, in good order."""
        for task in self._beats:
            task.cancel()
        await asyncio.gather(*self._beats, return_exceptions=True)
        if self._is_serving:
            self._is_serving = False
            try:
                await self._db.write(lambda tx: store.delete_replica(tx, self.id))
            except DatabaseError:
                get_logger().info("a replica left without saying so", program="house")

    @property
    def known(self) -> list[Replica]:
        """Those that were there when this process last looked, this one with what it runs now."""
        now = self._live.document.version
        return [msgspec.structs.replace(each, version=now) if each.id == self.id else each for each in self._known]

    @property
    def reached(self) -> Reached | None:
        """None while nothing serves."""
        versions = [each.version for each in self.known]
        if not versions:
            return None
        newest = max(versions)
        return Reached(newest, versions.count(newest), len(versions))

    async def beat(self) -> None:
        """Say that this process is there, and look who else is."""
        if not self._is_serving:
            return
        now, version = self._clock.now(), self._live.document.version
        held = {path: each.source for path, each in self._live.held.items()}
        mine = Replica(
            id=self.id,
            host=f"{socket.gethostname()} ({os.getpid()})",
            program=version_of("poolhouse"),
            version=version,
            started_at=self._started_at,
            seen_at=now,
            held=msgspec.json.encode(held).decode(),
        )
        tells, self._told = version != self._told, version
        open_by = ""
        if len(self._known) > 1 and (counts := self._open_here()):
            open_by = msgspec.json.encode({key.hex(): count for key, count in counts.items()}).decode()

        async def unit(tx: Tx) -> None:
            await store.put_replica(tx, mine, open_by=open_by, tells=tells)
            await store.sweep_replicas(tx, before=Epoch(now - _FORGOTTEN_SECONDS))

        await self._db.write(unit)
        await self.look()

    async def look(self) -> None:
        """Read who is there."""
        after = Epoch(self._clock.now() - GONE_SECONDS)

        async def unit(tx: ReadTx) -> list[Replica]:
            return await store.list_replicas(tx, after=after)

        self._known = await self._db.read(unit)

    async def open_everywhere(self) -> OpenEverywhere:
        """What is open now in this process, and was a few seconds ago in the others."""
        after = Epoch(self._clock.now() - _OPEN_SECONDS)

        async def unit(tx: ReadTx) -> list[str]:
            return await store.list_open(tx, after=after, but=self.id)

        found = self._open_here()
        for told in await self._db.read(unit):
            counts = msgspec.json.decode(told, type=dict[str, int])
            found.update({bytes.fromhex(key): count for key, count in counts.items()})
        return OpenEverywhere(found)

    def _open_here(self) -> Counter[bytes]:
        found: Counter[bytes] = Counter()
        for key, count in self._tally.open_by().items():
            found[key[:_SHORT_BYTES]] += count
        return found

    def _soon(self) -> None:
        self._later(self.beat)

    def _later(self, work: Callable[[], Awaitable[None]]) -> None:
        task = asyncio.get_running_loop().create_task(_quietly(work))
        self._beats.add(task)
        task.add_done_callback(self._beats.discard)


async def _quietly(work: Callable[[], Awaitable[None]]) -> None:
    """A beat that fails is made up for by the next one."""
    try:
        await work()
    except (DatabaseError, OSError) as failed:
        get_logger().info("a beat failed", program="house", error=type(failed).__name__)
