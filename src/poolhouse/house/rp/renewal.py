"""A refresh token spent, and what the provider says now (OIDC Core section 12)."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from poolhouse.house.provider import Provider
from poolhouse.house.rp import tokens, userinfo
from poolhouse.house.rp.client import Wire, accept
from poolhouse.house.rp.failures import Failure, SignInFailed

PASSING = frozenset(
    {
        Failure.CLIENT_NOT_ALLOWED,
        Failure.KEYS_UNREACHABLE,
        Failure.KEYS_UNREADABLE,
        Failure.PROVIDER_FAILED,
        Failure.SCOPE_REFUSED,
        Failure.SECRET_REFUSED,
        Failure.TOKEN_NOT_FOUND,
        Failure.TOKEN_UNREACHABLE,
        Failure.TOKEN_UNREADABLE,
        Failure.USERINFO_NOT_FOUND,
        Failure.USERINFO_UNREACHABLE,
        Failure.USERINFO_UNREADABLE,
    }
)
"""What says nothing about the person: the provider is away, or the settings are wrong."""


class Fresh(msgspec.Struct, frozen=True):
    """What is known now, and for how long that is good."""

    claims: dict[str, Any]
    seconds: int | None


async def renew(
    wire: Wire,
    provider: Provider,
    *,
    token: str,
    subject: str,
    keep: Callable[[str], Awaitable[None]],
) -> Fresh:
    """
    Ask with the refresh *token*.

    *keep* is given the next refresh token before anything else is asked.  A new ID token must be of the same issuer,
    subject and audience; without one UserInfo speaks for itself, of the same subject.  What neither says any more is
    gone: somebody who was in one group and is in none now may have no claim of it left.
    """
    granted = await tokens.refresh(wire.http, provider.settings, token=token)
    if granted.refresh_token is not None and granted.refresh_token != token:
        await keep(granted.refresh_token)
    claims: Mapping[str, Any] = {"sub": subject}
    if granted.id_token is not None:
        claims = await accept(wire, provider, granted.id_token, granted.access_token, nonce_digest=None)
        if claims["sub"] != subject:
            raise SignInFailed(Failure.RENEWED_FOR_ANOTHER)
    about = await userinfo.ask(
        wire.http, wire.keys, provider.settings, access_token=granted.access_token, subject=subject
    )
    return Fresh(userinfo.merge(claims, about), granted.seconds)
