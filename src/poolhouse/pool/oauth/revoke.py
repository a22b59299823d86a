"""``POST /oauth2/revoke`` (RFC 7009): a refresh token and the access tokens of its sign-in, or a client's own token."""

from poolhouse.kit.edge import Raw, Reply
from poolhouse.pool.flows import sign_out
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.site import Site
from poolhouse.pool.oauth import client
from poolhouse.pool.oauth.answers import form_of, required


async def answer(flow: Flow, site: Site, raw: Raw) -> Reply:
    """200 without a body, also for a token that is unknown or revoked already."""
    form = form_of(raw)
    proven = await client.prove_or_401(flow, site, raw, form)
    await sign_out.revoke(flow, proven, required(form, "token"))
    return Reply(200)
