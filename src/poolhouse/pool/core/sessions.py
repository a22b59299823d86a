"""Token and SSO sessions: how many, how long, and what is told of their last use (AWS API: ListUserSessions)."""

from collections.abc import Sequence
from typing import Final

from poolhouse.pool.model.grant import Grant
from poolhouse.pool.model.pool import Client, Pool
from poolhouse.pool.model.session import SessionTracking

ALPHABET: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
LETTERS: Final = 25
REUSE_MINUTES: Final = 60
LISTED: Final = 125
UNKNOWN: Final = "unknown"


def tracking(pool: Pool) -> SessionTracking:
    """What holds in the pool; DISABLED and 20 where it was never set."""
    return pool.sessions or SessionTracking()


def reuse_seconds(pool: Pool, client: Client) -> int:
    """How long after a sign-in this client goes on with the SSO session; an hour where sessions are not tracked."""
    minutes = client.sso_minutes if tracking(pool).enabled and client.sso_minutes is not None else REUSE_MINUTES
    return 60 * minutes


def superfluous(held: Sequence[Grant], most: int) -> list[Grant]:
    """The token sessions that make room for one more, least recently used first."""
    by_use = sorted(held, key=lambda grant: (grant.tracked.active_ms if grant.tracked else 0, grant.id))
    return by_use[: max(0, len(by_use) - (most - 1))]
