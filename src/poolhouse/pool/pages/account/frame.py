"""
Who is at the account page, how fresh the sign-in is, and what is around every page of it.

Whoever is not signed in, or not freshly enough for what a page is about, goes to the sign-in page and comes back to
where he was.  Forms carry the account that they were made for, so that none is sent for another one that has signed in
in the same browser meanwhile.
"""

import hmac
from collections.abc import Awaitable, Callable
from types import MappingProxyType
from typing import Final

import msgspec

from poolhouse.kit.edge import HeaderPair, Reply, redirect
from poolhouse.pool.core import account as core
from poolhouse.pool.core.risk.rules import is_protected
from poolhouse.pool.flows import account, account_entry, notices
from poolhouse.pool.flows.account import Present
from poolhouse.pool.flows.account_entry import PLACES
from poolhouse.pool.flows.browser import SESSION_COOKIE
from poolhouse.pool.flows.context import Refused
from poolhouse.pool.flows.notices import Scene
from poolhouse.pool.languages.voice import N_
from poolhouse.pool.model.pool import Client
from poolhouse.pool.model.user import User
from poolhouse.pool.pages import words
from poolhouse.pool.pages.account.views import Frame, NavItem, View
from poolhouse.pool.pages.fields import called
from poolhouse.pool.pages.views import DoneView
from poolhouse.pool.pages.visit import Visit, Visitor, drop_cookie, keep_cookie, page, sorry
from poolhouse.pool.spec.errors import CognitoError, Reason

TOLD_COOKIE: Final = "poolhouse-told"
ACCOUNT_FIELD: Final = "account"
OPENING: Final = core.OPENING_SECONDS
SENDING: Final = core.SENDING_SECONDS
_TOLD_SECONDS: Final = 60

#: The word that a page leaves for the next -> its text.
_TOLD: Final = MappingProxyType(
    {
        "profile": N_("Your profile is saved."),
        "contact": N_("Your change is saved."),
        "verified": N_("It is verified."),
        "removed": N_("It is removed."),
        "sent": N_("A code is on its way."),
        "password": N_("Your password is changed, and you are signed out everywhere else."),
        "password-kept": N_("Your password is changed."),
        "factor": N_("The second step is set up."),
        "preferred": N_("Your choice is saved."),
        "passkey": N_("The passkey is added."),
        "renamed": N_("The passkey has its new name."),
        "ended": N_("The session has ended."),
        "others": N_("You are signed out everywhere else."),
        "forgotten": N_("The device is forgotten."),
        "withdrawn": N_("The app has no access any more."),
        "gone": N_("That was gone already."),
    }
)
_NOT_DONE: Final = MappingProxyType(
    {
        "another": N_("Another account has signed in here meanwhile. Nothing was changed."),
        "last-factor": N_("A second step is required here, and this is your last one. Set up another one first."),
        "last-way": N_("That is your only way to sign in. Add another one first."),
    }
)
_NAV: Final = (
    ("overview", N_("Overview"), "house"),
    ("profile", N_("Profile"), "users"),
    ("security", N_("Security"), "shield"),
    ("sessions", N_("Sessions"), "globe"),
    ("apps", N_("Apps"), "apps"),
    ("activity", N_("Activity"), "eye"),
)
#: A page that is no item of the navigation -> the item that it belongs to.
_BELONGS: Final = MappingProxyType(
    {
        "email": "profile",
        "phone_number": "profile",
        "delete": "profile",
        "password": "security",
        "app": "security",
        "text": "security",
        "mail": "security",
        "passkey": "security",
    }
)


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """A request of somebody who is signed in, at one place of the account page."""

    visit: Visit
    present: Present
    client: Client
    place: str

    @property
    def user(self) -> User:
        return self.present.user

    @property
    def scene(self) -> Scene:
        """What the owner of the account is told of a change that is made here."""
        return notices.scene(self.visit.site.entry, self.client, self.visit.origin, at_account_page=True)

    @property
    def form(self) -> dict[str, str]:
        return self.visit.form

    def href(self, place: str) -> str:
        return self.visit.site.href(PLACES[place])


