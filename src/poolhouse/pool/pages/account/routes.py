"""The addresses of the account page."""

from starlette.routing import BaseRoute, Route

from poolhouse.kit.html import Html
from poolhouse.pool.flows.account_entry import PLACES
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.pages.account import (
    activity,
    apps,
    contact,
    factors,
    overview,
    passkeys,
    password,
    profile,
    security,
    sessions,
)
from poolhouse.pool.pages.account.frame import OPENING, SENDING, Handler, at
from poolhouse.pool.pages.visit import visiting


def routes(flow: Flow, html: Html) -> list[BaseRoute]:
    """To be put among those of a domain."""

    def place(name: str, get: Handler, post: Handler | None = None, *, rate: str = "UserUpdate") -> Route:
        """A page that anybody who is signed in may see, and change something on."""
        posts = None if post is None else at(name, post)
        return Route(PLACES[name], visiting(flow, html, get=at(name, get), post=posts, rate=rate))

    def guarded(name: str, get: Handler, post: Handler, *, rate: str = "UserUpdate") -> Route:
        """A page for whoever has signed in a moment ago."""
        opened, sent = at(name, get, within=OPENING), at(name, post, within=SENDING)
        return Route(PLACES[name], visiting(flow, html, get=opened, post=sent, rate=rate))

    def act(path: str, post: Handler) -> Route:
        """A button of the page ``security``, for whoever has signed in a moment ago."""
        return Route(path, visiting(flow, html, post=at("security", post, within=SENDING), rate="UserUpdate"))

    return [
        place("overview", overview.get),
        place("profile", profile.get, profile.post),
        guarded("email", contact.get, contact.post),
        guarded("phone_number", contact.get, contact.post),
        place("security", security.get),
        guarded("password", password.get, password.post, rate="UserAccountRecovery"),
        guarded("app", factors.get_app, factors.post_app),
        guarded("text", factors.get_code, factors.post_code),
        guarded("mail", factors.get_code, factors.post_code),
        guarded("passkey", passkeys.get, passkeys.post),
        act("/account/factors", factors.post),
        act("/account/passkeys", passkeys.post_change),
        place("sessions", sessions.get, sessions.post),
        place("apps", apps.get, apps.post),
        place("activity", activity.get),
        guarded("delete", profile.get_delete, profile.post_delete),
    ]
