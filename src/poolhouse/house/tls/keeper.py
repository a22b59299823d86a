"""
Where certificates come from, and how a new one comes into force: at once, on every replica, for new connections.

From files that the operator names, from an administrator, from an authority by ACME; of two for one name the former
counts, unless it is out of its time.  What cannot be used is logged and changes nothing.
"""

import asyncio
from collections.abc import Sequence
from enum import Enum
from pathlib import Path

import msgspec

from poolhouse.house.config import Origin
from poolhouse.house.live import Live
from poolhouse.house.store import certificates as store
from poolhouse.house.tls.contexts import Certificates, load
from poolhouse.house.tls.hosts import host_of
from poolhouse.house.tls.pairs import BadPair, Pair, check_time, read_pair
from poolhouse.house.tls.temporary import make_temporary
from poolhouse.kit.ambient import Clock, Secret
from poolhouse.kit.db.protocol import Database, DatabaseClosed, DatabaseError, ReadTx, Tx
from poolhouse.kit.log import get_logger
from poolhouse.kit.seal import KeyRing, SealBroken
from poolhouse.kit.settings import SettingError

LOOK_SECONDS = 1.0
PURPOSE = "house certificate key"


class Source(Enum):
    """Where a certificate comes from."""

    FILE = "file"
    OWN = "own"
    ACME = "acme"
    TEMPORARY = "temporary"


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate that is served; *path* is its file, where it comes from one."""

    pair: Pair
    source: Source
    path: str = ""


class Keeper:
    """The certificates of one process, from the first to the last connection."""

    def __init__(
        self, certificates: Certificates, files: Sequence[tuple[str, str]], *,
        live: Live, db: Database, ring: KeyRing, clock: Clock, origin: Origin,
    ) -> None:  # fmt: skip
        self.served: tuple[Kept, ...] = ()
        self._certificates = certificates
        self._files = [_Files(Path(chain), Path(key)) for chain, key in files]
        self._live = live
        self._db = db
        self._ring = ring
        self._clock = clock
        self._host = host_of(origin.url)
        self._has_news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def is_temporary(self) -> bool:
        """Whether there is no certificate that a browser would accept."""
        return all(kept.source is Source.TEMPORARY for kept in self.served)

    async def start(self) -> None:
        """``SettingError`` for files that cannot be used: at a start somebody is there to mend them."""
        for each in self._files:
            try:
                each.read()
            except BadPair as wrong:
                raise SettingError(f"tls_certificate {each.chain}: {wrong}") from wrong
        self._db.subscribe(store.CHANNEL, lambda _: self._has_news.set())
        self._live.on_change(self._has_news.set)
        await self._refresh()
        self._task = asyncio.get_running_loop().create_task(self._watch())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def follow(self) -> None:
        """Serve what was saved a moment ago, and not at the next look: the page that says so shows it."""
        await self._refresh()

    def find(self, host: str) -> Kept | None:
        """The certificate that a client gets who asks for *host*, if it is for that host."""
        return next((kept for kept in self.served if kept.pair.covers(host)), None)

    async def _watch(self) -> None:
        while True:
            try:
                await asyncio.wait_for(self._has_news.wait(), LOOK_SECONDS)
            except TimeoutError:
                if not self._have_files_changed() and self._in_order(self.served) == list(self.served):
                    continue
            self._has_news.clear()
            try:
                await self._refresh()
            except DatabaseClosed:
                return
            except (DatabaseError, OSError) as wrong:
                get_logger().error("certificates not read", program="house", error=type(wrong).__name__)
                await asyncio.sleep(LOOK_SECONDS)
                self._has_news.set()

    def _have_files_changed(self) -> bool:
        changed = False
        for each in self._files:
            if not each.has_changed():
                continue
            try:
                each.read(now=self._clock.now())
            except BadPair as wrong:
                get_logger().error("certificate refused", program="house", path=str(each.chain), reason=str(wrong))
            else:
                changed = True
        return changed

    async def _refresh(self) -> None:
        kept = [Kept(pair=each.pair, source=Source.FILE, path=str(each.chain)) for each in self._files if each.pair]
        own = self._live.document.tls.own
        if own.chain:
            kept += self._readable(own.chain, own.key, Source.OWN)

        async def unit(tx: ReadTx) -> list[store.Certificate]:
            return await store.list_certificates(tx)

        for row in await self._db.read(unit):
            if row.sealed_key is not None and row.host != store.TEMPORARY:
                kept += self._readable(row.chain, self._opened(row), Source.ACME)
        if not kept:
            kept = [Kept(pair=await self._temporary(), source=Source.TEMPORARY)]
        self._serve(self._in_order(kept))

    def _in_order(self, kept: Sequence[Kept]) -> list[Kept]:
        """Those in their time first; and of these the one of the house's own host, for clients that name none."""
        now = self._clock.now()
        sources = list(Source)
        return sorted(
            kept,
            key=lambda each: (
                not each.pair.is_valid(now), not each.pair.covers(self._host), sources.index(each.source),
                -each.pair.not_after, each.pair.fingerprint,
            ),
        )  # fmt: skip

    def _serve(self, kept: list[Kept]) -> None:
        if kept == list(self.served):
            return
        self._certificates.serve([each.pair for each in kept])
        former, self.served = self.served, tuple(kept)
        for each in [each for each in kept if each not in former]:
            get_logger().info(
                "certificate served", program="house", name=each.pair.names[0], kind=each.source.value,
                version=each.pair.fingerprint,
            )  # fmt: skip

    def _readable(self, chain: str, key: Secret | None, source: Source) -> list[Kept]:
        try:
            pair = read_pair(chain, key or Secret(""))
            load(pair)
        except BadPair as wrong:
            get_logger().error("certificate not served", program="house", kind=source.value, reason=str(wrong))
            return []
        return [Kept(pair=pair, source=source)]

    def _opened(self, row: store.Certificate) -> Secret | None:
        try:
            return Secret(self._ring.open(row.sealed_key or b"", purpose=PURPOSE, row=row.host).decode())
        except SealBroken:
            return None

    async def _temporary(self) -> Pair:
        """The one of all replicas; another one when it has run out."""
        now = self._clock.now()
        made = make_temporary(self._host, now)
        row = store.Certificate(
            host=store.TEMPORARY,
            chain=made.chain,
            sealed_key=self._ring.seal(made.key.reveal().encode(), purpose=PURPOSE, row=store.TEMPORARY),
            issued_at=now,
            expires_at=made.not_after,
        )

        async def unit(tx: Tx) -> store.Certificate:
            found = await store.find_certificate(tx, store.TEMPORARY)
            if found is not None and found.expires_at > now:
                return found
            if found is not None:
                await store.delete_certificate(tx, store.TEMPORARY)
            await store.make_certificate(tx, row)
            return row

        kept = await self._db.write(unit)
        try:
            pair = read_pair(kept.chain, self._opened(kept) or Secret(""))
        except BadPair:
            return made
        return pair if pair.covers(self._host) else made


