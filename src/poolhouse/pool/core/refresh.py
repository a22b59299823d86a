"""
Refresh tokens: rotation, grace, reuse, families.

A family is what came of one sign-in: the original (generation 0) and each token that replaced another. The semantics
are the service's as measured: a replay after the grace period is refused and the newest token stays good; a replay
within it mints a further child, after which only the newest child refreshes.

DEVIATION from RFC 9700 §4.14.2: reuse does not end the family by itself. A caller that wants the RFC's rule revokes
the grant when it gets REFRESH_TOKEN_REUSED, as ``flows.refresh`` does for clients of the standards' dialect.
"""

from typing import Final

import msgspec

from poolhouse.pool.core.refusal import Refusal, refused
from poolhouse.pool.model.grant import RefreshToken
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.spec.shapes import RefreshTokenRotationType, UserPoolClientType

ORIGINAL: Final = 0


class Renew(msgspec.Struct, frozen=True):
    """
    Access and ID tokens may be minted.

    *replacement* is the record of the next refresh token without its digest and grant: the generation it has and when
    it expires (that of the token it replaces: rotation never lengthens a session). None when the client does not
    rotate. *spends* tells whether the presented token must be marked spent in the same transaction; where marking
    fails, another request was first and the caller decides anew.
    """

    generation: int | None = None
    expires_at: int = 0
    spends: bool = False


def is_rotating(client: UserPoolClientType) -> bool:
    """Tell whether refresh replaces the refresh token."""
    return client.refresh_token_rotation is not None and client.refresh_token_rotation.feature == "ENABLED"


def grace_seconds(rotation: RefreshTokenRotationType | None) -> int:
    """How long a replaced token still works; 0 when not given."""
    return (rotation.retry_grace_period_seconds or 0) if rotation is not None else 0


def check_refresh(
    token: RefreshToken | None, *, newest_generation: int, client: UserPoolClientType, now: int
) -> Renew | Refusal:
    """
    Decide on a presented refresh token; None for one that is unknown, revoked with its grant, or another client's.

    Times are checked here, at use: nothing depends on a clean-up having run.
    """
    if token is None:
        return refused(Reason.REFRESH_TOKEN_INVALID)
    if now >= token.expires_at:
        return refused(Reason.REFRESH_TOKEN_EXPIRED)
    if token.spent_at is not None:
        within_grace = now < token.spent_at + grace_seconds(client.refresh_token_rotation)
        if not (is_rotating(client) and within_grace):
            return refused(Reason.REFRESH_TOKEN_REUSED)
    elif token.generation != newest_generation:
        return refused(Reason.REFRESH_TOKEN_REUSED)
    if not is_rotating(client):
        return Renew()
    return Renew(newest_generation + 1, token.expires_at, spends=token.spent_at is None)


def ends_family(token: RefreshToken, newest_generation: int) -> bool:
    """Tell whether revoking *token* ends the sign-in: the newest and the original do, one in the middle does not."""
    return token.generation in {ORIGINAL, newest_generation}
