"""
The text of a refresh token.

It has the five parts of the service's, and is found by its key; nothing else of it is needed to redeem it.  Sealed in
it is whose it was, so that one whose record is gone can be told what became of it.
"""

from typing import Final

import msgspec

from poolhouse.kit import seal
from poolhouse.kit.jose import b64url, b64url_decode
from poolhouse.kit.seal import SealBroken
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.model.grant import Grant, RefreshToken

# The header of a JWE as Cognito's refresh tokens have it: some clients look at the number of parts.
_HEADER: Final = "eyJjdHkiOiJKV1QiLCJlbmMiOiJBMjU2R0NNIiwiYWxnIjoiUlNBLU9BRVAifQ"
_PURPOSE: Final = "refresh token"
_TAG_BYTES: Final = 16
_PARTS: Final = 5
_MOMENT: Final = 12
_MARK: Final = 16
"""Characters of the third part, of which the first twelve are the moment in milliseconds."""


class Told(msgspec.Struct, frozen=True, array_like=True):
    """Whose a refresh token is or was, by its own word."""

    pool_id: str
    client_id: str
    sub: str
    expires_at: int


def mint(flow: Flow, grant: Grant, *, generation: int, expires_at: int | None = None) -> tuple[str, RefreshToken]:
    """The opaque token and its record; *expires_at* where rotation keeps the remaining life."""
    ends = grant.expires_at if expires_at is None else expires_at
    told = Told(pool_id=grant.pool_id, client_id=grant.client_id, sub=grant.sub, expires_at=ends)
    drawn = flow.entropy.token(50)
    head = f"{_HEADER}.{_text(drawn[:48])}.{flow.clock.now_ms():0{_MOMENT}x}{drawn[48:].hex()}"
    sealed = flow.ring.seal(msgspec.msgpack.encode(told), purpose=_PURPOSE, row=head)
    token = f"{head}.{_text(sealed[:-_TAG_BYTES])}.{_text(sealed[-_TAG_BYTES:])}"
    record = RefreshToken(digest=key(token), grant_id=grant.id, generation=generation, expires_at=ends)
    return token, record


def key(token: str) -> bytes:
    """
    What a token is found by: its digest, after the moment in which it was minted.

    Tokens of one moment stand side by side in the index, where digests alone would each change another page of it.
    Those of before have no moment, and a third part of another length.
    """
    digest = seal.digest(token)
    parts = token.split(".", 3)
    has_moment = len(parts) == 4 and len(parts[2]) == _MARK
    return parts[2][:_MOMENT].encode() + digest if has_moment else digest


def read(flow: Flow, token: str) -> Told | None:
    """Whose this was; None for a text that is no token of this server's, to the last character."""
    parts = token.split(".")
    if len(parts) != _PARTS:
        return None
    try:
        body, tag = (b64url_decode(part) for part in parts[3:])
        clear = flow.ring.open(body + tag, purpose=_PURPOSE, row=".".join(parts[:3]))
    except (ValueError, SealBroken):
        return None
    if [_text(body), _text(tag)] != parts[3:]:
        return None
    return msgspec.msgpack.decode(clear, type=Told)


def _text(part: bytes) -> str:
    return b64url(part).decode("ascii")
