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
_LENGTH: Final = 1_024
# The order matters: each names itself after those before it.
_SYSTEMS: Final = (
    ("Windows", "Windows"), ("iPhone", "iOS"), ("iPad", "iPadOS"), ("Android", "Android"), ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"), ("Macintosh", "macOS"), ("Darwin", "macOS"), ("Linux", "Linux"), ("linux", "Linux"),
)  # fmt: skip
_PROGRAMS: Final = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"), ("aws-cli", "AWS CLI"),
    ("Boto3", "Boto3"), ("aws-amplify", "Amplify"), ("aws-sdk", "AWS SDK"), ("okhttp", "okhttp"), ("curl/", "curl"),
)  # fmt: skip


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


def describe(agent: str) -> str:
    """The program and the system that a User-Agent names; ``unknown`` where it names neither."""
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    program = next((name for mark, name in _PROGRAMS if mark in agent), "")
    if program and system:
        return f"{program} on {system}"[:_LENGTH]
    return program or system or UNKNOWN
