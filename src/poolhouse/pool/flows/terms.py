"""Terms documents: links that the sign-up page of an app client shows, in several languages."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import msgspec

from poolhouse.kit.ambient import uuid4
from poolhouse.kit.db.protocol import ReadTx, Tx, UniqueViolation
from poolhouse.pool.flows import clients
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.model.branding import Terms
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.spec.errors import CognitoError, invalid_parameter, resource_not_found
from poolhouse.pool.store import branding as store

DEFAULT: Final = "cognito:default"


async def create(flow: Flow, pool: Pool, client_id: str, *, name: str, links: Mapping[str, str] | None) -> Terms:
    """AWS API: CreateTerms."""
    kept = _links(links)
    now_ms = flow.clock.now_ms()
    terms_id = uuid4(flow.entropy)

    async def unit(tx: Tx) -> Terms:
        client = await clients.get_in(tx, pool.id, client_id)
        terms = Terms(
            id=terms_id,
            pool_id=pool.id,
            client_id=client.id,
            name=name,
            links=kept,
            created_ms=now_ms,
            modified_ms=now_ms,
        )
        await store.put_terms(tx, terms)
        return terms

    try:
        return await flow.database.write(unit)
    except UniqueViolation as taken:
        raise _exists(name) from taken


async def get(flow: Flow, pool: Pool, terms_id: str) -> Terms:
    """AWS API: DescribeTerms."""
    found = await flow.database.read(lambda tx: store.find_terms(tx, pool.id, terms_id))
    if found is None:
        raise _missing()
    return found


async def get_of(flow: Flow, pool: Pool, client_id: str, name: str) -> Terms:
    """AWS API: DescribeTermsByClient."""

    async def read(tx: ReadTx) -> Terms | None:
        client = await clients.get_in(tx, pool.id, client_id)
        return await store.find_terms_of(tx, pool.id, client.id, name)

    found = await flow.database.read(read, snapshot=True)
    if found is None:
        raise _missing()
    return found


async def list_all(flow: Flow, pool: Pool, after: str, limit: int) -> list[Terms]:
    """By id, from the one after *after*."""
    return await flow.database.read(lambda tx: store.list_terms(tx, pool.id, after, limit))


async def update(flow: Flow, pool: Pool, terms_id: str, *, name: str | None, links: Mapping[str, str] | None) -> Terms:
    """AWS API: UpdateTerms. What is not sent stays; links that are sent are all there are then."""
    kept = None if links is None else _links(links)
    now_ms = flow.clock.now_ms()

    async def unit(tx: Tx) -> Terms:
        terms = await store.find_terms(tx, pool.id, terms_id)
        if terms is None:
            raise _missing()
        changed = msgspec.structs.replace(
            terms, name=name or terms.name, links=terms.links if kept is None else kept, modified_ms=now_ms
        )
        if not await store.replace_terms(tx, changed):
            raise _missing()
        return changed

    try:
        return await flow.database.write(unit)
    except UniqueViolation as taken:
        raise _exists(name or "") from taken


async def delete(flow: Flow, pool: Pool, terms_id: str) -> None:
    """AWS API: DeleteTerms."""
    if not await flow.database.write(lambda tx: store.drop_terms(tx, pool.id, terms_id)):
        raise _missing()


def _links(links: Mapping[str, str] | None) -> dict[str, str]:
    """Addresses that a page may link; a document without one could never be shown."""
    if not links:
        raise invalid_parameter("Links must have at least one member.")
    for language, url in links.items():
        if not _is_web(url):
            raise invalid_parameter(f"The link of {language} is not a URL that begins with https:// or http://.")
    return dict(links)


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"https", "http"} and bool(parts.hostname)


def _missing() -> CognitoError:
    return resource_not_found("Terms do not exist.")


def _exists(name: str) -> CognitoError:
    return CognitoError("TermsExistsException", f"Terms with the name {name} already exist for this client.")
