"""
From a request to a resource and back: the key, the route, the media type.

Cookies mean nothing here, so there is nothing to forge; and a key means nothing anywhere else.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from poolhouse.house.context import Context
from poolhouse.house.scim import groups, keys, people, schemas
from poolhouse.house.scim.call import BASE, Call
from poolhouse.house.scim.query import Listing, list_reply
from poolhouse.house.scim.replies import ScimError, bad, not_found, refusal, reply
from poolhouse.house.scim.request import BODY_LIMIT
from poolhouse.house.visit import Visit
from poolhouse.kit import forms
from poolhouse.kit.address import client_address
from poolhouse.kit.ambient import hex_token
from poolhouse.kit.db.protocol import DatabaseBusy, UniqueViolation, UnstorableValue
from poolhouse.kit.edge import Raw, Reply
from poolhouse.kit.log import get_logger

_MEDIA = {"application/scim+json", "application/json", ""}
_CHALLENGE = ("www-authenticate", 'Bearer realm="SCIM"')

Deed = Callable[[Call, str], Awaitable[Reply]]


def _of_all(handler: Callable[[Call], Awaitable[Reply]]) -> Deed:
    async def deed(call: Call, _id: str) -> Reply:
        return await handler(call)

    return deed


_ROUTES: Mapping[tuple[str, str, bool], Deed] = {
    ("GET", "Users", False): _of_all(people.show_all),
    ("POST", "Users", False): _of_all(people.add),
    ("GET", "Users", True): people.show,
    ("PUT", "Users", True): people.replace,
    ("PATCH", "Users", True): people.patch,
    ("DELETE", "Users", True): people.remove,
    ("GET", "Groups", False): _of_all(groups.show_all),
    ("POST", "Groups", False): _of_all(groups.add),
    ("GET", "Groups", True): groups.show,
    ("PUT", "Groups", True): groups.replace,
    ("PATCH", "Groups", True): groups.patch,
    ("DELETE", "Groups", True): groups.remove,
}


async def answer(ctx: Context, raw: Raw) -> Reply:
    """Every request below ``/scim/v2``; whatever goes wrong is a refusal in SCIM's words."""
    reference = hex_token(ctx.entropy, 6)
    try:
        return await _answer(ctx, raw, reference)
    except ScimError as error:
        return refusal(error)
    except UniqueViolation:
        return refusal(ScimError(409, "another resource has come first", "uniqueness"))
    except UnstorableValue:
        return refusal(bad("text with a character that cannot be stored"))
    except DatabaseBusy:
        return refusal(ScimError(503, "too busy; try again"), (("retry-after", "5"),))
    except Exception as wrong:  # noqa: BLE001 - the one place where everything is caught
        get_logger().error(
            "request failed",
            program="house",
            reference=reference,
            route=BASE,
            error=type(wrong).__name__,
            exc_info=True,
        )
        return refusal(ScimError(500, f"a fault of this house, logged as {reference}"))


async def _answer(ctx: Context, raw: Raw, reference: str) -> Reply:
    if not ctx.live.document.provisioning.is_enabled:
        raise not_found()
    address = client_address(raw, ctx.proxies)
    key = await keys.find(ctx, raw.header("authorization"), address)
    if key is None:
        return refusal(ScimError(401, "give the API key as a bearer token"), (_CHALLENGE,))
    call = Call(ctx=ctx, visit=_visit(raw, address, reference), key=key, query=_query(raw), body=_body(raw))
    parts = raw.path.removeprefix(BASE).strip("/").split("/")
    return await _about(call, raw.method, parts) or await _resource(call, raw.method, parts)


async def _resource(call: Call, method: str, parts: list[str]) -> Reply:
    if len(parts) > 2:
        raise not_found()
    deed = _ROUTES.get((method, parts[0], len(parts) == 2))
    if deed is not None:
        return await deed(call, parts[-1])
    if parts[0] in {"Me", "Bulk", "Self"}:
        raise ScimError(501, f"/{parts[0]} is not part of this service")
    if parts[0] in {"Users", "Groups"} and parts[-1] != ".search":
        raise ScimError(405, f"{method} has no meaning here")
    raise not_found()


async def _about(call: Call, method: str, parts: list[str]) -> Reply | None:
    """What the service says of itself."""
    known: dict[str, list[dict[str, Any]]] = {
        "ServiceProviderConfig": [schemas.service(call.base)],
        "ResourceTypes": schemas.resource_types(call.base),
        "Schemas": schemas.schemas(call.base),
    }
    if parts[0] not in known or len(parts) > 2:
        return None
    if method != "GET":
        raise ScimError(405, "this can only be read")
    if call.query.get("filter"):
        # RFC 7644 section 4.
        raise ScimError(403, "these lists are not filtered")
    found = known[parts[0]]
    if parts[0] == "ServiceProviderConfig" and len(parts) == 1:
        return reply(found[0])
    if len(parts) == 1:
        return reply(list_reply(Listing(node=None, skip=0, count=len(found)), len(found), found))
    one = next((each for each in found if each.get("id") == parts[1]), None)
    if one is None:
        raise not_found()
    return reply(one)


def _visit(raw: Raw, address: str, reference: str) -> Visit:
    return Visit(
        raw=raw,
        address=address,
        reference=reference,
        browser="",
        is_new_browser=False,
        session_id="",
        session=None,
        csrf="",
    )


def _query(raw: Raw) -> dict[str, str]:
    try:
        return forms.single(raw.query)
    except forms.FormError as wrong:
        raise bad("the query cannot be read", "invalidSyntax") from wrong


def _body(raw: Raw) -> dict[str, Any]:
    if not raw.body:
        return {}
    if raw.media_type not in _MEDIA:
        raise ScimError(415, "send application/scim+json")
    try:
        body = msgspec.json.decode(raw.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        raise bad("the body is no JSON", "invalidSyntax") from wrong
    if not isinstance(body, dict):
        raise bad("the body must be a JSON object", "invalidSyntax")
    return body


def too_large(_raw: Raw) -> Reply:
    """413, as RFC 7644 section 3.12 has it."""
    return refusal(ScimError(413, f"a request has up to {BODY_LIMIT} bytes"))
