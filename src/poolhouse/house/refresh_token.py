"""The refresh token of a session: how it is kept, and when it is used next."""

from poolhouse.kit.ambient import Epoch
from poolhouse.kit.seal import KeyRing, SealBroken

DEFAULT_SECONDS = 3600
SHORTEST_SECONDS = 60
_PURPOSE = "house refresh token"


def seal_refresh_token(ring: KeyRing, token: str, key: bytes) -> bytes:
    """Sealed to the session of *key*."""
    return ring.seal(token.encode(), purpose=_PURPOSE, row=key.hex())


def open_refresh_token(ring: KeyRing, sealed: bytes, key: bytes) -> str | None:
    """The token; None when its key is gone."""
    try:
        return ring.open(sealed, purpose=_PURPOSE, row=key.hex()).decode()
    except SealBroken:
        return None


def next_renewal(now: Epoch, seconds: int | None) -> Epoch:
    """A tenth, and at least a minute, before what was granted runs out; once an hour where it lasts longer."""
    good_for = min(seconds or DEFAULT_SECONDS, DEFAULT_SECONDS)
    return Epoch(now + max(SHORTEST_SECONDS, good_for - max(SHORTEST_SECONDS, good_for // 10)))
