"""``POST /oauth2/revoke`` (RFC 7009): a refresh token, and the access tokens of its sign-in."""

from poolhouse.kit.edge import Raw, Reply
from poolhouse.pool.flows import sign_out
from poolhouse.pool.flows.caller import ProvenClient
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.site import Site
from poolhouse.pool.oauth import client
from poolhouse.pool.oauth.answers import Form, Problem, form_of, required

_UNAUTHORIZED = 401


async def answer(flow: Flow, site: Site, raw: Raw) -> Reply:
    """200 without a body, also for a token that is unknown or revoked already."""
    form = form_of(raw)
    proven = await _proven(flow, site, raw, form)
    await sign_out.revoke(flow, proven, required(form, "token"))
    return Reply(200)


async def _proven(flow: Flow, site: Site, raw: Raw, form: Form) -> ProvenClient:
    """Here a client that fails to prove itself gets 401, unlike at the token endpoint."""
    try:
        return await client.prove(flow, site, raw, form)
    except (Refused, Problem) as no:
        problem = Problem.of(no) if isinstance(no, Refused) else no
        if problem.error != "invalid_client":
            raise
        # The header goes to those who used its scheme (RFC 6749 section 5.2): browsers open a dialog for others.
        asks = (("www-authenticate", 'Basic realm="app client"'),) if raw.header("authorization") else ()
        raise Problem(problem.error, problem.description, status=_UNAUTHORIZED, headers=asks) from no
