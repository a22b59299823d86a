"""
``/authEventFeedback``: where the links in a mail about a risky sign-in lead.

Mail is opened by scanners as well, so that to open the link says nothing yet: a press of the button does.
"""

from poolhouse.kit import forms
from poolhouse.kit.edge import Reply
from poolhouse.pool.core.risk.device import told_name
from poolhouse.pool.flows import feedback
from poolhouse.pool.flows.context import Refused
from poolhouse.pool.languages.voice import N_
from poolhouse.pool.pages import words
from poolhouse.pool.pages.views import DoneView, FeedbackView
from poolhouse.pool.pages.visit import Visit, page, sorry

_VALUES = {
    "Valid": (N_("This was me"), N_("Thank you"), N_("That sign-in is known as yours from now on.")),
    "Invalid": (
        N_("This was not me"),
        N_("Thank you for telling us"),
        N_("Somebody may know your password. Go to the app and choose a new one."),
    ),
}


async def get(visit: Visit) -> Reply:
    """What the link is about, and the button."""
    given = _given(visit)
    if given is None:
        return sorry(visit, words.BAD_FEEDBACK)
    token, value = given
    try:
        event = await feedback.find_by_link(visit.flow, visit.site.entry, token)
    except Refused:
        return sorry(visit, words.BAD_FEEDBACK)
    view = FeedbackView(
        action=visit.site.href("/authEventFeedback", visit.query),
        button=visit.say(_VALUES[value][0]),
        at=event.created_ms // 1000,
        device=told_name(event.seen.device_name),
        address=event.seen.address,
    )
    return page(visit, "feedback.html", view)


async def post(visit: Visit) -> Reply:
    given = _given(visit)
    if given is None:
        return sorry(visit, words.BAD_FEEDBACK)
    token, value = given
    try:
        await feedback.by_link(visit.flow, visit.site.entry, token, value)
    except Refused:
        return sorry(visit, words.BAD_FEEDBACK)
    _, heading, lead = _VALUES[value]
    return page(visit, "done.html", DoneView(heading=visit.say(heading), lead=visit.say(lead)))


def _given(visit: Visit) -> tuple[str, str] | None:
    try:
        given = forms.single(visit.query)
    except forms.FormError:
        return None
    token, value = given.get("token", ""), given.get("value", "")
    return (token, value) if token and value in _VALUES else None
