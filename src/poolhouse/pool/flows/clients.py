"""
App clients and their secrets.

What a client's settings refer to (scopes, attributes) is read in the transaction that writes them: another process
may have made it a moment ago.  A client of another pool is an unknown one.
"""

from typing import Final

import msgspec

from poolhouse.kit.ambient import letters
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.pool.core.refusal import Refusal
from poolhouse.pool.core.settings import dcr, openid, sector
from poolhouse.pool.core.settings.clients import ClientFacts, new_client, updated_client
from poolhouse.pool.flows import pools, sectors
from poolhouse.pool.flows.context import Flow, Refused, stop
from poolhouse.pool.flows.directory import open_secret, seal_secret
from poolhouse.pool.model.openid import NOTHING_EXTRA, OpenIdSettings
from poolhouse.pool.model.pool import Client, ClientId, ClientSecret, Pool, PoolId
from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.errors import (
    Reason,
    concurrent_modification,
    invalid_parameter,
    limit_exceeded,
    resource_not_found,
)
from poolhouse.pool.store import clients as store
from poolhouse.pool.store import pools as pool_store
from poolhouse.pool.store import providers as provider_store

IN_POOL: Final = 1_000
SECRETS: Final = 2
_ALPHABET: Final = "0123456789abcdefghijklmnopqrstuv"
_ID_LENGTH: Final = 26
_SECRET_LENGTH: Final = 52
_SERVERS: Final = 1_000
_TRIES: Final = 8


class Described(msgspec.Struct, frozen=True):
    """A client as stored now, and its oldest secret; None for a public client."""

    client: Client
    secret: str | None

    def __repr__(self) -> str:
        return f"Described({self.client.id})"


class NewSecret(msgspec.Struct, frozen=True):
    """A secret that was added; ``minted`` is its value when the server chose it."""

    record: ClientSecret
    minted: str | None

    def __repr__(self) -> str:
        return f"NewSecret({self.record.id})"


async def create(flow: Flow, region: str, request: shapes.CreateUserPoolClientRequest) -> Described:
    """AWS API: CreateUserPoolClient. Ids are unique over all pools: a client's own operations name nothing else."""
    client_id = mint_id(flow)
    now_ms = flow.clock.now_ms()
    secret = request.client_secret or (mint_secret(flow) if request.generate_secret else None)
    record = None if secret is None else sealed(flow, client_id, secret, now_ms)

    async def unit(tx: Tx) -> Client:
        facts = await _facts(flow, tx, region, request.user_pool_id)
        settings = _decided(new_client(request, facts))
        if await store.count_clients(tx, facts.pool.id) >= IN_POOL:
            raise limit_exceeded(f"A user pool cannot have more than {IN_POOL} app clients.")
        client = Client(id=client_id, pool_id=facts.pool.id, created_ms=now_ms, modified_ms=now_ms, settings=settings)
        await store.put_client(tx, client)
        if record is not None:
            await store.put_secret(tx, client.pool_id, record)
        return client

    return Described(await flow.database.write(unit), secret)


async def describe(flow: Flow, pool: Pool, client_id: str) -> Described:
    """AWS API: DescribeUserPoolClient. Of two secrets the older one: what was shown before stays until it is gone."""

    async def read(tx: ReadTx) -> tuple[Client, list[ClientSecret]]:
        client = await get_in(tx, pool.id, client_id)
        return client, await store.list_secrets(tx, client.id)

    client, secrets = await flow.database.read(read, snapshot=True)
    return Described(client, open_secret(flow.ring, secrets[0]) if secrets else None)


async def list_all(flow: Flow, pool: Pool, after: str, limit: int) -> list[Client]:
    """By id, from the one after *after*."""
    return await flow.database.read(lambda tx: store.list_clients(tx, pool.id, after, limit))


