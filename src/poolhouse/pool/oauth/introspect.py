"""``POST /oauth2/introspect`` (RFC 7662): whether a token is good now."""

from poolhouse.kit.edge import Raw, Reply
from poolhouse.pool.flows import introspection
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.site import Site
from poolhouse.pool.oauth import client
from poolhouse.pool.oauth.answers import Problem, form_of, json_body, required


async def answer(flow: Flow, site: Site, raw: Raw) -> Reply:
    """
    The token's state, to a confidential client alone: whoever may guess tokens should not learn here that one is good.

    ``token_type_hint`` is not needed (section 2.1 lets a server ignore it): the kinds of token look different.
    """
    form = form_of(raw)
    proven = await client.prove_or_401(flow, site, raw, form)
    if not proven.confidential:
        raise Problem("invalid_client", "A public client cannot introspect tokens.", status=401)
    return json_body(await introspection.introspect(flow, proven, required(form, "token")))
