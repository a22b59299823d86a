"""The sign-in page itself: where everybody starts, and comes back to when a sign-in has ended."""

from urllib.parse import urlsplit

import msgspec

from poolhouse.kit.edge import Reply
from poolhouse.pool.core.authorization_request import Valid
from poolhouse.pool.core.client_document import host_of
from poolhouse.pool.flows import account_entry, offered, passkey_entry
from poolhouse.pool.flows.browser import THREAD_COOKIE
from poolhouse.pool.flows.facts import allowed_first
from poolhouse.pool.pages.fields import name_field
from poolhouse.pool.pages.providers import buttons
from poolhouse.pool.pages.sign_in_views import PasskeyView, SignInView
from poolhouse.pool.pages.visit import Visit, drop_cookie, page

PASSKEY_PATH = "/login/passkey"


def entrance(
    visit: Visit, valid: Valid, *, username: str = "", error: str = "", notice: str = "", status: int = 200
) -> Reply:
    """
    The sign-in page; a sign-in that was under way is forgotten.

    It asks for the name alone where there are several ways to sign in, else for the password as well.
    """
    pool = visit.site.entry.pool
    recovery = pool.settings.account_recovery_setting
    mechanisms = (recovery.recovery_mechanisms or []) if recovery is not None else []
    by_choice = offered.is_by_choice(visit.flow, visit.site, valid.client)
    view = SignInView(
        app=_goal(visit, valid),
        action=visit.site.href("/login", visit.query),
        name=name_field(pool),
        by_name=by_choice,
        username=username,
        error=error,
        notice=notice or " ".join(filter(None, (_about(visit, valid), "" if by_choice else _other_ways(visit)))),
        passkey=ask_passkey(visit, valid) if by_choice else None,
        providers=buttons(visit, valid),
        forgot_url=""
        if by_choice or any(each.name == "admin_only" for each in mechanisms)
        else visit.site.href("/forgotPassword", visit.query),
        sign_up_url=visit.site.href("/signup", visit.query) if may_sign_up(visit) else "",
    )
    return page(visit, "sign_in.html", view, status=status, ends_at_app=True, asks=True).with_headers(
        drop_cookie(visit, THREAD_COOKIE)
    )


def ask_passkey(visit: Visit, valid: Valid) -> PasskeyView | None:
    """What the browser is asked for a passkey with; None where none would work."""
    if not offered.works_with_passkeys(visit.flow, visit.site):
        return None
    offer = passkey_entry.offer(visit.flow, visit.site.entry, valid.client, browser=visit.csrf)
    if offer is None:
        return None
    return PasskeyView(
        action=visit.site.href(PASSKEY_PATH, visit.query),
        options=msgspec.json.encode(offer.options).decode(),
        ticket=offer.ticket,
    )


def _goal(visit: Visit, valid: Valid) -> str:
    """What the sign-in leads to: an app, or the account page, which acts as one."""
    if account_entry.is_of(visit.site, valid):
        return visit.say("Your account")
    return valid.client.settings.client_name or visit.say("the app")


def _about(visit: Visit, valid: Valid) -> str:
    """Of an app that nobody vouched for, the place to which it takes people: its name is its own choice."""
    if not valid.is_unknown_app:
        return ""
    parts = urlsplit(valid.redirect_uri)
    origin, place = host_of(valid.client.id), parts.netloc or parts.scheme
    if origin:
        return visit.say(
            "This app comes from %(origin)s. After you sign in, it takes you to %(place)s.", origin=origin, place=place
        )
    return visit.say("This app registered itself here. After you sign in, it takes you to %(place)s.", place=place)


def _other_ways(visit: Visit) -> str:
    """Of the pool alone: what a user has is not told to whoever types a name."""
    if allowed_first(visit.site.entry.pool) == {"PASSWORD"}:
        return ""
    return visit.say("This page takes a password. If you have none, or use a passkey, sign in within the app itself.")


def may_sign_up(visit: Visit) -> bool:
    """Whether people may make accounts for themselves."""
    config = visit.site.entry.pool.settings.admin_create_user_config
    return config is None or not config.allow_admin_create_user_only
