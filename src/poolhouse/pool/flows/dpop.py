"""DPoP: a client shows that it holds a key, with every request anew (RFC 9449)."""

import hashlib
from collections.abc import Sequence

import msgspec

from poolhouse.kit import jws
from poolhouse.kit.jose import InvalidToken, b64url
from poolhouse.kit.jwk import Jwk, UnusableKey, read_key
from poolhouse.pool.core import dpop as core
from poolhouse.pool.flows import once
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.spec.errors import Reason

LIMIT = 8_192


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """A proof that holds; ``jkt`` is the thumbprint of its key."""

    jkt: str
    id: str
    issued: int
    nonce: str | None = None


def token_hash(token: str) -> str:
    """``ath`` (section 4.2)."""
    return b64url(hashlib.sha256(token.encode()).digest()).decode("ascii")


def read(flow: Flow, text: str, call: core.Call, algorithms: Sequence[str]) -> Proof:
    """
    The proof, once its signature and its claims hold; ``remember`` it before anything rests on it.

    Refuses with DPOP_PROOF_WRONG.
    """
    try:
        token = jws.read(text, LIMIT)
        key = _key(token)
        if not jws.fitting(msgspec.structs.replace(token, header={**token.header, "kid": None}), [key], algorithms):
            raise _refused("alg is not one that the key has")
        if not jws.is_signed_by(token, key.public):
            raise _refused("the signature is not by the key of the proof")
    except InvalidToken as wrong:
        raise _refused("it is not a JWT, or its algorithm is not supported") from wrong
    fault = core.fault(token.header, token.claims, call, flow.clock.now())
    if fault is not None:
        raise _refused(fault)
    nonce = token.claims.get("nonce")
    if nonce is not None and not isinstance(nonce, str):
        raise _refused("nonce is not a text")
    return Proof(jkt=key.thumbprint, id=token.claims["jti"], issued=int(token.claims["iat"]), nonce=nonce)


async def remember(flow: Flow, proof: Proof) -> None:
    """Refuses a proof that was shown before: each is good for one request (section 11.1)."""
    until = proof.issued + core.PAST + core.AHEAD
    if not await once.is_first(flow, "dpop proof", proof.jkt, proof.id, expires_at=until):
        raise _refused("it was used before")


def _key(token: jws.Jws) -> Jwk:
    member = token.header.get("jwk")
    if not isinstance(member, dict):
        raise _refused("jwk is missing")
    try:
        return read_key(member)
    except UnusableKey as wrong:
        raise _refused(f"jwk: {wrong}") from wrong


def _refused(why: str) -> Refused:
    return Refused(Reason.DPOP_PROOF_WRONG, why=why)
