"""
What a third party's app client needs a user's agreement for, and what one has agreed to.

Items are scopes, and claims asked for by name as ``claim:<name>``: neither can be in the other's clothes, as no scope
that a pool has begins so.
"""

from typing import Final

from poolhouse.pool.core import claims_request
from poolhouse.pool.core.authorization_request import Valid

CLAIM: Final = "claim:"
_OWN: Final = frozenset({"sub", "acr", "auth_time"})
"""Claims about the sign-in, which every ID token has."""

_OPENED: Final = frozenset({"email", "phone", "profile"})
"""Scopes that open attributes."""


def is_required(valid: Valid) -> bool:
    """
    Whether this app client asks at all: a third party's, one that registered itself, or one that wants to.

    A person who lets a device in is asked on a page of its own (``pages.device``).
    """
    if valid.response_type == "none":
        return False
    wants = "consent" in valid.prompt and valid.client.extended.dialect == "openid"
    return valid.client.extended.third_party or valid.is_unknown_app or wants


def items(valid: Valid) -> frozenset[str]:
    """
    All that the request is for.

    In the service's dialect ``openid`` alone opens every attribute (``core.tokens``): more than with another scope
    beside it, so that it stands for all of those.
    """
    scopes = set(valid.scope.split())
    if valid.client.extended.dialect == "cognito" and scopes & {"openid", *_OPENED} == {"openid"}:
        scopes |= _OPENED
    named = {name for place in claims_request.PLACES for name in claims_request.names(valid.claims, place)}
    return frozenset({*scopes, *(CLAIM + name for name in named - _OWN if _is_word(name))})


def is_remembered(valid: Valid) -> bool:
    """
    Whether an agreement holds for the next time.

    Not for an app that anybody may have registered and that is answered at a loopback address or a scheme of an app:
    any other program of the same machine could ask in its name (RFC 8252 section 8.6).
    """
    return not valid.is_unknown_app or valid.redirect_uri.startswith("https://")


def covers(agreed: str, valid: Valid) -> bool:
    """Whether *agreed* (items, space separated) is enough for the request without asking again."""
    return "consent" not in valid.prompt and is_remembered(valid) and items(valid) <= set(agreed.split())


def with_more(agreed: str, valid: Valid) -> str:
    """What was agreed to before, and now."""
    return " ".join(sorted({*agreed.split(), *items(valid)}))


def _is_word(name: str) -> bool:
    return bool(name) and len(name) <= 128 and not any(c.isspace() for c in name)
