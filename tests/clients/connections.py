"""boto3 clients of an installation, and what tests make with them."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.clients.known import Known
from tests.journey.installation import Installation

PASSWORD = "Correct-Horse-7"
REGION = "us-east-1"


def connect(
    place: Installation, known: Known, *, key_id: str = "AKIAANYONE", secret: str = "any-secret", region: str = REGION
) -> Any:
    """A client without retries: what it says is what the server answered."""
    return _client(place, known, key_id, secret, region, Config())


def connect_unchecked(place: Installation, known: Known) -> Any:
    """One that sends what it is told, whatever the model says of it."""
    return _client(place, known, "AKIAANYONE", "any-secret", REGION, Config(parameter_validation=False))


def _client(place: Installation, known: Known, key_id: str, secret: str, region: str, config: Any) -> Any:
    client = boto3.client(
        "cognito-idp",
        endpoint_url=place.base,
        region_name=region,
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
        config=config.merge(Config(retries={"total_max_attempts": 1})),
    )
    known.watch(client)
    return client


@contextmanager
def refused(code: str, message: str | None = None) -> Iterator[None]:
    """The service's error, by code and message."""
    with pytest.raises(ClientError) as caught:
        yield
    error = caught.value.response["Error"]
    assert code == error["Code"], error
    assert message in {None, error["Message"]}, error


def a_pool(idp: Any, name: str = "team", **settings: Any) -> str:
    pool_id: str = idp.create_user_pool(PoolName=name, **settings)["UserPool"]["Id"]
    return pool_id


def a_client(idp: Any, pool_id: str, *, secret: bool = False, **settings: Any) -> dict[str, Any]:
    """An app client with all password flows, unless *settings* say otherwise."""
    flows = ["USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH", "USER_SRP_AUTH", "REFRESH_TOKEN_AUTH"]
    defaults = {"ClientName": "app", "ExplicitAuthFlows": [f"ALLOW_{each}" for each in flows]}
    created = idp.create_user_pool_client(UserPoolId=pool_id, GenerateSecret=secret, **(defaults | settings))
    client: dict[str, Any] = created["UserPoolClient"]
    return client


def a_user(idp: Any, pool_id: str, username: str, password: str = PASSWORD, **attributes: str) -> None:
    """A confirmed user with a verified e-mail address."""
    named = {"email": f"{username}@example.com", "email_verified": "true", **attributes}
    idp.admin_create_user(
        UserPoolId=pool_id,
        Username=username,
        MessageAction="SUPPRESS",
        TemporaryPassword="Temporary-1-pass",
        UserAttributes=[{"Name": name, "Value": value} for name, value in named.items()],
    )
    idp.admin_set_user_password(UserPoolId=pool_id, Username=username, Password=password, Permanent=True)


def secret_hash(client: dict[str, Any], username: str) -> str:
    digest = hmac.digest(client["ClientSecret"].encode(), (username + client["ClientId"]).encode(), hashlib.sha256)
    return base64.b64encode(digest).decode()


def sign_in(idp: Any, client: dict[str, Any], username: str, password: str = PASSWORD) -> dict[str, Any]:
    """USER_PASSWORD_AUTH without a challenge."""
    given = {"USERNAME": username, "PASSWORD": password}
    if "ClientSecret" in client:
        given["SECRET_HASH"] = secret_hash(client, username)
    answer = idp.initiate_auth(AuthFlow="USER_PASSWORD_AUTH", ClientId=client["ClientId"], AuthParameters=given)
    result: dict[str, Any] = answer["AuthenticationResult"]
    return result


def refresh(idp: Any, client: dict[str, Any], token: str) -> dict[str, Any]:
    answer = idp.initiate_auth(
        AuthFlow="REFRESH_TOKEN_AUTH", ClientId=client["ClientId"], AuthParameters={"REFRESH_TOKEN": token}
    )
    result: dict[str, Any] = answer["AuthenticationResult"]
    return result
