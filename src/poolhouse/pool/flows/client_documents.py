"""
Apps whose client_id is the address of a document about them (draft-ietf-oauth-client-id-metadata-document).

Such an app needs no registration: whoever it is, the document says, and the host that serves it is the one thing about
it that is known.  Ours: where anybody may register an app (AWS API: DcrConfiguration with OpenDcrEnabled), such apps
are let in on the same terms, and nowhere else.  They are public clients, with PKCE.

The document is fetched when an authorization request names it, through the guarded client, and kept for a while; who
redeems a code or a refresh token holds what only this app was given, so that nothing is fetched then.
"""

from poolhouse.kit.log import get_logger
from poolhouse.pool.core import client_document as core
from poolhouse.pool.core import registration
from poolhouse.pool.core.settings import dcr, openid
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.openid import OpenIdSettings
from poolhouse.pool.model.pool import Client, ClientId
from poolhouse.pool.model.provider import Registration


async def find(flow: Flow, entry: PoolEntry, client_id: str, asker: str = "") -> ClientEntry | None:
    """The app client of this pool that registered, or whose document is at *client_id*; *asker* is the address."""
    found = await flow.directory.find_client(client_id)
    if found is not None:
        return found if found.client.pool_id == entry.pool.id else None
    if not is_on(flow, entry) or not core.is_address(client_id):
        return None
    document = await flow.client_documents.get(flow.http, client_id, now=flow.clock.now(), asker=asker)
    if document is None:
        return None
    try:
        application = core.read(client_id, document, _terms(entry), _ours())
    except registration.Rejected as no:
        get_logger().info("document of a client refused", url=client_id, reason=no.description)
        return None
    return _entry(entry, client_id, application)


async def find_known(flow: Flow, entry: PoolEntry, client_id: str) -> ClientEntry | None:
    """The same for what was granted to it before: nothing is fetched."""
    found = await flow.directory.find_client(client_id)
    if found is not None:
        return found if found.client.pool_id == entry.pool.id else None
    if not is_on(flow, entry) or not core.is_address(client_id):
        return None
    return _entry(entry, client_id, core.unread(_terms(entry), _ours()))


def is_on(flow: Flow, entry: PoolEntry) -> bool:
    """Whether the pool lets in apps that it knows by their documents alone; strictly there is no such thing."""
    return not flow.config.strict and dcr.is_open(entry.pool.settings)


def _terms(entry: PoolEntry) -> dcr.Terms:
    return dcr.terms(entry.pool.settings, entry.has_scope, open_door=True)


def _ours() -> OpenIdSettings:
    return OpenIdSettings(dialect="openid", third_party=openid.works("third_party"), require_pkce=True)


def _entry(entry: PoolEntry, client_id: str, application: registration.Application) -> ClientEntry:
    client = Client(
        id=ClientId(client_id),
        pool_id=entry.pool.id,
        created_ms=entry.pool.created_ms,
        modified_ms=entry.pool.created_ms,
        settings=application.settings(core.host_of(client_id)),
        openid=application.extended,
    )
    said = Registration(
        client_id=client.id,
        pool_id=entry.pool.id,
        digest=b"",
        is_open=True,
        auth_method="none",
        application_type="native",
    )
    return ClientEntry(client=client, secrets=(), registration=said)
