"""
Identity providers of a pool: create, describe, change, delete.

What they are told to fetch is fetched before anything is written.  Two changes at once: the later one is refused, as
its caller decided on what is no longer there.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import Final

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from poolhouse.kit.db.protocol import ReadTx, Tx, UniqueViolation
from poolhouse.pool.core import identity_providers as rules
from poolhouse.pool.core.refusal import Refusal
from poolhouse.pool.flows import provider_sources, saml_certificates
from poolhouse.pool.flows.context import Flow, stop
from poolhouse.pool.model.pool import Pool, PoolId
from poolhouse.pool.model.provider import IdentityProvider
from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.errors import (
    concurrent_modification,
    duplicate_provider,
    invalid_parameter,
    limit_exceeded,
    resource_not_found,
    unsupported_identity_provider,
)
from poolhouse.pool.store import providers as store

IN_POOL: Final = 300
_PURPOSE: Final = "provider secret"


class Shown(msgspec.Struct, frozen=True):
    """A provider and the details that describe shows of it, the client secret among them."""

    provider: IdentityProvider
    details: dict[str, str]

    def __repr__(self) -> str:
        return f"Shown({self.provider.name})"


async def create(flow: Flow, pool: Pool, request: shapes.CreateIdentityProviderRequest) -> Shown:
    """AWS API: CreateIdentityProvider."""
    _stop_if(rules.check_name(request.provider_name, request.provider_type))
    kind = request.provider_type
    mapping = _accepted(rules.judge_mapping(kind, request.attribute_mapping or {}, _schema(pool)))
    identifiers = tuple(request.idp_identifiers or ())
    _stop_if(rules.check_identifiers(identifiers) or rules.check_acr(kind, request.acr_mapping or {}))
    sealed, source = await _prepared(flow, pool.id, request.provider_name, kind, request.provider_details)
    now_ms = flow.clock.now_ms()
    provider = IdentityProvider(
        pool_id=pool.id,
        name=request.provider_name,
        type=kind,
        details=source.details,
        sealed=sealed,
        mapping=mapping,
        identifiers=identifiers,
        acr=request.acr_mapping or {},
        metadata=source.metadata,
        created_ms=now_ms,
        modified_ms=now_ms,
    )

    async def unit(tx: Tx) -> None:
        if await store.count_providers(tx, pool.id) >= IN_POOL:
            raise limit_exceeded(f"A user pool cannot have more than {IN_POOL} identity providers.")
        await store.put_provider(tx, provider)

    try:
        await flow.database.write(unit)
    except UniqueViolation as taken:
        if taken.table != "identity_providers":
            raise _identifier_taken() from taken
        raise duplicate_provider(
            f"A provider with the name {provider.name} already exists in this user pool."
        ) from taken
    return await _shown(flow, pool, provider)


async def describe(flow: Flow, pool: Pool, name: str) -> Shown:
    """AWS API: DescribeIdentityProvider."""
    return await _shown(flow, pool, await _get(flow, pool, name))


async def describe_by_identifier(flow: Flow, pool: Pool, identifier: str) -> Shown:
    """AWS API: GetIdentityProviderByIdentifier."""
    found = await flow.database.read(lambda tx: store.find_by_identifier(tx, pool.id, identifier))
    if found is None:
        raise resource_not_found(f"Identity provider with identifier {identifier} does not exist.")
    return await _shown(flow, pool, found)


async def list_all(flow: Flow, pool: Pool, after: str, limit: int) -> list[IdentityProvider]:
    """By name, from the one after *after*."""
    return await flow.database.read(lambda tx: store.list_providers(tx, pool.id, after, limit))


async def update(flow: Flow, pool: Pool, request: shapes.UpdateIdentityProviderRequest) -> Shown:
    """
    AWS API: UpdateIdentityProvider. A member that is left out stays; one that is given is replaced whole.

    A secret that describe does not show need not be given again.
    """
    _check_external(request.provider_name)
    former = await _get(flow, pool, request.provider_name)
    changed = msgspec.structs.replace(former, modified_ms=flow.clock.now_ms(), version=former.version + 1)
    if request.attribute_mapping is not None:
        mapping = _accepted(rules.judge_mapping(former.type, request.attribute_mapping, _schema(pool)))
        changed = msgspec.structs.replace(changed, mapping=mapping)
    if request.idp_identifiers is not None:
        changed = msgspec.structs.replace(changed, identifiers=tuple(request.idp_identifiers))
    if request.acr_mapping is not None:
        changed = msgspec.structs.replace(changed, acr=request.acr_mapping)
    _stop_if(rules.check_identifiers(changed.identifiers) or rules.check_acr(former.type, changed.acr))
    if request.provider_details is not None:
        kept = {name: value for name, value in secrets_of(flow, former).items() if name in rules.HIDDEN}
        given = {**kept, **request.provider_details}
        sealed, source = await _prepared(flow, pool.id, former.name, former.type, given)
        changed = msgspec.structs.replace(changed, details=source.details, sealed=sealed, metadata=source.metadata)

    async def unit(tx: Tx) -> bool:
        return await store.replace_provider(tx, changed, old_version=former.version)

    try:
        written = await flow.database.write(unit)
    except UniqueViolation as taken:
        raise _identifier_taken() from taken
    if not written:
        raise concurrent_modification("The identity provider was modified by another request. Try again.")
    return await _shown(flow, pool, changed)


async def delete(flow: Flow, pool: Pool, name: str) -> None:
    """
    AWS API: DeleteIdentityProvider.

    App clients that list it keep its name, which then names nobody; identities that were linked stay with their users.
    """
    _check_external(name)
    if not await flow.database.write(lambda tx: store.drop_provider(tx, pool.id, name)):
        raise missing(name)


def secrets_of(flow: Flow, provider: IdentityProvider) -> dict[str, str]:
    """The provider's secrets in clear, by the names of the details."""
    if provider.sealed is None:
        return {}
    clear = flow.ring.open(provider.sealed, purpose=_PURPOSE, row=f"{provider.pool_id}/{provider.name}")
    return msgspec.json.decode(clear, type=dict[str, str])


