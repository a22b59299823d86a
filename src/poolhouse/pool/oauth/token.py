"""
``POST /oauth2/token`` (RFC 6749 section 3.2).

Every grant goes through the same phases: parse, authenticate the client, is the grant allowed, then the grant itself,
which checks, mints and writes.
"""

from collections.abc import Awaitable, Callable

import msgspec

from poolhouse.kit.edge import Raw, Reply
from poolhouse.pool.flows import client_grant, code_grant, refresh
from poolhouse.pool.flows.caller import ProvenClient
from poolhouse.pool.flows.code_grant import Redemption
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.issue import Tokens
from poolhouse.pool.flows.site import Site
from poolhouse.pool.model.origin import Origin
from poolhouse.pool.oauth import client
from poolhouse.pool.oauth.answers import Form, form_of, json_body, required
from poolhouse.pool.spec.errors import Reason


class GrantType(msgspec.Struct, frozen=True):
    """A grant: the flow a client must have been given for it (``""``: none), and how it is served."""

    needs_flow: str
    serve: Callable[[Flow, ProvenClient, Form, Origin], Awaitable[Tokens]]


async def answer(flow: Flow, site: Site, raw: Raw) -> Reply:
    """Tokens as JSON; never cached."""
    form = form_of(raw)
    grant = _GRANTS.get(required(form, "grant_type"))
    if grant is None:
        raise Refused(Reason.GRANT_UNSUPPORTED)
    proven = await client.prove(flow, site, raw, form)
    if not _is_allowed(proven, grant):
        raise Refused(Reason.GRANT_NOT_ALLOWED)
    tokens = await grant.serve(flow, proven, form, Origin(raw.peer, raw.header("user-agent")))
    return json_body(_body(tokens, strict=flow.config.strict))


def _is_allowed(proven: ProvenClient, grant: GrantType) -> bool:
    if not grant.needs_flow:
        return True
    settings = proven.client.settings
    if grant.needs_flow == "client_credentials" and not proven.confidential:
        return False
    given = settings.allowed_o_auth_flows or ()
    return bool(settings.allowed_o_auth_flows_user_pool_client) and grant.needs_flow in given


async def _redeem_code(flow: Flow, proven: ProvenClient, form: Form, origin: Origin) -> Tokens:
    shown = Redemption(
        code=required(form, "code"), redirect_uri=form.get("redirect_uri"), code_verifier=form.get("code_verifier")
    )
    return await code_grant.redeem(flow, proven, shown, origin)


async def _refresh(flow: Flow, proven: ProvenClient, form: Form, origin: Origin) -> Tokens:
    token, device_key = required(form, "refresh_token"), form.get("device_key")
    return await refresh.renew(flow, proven, token, device_key=device_key, origin=origin)


async def _client_credentials(flow: Flow, proven: ProvenClient, form: Form, _origin: Origin) -> Tokens:
    return await client_grant.grant(flow, proven, form.get("scope"), _metadata(form.get("aws_client_metadata")))


def _metadata(given: str | None) -> dict[str, str] | None:
    """``aws_client_metadata``: a JSON object of texts, for the pre token generation trigger."""
    if given is None:
        return None
    try:
        return msgspec.json.decode(given, type=dict[str, str])
    except (ValueError, RecursionError) as wrong:
        raise Refused(Reason.PARAMETER_MISSING, name="aws_client_metadata") from wrong


_GRANTS = {
    "authorization_code": GrantType("code", _redeem_code),
    "refresh_token": GrantType("", _refresh),
    "client_credentials": GrantType("client_credentials", _client_credentials),
}


def _body(tokens: Tokens, *, strict: bool) -> dict[str, object]:
    """
    The members in the service's order; those that a grant does not give are left out.

    DEVIATION: ``scope`` is added, since scopes that a client may not have were left out of it (RFC 6749 section 5.1);
    not in strict mode.
    """
    members: dict[str, object] = {
        "id_token": tokens.id_token,
        "access_token": tokens.access_token,
        "refresh_token": tokens.refresh_token,
        "expires_in": tokens.expires_in,
        "token_type": "Bearer",
        "scope": None if strict else tokens.scope,
    }
    return {name: value for name, value in members.items() if value is not None}
