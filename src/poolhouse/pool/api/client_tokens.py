"""
Tokens that an app client asks for: for itself, and for others in exchange for theirs.

Neither needs an administrator's signature, though the API's model says so: the client's secret proves it.
"""

from poolhouse.pool.api.operations import Call, operation
from poolhouse.pool.core.refusal import not_supported
from poolhouse.pool.core.settings import auth_flows, oauth
from poolhouse.pool.flows import caller, client_grant, exchange
from poolhouse.pool.flows.caller import ProvenClient
from poolhouse.pool.flows.context import Refused, stop
from poolhouse.pool.flows.exchange import ACCESS, IDENTITY, Presented, Wanted
from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.errors import Reason, invalid_parameter


@operation
async def get_client_token(call: Call, request: shapes.GetClientTokenRequest) -> shapes.GetClientTokenResponse:
    """
    For a client with ALLOW_CLIENT_TOKEN_AUTH, or with the OAuth grant that gives the same token.

    Ours: the enumeration of flows lacks that value, so SDKs and templates that check it cannot set it; the client
    credentials grant permits exactly these tokens already.
    """
    proven = await caller.client_by_secret(call.ctx, request.client_id, request.secret)
    if not _may_have_tokens(proven):
        raise Refused(Reason.FLOW_NOT_ENABLED)
    scope = " ".join(request.scopes) if request.scopes else None
    try:
        tokens = await client_grant.grant(call.ctx, proven, scope, request.client_metadata)
    except Refused as no:
        if no.reason is not Reason.SCOPE_INVALID:
            raise
        raise invalid_parameter(f"Invalid scope requested: {scope or ''}") from no
    return shapes.GetClientTokenResponse(
        client_authentication_result=shapes.ClientAuthenticationResultType(
            access_token=tokens.access_token,
            expires_in=tokens.expires_in,
            token_type="Bearer",  # noqa: S106 (RFC 6750's word)
        )
    )


@operation
async def get_derived_token(call: Call, request: shapes.GetDerivedTokenRequest) -> shapes.GetDerivedTokenResponse:
    """A public client proves nothing but its id, as at the token endpoint; a signature stands for the secret."""
    proven = await _client(call, request)
    subject = _presented(request.subject_token, request.subject_token_type, request.subject_token_provider_name)
    actor = None
    if request.actor_token is not None:
        actor = _presented(request.actor_token, request.actor_token_type, request.actor_token_provider_name, "Actor")
    elif request.actor_token_type is not None or request.actor_token_provider_name is not None:
        raise Refused(Reason.PARAMETER_MISSING, name="ActorToken")
    if request.audiences and request.resources:
        raise invalid_parameter("Audiences and Resources cannot be requested together.")
    wanted = Wanted(
        kind=request.requested_token_type or ACCESS,
        scopes=None if not request.scopes else tuple(request.scopes),
        audience=exchange.read_one(request.audiences, "Audiences"),
        resource=exchange.read_one(request.resources, "Resources"),
    )
    issued = await exchange.exchange(call.ctx, proven, subject, actor, wanted)
    return shapes.GetDerivedTokenResponse(
        issued_token=issued.token,
        issued_token_type=issued.kind,
        token_type="N_A" if issued.kind == IDENTITY else "Bearer",
        expires_in=issued.expires_in,
        scopes=None if issued.scopes is None else list(issued.scopes),
    )


def _may_have_tokens(proven: ProvenClient) -> bool:
    settings = proven.client.settings
    if auth_flows.CLIENT_TOKEN in auth_flows.enabled_flows(settings):
        return True
    return bool(settings.allowed_o_auth_flows_user_pool_client) and oauth.MACHINE in (
        settings.allowed_o_auth_flows or ()
    )


async def _client(call: Call, request: shapes.GetDerivedTokenRequest) -> ProvenClient:
    if call.caller is None:
        return await caller.client_by_secret(call.ctx, request.client_id, request.client_secret)
    return await caller.client_by_signature(call.ctx, request.client_id, request.client_secret, call.region)


def _presented(token: str, kind: str | None, provider: str | None, role: str = "Subject") -> Presented:
    if kind is None:
        raise Refused(Reason.PARAMETER_MISSING, name=f"{role}TokenType")
    if kind not in {ACCESS, IDENTITY}:
        stop(not_supported(f"{role}TokenType {kind}"))
    if provider is not None:
        stop(not_supported(f"{role}TokenProviderName, a token of another issuer,"))
    return Presented(token=token, kind=kind)
