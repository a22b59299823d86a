"""
Operations that sign users in.

ClientMetadata of an answer reaches the triggers of a custom sign-in; that of InitiateAuth is for triggers with which a
pool gets no further than ``flows.hooks``.  UserContextData, ContextData and AnalyticsMetadata are what threat
protection goes by (``api.seen``); without it they change nothing.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from poolhouse.pool.api.callers import signed_in_by
from poolhouse.pool.api.operations import Call, operation
from poolhouse.pool.api.seen import seen_by_admin, seen_by_client
from poolhouse.pool.api.tokens import authenticated
from poolhouse.pool.core.client_proof import HashUse
from poolhouse.pool.core.settings import auth_flows
from poolhouse.pool.core.sign_in import DEVICE_ASK
from poolhouse.pool.flows import caller, custom, device_proof, pools, refresh, sign_in, srp
from poolhouse.pool.flows.caller import ProvenClient
from poolhouse.pool.flows.context import Refused, stop
from poolhouse.pool.flows.gate import required
from poolhouse.pool.flows.sign_in import Asked, Outcome
from poolhouse.pool.model.pool import Client
from poolhouse.pool.model.risk import Seen
from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.errors import Reason, invalid_parameter

_PASSWORD: Final = frozenset({"USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"})
_BY_BLOCK: Final = frozenset({srp.CHALLENGE, device_proof.VERIFY})
_REFRESH: Final = frozenset({"REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"})


class _Result(msgspec.Struct, frozen=True, kw_only=True):
    """The members that the four responses share."""

    challenge_name: str | None = None
    session: str | None = None
    challenge_parameters: dict[str, str] = {}
    authentication_result: shapes.AuthenticationResultType | None = None
    available_challenges: list[str] | None = None


@operation
async def initiate_auth(call: Call, request: shapes.InitiateAuthRequest) -> shapes.InitiateAuthResponse:
    client = await _client(call, request.client_id)
    result = await _initiate(call, client, request, by_admin=False)
    return shapes.InitiateAuthResponse(**msgspec.structs.asdict(result))


@operation
async def admin_initiate_auth(call: Call, request: shapes.AdminInitiateAuthRequest) -> shapes.AdminInitiateAuthResponse:
    client = await _client_of_pool(call, request.user_pool_id, request.client_id)
    result = await _initiate(call, client, request, by_admin=True)
    return shapes.AdminInitiateAuthResponse(**msgspec.structs.asdict(result))


@operation
async def respond_to_auth_challenge(
    call: Call, request: shapes.RespondToAuthChallengeRequest
) -> shapes.RespondToAuthChallengeResponse:
    await _client(call, request.client_id)
    result = await _respond(call, request)
    return shapes.RespondToAuthChallengeResponse(**msgspec.structs.asdict(result))


@operation
async def admin_respond_to_auth_challenge(
    call: Call, request: shapes.AdminRespondToAuthChallengeRequest
) -> shapes.AdminRespondToAuthChallengeResponse:
    await _client_of_pool(call, request.user_pool_id, request.client_id)
    result = await _respond(call, request)
    return shapes.AdminRespondToAuthChallengeResponse(**msgspec.structs.asdict(result))


async def _initiate(
    call: Call, client: Client, request: shapes.InitiateAuthRequest | shapes.AdminInitiateAuthRequest, *, by_admin: bool
) -> _Result:
    name, given = request.auth_flow, request.auth_parameters or {}
    refusal = auth_flows.check_start(client.settings, name, by_admin=by_admin)
    if refusal is not None:
        stop(refusal)
    if request.session is not None and name != "USER_AUTH":
        # Only USER_AUTH takes one, from a sign-up.
        raise Refused(Reason.SESSION_INVALID)
    if name in _REFRESH:
        return await _refresh(call, client, given)
    username = required(given, "USERNAME")
    secret_hash = given.get("SECRET_HASH")
    proven = await caller.client_by_hash(call.ctx, client.id, username, secret_hash, HashUse.SIGN_IN)
    seen = _seen(call, proven, request, given)
    if name in _PASSWORD:
        password = required(given, "PASSWORD")
        outcome: Outcome = await sign_in.begin(
            call.ctx,
            proven.entry,
            proven.client,
            username=username,
            password=password,
            device_key=given.get("DEVICE_KEY"),
            seen=seen,
        )
        return await _result(call, proven, outcome)
    if name == "USER_SRP_AUTH":
        srp_a = required(given, "SRP_A")
        outcome = await sign_in.begin_srp(
            call.ctx,
            proven.entry,
            proven.client,
            username=username,
            srp_a=srp_a,
            device_key=given.get("DEVICE_KEY"),
            seen=seen,
        )
        return await _result(call, proven, outcome)
    if name == "USER_AUTH":
        token = given.get("ACCESS_TOKEN")
        outcome = await sign_in.begin_choice(
            call.ctx, proven.entry, proven.client, username=username, given=given, session=request.session, seen=seen,
            shown=await signed_in_by(call, token) if token else None,
        )  # fmt: skip
        return await _result(call, proven, outcome)
    if name == "CUSTOM_AUTH":
        return await _custom(call, proven, username, given, seen)
    raise Refused(Reason.FLOW_NOT_SUPPORTED)


async def _custom(call: Call, proven: ProvenClient, username: str, given: Mapping[str, str], seen: Seen) -> _Result:
    """CHALLENGE_NAME=SRP_A asks for a proof of the password before the triggers' own challenges."""
    first = given.get("CHALLENGE_NAME", custom.CHALLENGE)
    if first not in {"SRP_A", custom.CHALLENGE}:
        raise invalid_parameter(f"CHALLENGE_NAME {first} cannot begin CUSTOM_AUTH.")
    srp_a = required(given, "SRP_A") if first == "SRP_A" else None
    outcome = await sign_in.begin_custom(
        call.ctx,
        proven.entry,
        proven.client,
        username=username,
        srp_a=srp_a,
        device_key=given.get("DEVICE_KEY"),
        seen=seen,
    )
    return await _result(call, proven, outcome, shows_session=True)


