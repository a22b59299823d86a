"""
Nonces for DPoP proofs (RFC 9449 sections 8 and 9): a proof that has one was not made long before its request.

Nothing is stored: a nonce is the minute it was made in and a code over that, which every process of the server makes
and reads by the master key.  It is good for some minutes and for any number of proofs, each of which is good once.
"""

import hmac
from typing import Final

from poolhouse.kit.jose import b64url
from poolhouse.pool.flows.context import Flow

SECONDS: Final = 60
"""How long the same nonce is given out."""
LIFETIME: Final = 300
LIMIT: Final = 64
_PURPOSE: Final = "dpop nonce"
_CODE: Final = 16


def current(flow: Flow, pool_id: str) -> str:
    """The nonce of this minute."""
    return _made(flow, pool_id, flow.clock.now() // SECONDS * SECONDS)


def is_good(flow: Flow, pool_id: str, shown: str) -> bool:
    """Whether this server gave *shown* out for the pool, and not long ago."""
    minute = shown.partition(".")[0]
    if len(shown) > LIMIT or not shown.isascii() or not minute.isdecimal() or len(minute) > 12:
        return False
    at = int(minute)
    is_ours = hmac.compare_digest(_made(flow, pool_id, at).encode(), shown.encode())
    return is_ours and flow.clock.now() - LIFETIME < at <= flow.clock.now() + SECONDS


def _made(flow: Flow, pool_id: str, at: int) -> str:
    code = flow.ring.mac(f"{pool_id}\n{at}".encode(), purpose=_PURPOSE)[:_CODE]
    return f"{at}.{b64url(code).decode('ascii')}"
