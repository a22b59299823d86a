"""
User pools: create, describe, change, delete.

A pool exists in its region only: an id that is asked for from another region is an unknown one.  Whoever names a pool
comes through ``get`` or ``change``, so that nobody forgets the question.
"""

import asyncio
import re
import string
from collections.abc import Callable, Mapping
from typing import Final, Protocol

import msgspec

from poolhouse.kit.ambient import letters
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.jose import mint_key
from poolhouse.pool.core.attributes.schema import add_custom
from poolhouse.pool.core.refusal import Refusal, invalid_parameter
from poolhouse.pool.core.settings import mfa as mfa_rules
from poolhouse.pool.core.settings import pool_checks
from poolhouse.pool.core.settings import pools as rules
from poolhouse.pool.flows.context import Flow, Refused, stop
from poolhouse.pool.flows.directory import PoolEntry, seal_key
from poolhouse.pool.model.pool import Domain, Pool, PoolId
from poolhouse.pool.spec import errors, shapes
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.store import imports as import_store
from poolhouse.pool.store import pools as store

IN_REGION: Final = 1_000
_TRIES: Final = 8
_NAME: Final = string.digits + string.ascii_letters
_ARN: Final = re.compile(r"arn:aws[a-z-]*:cognito-idp:(?P<region>[^:]+):(?P<account>[^:]+):userpool/(?P<pool>[\w-]+)")


class Described(msgspec.Struct, frozen=True):
    """A pool as stored now, with what is not in its own row."""

    pool: Pool
    users: int
    domains: tuple[Domain, ...]


class Decided(Protocol):
    """The two documents of a pool, as the core's decisions give them."""

    @property
    def settings(self) -> shapes.UserPoolType: ...
    @property
    def mfa(self) -> shapes.GetUserPoolMfaConfigResponse: ...


async def get(flow: Flow, region: str, pool_id: str) -> PoolEntry:
    """The pool with its keys and domains, from the directory."""
    entry = await flow.directory.find_pool(pool_id)
    if entry is None or entry.pool.region != region:
        raise _missing(pool_id)
    return entry


async def create(flow: Flow, region: str, request: shapes.CreateUserPoolRequest) -> Described:
    """AWS API: CreateUserPool. The two signing keys are written with the pool, so that there is none without."""
    decided = rules.new_pool(request, strict=flow.config.strict)
    if isinstance(decided, Refusal):
        stop(decided)
    keys = await asyncio.gather(flow.cpu.run(mint_key), flow.cpu.run(mint_key))
    now_ms = flow.clock.now_ms()
    pool = Pool(
        id=PoolId(f"{region}_{letters(flow.entropy, 9, _NAME)}"),
        region=region,
        account=flow.config.account,
        name=request.pool_name,
        created_ms=now_ms,
        modified_ms=now_ms,
        settings=decided.settings,
        mfa=decided.mfa,
    )
    sealed = [seal_key(flow.ring, pool.id, key, use, now_ms) for key, use in zip(keys, ("id", "access"), strict=True)]

    async def unit(tx: Tx) -> None:
        if await store.count_pools_in(tx, region) >= IN_REGION:
            raise errors.limit_exceeded(f"A region cannot have more than {IN_REGION} user pools.")
        await store.put_pool(tx, pool)
        for key in sealed:
            await store.put_key(tx, key)

    await flow.database.write(unit)
    return Described(pool, 0, ())


async def describe(flow: Flow, region: str, pool_id: str) -> Described:
    """AWS API: DescribeUserPool. Read from the store: another process may have changed it just now."""

    async def read(tx: ReadTx) -> Described:
        pool = await get_in(tx, region, pool_id)
        return Described(pool, await store.count_users(tx, pool.id), tuple(await store.list_domains(tx, pool.id)))

    return await flow.database.read(read, snapshot=True)


async def list_all(flow: Flow, region: str, after: str, limit: int) -> list[Pool]:
    """By id, from the one after *after*."""
    return await flow.database.read(lambda tx: store.list_pools(tx, region, after, limit))


async def update(flow: Flow, region: str, request: shapes.UpdateUserPoolRequest) -> None:
    """AWS API: UpdateUserPool. The name is the one member without a default: left out, it stays."""
    await change(
        flow,
        region,
        request.user_pool_id,
        lambda pool: rules.updated_pool(pool, request, strict=flow.config.strict),
        name=request.pool_name,
        exclusive=True,
        importing=False,
    )


async def set_mfa(flow: Flow, region: str, request: shapes.SetUserPoolMfaConfigRequest) -> Pool:
    """AWS API: SetUserPoolMfaConfig."""
    strict = flow.config.strict
    return await change(
        flow,
        region,
        request.user_pool_id,
        lambda pool: mfa_rules.set_mfa(pool, request, strict=strict),
        exclusive=True,
    )