class _Files:
    """Two files of the operator; ``pair`` is the last one that could be used."""

    def __init__(self, chain: Path, key: Path) -> None:
        self.chain = chain
        self.key = key
        self.pair: Pair | None = None
        self._seen: tuple[object, ...] = ()
        self._last: tuple[object, ...] = ()

    def has_changed(self) -> bool:
        """Whether they are others, and have been for a moment: a pair is replaced one file after the other."""
        state, before = self._state(), self._last
        self._last = state
        return state != self._seen and state == before

    def read(self, *, now: int | None = None) -> None:
        """``BadPair`` for what cannot be used, which is not looked at again until it changes."""
        self._seen = self._state()
        try:
            chain, key = self.chain.read_text(), self.key.read_text()
        except (OSError, UnicodeDecodeError) as wrong:
            reason = wrong.strerror if isinstance(wrong, OSError) and wrong.strerror else "not text"
            raise BadPair(f"the files cannot be read: {reason}") from wrong
        pair = read_pair(chain, Secret(key))
        load(pair)
        if now is not None:
            check_time(pair, now)  # type: ignore[arg-type] # seconds are seconds
        self.pair = pair

    def _state(self) -> tuple[object, ...]:
        return tuple(_stat(path) for path in (self.chain, self.key))


def _stat(path: Path) -> object:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
