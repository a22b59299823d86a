"""
The settings document that is in force.

Every replica holds the newest version in memory.  Saving announces the version, and whoever hears of it reads it:
no restart, and a sign-in under way is finished by the version it began with (``get_version``).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from poolhouse.house.departed import forget_departed
from poolhouse.house.guards import Refused
from poolhouse.house.model import Document
from poolhouse.house.settings.effects import apply_effects
from poolhouse.house.settings.values import changed_paths
from poolhouse.house.store import documents
from poolhouse.kit.ambient import Clock
from poolhouse.kit.db.protocol import Database, DatabaseClosed, DatabaseError, ReadTx, Tx, UniqueViolation
from poolhouse.kit.log import get_logger
from poolhouse.kit.seal import KeyRing

Change = Callable[[Tx, Document], Awaitable[Document]]
_ATTEMPTS = 5
RETRY_SECONDS = 1.0


class Held(Refused):
    """A change of something that a file or the environment sets, which would undo it at the next start."""

    def __init__(self, path: str, source: str) -> None:
        super().__init__(f"{path} is set by {source}, so it can be changed there only.")


class HeldValue(msgspec.Struct, frozen=True):
    """What sets a setting from outside, in words that follow "set by", and the plain value that it gave."""

    source: str
    value: Any


class Live:
    """The live document of one process."""

    def __init__(self, db: Database, ring: KeyRing, clock: Clock) -> None:
        self._db = db
        self._ring = ring
        self._clock = clock
        self._document = Document(version=0)
        self._reloading: set[asyncio.Task[None]] = set()
        self._listeners: list[Callable[[], None]] = []
        self._held: dict[str, HeldValue] = {}

    @property
    def document(self) -> Document:
        """What holds now."""
        return self._document

    @property
    def held(self) -> Mapping[str, HeldValue]:
        """Settings that cannot be changed here, by path, and what sets them."""
        return self._held

    def hold(self, values: Mapping[str, Any], source: str) -> None:
        """From now on these settings, by path, are what *source* says, unless something held them before."""
        for path, value in values.items():
            self._held.setdefault(path, HeldValue(source, value))

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call *listener* after another version has come into force here."""
        self._listeners.append(listener)

    async def start(self) -> None:
        """Listen first, then load: nothing can fall between."""
        self._db.subscribe(documents.CHANNEL, self._heard)
        await self._reload()

    async def stop(self) -> None:
        """Give up a reload under way."""
        for task in self._reloading:
            task.cancel()
        await asyncio.gather(*self._reloading, return_exceptions=True)

    async def change(self, change: Change, *, by: str, over_held: bool = False) -> Document:
        """
        Write the next version: what *change* makes of the newest one, in one unit with whatever else it writes.

        *change* may run several times (two administrators at once) and raises to refuse.  ``Held`` for a setting that a
        file sets, but for the file itself (*over_held*).
        """

        async def unit(tx: Tx) -> Document:
            newest = await documents.newest_document(tx, self._ring)
            changed = forget_departed(newest, await change(tx, newest))
            if not over_held:
                self._check_held(newest, changed)
            await apply_effects(tx, newest, changed)
            following = msgspec.structs.replace(changed, version=newest.version + 1)
            await documents.put_document(tx, self._ring, following, now=self._clock.now(), by=by)
            return following

        for attempt in range(_ATTEMPTS):
            try:
                document = await self._db.write(unit)
            except UniqueViolation:
                if attempt == _ATTEMPTS - 1:
                    raise
                continue
            self._adopt(document)
            return document
        raise AssertionError("unreachable")

    def _check_held(self, before: Document, after: Document) -> None:
        if self._held:
            for path in changed_paths(before, after):
                if path in self._held:
                    raise Held(path, self._held[path].source)

    async def find_version(self, version: int) -> Document | None:
        """The document of a version that may be older than the live one."""
        if version == self._document.version:
            return self._document

        async def unit(tx: ReadTx) -> Document | None:
            return await documents.find_document(tx, self._ring, version)

        return await self._db.read(unit)

    def _heard(self, payload: str) -> None:
        if payload == str(self._document.version):
            return
        task = asyncio.get_running_loop().create_task(self._catch_up())
        self._reloading.add(task)
        task.add_done_callback(self._reloading.discard)

    async def _catch_up(self) -> None:
        """Reload until it works: nobody will announce this version a second time."""
        while True:
            try:
                await self._reload()
            except DatabaseClosed:
                return
            except (DatabaseError, OSError) as wrong:
                get_logger().error("settings not read", program="house", error=type(wrong).__name__)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return

    async def _reload(self) -> None:
        async def unit(tx: ReadTx) -> Document:
            return await documents.newest_document(tx, self._ring)

        self._adopt(await self._db.read(unit))

    def _adopt(self, document: Document) -> None:
        # Announcements may overtake one another; a version never goes back.
        if document.version <= self._document.version:
            return
        self._document = document
        get_logger().info("settings live", version=document.version, program="house")
        for listener in self._listeners:
            listener()