async def update(flow: Flow, region: str, request: shapes.UpdateUserPoolClientRequest) -> Described:
    """
    AWS API: UpdateUserPoolClient. Name and secrets stay; what else is left out returns to its default.

    Of two changes at once the later one is decided anew; in strict mode it is refused, as the service does.
    """
    now_ms = flow.clock.now_ms()
    only = None
    if flow.config.strict:
        found = await flow.database.read(lambda tx: store.find_client(tx, request.client_id))
        only = found.version if found else None

    sector_uri = await _looked_at_sector(flow, request)

    async def unit(tx: Tx) -> tuple[Client, list[ClientSecret]]:
        for _ in range(_TRIES):
            facts = await _facts(flow, tx, region, request.user_pool_id)
            client = await get_in(tx, facts.pool.id, request.client_id)
            if only not in {None, client.version}:
                raise concurrent_modification("The app client was modified by another request.")
            secrets = await store.list_secrets(tx, client.id)
            settings = _decided(updated_client(client.settings, request, facts, has_secret=bool(secrets)))
            _check_extended(client, settings)
            if client.extended.sector_identifier_uri != sector_uri:
                raise Refused(Reason.BUSY)
            changed = msgspec.structs.replace(
                client,
                settings=settings,
                openid=_withheld(client, settings),
                modified_ms=now_ms,
                version=client.version + 1,
            )
            if await store.replace_client(tx, changed, old_version=client.version):
                return changed, secrets
        raise Refused(Reason.BUSY)

    client, secrets = await flow.database.write(unit)
    return Described(client, open_secret(flow.ring, secrets[0]) if secrets else None)


async def delete(flow: Flow, pool: Pool, client_id: str) -> None:
    """AWS API: DeleteUserPoolClient. Its tokens, codes and secrets go with it."""

    async def unit(tx: Tx) -> None:
        client = await get_in(tx, pool.id, client_id)
        await store.drop_client(tx, pool.id, client.id)

    await flow.database.write(unit)


async def add_secret(flow: Flow, pool: Pool, client_id: str, given: str | None) -> NewSecret:
    """
    AWS API: AddUserPoolClientSecret. A second secret, so that apps can move from one to the other.

    A public client stays one: whoever uses it knows no secret.
    """
    secret = given or mint_secret(flow)
    record = sealed(flow, ClientId(client_id), secret, flow.clock.now_ms())

    async def unit(tx: Tx) -> None:
        held = await _secrets(tx, pool.id, client_id)
        if not held:
            raise invalid_parameter(f"Client {client_id} is not configured for secret.")
        if len(held) >= SECRETS:
            raise limit_exceeded(f"A client cannot have more than {SECRETS} secrets.")
        if any(each.id == record.id for each in held):
            raise Refused(Reason.BUSY)
        await store.put_secret(tx, pool.id, record)

    await flow.database.write(unit)
    return NewSecret(record, None if given else secret)


async def list_secrets(flow: Flow, pool: Pool, client_id: str) -> list[ClientSecret]:
    """AWS API: ListUserPoolClientSecrets. Oldest first."""
    return await flow.database.read(lambda tx: _secrets(tx, pool.id, client_id))


async def delete_secret(flow: Flow, pool: Pool, client_id: str, secret_id: str) -> None:
    """AWS API: DeleteUserPoolClientSecret. The last one stays, or the client would become public."""

    async def unit(tx: Tx) -> None:
        held = await _secrets(tx, pool.id, client_id)
        if not any(each.id == secret_id for each in held):
            raise resource_not_found(f"Client secret {secret_id} does not exist.")
        if len(held) == 1:
            raise invalid_parameter("The last secret of a client cannot be deleted.")
        await store.drop_secret(tx, pool.id, ClientId(client_id), secret_id)

    await flow.database.write(unit)


def mint_id(flow: Flow) -> ClientId:
    return ClientId(letters(flow.entropy, _ID_LENGTH, _ALPHABET))


