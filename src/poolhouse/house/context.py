"""What every handler is given: the parts that the composition root has built."""

import asyncio
from collections.abc import Coroutine, Iterator
from typing import TYPE_CHECKING

import msgspec

from poolhouse.house.config import HouseSettings, Origin
from poolhouse.house.limiter import Limiter
from poolhouse.house.live import Live
from poolhouse.house.metrics.tally import Tally
from poolhouse.house.portal.waiting import Waiting
from poolhouse.house.provider import FIRST
from poolhouse.house.reach import Reach
from poolhouse.house.replicas import Replicas
from poolhouse.kit.address import Network
from poolhouse.kit.ambient import Clock, Entropy
from poolhouse.kit.cpu import CpuPool
from poolhouse.kit.db.protocol import Database
from poolhouse.kit.html import Html
from poolhouse.kit.seal import KeyRing

if TYPE_CHECKING:
    from poolhouse.house.rp.client import Wire
    from poolhouse.house.rp.probe import Probe
    from poolhouse.house.tls.keeper import Keeper

LOGGED_OUT_PATH = "/user/logged-out"
INITIATE_PATH = "/login/initiate"
"""Where a provider's own portal begins a sign-in: the client's ``initiate_login_uri``."""


def start_path(provider_id: str) -> str:
    """Where a sign-in at the provider begins."""
    return f"/oauth2/authorization/{provider_id}"


def redirect_path(provider_id: str) -> str:
    """Where it comes back to; each provider has its own, so that no answer is taken for another's."""
    return f"/login/oauth2/code/{provider_id}"


def backchannel_path(provider_id: str) -> str:
    """Where the provider tells of its sign-outs."""
    return f"/login/oauth2/backchannel/{provider_id}"


def settings_path(provider_id: str) -> str:
    """Its page of Admin Settings; the first provider has the address that it had when it was the only one."""
    return "/settings/authentication/" + (FIRST if provider_id == FIRST else f"providers/{provider_id}")


MOST_ASIDE = 64


class Relying:
    """
    The relying party's side of the wire, made at the first sign-in.

    aiohttp and joserfc take half a second and 12 MB to import, which a program that only starts should not pay.
    """

    def __init__(self, settings: HouseSettings, origin: Origin, ring: KeyRing, clock: Clock) -> None:
        self._settings = settings
        self._origin = origin
        self._ring = ring
        self._clock = clock
        self._authorities = ""
        self._wire: Wire | None = None
        self._probe: Probe | None = None
        self._aside: set[asyncio.Task[None]] = set()

    @property
    def wire(self) -> "Wire":
        """HTTP client, key cache, clock."""
        if self._wire is None:
            from poolhouse.house.rp.client import Wire  # noqa: PLC0415 - see the class
            from poolhouse.house.rp.keys import KeySource  # noqa: PLC0415
            from poolhouse.kit.outgoing import Http  # noqa: PLC0415

            http = Http(
                allow_loopback=self._origin.is_loopback,
                allow_private=self._settings.allow_private_addresses,
                ca_file=self._settings.provider_ca,
                user_agent="poolhouse-house",
            )
            http.trust(self._authorities)
            self._wire = Wire(http=http, keys=KeySource(http, self._clock), ring=self._ring, clock=self._clock)
        return self._wire

    @property
    def probe(self) -> "Probe":
        """Asks the provider before the browser is sent there."""
        if self._probe is None:
            from poolhouse.house.rp.probe import Probe  # noqa: PLC0415 - see the class

            self._probe = Probe(self.wire.http, self._clock)
        return self._probe

    def trust(self, authorities: str) -> None:
        """Trust these beside the system's or ``provider_ca``, in PEM."""
        self._authorities = authorities
        if self._wire is not None:
            self._wire.http.trust(authorities)

    def forget(self) -> None:
        """Ask the provider everything anew: other settings are live."""
        if self._wire is not None:
            self._wire.keys.forget()
        if self._probe is not None:
            self._probe.forget()

    def aside(self, work: Coroutine[None, None, None]) -> None:
        """Do it while others are answered; where too much is going on already, not at all."""
        if len(self._aside) >= MOST_ASIDE:
            work.close()
            return
        task = asyncio.get_running_loop().create_task(work)
        self._aside.add(task)
        task.add_done_callback(self._aside.discard)

    async def close(self) -> None:
        """Close connections to the provider."""
        for task in self._aside:
            task.cancel()
        await asyncio.gather(*self._aside, return_exceptions=True)
        if self._wire is not None:
            await self._wire.http.close()


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """Built once, passed to every handler, never changed."""

    settings: HouseSettings
    origin: Origin
    db: Database
    ring: KeyRing
    clock: Clock
    entropy: Entropy
    cpu: CpuPool
    live: Live
    html: Html
    relying: Relying
    limiter: Limiter
    bad_logouts: Limiter
    reach: Reach
    tally: Tally
    replicas: Replicas
    waiting: Waiting
    proxies: tuple[Network, ...]
    """The operator's own proxies, whose word on the client's address counts."""
    sequence: Iterator[int]
    """Counts up; orders audit events of one millisecond."""
    keeper: "Keeper | None" = None
    """The certificates, where the house ends TLS."""

    def redirect_url(self, provider_id: str) -> str:
        """Where the provider sends browsers back to: from the settings, never from a request."""
        return self._known_as + redirect_path(provider_id)

    @property
    def idle_seconds(self) -> int:
        """How long a session may rest: given at the start, or as the live settings say."""
        return self.settings.idle_seconds or self.live.document.sessions.idle_seconds

    @property
    def session_seconds(self) -> int:
        """How long a session may last, likewise."""
        return self.settings.session_seconds or self.live.document.sessions.absolute_seconds

    @property
    def logged_out_url(self) -> str:
        """Where the provider sends browsers after its own sign-out."""
        return self._known_as + LOGGED_OUT_PATH

    @property
    def _known_as(self) -> str:
        """The origin that providers know; a former one leads here (``tls/former``)."""
        return self.settings.former_base_urls[0] if self.settings.former_redirect_urls else self.origin.url
