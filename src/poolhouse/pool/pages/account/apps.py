"""``/account/apps``: what apps were allowed, and taking it back."""

from poolhouse.kit.edge import Reply
from poolhouse.pool.flows import consent
from poolhouse.pool.pages.account.frame import Own, done, frame, show
from poolhouse.pool.pages.account.views import AppItem, AppsView
from poolhouse.pool.pages.consent import in_words


async def get(own: Own) -> Reply:
    """Each app with what it may do, in the words in which the person was asked."""
    given = await consent.list_given(own.visit.flow, own.user)
    items = tuple(
        AppItem(
            client_id=each.consent.client_id,
            name=each.app or own.visit.say("An app that is gone"),
            items=in_words(own.visit, frozenset(each.consent.scope.split())),
            since=each.consent.created_ms // 1000,
        )
        for each in given
    )
    return show(own, "apps.html", AppsView(frame=frame(own), action=own.href("apps"), apps=items))


async def post(own: Own) -> Reply:
    """Take the agreement back; the app's tokens are revoked with it."""
    was_there = await consent.withdraw(own.visit.flow, own.user, own.form.get("app", ""))
    return done(own, "apps", "withdrawn" if was_there else "gone")
