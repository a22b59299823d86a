"""An app client that proves itself by a signed assertion: private_key_jwt and client_secret_jwt (RFC 7523)."""

import math

from poolhouse.kit import jws
from poolhouse.kit.jose import InvalidToken
from poolhouse.pool.core import client_assertion as core
from poolhouse.pool.core import proof_algorithms
from poolhouse.pool.flows import client_keys, once
from poolhouse.pool.flows.caller import ProvenClient
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.spec.errors import Reason

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIMIT = 8_192


def claimed_client(assertion: str) -> str:
    """Whose assertion it says it is; nothing of it is proved yet."""
    named = _read(assertion).claims.get("sub")
    if not isinstance(named, str):
        raise _refused("iss and sub must be the client_id")
    return named


async def prove(flow: Flow, entry: PoolEntry, found: ClientEntry, assertion: str) -> ProvenClient:
    """
    The client, once its assertion holds and nobody has shown it before.

    Refuses a method that is not the client's own, another audience than this issuer, an assertion that has expired or
    lasts for long, and a replay.  Remembering it comes last: nobody else can use up an id.
    """
    settings = found.client.extended
    if settings.token_endpoint_auth_method not in proof_algorithms.ASSERTION_METHODS:
        raise _refused("this app client does not prove itself by an assertion")
    token = _read(assertion)
    await _check_signature(flow, found, token)
    now = flow.clock.now()
    issuer = flow.config.issuer(entry.pool.id)
    fault = core.fault(token.claims, client_id=found.client.id, issuer=issuer, settings=settings, now=now)
    if fault is not None:
        raise _refused(fault)
    until = math.ceil(token.claims["exp"]) + core.SKEW
    if not await once.is_first(flow, "client assertion", found.client.id, token.claims["jti"], expires_at=until):
        raise _refused("the assertion was used before")
    return ProvenClient(entry, found.client, confidential=True)


async def _check_signature(flow: Flow, found: ClientEntry, token: jws.Jws) -> None:
    settings = found.client.extended
    algorithms = proof_algorithms.of_assertions(settings)
    if token.algorithm not in algorithms:
        raise _refused("the algorithm is not one of this app client's")
    if settings.token_endpoint_auth_method == "client_secret_jwt":  # noqa: S105 (a method)
        if not jws.is_signed_with(token, found.secrets):
            raise _refused("the signature is not the client's")
        return
    try:
        await client_keys.check_signature(flow, settings, token, algorithms)
    except InvalidToken as wrong:
        raise _refused("the signature is not by a key of the client") from wrong


def _read(assertion: str) -> jws.Jws:
    try:
        return jws.read(assertion, LIMIT)
    except InvalidToken as wrong:
        raise _refused("client_assertion is not a signed JWT") from wrong


def _refused(why: str) -> Refused:
    return Refused(Reason.CLIENT_ASSERTION_WRONG, why=why)
