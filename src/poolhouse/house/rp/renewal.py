"""A refresh token spent, and what the provider says now (OIDC Core section 12)."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from poolhouse.house.provider import Provider
from poolhouse.house.rp import tokens, userinfo
from poolhouse.house.rp.client import Wire, accept
from poolhouse.house.rp.failures import Failure, SignInFailed
from poolhouse.house.rp.id_token import check_nonce

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


class SignIn(msgspec.Struct, frozen=True, kw_only=True):
    """
    The sign-in that is being renewed: whose it was, when, and by which nonce, where that is known.

    *claims* are what is known until now, and *userinfo_names* those of them that UserInfo has said.
    """

    subject: str
    claims: Mapping[str, Any] = {}
    auth_time: Any = None
    nonce_digest: bytes | None = None
    userinfo_names: frozenset[str] = frozenset()


class Fresh(msgspec.Struct, frozen=True):
    """What is known now, and for how long that is good."""

    claims: dict[str, Any]
    seconds: int | None
    id_token: str | None
    userinfo_names: frozenset[str]


async def renew(
    wire: Wire,
    provider: Provider,
    *,
    token: str,
    sign_in: SignIn,
    keep: Callable[[str], Awaitable[None]],
) -> Fresh:
    """
    Ask with the refresh *token*.

    *keep* is given the next refresh token before anything else is asked.  A new ID token must be of the same issuer,
    subject, audience and sign-in, and what neither it nor UserInfo says any more is gone (somebody who was in one group
    and is in none now may have no claim of it left), unless the provider is set to leave claims out.  Without one
    UserInfo speaks for itself, of the same subject (section 5.3.2): what it said before and says no more is gone; of
    what stood in the ID token alone nothing was said, so it stays.
    """
    granted = await tokens.refresh(wire.http, provider.settings, token=token)
    if granted.refresh_token is not None and granted.refresh_token != token:
        await keep(granted.refresh_token)
    claims: Mapping[str, Any] = {"sub": sign_in.subject}
    if granted.id_token is not None:
        claims = await accept(wire, provider, granted.id_token, granted.access_token, nonce_digest=None)
        _check_same(claims, sign_in)
    about = await userinfo.ask(
        wire.http, wire.keys, provider.settings, access_token=granted.access_token, subject=sign_in.subject
    )
    merged, names = userinfo.merge(claims, about), userinfo.names(about)
    if provider.options.keeps_missing:
        merged, names = _kept(sign_in.claims, merged) | merged, names | sign_in.userinfo_names
    elif granted.id_token is None:
        others = {name: value for name, value in sign_in.claims.items() if name not in sign_in.userinfo_names}
        merged = _kept(others, merged) | merged
    if sign_in.auth_time is not None:
        # Of the sign-in, which has not changed, also where a token says nothing of it any more.
        merged.setdefault("auth_time", sign_in.auth_time)
    return Fresh(merged, granted.seconds, granted.id_token, names)


_TOGETHER = ({"email", "email_verified"}, {"phone_number", "phone_number_verified"})
"""What speaks of one another: an address that was verified says nothing of the next one."""


def _kept(known: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """Of what is known, what is not answered by something that was said now."""
    answered = {name for pair in _TOGETHER if pair & said.keys() for name in pair}
    return {name: value for name, value in known.items() if name not in answered}


def _check_same(claims: Mapping[str, Any], sign_in: SignIn) -> None:
    """It speaks of the same sign-in (OIDC Core section 12.2): what is there must be as it was then."""
    if claims["sub"] != sign_in.subject:
        raise SignInFailed(Failure.RENEWED_FOR_ANOTHER)
    if sign_in.auth_time is not None and claims.get("auth_time", sign_in.auth_time) != sign_in.auth_time:
        raise SignInFailed(Failure.RENEWED_AFTER_ANOTHER)
    if sign_in.nonce_digest is not None and "nonce" in claims:
        failure = check_nonce(claims, sign_in.nonce_digest)
        if failure is not None:
            raise SignInFailed(failure)
