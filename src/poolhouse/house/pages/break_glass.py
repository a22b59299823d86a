"""``/user/break-glass``: the page of an emergency link, and the button that spends it."""

from poolhouse.house import emergency
from poolhouse.house.context import Context
from poolhouse.house.pages.look import door
from poolhouse.house.pages.problem import problem
from poolhouse.house.session import session_cookie
from poolhouse.house.visit import Visit
from poolhouse.kit.edge import HeaderPair, Reply, html, redirect, text
from poolhouse.kit.html import page_headers

# The address that the form stands at holds the link's token.
_NO_REFERRER: HeaderPair = ("referrer-policy", "no-referrer")
_NEXT = "/settings/authentication"


async def show(ctx: Context, visit: Visit) -> Reply:
    """Only looked at, the link stays good."""
    if not ctx.limiter.allows(visit.address):
        return _too_often()
    token = visit.raw.params["token"]
    if not await emergency.is_good(ctx, token):
        return _over(ctx, visit)
    body = ctx.html.render(
        "break_glass.html",
        **door(ctx),
        csrf=visit.csrf,
        token=token,
        path=emergency.PATH,
        minutes=emergency.SESSION_SECONDS // 60,
    )
    return html(body, 200, page_headers())


async def use(ctx: Context, visit: Visit) -> Reply:
    """The button."""
    if not ctx.limiter.allows(visit.address):
        return _too_often()
    session_id = await emergency.redeem(ctx, visit, visit.form.get("token", ""))
    if session_id is None:
        return _over(ctx, visit)
    return redirect(_NEXT, headers=(_NO_REFERRER, session_cookie(ctx.origin, session_id)))


def _over(ctx: Context, visit: Visit) -> Reply:
    return problem(
        ctx,
        visit,
        status=403,
        heading="This link is no longer good",
        what="It has been used already, or its time is over.",
        todo="Make another one on the machine of this house: poolhouse break-glass",
        links=(("Go to the sign-in page", "/user/login"),),
    )


def _too_often() -> Reply:
    return text("Too many tries from your address. Try again in a minute.\n", 429, (("retry-after", "60"),))