def missing(name: str) -> Exception:
    """The refusal of a name that no provider has."""
    return resource_not_found(f"Identity provider {name} does not exist.")


async def _get(flow: Flow, pool: Pool, name: str) -> IdentityProvider:
    async def read(tx: ReadTx) -> IdentityProvider | None:
        return await store.find_provider(tx, pool.id, name)

    found = await flow.database.read(read)
    if found is None:
        raise missing(name)
    return found


async def _prepared(
    flow: Flow, pool_id: PoolId, name: str, kind: str, given: dict[str, str]
) -> tuple[bytes | None, provider_sources.Source]:
    """The sealed secrets, and the other details with what was fetched."""
    details = _accepted(rules.judge_details(kind, given))
    if "private_key" in details:
        _check_key(details["private_key"])
    secrets = {key: details[key] for key in rules.SECRETS if key in details}
    plain = {key: value for key, value in details.items() if key not in secrets}
    source = await provider_sources.complete(flow, kind, plain)
    if not secrets:
        return None, source
    sealed = flow.ring.seal(msgspec.json.encode(secrets), purpose=_PURPOSE, row=f"{pool_id}/{name}")
    return sealed, source


async def _shown(flow: Flow, pool: Pool, provider: IdentityProvider) -> Shown:
    secrets = {key: value for key, value in secrets_of(flow, provider).items() if key not in rules.HIDDEN}
    computed = {}
    if provider.type == rules.SAML:
        computed["ActiveEncryptionCertificate"] = (await saml_certificates.encryption(flow, pool)).certificate
    return Shown(provider, dict(sorted({**provider.details, **secrets, **computed}.items())))


def _check_key(text: str) -> None:
    """An EC key on P-256, as Apple hands out: a PEM file or its body."""
    body = "".join(line for line in text.splitlines() if not line.startswith("-----"))
    try:
        key = serialization.load_der_private_key(base64.b64decode("".join(body.split()), validate=True), None)
    except (binascii.Error, ValueError, TypeError, UnsupportedAlgorithm) as wrong:
        raise invalid_parameter("private_key is not a valid private key") from wrong
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise invalid_parameter("private_key is not a valid private key")


def _check_external(name: str) -> None:
    if name.casefold() == "cognito":
        raise unsupported_identity_provider(f"The identity provider {name} cannot be changed.")


def _schema(pool: Pool) -> Sequence[shapes.SchemaAttributeType]:
    return pool.settings.schema_attributes or ()


def _accepted(judged: dict[str, str] | Refusal) -> dict[str, str]:
    if isinstance(judged, Refusal):
        stop(judged)
    return judged


def _stop_if(refusal: Refusal | None) -> None:
    if refusal is not None:
        stop(refusal)


def _identifier_taken() -> Exception:
    return invalid_parameter("An identifier of this identity provider is already used by another one.")
