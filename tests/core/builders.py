"""Pools to decide about."""

from collections.abc import Sequence

import msgspec

from poolhouse.pool.core.attributes.schema import STANDARD
from poolhouse.pool.model.pool import Pool, PoolId
from poolhouse.pool.spec.shapes import (
    GetUserPoolMfaConfigResponse,
    SchemaAttributeType,
    UsernameConfigurationType,
    UserPoolType,
)


def a_pool(
    *,
    aliases: list[str] | None = None,
    usernames: list[str] | None = None,
    case_sensitive: bool | None = None,
    schema: Sequence[SchemaAttributeType] = STANDARD,
) -> Pool:
    configured = None if case_sensitive is None else UsernameConfigurationType(case_sensitive=case_sensitive)
    return Pool(
        id=PoolId("eu-west-1_Vec7or"),
        region="eu-west-1",
        account="000000000000",
        name="pool",
        created_ms=0,
        modified_ms=0,
        settings=UserPoolType(
            alias_attributes=aliases,
            username_attributes=usernames,
            username_configuration=configured,
            schema_attributes=list(schema),
        ),
        mfa=GetUserPoolMfaConfigResponse(mfa_configuration="OFF"),
    )


def an_attribute(**members: object) -> SchemaAttributeType:
    """An entry of a Schema, by wire names."""
    return msgspec.convert(members, SchemaAttributeType)