async def add_attributes(flow: Flow, region: str, pool_id: str, added: list[shapes.SchemaAttributeType]) -> None:
    """AWS API: AddCustomAttributes. What is added can never be removed."""

    def decide(pool: Pool) -> Decided | Refusal:
        schema = add_custom(pool.settings.schema_attributes or (), added)
        if isinstance(schema, Refusal):
            return schema
        settings = msgspec.structs.replace(pool.settings, schema_attributes=list(schema))
        return rules.PoolSettings(settings, pool.mfa)

    await change(flow, region, pool_id, decide, importing=False)


async def get_tags(flow: Flow, region: str, arn: str) -> dict[str, str]:
    """AWS API: ListTagsForResource."""
    described = await describe(flow, region, _pool_of(flow, arn))
    return described.pool.settings.user_pool_tags or {}


async def change_tags(flow: Flow, region: str, arn: str, edit: Callable[[Mapping[str, str]], dict[str, str]]) -> None:
    """AWS API: TagResource, UntagResource. *edit* is pure."""

    def decide(pool: Pool) -> Decided | Refusal:
        tags = edit(pool.settings.user_pool_tags or {})
        settings = msgspec.structs.replace(pool.settings, user_pool_tags=tags)
        refusal = pool_checks.check(settings, pool.mfa, strict=flow.config.strict)
        # These two operations know no error of their own for tags.
        return invalid_parameter(refusal.message) if refusal else rules.PoolSettings(settings, pool.mfa)

    await change(flow, region, _pool_of(flow, arn), decide)


async def change(
    flow: Flow,
    region: str,
    pool_id: str,
    decide: Callable[[Pool], Decided | Refusal],
    *,
    name: str | None = None,
    exclusive: bool = False,
    importing: bool = True,
) -> Pool:
    """
    Write what *decide* makes of the pool, again on a newer row when somebody else wrote in between; it is pure.

    *importing* tells whether that may be while users are imported: a job rests on the schema it began with.

    DEVIATION: the service refuses the later of two changes (ConcurrentModificationException); here it is decided anew.
    Strict mode refuses it where the operation has that error (*exclusive*).
    """
    now_ms = flow.clock.now_ms()
    only = None
    if exclusive and flow.config.strict:
        only = (await flow.database.read(lambda tx: get_in(tx, region, pool_id))).version

    async def unit(tx: Tx) -> Pool:
        for _ in range(_TRIES):
            pool = await get_in(tx, region, pool_id)
            if only not in {None, pool.version}:
                raise errors.concurrent_modification("The user pool was modified by another request.")
            decided = decide(pool)
            if isinstance(decided, Refusal):
                stop(decided)
            changed = msgspec.structs.replace(
                pool,
                name=name or pool.name,
                settings=decided.settings,
                mfa=decided.mfa,
                modified_ms=now_ms,
                version=pool.version + 1,
            )
            if await store.replace_pool(tx, changed, old_version=pool.version):
                if not importing:
                    await _check_not_importing(tx, pool_id)
                return changed
        raise Refused(Reason.BUSY)

    return await flow.database.write(unit)


async def delete(flow: Flow, region: str, pool_id: str) -> None:
    """
    AWS API: DeleteUserPool. Clients, users, tokens and keys go with it.

    DEVIATION: the service can restore a pool for 14 days; here it is gone.
    """

    async def unit(tx: Tx) -> None:
        pool = await lock_in(tx, region, pool_id)
        if pool.settings.deletion_protection == "ACTIVE":
            raise errors.invalid_parameter(
                "The user pool cannot be deleted because deletion protection is activated. Deletion protection must be"
                " inactivated first."
            )
        if await store.list_domains(tx, pool.id):
            raise errors.invalid_parameter(
                "User pool cannot be deleted. It has a domain configured that should be deleted first."
            )
        await _check_not_importing(tx, pool.id)
        await store.drop_pool(tx, pool.id)

    await flow.database.write(unit)


async def get_in(tx: ReadTx, region: str, pool_id: str) -> Pool:
    """``get`` as a part of a larger unit, from the store."""
    pool = await store.find_pool(tx, pool_id)
    if pool is None or pool.region != region:
        raise _missing(pool_id)
    return pool


async def lock_in(tx: Tx, region: str, pool_id: str) -> Pool:
    """``get_in`` for a unit that needs the pool to stay as it is until its end."""
    pool = await store.lock_pool(tx, pool_id)
    if pool is None or pool.region != region:
        raise _missing(pool_id)
    return pool


async def _check_not_importing(tx: ReadTx, pool_id: str) -> None:
    """Asked with the pool's row held: a job is started by whoever holds it, so none can start unseen."""
    if await import_store.is_importing(tx, pool_id):
        raise errors.user_import_in_progress("A user import job of this user pool is running.")


def _missing(pool_id: str) -> Refused:
    return Refused(Reason.POOL_NOT_FOUND, pool=pool_id)


def _pool_of(flow: Flow, arn: str) -> str:
    """The id in a pool's ARN; a pool of another account is an unknown one."""
    found = _ARN.fullmatch(arn)
    if found is None or not found["pool"].startswith(f"{found['region']}_"):
        raise errors.invalid_parameter(f"Invalid user pool ARN: {arn}")
    if found["account"] != flow.config.account:
        raise _missing(found["pool"])
    return found["pool"]
