"""The sign-in page itself: where everybody starts, and comes back to when a sign-in has ended."""

from typing import Final
from urllib.parse import urlsplit

from poolhouse.kit.edge import Reply
from poolhouse.pool.core.authorization_request import Valid
from poolhouse.pool.core.client_document import host_of
from poolhouse.pool.flows.browser import THREAD_COOKIE
from poolhouse.pool.flows.facts import allowed_first
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.pages.fields import name_field
from poolhouse.pool.pages.views import SignInView
from poolhouse.pool.pages.visit import Visit, drop_cookie, page

_PASSWORD_ONLY: Final = "This page takes a password. If you have none, or use a passkey, sign in within the app itself."  # noqa: S105


def entrance(
    visit: Visit, valid: Valid, *, username: str = "", error: str = "", notice: str = "", status: int = 200
) -> Reply:
    """The sign-in page; a sign-in that was under way is forgotten."""
    pool = visit.site.entry.pool
    recovery = pool.settings.account_recovery_setting
    mechanisms = (recovery.recovery_mechanisms or []) if recovery is not None else []
    view = SignInView(
        app=valid.client.settings.client_name or "the app",
        action=visit.site.href("/login", visit.query),
        name=name_field(pool),
        username=username,
        error=error,
        notice=notice or " ".join(filter(None, (_about(valid), _other_ways(pool)))),
        forgot_url=""
        if any(each.name == "admin_only" for each in mechanisms)
        else visit.site.href("/forgotPassword", visit.query),
        sign_up_url=visit.site.href("/signup", visit.query) if may_sign_up(visit) else "",
    )
    return page(visit, "sign_in.html", view, status=status, ends_at_app=True).with_headers(
        drop_cookie(visit, THREAD_COOKIE)
    )


def _about(valid: Valid) -> str:
    """Of an app that nobody vouched for, the place to which it takes people: its name is its own choice."""
    if not valid.is_unknown_app:
        return ""
    parts = urlsplit(valid.redirect_uri)
    origin = host_of(valid.client.id)
    if origin:
        return f"This app comes from {origin}. After you sign in, it takes you to {parts.netloc or parts.scheme}."
    return f"This app registered itself here. After you sign in, it takes you to {parts.netloc or parts.scheme}."


def _other_ways(pool: Pool) -> str:
    """Of the pool alone: what a user has is not told to whoever types a name."""
    return "" if allowed_first(pool) == {"PASSWORD"} else _PASSWORD_ONLY


def may_sign_up(visit: Visit) -> bool:
    """Whether people may make accounts for themselves."""
    config = visit.site.entry.pool.settings.admin_create_user_config
    return config is None or not config.allow_admin_create_user_only