def mint_secret(flow: Flow) -> str:
    return letters(flow.entropy, _SECRET_LENGTH, _ALPHABET)


def sealed(flow: Flow, client_id: ClientId, secret: str, now_ms: int) -> ClientSecret:
    """A new secret as it is kept."""
    secret_id = f"{client_id}--{now_ms}"
    return ClientSecret(
        client_id=client_id,
        id=secret_id,
        created_ms=now_ms,
        sealed=seal_secret(flow.ring, client_id, secret_id, secret),
    )


async def _facts(flow: Flow, tx: ReadTx, region: str, pool_id: str) -> ClientFacts:
    pool = await pools.get_in(tx, region, pool_id)
    servers = await pool_store.list_resource_servers(tx, pool.id, "", _SERVERS)
    scopes = {f"{server.identifier}/{scope.scope_name}" for server in servers for scope in server.scopes}
    if dcr.is_on(pool.settings):
        scopes.add(dcr.SCOPE)
    names = [provider.name for provider in await provider_store.provider_names(tx, pool.id)]
    return ClientFacts(pool, custom_scopes=scopes, providers=names, strict=flow.config.strict)


async def get_in(tx: ReadTx, pool_id: PoolId, client_id: str) -> Client:
    client = await store.find_client(tx, client_id)
    if client is None or client.pool_id != pool_id:
        raise Refused(Reason.CLIENT_NOT_FOUND, client=client_id)
    return client


async def _secrets(tx: ReadTx, pool_id: PoolId, client_id: str) -> list[ClientSecret]:
    """The secrets of a client that has secrets at all; clients that registered themselves manage their own."""
    client = await get_in(tx, pool_id, client_id)
    if client.settings.client_type == "DCR":
        raise invalid_parameter(f"Client {client_id} was registered dynamically; its secrets cannot be managed.")
    return await store.list_secrets(tx, client.id)


async def _looked_at_sector(flow: Flow, request: shapes.UpdateUserPoolClientRequest) -> str | None:
    """Ours: the document of the app's sector, if it has one, which has to have its new callback URLs as well."""
    client = await flow.database.read(lambda tx: store.find_client(tx, request.client_id))
    if client is None or client.pool_id != request.user_pool_id:
        return None
    callbacks = request.callback_urls or ()
    if not set(callbacks) <= set(client.settings.callback_urls or ()):
        try:
            await sectors.check(flow, client.extended, callbacks)
        except openid.WrongSetting as wrong:
            raise invalid_parameter(str(wrong)) from wrong
    return client.extended.sector_identifier_uri


def _check_extended(client: Client, settings: shapes.UserPoolClientType) -> None:
    """
    Ours: callback URLs go only with a frame that is at the origin of one of them (Front-Channel Logout 2).

    And with pairwise subjects that stay as they are, and nothing with a profile that excludes it.
    """
    callbacks = settings.callback_urls or ()
    try:
        openid.check_origin(client.extended, callbacks)
        openid.check_client(client.extended, settings)
        sector.settled(client.extended, callbacks)
    except openid.WrongSetting as wrong:
        raise invalid_parameter(str(wrong)) from wrong


def _withheld(client: Client, settings: shapes.UserPoolClientType) -> OpenIdSettings | None:
    """Ours: an app that registered itself does not take back the scopes that an administrator takes away here."""
    if settings.client_type != "DCR":
        return client.openid
    held, left = client.settings.allowed_o_auth_scopes or (), settings.allowed_o_auth_scopes or ()
    before = (*client.extended.withheld_scopes, *held)
    gone = tuple(dict.fromkeys(each for each in before if each not in left))
    extended = msgspec.structs.replace(client.extended, withheld_scopes=gone)
    return None if extended == NOTHING_EXTRA else extended


def _decided(settings: shapes.UserPoolClientType | Refusal) -> shapes.UserPoolClientType:
    if isinstance(settings, Refusal):
        stop(settings)
    return settings
