"""``/account``: what there is, at a glance."""

from poolhouse.kit.edge import Reply
from poolhouse.pool.core import first_factors
from poolhouse.pool.flows import consent, own_factors, own_sessions
from poolhouse.pool.flows.facts import allowed_first
from poolhouse.pool.pages.account.factors import LABELS
from poolhouse.pool.pages.account.frame import Own, frame, show
from poolhouse.pool.pages.account.views import OverviewView, Summary
from poolhouse.pool.pages.fields import called


async def get(own: Own) -> Reply:
    """One line for each page."""
    pool, user = own.visit.site.entry.pool, own.user
    name = user.attributes.get("name") or user.attributes.get("given_name") or called(pool, user)
    lines = (_profile(own), *await _security(own), await _sessions(own), await _apps(own))
    return show(own, "overview.html", OverviewView(frame=frame(own), called=name, summaries=lines))


def _profile(own: Own) -> Summary:
    say, user = own.visit.say, own.user
    email = user.attributes.get("email", "")
    unverified = bool(email) and not user.is_verified("email")
    return Summary(
        icon="users",
        label=say("Profile"),
        value=email or called(own.visit.site.entry.pool, user),
        href=own.href("profile"),
        badge=say("Not verified") if unverified else "",
        kind="warning",
    )


async def _security(own: Own) -> tuple[Summary, ...]:
    say, entry, user = own.visit.say, own.visit.site.entry, own.user
    lines: list[Summary] = []
    if own_factors.may_have_password(entry, user):
        has_one = user.credentials.password_hash is not None
        value = say("You have a password.") if has_one else say("You have no password.")
        lines.append(Summary(icon="key", label=say("Password"), value=value, href=own.href("security")))
    held = own_factors.held(own.visit.flow, entry, user)
    if held.allowed:
        named = ", ".join(say(LABELS[each][0]) for each in held.active)
        lines.append(
            Summary(
                icon="shield",
                label=say("Second step"),
                value=named or say("Signing in asks for one thing only."),
                href=own.href("security"),
                badge=say("On") if named else say("Off"),
                kind="success" if named else "neutral",
            )
        )
    if first_factors.WEB_AUTHN in allowed_first(entry.pool):
        count = len(await own_factors.list_passkeys(own.visit.flow, user))
        value = own.visit.say_many("%(n)s passkey", "%(n)s passkeys", count) if count else say("You have none yet.")
        lines.append(Summary(icon="passkey", label=say("Passkeys"), value=value, href=own.href("security")))
    return tuple(lines)


async def _sessions(own: Own) -> Summary:
    count = len(await own_sessions.list_places(own.visit.flow, own.present))
    value = own.visit.say_many("Signed in at %(n)s place", "Signed in at %(n)s places", count)
    return Summary(icon="globe", label=own.visit.say("Sessions"), value=value, href=own.href("sessions"))


async def _apps(own: Own) -> Summary:
    count = len(await consent.list_given(own.visit.flow, own.user))
    value = (
        own.visit.say_many("%(n)s app has access", "%(n)s apps have access", count)
        if count
        else own.visit.say("No app has asked for access.")
    )
    return Summary(icon="apps", label=own.visit.say("Apps"), value=value, href=own.href("apps"))
