"""
Request rates: a bucket for each pool and category, in the memory of this process.

Several processes have a bucket each, so that together they let through as many times the rate.  Only pools that exist
have buckets; whatever names none shares one, so that a stranger cannot fill the memory.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from poolhouse.kit.jose import b64url_decode
from poolhouse.pool.core.quotas import Bucket, category_of, take
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.spec.contract import contract
from poolhouse.pool.spec.errors import too_many_requests


class Rates:
    """What has come lately."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._rates: Mapping[str, int] = flow.config.rates
        self._buckets: dict[tuple[str, str], Bucket] = {}

    async def check(self, operation: str, body: Any) -> None:
        """Count a request; ``TooManyRequestsException`` beyond the rate of its category."""
        category = category_of(operation, body) if self._rates else None
        rate = self._rates.get(category or "")
        if category is None or rate is None:
            return
        key = (await self._pool(operation, body), category)
        self._buckets[key], allowed = take(self._buckets.get(key), rate, self._flow.clock.now_ms())
        if not allowed:
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
