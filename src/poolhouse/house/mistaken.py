"""
Calls that were meant for a user pool: an AWS client whose endpoint is the house instead of the pool.

They are told so in their own protocol (AWS JSON 1.1), so that the SDK shows the sentence and not a parse error.
"""

import re

import msgspec

from poolhouse.house.context import Context
from poolhouse.house.visit import Visit
from poolhouse.kit.edge import Raw, Reply

MEDIA_TYPE = "application/x-amz-json-1.1"
_POOL_ISSUER = re.compile(r"(https?://.+)/[a-z]{2}(?:-[a-z]+){1,3}-[0-9]{1,2}_[0-9A-Za-z]{1,55}")


def is_for_a_pool(raw: Raw) -> bool:
    return raw.media_type == MEDIA_TYPE or bool(raw.header("x-amz-target"))


def refuse(ctx: Context, visit: Visit) -> Reply:
    """Where a pool is, goes by the providers' issuers, which everybody sees who signs in by them."""
    issuers = (each.settings.issuer for each in ctx.live.document.providers if each.is_enabled)
    pool = next((found[1] for issuer in issuers if (found := _POOL_ISSUER.fullmatch(issuer))), "")
    place = f"the API of its user pool is at {pool}" if pool else "the API of a user pool has an address of its own"
    said = (
        f"This is the house at {ctx.origin.url}; {place}."
        " Set AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER (or endpoint_url) to that."
    )
    headers = (
        ("content-type", MEDIA_TYPE),
        ("x-amzn-RequestId", visit.reference),
        ("x-amzn-ErrorType", "UnknownOperationException:"),
        ("cache-control", "no-store"),
    )
    return Reply(400, msgspec.json.encode({"__type": "UnknownOperationException", "message": said}), headers)
