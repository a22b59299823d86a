"""
Pools, clients and keys, cached per process.

A change of a pool is announced in the transaction that makes it; every process forgets the pool then and reads it
again at the next use.  A pool forgotten while it is being read is not kept: the read may have seen the old rows.
"""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import TypeVar

import msgspec

from poolhouse.kit.db.protocol import REFRESH, Database, ReadTx
from poolhouse.kit.jose import SigningKey, Verifier, load_key
from poolhouse.kit.seal import KeyRing
from poolhouse.pool.core import look
from poolhouse.pool.core.settings import dcr
from poolhouse.pool.flows.pool_keys import PoolKeys, assemble
from poolhouse.pool.languages.voice import Own, own
from poolhouse.pool.model.branding import Look, Terms
from poolhouse.pool.model.pool import Client, ClientSecret, Domain, Pool, PoolId, PoolSalt, ResourceServer, SealedKey
from poolhouse.pool.model.provider import ProviderName, Registration
from poolhouse.pool.model.risk import LogConfiguration, RiskConfiguration
from poolhouse.pool.model.texts import PageTexts
from poolhouse.pool.store import branding as branding_store
from poolhouse.pool.store import clients as client_store
from poolhouse.pool.store import imports as import_store
from poolhouse.pool.store import pools as pool_store
from poolhouse.pool.store import providers as provider_store
from poolhouse.pool.store import registrations as registration_store
from poolhouse.pool.store import risk as risk_store
from poolhouse.pool.store import texts as text_store

T = TypeVar("T")
CAPACITY = 10_000
SALT = "pairwise salt"
_SERVERS = 1_000
_TERMS = 2_000


class Appearance(msgspec.Struct, frozen=True, kw_only=True):
    """The looks of a pool's pages by client, of the classic and of the managed pages, and the terms of each client."""

    classic: Mapping[str, Look] = MappingProxyType({})
    managed: Mapping[str, Look] = MappingProxyType({})
    terms: Mapping[str, tuple[Terms, ...]] = MappingProxyType({})


class PoolEntry(msgspec.Struct, frozen=True, kw_only=True):
    """
    A pool with what is read whenever the pool is.

    ``decoy`` is a hash such as the last import with hashes brought (``ImportJob.decoy``).  ``risks``: rules of threat
    protection by client, the pool's own under ``""``; ``texts``: those of the pages by language.  ``scopes``: of the
    resource servers, as tokens name them.  ``salt``: what pairwise subjects are made with, empty before there are any.
    """

    pool: Pool
    keys: PoolKeys
    domains: tuple[Domain, ...]
    resource_servers: tuple[ResourceServer, ...]
    appearance: Appearance = Appearance()
    providers: tuple[ProviderName, ...] = ()
    decoy: str | None = None
    risks: Mapping[str, RiskConfiguration] = {}
    logs: LogConfiguration | None = None
    texts: Mapping[str, Own] = {}
    scopes: frozenset[str] = frozenset()
    salt: bytes = b""

    @property
    def verifier(self) -> Verifier:
        """Of whatever the pool has signed."""
        return self.keys.verifier

    def has_scope(self, scope: str) -> bool:
        """Whether *scope* (``identifier/name``) is a custom scope of this pool, or the one for registering clients."""
        if scope == dcr.SCOPE:
            return dcr.is_on(self.pool.settings)
        return scope in self.scopes


class _Rows(msgspec.Struct, frozen=True):
    pool: Pool
    keys: list[SealedKey]
    domains: list[Domain]
    servers: list[ResourceServer]
    appearance: Appearance
    providers: tuple[ProviderName, ...]
    decoy: str | None
    risks: list[RiskConfiguration]
    logs: LogConfiguration | None
    texts: list[PageTexts]
    salt: PoolSalt | None


class ClientEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A client with its secrets opened, oldest first; none means a public client. *registration*: of its own making."""

    client: Client
    secrets: tuple[str, ...]
    registration: Registration | None = None

    @property
    def auth_method(self) -> str | None:
        """The one way in which it proves itself (RFC 7591 section 2); None: by a secret, if it has one."""
        return self.client.extended.token_endpoint_auth_method or (
            None if self.registration is None else self.registration.auth_method
        )

    @property
    def is_confidential(self) -> bool:
        """Whether it can prove who it is."""
        return bool(self.secrets) if self.auth_method is None else self.auth_method != "none"

    @property
    def is_unknown_app(self) -> bool:
        """Whether it registered itself, and nobody vouched for it."""
        return self.registration is not None and self.registration.is_open


class Directory:
    """The cache; reads through to the store."""

    def __init__(self, database: Database, ring: KeyRing) -> None:
        self._database = database
        self._ring = ring
        self._pools: dict[str, PoolEntry] = {}
        self._clients: dict[str, ClientEntry] = {}
        self._domains: dict[str, str] = {}
        self._acting: dict[str, Client | None] = {}
        self._generation = 0
        database.subscribe(pool_store.CHANGED, self._forget)

    async def find_pool(self, pool_id: str, *, anew: bool = False) -> PoolEntry | None:
        """The pool with its keys; None when it does not exist.  *anew*: as it is stored, whatever was kept of it."""
        found = self._pools.get(pool_id)
        if found is not None and not anew:
            return found
        before = self._generation

        async def read(tx: ReadTx) -> _Rows | None:
            pool = await pool_store.find_pool(tx, pool_id)
            if pool is None:
                return None
            return _Rows(
                pool,
                await pool_store.list_keys(tx, pool_id),
                await pool_store.list_domains(tx, pool_id),
                await pool_store.list_resource_servers(tx, pool_id, "", _SERVERS),
                await _appearance(tx, pool_id),
                await provider_store.provider_names(tx, pool_id),
                await import_store.find_decoy(tx, pool_id),
                await risk_store.list_risks(tx, pool_id),
                await risk_store.find_logs(tx, pool_id),
                await text_store.list_texts(tx, pool_id),
                await pool_store.find_salt(tx, pool_id),
            )

        rows = await self._database.read(read, snapshot=True)
        if rows is None:
            return None
        entry = self._entry(rows)
        self._keep(self._pools, pool_id, entry, before)
        return entry

    async def find_client(self, client_id: str) -> ClientEntry | None:
        """The client and its secrets; None when it does not exist."""
        found = self._clients.get(client_id)
        if found is not None:
            return found
        before = self._generation

        async def read(tx: ReadTx) -> tuple[Client, list[ClientSecret], Registration | None] | None:
            client = await client_store.find_client(tx, client_id)
            if client is None:
                return None
            by_itself = client.settings.client_type == "DCR"
            registration = await registration_store.find_registration(tx, client_id) if by_itself else None
            return client, await client_store.list_secrets(tx, client_id), registration

        rows = await self._database.read(read, snapshot=True)
        if rows is None:
            return None
        client, secrets, registration = rows
        opened = tuple(open_secret(self._ring, each) for each in secrets)
        entry = ClientEntry(client=client, secrets=opened, registration=registration)
        former = self._pools.get(client.pool_id)
        if client.extended.subject_type == "pairwise" and former is not None and not former.salt:
            # Read before the salt was made, which was before the client had need of it.
            del self._pools[client.pool_id]
        self._keep(self._clients, client_id, entry, before)
        return entry

    async def acting_client(self, pool_id: PoolId, find: Callable[[], Awaitable[Client | None]]) -> Client | None:
        """What *find* finds by reading all clients of the pool; kept until the pool or one of them changes."""
        if pool_id in self._acting:
            return self._acting[pool_id]
        before = self._generation
        found = await find()
        self._keep(self._acting, pool_id, found, before)
        return found

    async def find_domain(self, name: str) -> PoolEntry | None:
        """The pool whose pages are at this domain (prefix or host name)."""
        pool_id = self._domains.get(name)
        if pool_id is None:
            before = self._generation

            async def read(tx: ReadTx) -> Domain | None:
                return await pool_store.find_domain(tx, name)

            domain = await self._database.read(read)
            if domain is None:
                return None
            pool_id = domain.pool_id
            self._keep(self._domains, name, pool_id, before)
        return self._pools.get(pool_id) or await self.find_pool(pool_id)

    def _entry(self, rows: _Rows) -> PoolEntry:
        return PoolEntry(
            pool=rows.pool,
            keys=assemble([(key, load_key(self._open_key(key))) for key in rows.keys]),
            domains=tuple(rows.domains),
            resource_servers=tuple(rows.servers),
            appearance=rows.appearance,
            providers=rows.providers,
            decoy=rows.decoy,
            risks={each.client_id: each for each in rows.risks},
            logs=rows.logs,
            texts={each.language: own(each.texts) for each in rows.texts},
            scopes=frozenset(f"{s.identifier}/{each.scope_name}" for s in rows.servers for each in s.scopes),
            salt=b"" if rows.salt is None else self._ring.open(rows.salt.sealed, purpose=SALT, row=rows.pool.id),
        )

    async def check_master(self) -> None:
        """``SealBroken`` where the database was written with another master key: nothing would answer, pool by pool."""
        key = await self._database.read(pool_store.find_any_key)
        if key is not None:
            self._open_key(key)

    def _open_key(self, key: SealedKey) -> bytes:
        return self._ring.open(key.sealed, purpose="signing key", row=f"{key.pool_id}/{key.kid}")

    def _keep(self, cache: dict[str, T], key: str, value: T, generation: int) -> None:
        if generation == self._generation:
            if len(cache) >= CAPACITY:
                cache.pop(next(iter(cache)))
            cache[key] = value

    def _forget(self, pool_id: str) -> None:
        self._generation += 1
        if pool_id == REFRESH:
            for cache in (self._pools, self._clients, self._domains, self._acting):
                cache.clear()
            return
        self._pools.pop(pool_id, None)
        self._acting.pop(pool_id, None)
        _drop(self._clients, lambda entry: entry.client.pool_id == pool_id)
        _drop(self._domains, lambda owner: owner == pool_id)


async def _appearance(tx: ReadTx, pool_id: str) -> Appearance:
    """The logos' bytes are not kept: a browser asks for them once."""
    terms: dict[str, list[Terms]] = {}
    for each in await branding_store.list_terms(tx, pool_id, "", _TERMS):
        terms.setdefault(each.client_id, []).append(each)
    return Appearance(
        classic={c.client_id: look.classic(c) for c in await branding_store.list_customizations(tx, pool_id)},
        managed={s.client_id: look.managed(s) for s in await branding_store.list_styles(tx, pool_id)},
        terms={client_id: tuple(found) for client_id, found in terms.items()},
    )


def _drop(cache: dict[str, T], belongs: Callable[[T], bool]) -> None:
    for key in [key for key, value in cache.items() if belongs(value)]:
        del cache[key]


def seal_secret(ring: KeyRing, client_id: str, secret_id: str, secret: str) -> bytes:
    """A client secret at rest."""
    return ring.seal(secret.encode(), purpose="client secret", row=f"{client_id}/{secret_id}")


def open_secret(ring: KeyRing, secret: ClientSecret) -> str:
    """The client secret in clear."""
    return ring.open(secret.sealed, purpose="client secret", row=f"{secret.client_id}/{secret.id}").decode()


def seal_key(ring: KeyRing, pool_id: PoolId, key: SigningKey, use: str, now_ms: int) -> SealedKey:
    """A signing key at rest; *use* is "id" or "access"."""
    sealed = ring.seal(key.private_bytes(), purpose="signing key", row=f"{pool_id}/{key.kid}")
    return SealedKey(pool_id=pool_id, kid=key.kid, use=use, alg=key.alg, created_ms=now_ms, sealed=sealed)
