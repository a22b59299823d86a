"""
Apps that register themselves, and manage what they registered (RFC 7591, RFC 7592).

Whoever may register without a token is anybody: such registrations are counted, for each address and for the pool, and
together they never take more than half of a pool's app clients.
"""

import hmac
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from poolhouse.kit import seal
from poolhouse.kit.address import customer_of
from poolhouse.kit.ambient import urlsafe
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.pool.core import possession
from poolhouse.pool.core import registration as core
from poolhouse.pool.core.settings import dcr, openid
from poolhouse.pool.flows import applying, clients, living
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.directory import PoolEntry, open_secret
from poolhouse.pool.model.binding import UNBOUND
from poolhouse.pool.model.openid import NOTHING_EXTRA, OpenIdSettings
from poolhouse.pool.model.pool import Client, ClientSecret
from poolhouse.pool.model.provider import Registration
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.spec.shapes import UserPoolClientType
from poolhouse.pool.store import clients as client_store
from poolhouse.pool.store import consents as consent_store
from poolhouse.pool.store import pools as pool_store
from poolhouse.pool.store import registrations as store

IN_POOL: Final = 500
PER_ADDRESS: Final = 20
PER_POOL: Final = 200


class NotPermitted(Exception):
    """The token does not permit it, or there is none; *shown* tells which."""

    def __init__(self, *, shown: bool) -> None:
        super().__init__()
        self.shown = shown


class Registered(msgspec.Struct, frozen=True):
    """A client, its secret if it has one, and what manages it."""

    client: Client
    secret: str | None
    registration: Registration
    token: str

    def __repr__(self) -> str:
        return f"Registered({self.client.id})"


async def register(
    flow: Flow, entry: PoolEntry, metadata: Mapping[str, Any], *, bearer: str | None, address: str
) -> Registered:
    """A new app client; raises ``core.Rejected``, ``NotPermitted`` or ``applying.TooMany``."""
    if bearer is not None:
        await _check_registrar(flow, entry, bearer)
    elif not dcr.is_open(entry.pool.settings):
        raise NotPermitted(shown=False)
    by_anybody = bearer is None
    terms = dcr.terms(entry.pool.settings, entry.has_scope, open_door=by_anybody)
    ours, who = _ours(flow, by_anybody=by_anybody), customer_of(address)
    wanted = await applying.judged(flow, entry, metadata, terms, ours, who)
    client_id, now_ms = clients.mint_id(flow), flow.clock.now_ms()
    token = urlsafe(flow.entropy, 32)
    client = Client(
        id=client_id,
        pool_id=entry.pool.id,
        created_ms=now_ms,
        modified_ms=now_ms,
        settings=wanted.settings(f"dcr-{client_id[:8]}"),
        openid=_kept(wanted.extended),
    )
    secret = clients.mint_secret(flow) if wanted.has_secret else None
    registration = Registration(
        client_id=client_id,
        pool_id=entry.pool.id,
        digest=seal.digest(token),
        is_open=by_anybody,
        auth_method=wanted.auth_method,
        application_type=wanted.application_type,
    )

    async def unit(tx: Tx) -> None:
        if by_anybody:
            await applying.count(tx, f"register:{entry.pool.id}:{who}", PER_ADDRESS, flow.clock.now())
            await applying.count(tx, f"register:{entry.pool.id}", PER_POOL, flow.clock.now())
        await _check_terms(tx, entry)
        in_pool = await client_store.count_clients(tx, entry.pool.id)
        if in_pool >= clients.IN_POOL or await store.count_registrations(tx, entry.pool.id) >= IN_POOL:
            raise applying.TooMany
        await client_store.put_client(tx, client)
        await store.put_registration(tx, registration)
        if secret is not None:
            await client_store.put_secret(tx, client.pool_id, clients.sealed(flow, client_id, secret, now_ms))

    await flow.database.write(unit)
    return Registered(client, secret, registration, token)


async def read(flow: Flow, entry: PoolEntry, client_id: str, token: str) -> Registered:
    """RFC 7592 section 2.1."""

    async def unit(tx: ReadTx) -> tuple[Client, Registration, list[ClientSecret]]:
        return await _managed(tx, entry, client_id, token)

    client, registration, secrets = await flow.database.read(unit, snapshot=True)
    return Registered(client, open_secret(flow.ring, secrets[0]) if secrets else None, registration, token)


async def update(flow: Flow, entry: PoolEntry, client_id: str, token: str, metadata: Mapping[str, Any]) -> Registered:
    """
    RFC 7592 section 2.2: the metadata replace what was registered, under the terms of today.

    A client that becomes confidential gets a secret, one that becomes public loses it.
    """
    former = await read(flow, entry, client_id, token)
    _check_same(former, metadata)
    metadata = _with_same_subjects(former, metadata)
    terms = dcr.terms(entry.pool.settings, entry.has_scope, open_door=former.registration.is_open)
    # What an administrator took away is no longer among what the app may register for.
    withheld = former.client.extended.withheld_scopes
    terms = msgspec.structs.replace(terms, scopes=tuple(each for each in terms.scopes if each not in withheld))
    wanted = await applying.judged(flow, entry, metadata, terms, core.ours_of(former.client.extended), client_id)
    now_ms = flow.clock.now_ms()
    secret = (former.secret or clients.mint_secret(flow)) if wanted.has_secret else None
    registration = msgspec.structs.replace(
        former.registration, auth_method=wanted.auth_method, application_type=wanted.application_type
    )
    changed = msgspec.structs.replace(
        former.client,
        settings=_replaced(former, wanted),
        openid=_kept(wanted.extended),
        modified_ms=now_ms,
        version=former.client.version + 1,
    )

    async def unit(tx: Tx) -> None:
        client, _, secrets = await _managed(tx, entry, client_id, token)
        await _check_terms(tx, entry)
        if not await client_store.replace_client(tx, changed, old_version=former.client.version):
            raise Refused(Reason.BUSY)
        await store.replace_registration(tx, registration)
        if not set(wanted.redirect_uris) <= set(former.client.settings.callback_urls or ()):
            # People agreed to be taken somewhere else: with a stolen token, it could be anywhere.
            await consent_store.drop_consents_for(tx, client.id)
        if secret is None:
            for each in secrets:
                await client_store.drop_secret(tx, entry.pool.id, client.id, each.id)
        elif not secrets:
            await client_store.put_secret(tx, entry.pool.id, clients.sealed(flow, client.id, secret, now_ms))

    await flow.database.write(unit)
    return Registered(changed, secret, registration, token)


