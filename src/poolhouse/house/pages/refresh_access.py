"""``/user/account/refresh``: "Refresh my access", for whoever was given something at the provider a minute ago."""

from poolhouse.house.context import Context
from poolhouse.house.pages.frame import session_of
from poolhouse.house.pages.oidc import leave
from poolhouse.house.pages.problem import problem
from poolhouse.house.pages.query import with_query
from poolhouse.house.pages.sign_in_failed import too_often
from poolhouse.house.provider import find_enabled
from poolhouse.house.renewal import Outcome, refresh_access
from poolhouse.house.rp.urls import local_path
from poolhouse.house.session import no_session_cookie
from poolhouse.house.visit import Visit
from poolhouse.kit.edge import Reply, redirect

PATH = "/user/account/refresh"


async def refresh(ctx: Context, visit: Visit) -> Reply:
    """
    Ask the provider now, and go back to *to*.

    Where the session has nothing to ask with, a new sign-in does the same; one that was opened by the form has no
    provider to ask.
    """
    if not ctx.limiter.allows(visit.address):
        return too_often()
    session = session_of(visit)
    return_to = local_path(visit.form.get("to", "/"))
    outcome = await refresh_access(ctx, session)
    match outcome:
        case Outcome.RENEWED:
            return redirect(return_to)
        case Outcome.ENDED:
            to = "" if return_to == "/" else return_to
            return redirect(with_query("/user/login", to=to), headers=(no_session_cookie(ctx.origin),))
        case Outcome.AWAY:
            return problem(
                ctx,
                visit,
                status=503,
                heading="The provider did not answer",
                what="Your access could not be asked for again. Everything stays as it was.",
                todo="Try again in a minute.",
            )
        case Outcome.IMPOSSIBLE:
            provider = find_enabled(ctx.live.document.providers, session.method)
            if provider is None:
                return redirect(return_to)
            return await leave(ctx, visit, provider, return_to=return_to, is_checked=True)
