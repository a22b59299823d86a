"""ID tokens that apps show as a hint of whom they mean (OIDC Core section 3.1.2.1, RP-Initiated Logout section 2)."""

from typing import Any

from poolhouse.kit.jose import InvalidToken
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry


def read(flow: Flow, entry: PoolEntry, token: str) -> dict[str, Any] | None:
    """The claims of an ID token that this pool signed, however old; it proves nothing about who shows it."""
    try:
        claims = entry.verifier.verify(token)
    except InvalidToken:
        return None
    is_ours = claims.get("iss") == flow.config.issuer(entry.pool.id) and claims.get("token_use") == "id"
    return claims if is_ours else None