def _replaced(former: Registered, wanted: core.Application) -> UserPoolClientType:
    """
    The settings of the client after a change by its app: what no metadata say stays as an administrator left it.

    With another proof come its own rules for refreshing.
    """
    held, said = former.client.settings, wanted.settings(f"dcr-{former.client.id[:8]}")
    is_same = former.registration.auth_method == wanted.auth_method
    default = held.default_redirect_uri
    return msgspec.structs.replace(
        held,
        client_name=said.client_name,
        callback_urls=said.callback_urls,
        logout_urls=said.logout_urls,
        default_redirect_uri=default if default in wanted.redirect_uris else None,
        allowed_o_auth_flows=said.allowed_o_auth_flows,
        allowed_o_auth_scopes=said.allowed_o_auth_scopes,
        explicit_auth_flows=held.explicit_auth_flows if is_same else said.explicit_auth_flows,
        refresh_token_rotation=held.refresh_token_rotation if is_same else said.refresh_token_rotation,
    )


async def delete(flow: Flow, entry: PoolEntry, client_id: str, token: str) -> None:
    """RFC 7592 section 2.3: the client with its tokens, codes and secrets."""

    async def unit(tx: Tx) -> None:
        client, _, _ = await _managed(tx, entry, client_id, token)
        await client_store.drop_client(tx, entry.pool.id, client.id)

    await flow.database.write(unit)


def _ours(flow: Flow, *, by_anybody: bool) -> OpenIdSettings:
    """
    What an app has no say in when it registers.

    It speaks the standards' dialect: it found this server by its metadata and knows of no service.  Strictly there is
    only the service's.  Whoever registered without a token has to ask each user for consent.
    """
    if flow.config.strict:
        return NOTHING_EXTRA
    return OpenIdSettings(dialect="openid", third_party=by_anybody and openid.works("third_party"))


def _kept(extended: OpenIdSettings) -> OpenIdSettings | None:
    return None if extended == NOTHING_EXTRA else extended


async def _check_terms(tx: ReadTx, entry: PoolEntry) -> None:
    """The terms that were applied are the pool's, which another process may have closed a moment ago."""
    pool = await pool_store.find_pool(tx, entry.pool.id)
    if pool is None or pool.settings.dcr_configuration != entry.pool.settings.dcr_configuration:
        raise Refused(Reason.BUSY)


async def _managed(
    tx: ReadTx, entry: PoolEntry, client_id: str, token: str
) -> tuple[Client, Registration, list[ClientSecret]]:
    """The client that *token* manages; an unknown client and a wrong token get one answer."""
    registration = await store.find_registration(tx, client_id)
    expected = b"" if registration is None else registration.digest
    right = hmac.compare_digest(expected, seal.digest(token))
    client = await client_store.find_client(tx, client_id)
    if registration is None or client is None or not right or registration.pool_id != entry.pool.id:
        raise NotPermitted(shown=True)
    return client, registration, await client_store.list_secrets(tx, client_id)


def _check_same(former: Registered, metadata: Mapping[str, Any]) -> None:
    """RFC 7592 section 2.2: the client names itself, may name its secret, and sets neither tokens nor dates."""
    if metadata.get("client_id") != former.client.id:
        raise core.Rejected("invalid_client_metadata", "client_id is not that of the client")
    shown = metadata.get("client_secret")
    if shown is not None:
        held = (former.secret or "").encode()
        if not isinstance(shown, str) or not hmac.compare_digest(shown.encode(errors="replace"), held):
            raise core.Rejected("invalid_client_metadata", "client_secret is not that of the client")
    for name in ("registration_access_token", "registration_client_uri", "client_secret_expires_at",
                 "client_id_issued_at"):  # fmt: skip
        if name in metadata:
            raise core.Rejected("invalid_client_metadata", f"{name} cannot be set")


def _with_same_subjects(former: Registered, metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    """Ours: an app's users stay who they are to it; what it does not say of that stays, and no other is taken."""
    held, said = former.client.extended.subject_type, metadata.get("subject_type")
    if said is not None and said != held:
        raise core.Rejected("invalid_client_metadata", "subject_type cannot be changed")
    return {**metadata, "subject_type": held}


async def _check_registrar(flow: Flow, entry: PoolEntry, bearer: str) -> None:
    """A living access token with the scope for registering, of a client that still has it and did not register."""
    try:
        found = await living.find(flow, entry, bearer)
    except Refused as wrong:
        raise NotPermitted(shown=True) from wrong
    settings = found.client.settings
    is_right = (
        # A bound token is none without its proof, which nobody can show here (RFC 9449 section 7.2).
        possession.is_held(found.claims, UNBOUND)
        and dcr.SCOPE in str(found.claims.get("scope", "")).split()
        and settings.client_type != "DCR"
        and dcr.SCOPE in (settings.allowed_o_auth_scopes or ())
    )
    if not is_right:
        raise NotPermitted(shown=True)
