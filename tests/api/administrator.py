"""An administrator who calls operations through the pipeline, in process."""

from collections.abc import Mapping
from typing import Any, Protocol

import pytest

from poolhouse.pool.api.catalogue import OPERATIONS
from poolhouse.pool.api.dispatch import Administrator, AnyCredentials, Api
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.spec.contract import contract
from poolhouse.pool.spec.errors import CognitoError

__all__ = ["ask"]

REGION = "us-east-1"
sqlite_only = pytest.mark.parametrize("pool_database_url", ["sqlite://"])
"""For rules that are decided before the store is asked."""


# A confirmed user's alias may be another's already: the model forgets that for these.
_BESIDES = {
    "AdminConfirmSignUp": {"AliasExistsException"},
    "AdminCreateUser": {"AliasExistsException"},
    "AdminSetUserPassword": {"AliasExistsException"},
}


class Ask(Protocol):
    async def __call__(self, operation: str, *, region: str = ..., **body: Any) -> dict[str, Any]: ...


@pytest.fixture
def ask(flow: Flow) -> Ask:
    """Call an operation: `await ask("GetGroup", UserPoolId=..., GroupName=...)`."""
    api = Api(ctx=flow, operations=OPERATIONS, credentials=AnyCredentials())
    caller = Administrator("tester")

    async def call(operation: str, *, region: str = REGION, **body: Any) -> dict[str, Any]:
        return await api.call(operation, body, caller=caller, region=region)

    return call


async def refusal(ask: Ask, operation: str, *, region: str = REGION, **body: Any) -> tuple[str, str]:
    """What the operation answers when it says no: code and message. It says so in no way that its model lacks."""
    with pytest.raises(CognitoError) as refused:
        await ask(operation, region=region, **body)
    assert refused.value.code in contract().operations[operation].errors | _BESIDES.get(operation, set())
    return refused.value.code, refused.value.message


async def pages(
    ask: Ask, operation: str, members: str, *, token: str = "NextToken", **body: Any
) -> list[list[Mapping[str, Any]]]:
    """All pages of a list, one after the other."""
    found = []
    following: dict[str, str] = {}
    while True:
        answer = await ask(operation, **body, **following)
        found.append(answer[members])
        if token not in answer:
            return found
        following = {token: answer[token]}


def missing_pool(pool_id: str) -> tuple[str, str]:
    return "ResourceNotFoundException", f"User pool {pool_id} does not exist."
