"""
An authorization request, wherever its parameters stand: in the query, pushed beforehand, or in a signed object.

From here on nothing depends on where they stood: one judge sees them all (``core.authorize``).
"""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlencode

import msgspec

from poolhouse.kit import forms
from poolhouse.kit.log import get_logger
from poolhouse.pool.core import authorize as core
from poolhouse.pool.core.authorization_request import Asked, BadClient, Fault, Verdict
from poolhouse.pool.flows import client_documents, hints, pushed, request_object
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.flows.request_object import WrongObject

REQUEST_LIMIT: Final = 16_384
"""Bytes of a request's parameters: they travel in URLs, and a scope of a megabyte is only work (CVE-2026-4634)."""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """
    The parameters that count.

    *pushed* is the digest of a pushed request, *fault* what is wrong with a request object, where these are; then
    *given* is what stood outside of it, good for nothing but telling the app.
    """

    given: Mapping[str, Sequence[str]]
    client: ClientEntry | None
    pushed: bytes | None = None
    is_pushed: bool = False
    is_signed: bool = False
    fault: Fault | None = None

    @property
    def form(self) -> str:
        return urlencode(self.given, doseq=True)


async def judge(flow: Flow, entry: PoolEntry, form: str, asker: str = "") -> Verdict:
    """The verdict on the parameters of an authorization request, as they stand in a query or a form of *asker*."""
    source = await find(flow, entry, form, asker)
    return source if isinstance(source, BadClient) else verdict(flow, entry, source)


async def find(flow: Flow, entry: PoolEntry, form: str, asker: str = "") -> Source | BadClient:
    """Where the parameters are; a handle or an object that leads nowhere ends on an error page."""
    if len(form) > REQUEST_LIMIT:
        return BadClient("invalid_request")
    try:
        given = forms.multi(form)
    except forms.FormError:
        return BadClient("invalid_request")
    client_id = given.get("client_id", [""])[0]
    client = await client_documents.find(flow, entry, client_id, asker)
    outside = Source(given=given, client=client)
    uri, text = (given.get(name, [""])[0] for name in ("request_uri", "request"))
    if client is None or _is_repeated(given, "client_id", "request_uri", "request"):
        return outside
    if uri.startswith(pushed.PREFIX):
        return BadClient("invalid_request") if text else await _pushed(flow, outside, client, uri)
    return await _signed(flow, entry, outside, client, text) if text and not uri else outside


def verdict(flow: Flow, entry: PoolEntry, source: Source) -> Verdict:
    """What the judge says."""
    values = {name: found[0] for name, found in source.given.items() if found[0]}
    client = source.client
    return core.check(
        Asked(
            values=values,
            repeated=frozenset(name for name, found in source.given.items() if len(found) > 1),
            client=None if client is None else client.client,
            is_custom_scope=entry.has_scope,
            resources=tuple(filter(None, source.given.get("resource", ()))),
            resource_servers=frozenset(each.identifier for each in entry.resource_servers),
            providers=frozenset(each.name for each in entry.providers),
            is_public=client is not None and not client.is_confidential,
            is_unknown_app=client is not None and client.is_unknown_app,
            hinted=_hinted(flow, entry, values.get("id_token_hint")),
            strict=flow.config.strict,
            provider_of={identifier: each.name for each in entry.providers for identifier in each.identifiers},
            pushed=source.pushed,
            is_pushed=source.is_pushed,
            is_signed=source.is_signed,
            fault=source.fault,
        )
    )


def _is_repeated(given: Mapping[str, Sequence[str]], *names: str) -> bool:
    return any(len(given.get(name, ())) > 1 for name in names)


async def _pushed(flow: Flow, outside: Source, client: ClientEntry, uri: str) -> Source | BadClient:
    """What was pushed, and nothing of the query (RFC 9126 section 4): it was found valid as a whole."""
    request = await pushed.find(flow, client.client, uri)
    if request is None:
        return BadClient("invalid_request_uri", client.client.id)
    given = forms.multi(request.form)
    if request.jkt is not None:
        given["dpop_jkt"] = [request.jkt]
    # Whether it was signed was looked at when it came.
    return msgspec.structs.replace(outside, given=given, pushed=request.digest, is_pushed=True, is_signed=True)


async def _signed(flow: Flow, entry: PoolEntry, outside: Source, client: ClientEntry, text: str) -> Source | BadClient:
    """What is signed, and nothing else; a client without keys is told that it has no request objects."""
    if not request_object.is_able(client.client):
        return outside
    try:
        inside = await request_object.read(flow, entry, client.client, text)
    except WrongObject as wrong:
        get_logger().info("request object refused", client_id=client.client.id, reason=str(wrong))
        if "redirect_uri" not in outside.given:
            return BadClient("invalid_request_object", client.client.id)
        rest = {name: found for name, found in outside.given.items() if name != "request"}
        return msgspec.structs.replace(outside, given=rest, fault=("invalid_request_object", str(wrong)))
    given: dict[str, list[str]] = {}
    for name, value in inside:
        given.setdefault(name, []).append(value)
    return msgspec.structs.replace(outside, given=given, is_signed=True)


def _hinted(flow: Flow, entry: PoolEntry, hint: str | None) -> str | None:
    """The user of the ID token that an app shows, however old; empty when it is none of this pool's."""
    return None if hint is None else hints.subject(flow, entry, hint)
