"""``/account/activity``: sign-ins and changes of late, where the pool records them."""

from types import MappingProxyType
from typing import Final

from poolhouse.kit.edge import Reply
from poolhouse.pool.core.risk.device import told_name
from poolhouse.pool.core.risk.rules import is_protected
from poolhouse.pool.flows import auth_events, feedback
from poolhouse.pool.languages.voice import N_
from poolhouse.pool.model.risk import AuthEvent
from poolhouse.pool.pages.account.frame import Own, done, frame, show
from poolhouse.pool.pages.account.views import ActivityView, EventItem

_MOST: Final = 50
_WHAT: Final = MappingProxyType(
    {
        auth_events.SIGN_IN: N_("Sign-in"),
        auth_events.SIGN_UP: N_("Account created"),
        auth_events.FORGOT_PASSWORD: N_("Password reset requested"),
        auth_events.PASSWORD_CHANGE: N_("Password changed"),
        auth_events.RESEND_CODE: N_("Code sent again"),
    }
)
_OUTCOME: Final = MappingProxyType(
    {
        auth_events.PASS: (N_("Succeeded"), "success"),
        auth_events.FAIL: (N_("Failed"), "danger"),
        auth_events.IN_PROGRESS: (N_("Not finished"), "neutral"),
    }
)


async def get(own: Own) -> Reply:
    """The newest first."""
    entry = own.visit.site.entry
    if not is_protected(entry.pool):
        return done(own, "overview")
    found = await feedback.list_events(own.visit.flow, entry, own.user, "", _MOST)
    return show(own, "activity.html", ActivityView(frame=frame(own), events=tuple(_item(own, each) for each in found)))


def _item(own: Own, event: AuthEvent) -> EventItem:
    outcome, kind = _OUTCOME.get(event.response, (N_("Not finished"), "neutral"))
    if event.decision == auth_events.BLOCK:
        outcome, kind = N_("Blocked"), "danger"
    return EventItem(
        what=own.visit.say(_WHAT.get(event.kind, N_("Sign-in"))),
        outcome=own.visit.say(outcome),
        kind=kind,
        at=event.created_ms // 1000,
        where=", ".join(filter(None, (told_name(event.seen.device_name), event.seen.address))),
    )
