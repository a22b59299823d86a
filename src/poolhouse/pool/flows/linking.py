"""
Linking identities at a provider to users of the pool.

Whoever proves such an identity will sign in as that user: a link is made by an administrator alone, and never to
somebody who has signed in from there before.
"""

import msgspec

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.pool.core import identities as rules
from poolhouse.pool.core.identity_providers import SOCIAL
from poolhouse.pool.core.refusal import Refusal
from poolhouse.pool.flows import people, users
from poolhouse.pool.flows.context import Flow, Refused, stop
from poolhouse.pool.flows.providers import missing
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.model.provider import SUBJECT, IdentityProvider, LinkedIdentity
from poolhouse.pool.model.user import Status, User
from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.errors import Reason, alias_exists, invalid_parameter, limit_exceeded
from poolhouse.pool.store import identities as store
from poolhouse.pool.store import providers as provider_store
from poolhouse.pool.store import users as user_store

_LOCAL_SOURCE = (
    "Invalid SourceUser: Cognito users with a username/password may not be passed in as a SourceUser, only as a"
    " DestinationUser"
)
_MERGE = "Merging is not currently supported, provide a SourceUser that has not been signed up in order to link"

Identifier = shapes.ProviderUserIdentifierType


async def link(flow: Flow, pool: Pool, destination: Identifier, source: Identifier) -> None:
    """
    AWS API: AdminLinkProviderForUser.

    The locks are taken in one order, provider before user, so that two links cannot wait for each other.
    """
    _stop_if(rules.check_value(destination.provider_attribute_value))
    _stop_if(rules.check_value(source.provider_attribute_value))
    if rules.is_local(source.provider_name):
        raise invalid_parameter(_LOCAL_SOURCE)
    attribute = source.provider_attribute_name or ""
    value = source.provider_attribute_value or ""
    now_ms = flow.clock.now_ms()

    async def unit(tx: Tx) -> None:
        provider = await provider_store.lock_provider(tx, pool.id, source.provider_name or "")
        if provider is None:
            raise missing(source.provider_name or "")
        _stop_if(rules.check_source(provider, attribute))
        found = await _destination(tx, pool, destination)
        user = await user_store.lock_user(tx, pool.id, found.username)
        if user is None or user.sub != found.sub:
            raise Refused(Reason.USER_NOT_FOUND)
        await _check_free(tx, pool, provider, attribute, value, user)
        await _check_room(tx, provider, attribute, user)
        identity = LinkedIdentity(
            pool_id=pool.id,
            provider=provider.name,
            attribute=attribute,
            value=value,
            username=user.username,
            linked_ms=now_ms,
        )
        await store.put_identity(tx, identity)
        await _show(tx, pool, user, now_ms)

    await flow.database.write(unit)


async def unlink(flow: Flow, pool: Pool, who: Identifier) -> None:
    """
    AWS API: AdminDisableProviderForUser.

    A user of the pool is disabled, as is one who exists only by signing in from the provider; an identity that is
    linked to somebody is linked no more.
    """
    _stop_if(rules.check_value(who.provider_attribute_value))
    name, value = who.provider_name or "", who.provider_attribute_value or ""
    attribute = who.provider_attribute_name or ""
    if rules.is_local(name):
        if attribute != SUBJECT:
            raise invalid_parameter(f"ProviderAttributeName must be {SUBJECT} for a user of the user pool.")
        await users.disable(flow, pool, value)
        return
    if not await _take(flow, pool, name, attribute, value):
        profile = await flow.database.read(lambda tx: _profile(tx, pool, name, value))
        if profile is None or attribute != SUBJECT:
            raise Refused(Reason.USER_NOT_FOUND)
        await users.disable(flow, pool, profile.username)


async def _take(flow: Flow, pool: Pool, name: str, attribute: str, value: str) -> bool:
    """Remove a link; whether there was one. A provider that is gone may have left some."""
    now_ms = flow.clock.now_ms()

    async def unit(tx: Tx) -> bool:
        provider = await provider_store.lock_provider(tx, pool.id, name)
        if provider is not None:
            _stop_if(rules.check_source(provider, attribute) if provider.type in SOCIAL else None)
        taken = await store.take_identity(tx, pool.id, name, attribute, value)
        if taken is None:
            if provider is None:
                raise missing(name)
            return False
        user = await user_store.lock_user(tx, pool.id, taken.username)
        if user is not None:
            await _show(tx, pool, user, now_ms)
        return True

    return await flow.database.write(unit)


async def _destination(tx: ReadTx, pool: Pool, wanted: Identifier) -> User:
    """A user of the pool by its username, or one who exists by signing in from a provider, by its subject there."""
    value = wanted.provider_attribute_value or ""
    if rules.is_local(wanted.provider_name):
        found = await people.find(tx, pool, value)
    else:
        found = await _profile(tx, pool, wanted.provider_name or "", value)
    if found is None:
        raise Refused(Reason.USER_NOT_FOUND)
    return found


async def _profile(tx: ReadTx, pool: Pool, provider: str, subject: str) -> User | None:
    """The profile of a first sign-in from a provider; a local user of such a name is somebody else."""
    found = await user_store.find_by_username(tx, pool, f"{provider}_{subject}")
    return found if found is not None and found.status is Status.EXTERNAL_PROVIDER else None


async def _check_free(
    tx: ReadTx, pool: Pool, provider: IdentityProvider, attribute: str, value: str, user: User
) -> None:
    if attribute == SUBJECT and await _profile(tx, pool, provider.name, value) is not None:
        raise invalid_parameter(_MERGE)
    linked = await store.find_identity(tx, pool.id, provider.name, attribute, value)
    if linked is None:
        return
    if linked.username == user.username:
        raise invalid_parameter("SourceUser is already linked to DestinationUser")
    raise alias_exists("SourceUser is already linked to another user")


async def _check_room(tx: ReadTx, provider: IdentityProvider, attribute: str, user: User) -> None:
    if len(await store.identities_of(tx, user.pool_id, user.username)) >= rules.PER_USER:
        raise limit_exceeded(f"A user cannot be linked to more than {rules.PER_USER} identities.")
    used = await store.linked_attributes(tx, user.pool_id, provider.name, rules.PER_PROVIDER)
    if attribute not in used and len(used) >= rules.PER_PROVIDER:
        raise limit_exceeded(
            f"Identities of a provider cannot be linked by more than {rules.PER_PROVIDER} attribute names."
        )


async def _show(tx: Tx, pool: Pool, user: User, now_ms: int) -> None:
    """Write the ``identities`` attribute anew; the user's row is locked, so nobody writes it in between."""
    linked = await store.identities_of(tx, pool.id, user.username)
    types = {each.name: each.type for each in await provider_store.provider_names(tx, pool.id)}
    value = rules.shown(linked, types, user.attributes.get(rules.ATTRIBUTE))
    attributes = {**user.attributes, rules.ATTRIBUTE: value}
    if not value:
        del attributes[rules.ATTRIBUTE]
    changed = msgspec.structs.replace(user, attributes=attributes, modified_ms=now_ms)
    if not await user_store.replace_user(tx, pool, changed):
        raise Refused(Reason.BUSY)


def _stop_if(refusal: Refusal | None) -> None:
    if refusal is not None:
        stop(refusal)
