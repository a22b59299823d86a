"""
When a pool's signing keys are published, sign, and go.

A key is published from when it is made.  It signs once everybody who keeps the key set for a while has seen it, until
its successor does, and stays published until the last token that it signed has expired: so no token is invalid at any
moment, at a verifier that asks for the set once a day (OIDC Core section 10.1.1).
"""

from collections.abc import Iterable, Sequence
from typing import Final

from poolhouse.pool.model.pool import SealedKey

HOUR_MS: Final = 3_600_000
PUBLISHED_MS: Final = 24 * HOUR_MS
"""How long a key is published before it signs; the answer with the set may be kept for five minutes."""
GRACE_MS: Final = 5_000
"""The same where it is to sign at once: until every process of ours has heard of it."""
KEPT_MS: Final = 48 * HOUR_MS
"""How long a key is published after it has signed: a day, which is the longest life of a token, and a margin."""

Family = tuple[str, str]
"""Use and algorithm: of the keys of a family one signs at any time."""


def family(key: SealedKey) -> Family:
    return key.use, key.alg


def in_order(keys: Iterable[SealedKey]) -> list[SealedKey]:
    """As they are published: those of the service's form before others, for ID tokens before access tokens."""
    return sorted(keys, key=lambda key: (key.alg != "RS256", key.use != "id", key.created_ms, key.kid))


def signing(active_ms: Sequence[int], now_ms: int) -> int:
    """Which of a family's keys signs, by when they begin to, oldest first; the first where all are ahead."""
    begun = [n for n, at in enumerate(active_ms) if at <= now_ms]
    return begun[-1] if begun else 0


def newest(keys: Iterable[SealedKey]) -> dict[Family, SealedKey]:
    """The key of each family that has no successor."""
    return {family(key): key for key in sorted(keys, key=lambda key: key.active_ms) if key.retired_ms is None}


def pending(keys: Iterable[SealedKey], now_ms: int) -> int | None:
    """When a rotation that is under way comes into force; None when there is none."""
    ahead = [key.active_ms for key in keys if key.active_ms > now_ms and key.retired_ms is None]
    return max(ahead, default=None)