Handler = Callable[[Own], Awaitable[Reply]]


def at(place: str, handler: Handler, *, within: int | None = None) -> Visitor:
    """The visitor of *place*; *within*: how many seconds ago, at most, the person must have signed in."""

    async def visitor(visit: Visit) -> Reply:
        client = await account_entry.client_of(visit.flow, visit.site.entry)
        if client is None:
            return sorry(visit, words.NO_PAGE)
        present = await account.recognise(visit.flow, visit.site, client, visit.cookie(SESSION_COOKIE), place)
        if present is None:
            return _to_sign_in(visit, client, place)
        own = Own(visit=visit, present=present, client=client, place=place)
        if visit.raw.method == "POST" and not _is_meant(own):
            return done(own, place, "another")
        if within is not None and not account.is_fresh(visit.flow, present, within):
            return _to_sign_in(visit, client, place, prompt="login", login_hint=called(visit.site.entry.pool, own.user))
        try:
            return await handler(own)
        except Refused as no:
            if no.reason is not Reason.LOGIN_REQUIRED:
                raise
            return _to_sign_in(visit, client, place)

    return visitor


def _to_sign_in(visit: Visit, client: Client, place: str, **more: str) -> Reply:
    return redirect(visit.site.href("/login", account_entry.query(client, place, **more)))


def _is_meant(own: Own) -> bool:
    return hmac.compare_digest(own.form.get(ACCOUNT_FIELD, "").encode(), own.user.sub.encode())


def done(own: Own, place: str, word: str = "", *headers: HeaderPair) -> Reply:
    """To a place, where *word* is said of what was done."""
    told = (keep_cookie(own.visit, TOLD_COOKIE, word, _TOLD_SECONDS),) if word else ()
    return redirect(own.href(place), 303, (*told, *headers))


def frame(own: Own, error: str = "") -> Frame:
    """The frame of the page at the place of *own*."""
    pool = own.visit.site.entry.pool
    current = _BELONGS.get(own.place, own.place)
    word = "" if error else own.visit.cookie(TOLD_COOKIE) or ""
    told, warning = _TOLD.get(word, ""), _NOT_DONE.get(word, "")
    return Frame(
        account=own.user.sub,
        name=called(pool, own.user),
        items=tuple(
            NavItem(label=own.visit.say(label), href=own.href(place), icon=icon, is_current=place == current)
            for place, label, icon in _NAV
            if place != "activity" or is_protected(pool)
        ),
        home=own.href("overview"),
        sign_out_action=own.visit.site.href("/logout/confirm"),
        told=own.visit.say(told) if told else "",
        warning=own.visit.say(warning) if warning else "",
        error=error,
    )


def show(own: Own, template: str, view: View, *, status: int | None = None) -> Reply:
    """A page, in the look of the app client; one that has an error to say is no success."""
    status = status or (400 if view.frame.error else 200)
    reply = page(own.visit, f"account/{template}", view, status=status, look_of=own.client.id, links=True)
    if own.visit.cookie(TOLD_COOKIE) is None:
        return reply
    return reply.with_headers(drop_cookie(own.visit, TOLD_COOKIE))


def drop_session(own: Own, view: DoneView) -> Reply:
    """The last page of somebody who has no session any more."""
    gone = (drop_cookie(own.visit, SESSION_COOKIE), drop_cookie(own.visit, TOLD_COOKIE))
    return page(own.visit, "done.html", view, look_of=own.client.id).with_headers(*gone)


def new_handle(own: Own, token: str) -> HeaderPair:
    """The cookie of a session that goes on under another handle."""
    return keep_cookie(own.visit, SESSION_COOKIE, token, account.seconds_left(own.visit.flow, own.present))


def said(own: Own, no: Refused | CognitoError) -> str:
    """A refusal as a sentence: the few that the API alone words are the pool's own rules about attributes."""
    return own.visit.refusal(no) if isinstance(no, Refused) else no.message.removeprefix("user.")
