"""The operations of sign-in, sign-up and profile, called through the real pipeline in process."""

import asyncio
from collections.abc import Awaitable, Iterable
from typing import Any

import pytest

from poolhouse.pool.api.catalogue import OPERATIONS
from poolhouse.pool.api.dispatch import Administrator, AnyCredentials, Api
from poolhouse.pool.core.client_proof import secret_hash
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.spec.contract import contract
from poolhouse.pool.spec.errors import CognitoError
from tests.support.builders import PASSWORD

__all__ = ["service"]

Refusal = tuple[str, str]
sqlite_only = pytest.mark.parametrize("pool_database_url", ["sqlite://"])
"""For rules that are decided before the store is asked."""
WRONG_PASSWORD = ("NotAuthorizedException", "Incorrect username or password.")
DISABLED = ("NotAuthorizedException", "User is disabled.")
LOCKED_OUT = ("NotAuthorizedException", "Password attempts exceeded")
SESSION_INVALID = ("NotAuthorizedException", "Invalid session for the user.")
SESSION_USED = ("NotAuthorizedException", "Invalid session for the user, session can only be used once.")
SESSION_EXPIRED = ("NotAuthorizedException", "Invalid session for the user, session is expired.")
LIMIT = ("LimitExceededException", "Attempt limit exceeded, please try after some time.")


class Service:
    """`await service("InitiateAuth", ClientId=...)`; what only an administrator may do is done as one."""

    def __init__(self, flow: Flow, address: str = "", agent: str = "") -> None:
        self.flow = flow
        self.source_ip, self.agent = address, agent
        self._api = Api(ctx=flow, operations=OPERATIONS, credentials=AnyCredentials())

    async def __call__(self, operation: str, **body: Any) -> dict[str, Any]:
        is_administrators = contract().operations[operation].auth == "sigv4"
        caller = Administrator("tester") if is_administrators else None
        return await self._api.call(
            operation, body, caller=caller, region="us-east-1", source_ip=self.source_ip, agent=self.agent
        )

    def at(self, address: str, agent: str = "") -> "Service":
        """The same for a caller at *address* whose browser calls itself *agent*."""
        return Service(self.flow, address, agent)

    async def refusal(self, operation: str, **body: Any) -> Refusal:
        """What the operation answers when it says no: code and message."""
        with pytest.raises(CognitoError) as refused:
            await self(operation, **body)
        return refused.value.code, refused.value.message

    async def sign_in(self, client: ClientEntry, username: str, password: str = PASSWORD) -> dict[str, Any]:
        """InitiateAuth with USER_PASSWORD_AUTH."""
        return await self("InitiateAuth", **password_auth(client, username, password))

    async def tokens(self, client: ClientEntry, username: str, password: str = PASSWORD) -> dict[str, Any]:
        """The AuthenticationResult of a sign-in."""
        result: dict[str, Any] = (await self.sign_in(client, username, password))["AuthenticationResult"]
        return result

    async def respond(
        self, client: ClientEntry, username: str, challenge: str, session: str | None, **answers: str
    ) -> dict[str, Any]:
        return await self("RespondToAuthChallenge", **answer(client, username, challenge, session, **answers))

    async def respond_refusal(
        self, client: ClientEntry, username: str, challenge: str, session: str | None, **answers: str
    ) -> Refusal:
        return await self.refusal("RespondToAuthChallenge", **answer(client, username, challenge, session, **answers))


@pytest.fixture
def service(flow: Flow) -> Service:
    return Service(flow)


def password_auth(client: ClientEntry, username: str, password: str = PASSWORD) -> dict[str, Any]:
    return {
        "ClientId": client.client.id,
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": username, "PASSWORD": password, **hashed(client, username)},
    }


def admin_auth(entry: PoolEntry, client: ClientEntry, username: str, password: str = PASSWORD) -> dict[str, Any]:
    return {
        **password_auth(client, username, password),
        "UserPoolId": entry.pool.id,
        "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
    }


def answer(client: ClientEntry, username: str, challenge: str, session: str | None, **answers: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "ClientId": client.client.id,
        "ChallengeName": challenge,
        "ChallengeResponses": {"USERNAME": username, **hashed(client, username), **answers},
    }
    return body if session is None else {**body, "Session": session}


def hashed(client: ClientEntry, username: str, name: str = "SECRET_HASH") -> dict[str, str]:
    """The secret hash that a confidential client sends with *username*."""
    if not client.secrets:
        return {}
    return {name: secret_hash(username, client.client.id, client.secrets[-1])}


async def race(calls: Iterable[Awaitable[Any]]) -> tuple[list[Any], list[Refusal]]:
    """All calls at once: what the served ones answered, and how the others were refused."""
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    refused = [(each.code, each.message) for each in outcomes if isinstance(each, CognitoError)]
    served = [each for each in outcomes if not isinstance(each, BaseException)]
    assert len(served) + len(refused) == len(outcomes), outcomes
    return served, refused
