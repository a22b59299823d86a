"""
Request rates of the API: by pool and category, and by user.

Only pools that exist have buckets; whatever names none shares one, so that a stranger cannot fill the memory.  A user
is who the request names; where it shows an access token, that token: whoever made one up could otherwise use up the
rate of somebody else.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from poolhouse.kit import seal
from poolhouse.kit.jose import b64url_decode
from poolhouse.pool.core.quotas import category_of, kind_of
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.spec.contract import contract
from poolhouse.pool.spec.errors import too_many_requests


class Rates:
    """The rates that are set, and what they say of a request."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._rates: Mapping[str, int] = flow.config.rates

    async def check(self, operation: str, body: Any) -> None:
        """Count a request; ``TooManyRequestsException`` beyond the rate of its category, or of its user."""
        if not self._rates:
            return
        category, kind = category_of(operation, body) or "", kind_of(operation) or ""
        rate, of_user = self._rates.get(category), self._rates.get(kind)
        if rate is None and of_user is None:
            return
        pool_id, now_ms = await self._pool(operation, body), self._flow.clock.now_ms()
        buckets, who = self._flow.buckets, _who(body) if of_user is not None else None
        if of_user is not None and who and not buckets.take_of_user(pool_id, kind, who, of_user, now_ms):
            raise too_many_requests()
        if rate is not None and not buckets.take(pool_id, category, rate, now_ms):
            raise too_many_requests()

    async def _pool(self, operation: str, body: Any) -> str:
        """
        The pool that a request is for, as far as it says so; a token is read here, not believed.

        Only what the operation reads counts: another member would choose the bucket and nothing else.
        """
        directory = self._flow.directory
        if type(body) is not dict:
            return ""
        read = contract().shapes[contract().operations[operation].input].members
        body = {name: value for name, value in body.items() if name in read}
        pool_id = _name(body.get("UserPoolId") or _pool_of_token(body.get("AccessToken")))
        if pool_id is not None:
            entry = await directory.find_pool(pool_id)
            return entry.pool.id if entry else ""
        client_id = _name(body.get("ClientId"))
        if client_id is not None:
            found = await directory.find_client(client_id)
            return found.client.pool_id if found else ""
        return ""


def _who(body: Any) -> str | None:
    """Whom a request is about; every operation on one user reads one of these members and not the other."""
    given = (body.get("Username") or body.get("AccessToken")) if type(body) is dict else None
    return seal.digest(given.lower()).hex() if isinstance(given, str) else None


def _name(value: Any) -> str | None:
    """*value* if it could be an id at all."""
    return (
        value if isinstance(value, str) and 0 < len(value) <= 128 and value.isascii() and value.isprintable() else None
    )


def _pool_of_token(token: Any) -> str | None:
    """The last part of an access token's issuer."""
    parts = token.split(".") if type(token) is str and len(token) < 16_384 else []
    try:
        claims = msgspec.json.decode(b64url_decode(parts[1])) if len(parts) == 3 else None
    except (ValueError, RecursionError):
        return None
    issuer = claims.get("iss") if type(claims) is dict else None
    return issuer.rpartition("/")[2] if type(issuer) is str else None
