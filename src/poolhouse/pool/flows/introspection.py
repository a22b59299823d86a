"""
Introspection (RFC 7662): whether a token is good now, told to those whom it concerns.

Ours: a client may ask about its own tokens, and about access tokens for itself or for one of its ``resources``
(``living.concerns``).  For any other, and for whatever is no token at all, the answer is the same: not active, without
a reason (section 2.2).
"""

from collections.abc import Mapping
from typing import Any, Final

from poolhouse.pool.core import subjects
from poolhouse.pool.flows import living, refresh
from poolhouse.pool.flows.caller import ProvenClient
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.living import Living

INACTIVE: Final[Mapping[str, Any]] = {"active": False}
_JWT_PARTS: Final = 3
_PASSED: Final = ("scope", "client_id", "username", "sub", "aud", "iss", "exp", "iat", "jti", "cnf", "act", "auth_time")


async def introspect(flow: Flow, proven: ProvenClient, token: str) -> Mapping[str, Any]:
    """The members of the answer."""
    try:
        if len(token.split(".")) == _JWT_PARTS:
            found = await living.find(flow, proven.entry, token)
            return _access(found) if living.concerns(proven.client, found) else INACTIVE
        return await _refresh(flow, proven, token)
    except Refused:
        return INACTIVE


def _access(found: Living) -> Mapping[str, Any]:
    claims = found.claims
    bound = claims.get("cnf")
    by_key = isinstance(bound, dict) and "jkt" in bound
    shown = {name: claims[name] for name in _PASSED if name in claims}
    return {"active": True, "token_type": "DPoP" if by_key else "Bearer", **shown}


async def _refresh(flow: Flow, proven: ProvenClient, token: str) -> Mapping[str, Any]:
    token_record, grant, user = await refresh.living(flow, proven, token)
    return {
        "active": True,
        "scope": grant.scope,
        "client_id": grant.client_id,
        **({} if subjects.is_pairwise(proven.client) else {"username": user.username}),
        "sub": subjects.name_for(proven.client, user.sub, proven.entry.salt),
        "iss": flow.config.issuer(grant.pool_id),
        "exp": token_record.expires_at,
        "auth_time": grant.auth_time,
    }
