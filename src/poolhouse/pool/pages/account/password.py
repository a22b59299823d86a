"""``/account/password``: the password is changed, or the first one chosen."""

from poolhouse.kit.edge import HeaderPair, Reply
from poolhouse.pool.flows import account, own_factors, own_sessions, recovery
from poolhouse.pool.flows.context import Refused
from poolhouse.pool.pages.account.frame import Own, done, frame, new_handle, show
from poolhouse.pool.pages.account.views import PasswordView
from poolhouse.pool.pages.fields import called
from poolhouse.pool.pages.rules import rules_of
from poolhouse.pool.pages.steps import new_password_fault
from poolhouse.pool.spec.errors import Reason


async def get(own: Own) -> Reply:
    return _page(own)


async def post(own: Own) -> Reply:
    """
    The present password, and the new one twice.

    All other browsers are signed out by it; apps are, unless the person says otherwise: whoever has learned a password
    may hold tokens, too.
    """
    if not own_factors.may_have_password(own.visit.site.entry, own.user):
        return done(own, "security")
    wrong = new_password_fault(own.form)
    if wrong:
        return _page(own, own.visit.say(wrong))
    had_one = own.user.credentials.password_hash is not None
    previous = own.form.get("current_password", "")
    if had_one and not previous:
        return _page(own, own.visit.say("Enter your current password."))
    try:
        user = await recovery.change(
            own.visit.flow,
            own.present.caller,
            previous=previous if had_one else None,
            proposed=own.form["new_password"],
            seen=own.visit.seen,
            keeps=own.present.session.digest,
            scene=own.scene,
        )
    except Refused as no:
        if no.reason is Reason.WRONG_PASSWORD:
            return _page(own, own.visit.say("That is not your current password."))
        return _page(own, own.visit.refusal(no))
    ends_apps = "keep_apps" not in own.form
    if ends_apps:
        user = await own_sessions.end_others(own.visit.flow, own.present)
    handle: HeaderPair = new_handle(own, await account.go_on(own.visit.flow, own.present, user, anew=had_one))
    return done(own, "security", "password" if ends_apps else "password-kept", handle)


def _page(own: Own, error: str = "") -> Reply:
    pool = own.visit.site.entry.pool
    if not own_factors.may_have_password(own.visit.site.entry, own.user):
        return done(own, "security")
    view = PasswordView(
        frame=frame(own, error),
        action=own.href("password"),
        back=own.href("security"),
        username=called(pool, own.user),
        rules=rules_of(pool, own.visit.voice),
        has_one=own.user.credentials.password_hash is not None,
    )
    return show(own, "password.html", view)
