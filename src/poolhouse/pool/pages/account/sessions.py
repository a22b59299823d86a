"""``/account/sessions``: browsers, apps and devices that are signed in, and ending that."""

from typing import Final

from poolhouse.kit.edge import Reply
from poolhouse.pool.core.sessions import UNKNOWN
from poolhouse.pool.flows import device_proof, devices, own_sessions
from poolhouse.pool.flows.context import Refused
from poolhouse.pool.flows.own_sessions import Place
from poolhouse.pool.pages.account.frame import Own, done, drop_session, frame, show
from poolhouse.pool.pages.account.views import DeviceItem, PlaceItem, SessionsView
from poolhouse.pool.pages.views import DoneView
from poolhouse.pool.spec.errors import Reason

_MOST: Final = 60
_GONE: Final = frozenset({Reason.USER_SESSION_NOT_FOUND, Reason.SESSION_CURRENT, Reason.DEVICE_NOT_FOUND})


async def get(own: Own) -> Reply:
    """This browser first."""
    flow, pool = own.visit.flow, own.visit.site.entry.pool
    places = await own_sessions.list_places(flow, own.present)
    held = None
    if device_proof.is_tracked(pool):
        found = await devices.list_all(flow, pool, own.user, "", _MOST, remembered=True)
        held = tuple(
            DeviceItem(
                key=each.key,
                name=each.name or own.visit.say("A device without a name"),
                address=each.address,
                used_at=each.authenticated_at,
            )
            for each in found
        )
    view = SessionsView(
        frame=frame(own),
        action=own.href("sessions"),
        places=tuple(_item(own, each) for each in places),
        devices=held,
    )
    return show(own, "sessions.html", view)


async def post(own: Own) -> Reply:
    """``do``: end one, end the others, sign out everywhere, forget a device."""
    flow, pool = own.visit.flow, own.visit.site.entry.pool
    try:
        match own.form.get("do"):
            case "end":
                await own_sessions.end(flow, own.present, own.form.get("session", ""))
                return done(own, "sessions", "ended")
            case "others":
                await own_sessions.end_others(flow, own.present, scene=own.scene)
                return done(own, "sessions", "others")
            case "everywhere":
                await own_sessions.end_all(flow, own.present, scene=own.scene)
                return _signed_out(own)
            case "forget" if device_proof.is_tracked(pool):
                await devices.get(flow, pool, own.user, own.form.get("device", ""), remembered=True)
                await devices.forget(flow, pool, own.user, own.form.get("device", ""))
                return done(own, "sessions", "forgotten")
            case _:
                return done(own, "sessions")
    except Refused as no:
        if no.reason not in _GONE:
            raise
        return done(own, "sessions", "gone")


def _signed_out(own: Own) -> Reply:
    say = own.visit.say
    lead = say("Every browser and every app has to sign in again.")
    return drop_session(own, DoneView(heading=say("You are signed out everywhere"), lead=lead))


def _item(own: Own, place: Place) -> PlaceItem:
    say = own.visit.say
    # "Firefox on Linux" is kept in English.
    device = place.device.replace(" on ", ", ") if place.device != UNKNOWN else ""
    if place.is_browser:
        label = device or say("A browser")
        apps = say("Apps: %(apps)s", apps=", ".join(place.apps)) if place.apps else ""
    else:
        label = place.apps[0] or say("An app")
        apps = device
    return PlaceItem(
        id=place.id,
        icon="globe" if place.is_browser else "apps",
        label=label,
        details=tuple(filter(None, (apps, place.address))),
        began_at=place.began_at,
        active_at=place.active_at,
        is_current=place.is_current,
    )
