"""The pre token generation trigger: asked before tokens are minted, of a user and, in version 3, of a client itself."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from poolhouse.pool.core import token_changes as core
from poolhouse.pool.core.token_changes import AnswerOne, AnswerTwo, TokenChanges
from poolhouse.pool.core.tokens import group_claims
from poolhouse.pool.flows import hooks
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.model.pool import Client, Group, Pool
from poolhouse.pool.model.user import User

_TRIGGER: Final = hooks.Trigger("PreTokenGeneration", "pre_token_generation")
_VERSION: Final = {"V1_0": "1", "V2_0": "2", "V3_0": "3"}
_MACHINE: Final = "TokenGeneration_ClientCredentials"
_MACHINE_NAME: Final = "ClientCredentials"


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """Why tokens are minted: the trigger's source, and the ClientMetadata that it may see."""

    source: str
    metadata: Mapping[str, str] | None = None


SIGN_IN: Final = Moment(source="TokenGeneration_Authentication")
HOSTED: Final = Moment(source="TokenGeneration_HostedAuth")
REFRESH: Final = Moment(source="TokenGeneration_RefreshTokens")


async def of_user(
    flow: Flow, pool: Pool, client: Client, user: User, *, groups: Sequence[Group], scope: str, moment: Moment
) -> TokenChanges:
    """What the pool's trigger changes in the tokens of *user*; nothing where there is no trigger."""
    function, version = configured(pool)
    if function is None:
        return core.NONE
    claims = group_claims(groups, roles=True)
    request: dict[str, Any] = {
        "userAttributes": hooks.attributes(user),
        "groupConfiguration": {
            "groupsToOverride": claims.get("cognito:groups", []),
            "iamRolesToOverride": claims.get("cognito:roles", []),
            "preferredRole": claims.get("cognito:preferred_role"),
        },
        **hooks.optional(clientMetadata=moment.metadata, scopes=scope.split() if version != "1" else None),
    }
    return await _asked(flow, pool, client, moment.source, user.username, request)


async def of_client(
    flow: Flow, pool: Pool, client: Client, *, scope: str, metadata: Mapping[str, str] | None
) -> TokenChanges:
    """What it changes in the token of *client* itself, which only version 3 is asked about."""
    function, version = configured(pool)
    if function is None or version != "3":
        return core.NONE
    request: dict[str, Any] = {
        "userAttributes": {},
        "groupConfiguration": None,
        "scopes": scope.split(),
        **hooks.optional(clientMetadata=metadata),
    }
    return await _asked(flow, pool, client, _MACHINE, _MACHINE_NAME, request)


def configured(pool: Pool) -> tuple[str | None, str]:
    """The trigger's function, and the version of its events."""
    named = pool.settings.lambda_config
    config = None if named is None else named.pre_token_generation_config
    if config is not None:
        return config.lambda_arn, _VERSION[config.lambda_version]
    return hooks.arn(pool, _TRIGGER), "1"


async def _asked(
    flow: Flow, pool: Pool, client: Client, source: str, username: str, request: Mapping[str, Any]
) -> TokenChanges:
    function, version = configured(pool)
    answer: type[AnswerOne | AnswerTwo] = AnswerOne if version == "1" else AnswerTwo
    member = "claimsOverrideDetails" if version == "1" else "claimsAndScopeOverrideDetails"
    event = hooks.Event(
        source=source,
        username=username,
        client_id=client.id,
        request=request,
        response={member: None},
        version=version,
    )
    answered = await hooks.invoke(flow, pool, _TRIGGER, event, answer, function=function or "")
    changes = core.read(answered)
    if changes is None:
        raise hooks.unrecognizable()
    return changes