async def _refresh(call: Call, client: Client, given: Mapping[str, str]) -> _Result:
    """SECRET_HASH is over the stored username, which only the token tells; an unknown token is refused as such."""
    token = required(given, "REFRESH_TOKEN")
    secret_hash = given.get("SECRET_HASH")
    username = "" if secret_hash is None else await refresh.stored_username(call.ctx, token)
    if username is None:
        raise Refused(Reason.REFRESH_TOKEN_INVALID)
    proven = await caller.client_by_hash(call.ctx, client.id, username, secret_hash, HashUse.ANSWER)
    tokens = await refresh.renew(call.ctx, proven, token, device_key=given.get("DEVICE_KEY"), origin=call.origin)
    return _Result(authentication_result=authenticated(tokens))


async def _respond(
    call: Call, request: shapes.RespondToAuthChallengeRequest | shapes.AdminRespondToAuthChallengeRequest
) -> _Result:
    name, given = request.challenge_name, request.challenge_responses or {}
    if name not in sign_in.CHALLENGES:
        raise Refused(Reason.CHALLENGE_NOT_SUPPORTED, name=name)
    username = required(given, "USERNAME")
    secret_hash = given.get("SECRET_HASH")
    proven = await caller.client_by_hash(call.ctx, request.client_id, username, secret_hash, HashUse.ANSWER)
    outcome = await sign_in.answer(
        call.ctx,
        proven.entry,
        proven.client,
        challenge=name,
        session=_session(name, request.session, given),
        responses=given,
        username=username,
        metadata=request.client_metadata,
        seen=_seen(call, proven, request, given),
    )
    return await _result(call, proven, outcome, metadata=request.client_metadata)


def _seen(
    call: Call,
    proven: ProvenClient,
    request: shapes.InitiateAuthRequest
    | shapes.AdminInitiateAuthRequest
    | shapes.RespondToAuthChallengeRequest
    | shapes.AdminRespondToAuthChallengeRequest,
    given: Mapping[str, str],
) -> Seen:
    key = given.get("DEVICE_KEY", "")
    if isinstance(request, shapes.AdminInitiateAuthRequest | shapes.AdminRespondToAuthChallengeRequest):
        return seen_by_admin(call, proven.entry, request.context_data, request.analytics_metadata, key=key)
    return seen_by_client(
        call, proven.entry, proven.client, request.user_context_data, request.analytics_metadata, key=key
    )


def _session(challenge: str, session: str | None, given: Mapping[str, str]) -> str | None:
    """
    Where SRP's second half comes without a Session its secret block stands for it; both must be one.

    A device begins its proof without one as well: its key tells the sign-in.
    """
    if challenge == DEVICE_ASK and session is None:
        return None
    if challenge not in _BY_BLOCK:
        return required({"Session": session or ""}, "Session")
    block = required(given, "PASSWORD_CLAIM_SECRET_BLOCK")
    if session is not None and session != block:
        raise Refused(Reason.SESSION_INVALID)
    return block


async def _result(
    call: Call, proven: ProvenClient, outcome: Outcome, *,
    shows_session: bool = False, metadata: Mapping[str, str] | None = None,
) -> _Result:  # fmt: skip
    """*shows_session*: SRP's second half has a Session, too; in plain USER_SRP_AUTH the secret block is enough."""
    if not isinstance(outcome, Asked):
        tokens = await sign_in.tokens(call.ctx, proven.entry, proven.client, outcome, metadata, origin=call.origin)
        return _Result(authentication_result=authenticated(tokens))
    return _Result(
        challenge_name=outcome.challenge,
        challenge_parameters=dict(outcome.parameters),
        session=None
        if outcome.challenge == srp.CHALLENGE and not (shows_session or outcome.is_chosen)
        else outcome.session,
        available_challenges=list(outcome.choices) or None,
    )


async def _client(call: Call, client_id: str) -> Client:
    found = await call.ctx.directory.find_client(client_id)
    if found is None:
        raise Refused(Reason.CLIENT_NOT_FOUND, client=client_id)
    return found.client


async def _client_of_pool(call: Call, pool_id: str, client_id: str) -> Client:
    """The administrator's pool, and a client of it: another pool's is as unknown as none."""
    entry = await pools.get(call.ctx, call.region, pool_id)
    client = await _client(call, client_id)
    if client.pool_id != entry.pool.id:
        raise Refused(Reason.CLIENT_NOT_FOUND, client=client_id)
    return client
