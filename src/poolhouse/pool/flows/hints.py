"""ID tokens that apps show as a hint of whom they mean (OIDC Core section 3.1.2.1, RP-Initiated Logout section 2)."""

from typing import Any

from poolhouse.kit.jose import InvalidToken, b64url, b64url_decode
from poolhouse.kit.seal import SealBroken
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry

_PURPOSE = "id token hint"
_SEALED = "sealed."
_SECONDS = 7200
"""A sign-in is over by then."""


def carried(flow: Flow, entry: PoolEntry, hint: str) -> str:
    """
    What stands for *hint* in an address of ours: whom it means, sealed.

    An ID token tells who somebody is; in an address it would be in every log and in the browser's history.
    """
    named = subject(flow, entry, hint)
    if hint.startswith(_SEALED) or not named:
        return hint if hint.startswith(_SEALED) else ""
    text = f"{flow.clock.now() + _SECONDS} {named}".encode()
    return _SEALED + b64url(flow.ring.seal(text, purpose=_PURPOSE, row=entry.pool.id)).decode("ascii")


def subject(flow: Flow, entry: PoolEntry, hint: str) -> str:
    """The user whom a hint means, an ID token or what was made of one; empty when it is none of this pool's."""
    if not hint.startswith(_SEALED):
        claims = read(flow, entry, hint)
        return "" if claims is None else str(claims.get("sub", ""))
    try:
        sealed = b64url_decode(hint.removeprefix(_SEALED))
        until, _, named = flow.ring.open(sealed, purpose=_PURPOSE, row=entry.pool.id).decode().partition(" ")
    except (ValueError, SealBroken):
        return ""
    return named if flow.clock.now() < int(until) else ""


def read(flow: Flow, entry: PoolEntry, token: str) -> dict[str, Any] | None:
    """The claims of an ID token that this pool signed, however old; it proves nothing about who shows it."""
    try:
        claims = entry.verifier.verify(token)
    except InvalidToken:
        return None
    is_ours = claims.get("iss") == flow.config.issuer(entry.pool.id) and claims.get("token_use") == "id"
    return claims if is_ours else None
