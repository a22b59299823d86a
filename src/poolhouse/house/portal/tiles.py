"""The home page, as one person sees it here and now."""

import hashlib
from collections.abc import Sequence

import msgspec

from poolhouse.house.config import Origin
from poolhouse.house.gateway.judge import Outcome, Verdict, of_person
from poolhouse.house.gateway.seen import read_seen
from poolhouse.house.gateway.table import entry_of
from poolhouse.house.model import App, Session
from poolhouse.house.portal.request import AccessRequest
from poolhouse.house.reach import Reach
from poolhouse.house.store import apps, portal, requests
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx

ORDERS = ("name", "used")


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    """An app on somebody's home page; *trouble* is why it would not open though they may."""

    app: App
    may_open: bool
    trouble: str = ""
    is_favourite: bool = False
    used_at: Epoch = Epoch(0)
    request: AccessRequest | None = None

    @property
    def is_gated(self) -> bool:
        return self.app.gate is not None or self.app.is_broken

    @property
    def icon(self) -> str:
        return icon_path(self.app)


class Remembered(msgspec.Struct, frozen=True):
    """What the store has for a home page."""

    apps: list[App]
    favourites: frozenset[str]
    uses: dict[str, Epoch]
    requests: dict[str, AccessRequest]


async def remembered(tx: ReadTx, account_id: str) -> Remembered:
    return Remembered(
        await apps.list_apps(tx),
        await portal.favourites_of(tx, account_id),
        await portal.uses_of(tx, account_id),
        await requests.requests_of(tx, account_id),
    )


def tiles(known: Remembered, session: Session, *, address: str, now: Epoch, origin: Origin, reach: Reach) -> list[Tile]:
    """Links, what the person may open, and what is shown locked."""
    found = []
    for app in known.apps:
        verdict = judged(app, session, address=address, now=now, origin=origin)
        may_open = verdict is None or verdict.outcome is Outcome.OPEN
        if not may_open and not app.shows_locked:
            continue
        found.append(
            Tile(
                app=app,
                may_open=may_open,
                trouble=_trouble(app, reach) if may_open else "",
                is_favourite=app.id in known.favourites,
                used_at=known.uses.get(app.id, Epoch(0)),
                request=known.requests.get(app.id),
            )
        )
    return found


def judged(app: App, session: Session, *, address: str, now: Epoch, origin: Origin) -> Verdict | None:
    """The gateway's verdict; None for a link, which everybody may follow."""
    if app.gate is None and not app.is_broken:
        return None
    return of_person(entry_of(app, origin), read_seen(session, until=0.0), address=address, now=now)


def arranged(found: Sequence[Tile], *, wanted: str, order: str) -> list[Tile]:
    """Those with every word of *wanted*: favourites first, locked ones last."""
    words = wanted.casefold().split()
    fits = [
        each for each in found if all(word in f"{each.app.name} {each.app.description}".casefold() for word in words)
    ]
    by_use = order == "used"
    return sorted(
        fits,
        key=lambda each: (
            not each.may_open,
            not each.is_favourite,
            -each.used_at if by_use else 0,
            each.app.name.casefold(),
        ),
    )


def icon_path(app: App) -> str:
    """Where its picture is, with a name that changes when it changes; "" where it has none."""
    return f"/user/icons/{app.id}/{hashlib.sha256(app.icon.encode()).hexdigest()[:12]}" if app.icon else ""


def _trouble(app: App, reach: Reach) -> str:
    if app.gate is not None and app.gate.maintenance:
        return "Being worked on"
    healths = reach.of(app.id)
    return "Does not answer at the moment" if healths and not any(each.is_up for each in healths) else ""
