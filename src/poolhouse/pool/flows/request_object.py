"""
Request objects: the parameters of an authorization request, signed by the client (RFC 9101, OIDC Core section 6).

By value, and signed: what is not signed says nothing that the query does not say as well, and an object that the
server would have to fetch is a way to make it call addresses.  Encrypted ones are refused, whatever is inside
(CVE-2026-9793).
"""

from typing import Final

from poolhouse.kit import forms, jws
from poolhouse.kit.jose import InvalidToken
from poolhouse.pool.core import proof_algorithms
from poolhouse.pool.core import request_object as core
from poolhouse.pool.flows import client_keys
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.model.pool import Client

LIMIT: Final = 16_384


class WrongObject(Exception):
    """The text says why, for the client's developer."""


async def read(flow: Flow, entry: PoolEntry, client: Client, text: str) -> list[tuple[str, str]]:
    """The parameters of an object that holds: they alone count (RFC 9101 section 6.3); raises ``WrongObject``."""
    settings = client.extended
    algorithms = proof_algorithms.of_request_objects(settings)
    try:
        token = jws.read(text, LIMIT)
        await client_keys.check_signature(flow, settings, token, algorithms)
    except InvalidToken as wrong:
        raise WrongObject("The request object is not a JWT signed by a key of the client.") from wrong
    issuer = flow.config.issuer(entry.pool.id)
    fault = core.fault(
        token.header, token.claims, client_id=client.id, issuer=issuer, settings=settings, now=flow.clock.now()
    )
    if fault is not None:
        raise WrongObject(f"The request object is not accepted: {fault}.")
    try:
        found = core.parameters(token.claims)
    except core.UnreadableParameter as wrong:
        raise WrongObject("A parameter of the request object has a value that none can have.") from wrong
    if len(found) > forms.MAX_FIELDS:
        # Kept as a form, nobody could read it any more.
        raise WrongObject("The request object has too many parameters.")
    return found


def is_able(client: Client) -> bool:
    """Whether the client has keys, without which nothing that it signs can be checked."""
    return client.extended.jwks is not None or client.extended.jwks_uri is not None
