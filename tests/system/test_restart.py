"""What a restart keeps: everything that was acknowledged, and above all what was taken away."""

import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.system.programs import Answer, Running, an_address, ask, call

pytestmark = pytest.mark.client

PASSWORD = "Correct-Horse-7"


def an_app(program: Running, **settings: Any) -> tuple[str, str]:
    """A pool with the user ada, and the id of an app client."""
    pool_id = ask(program.base, "CreateUserPool", PoolName="kept")["UserPool"]["Id"]
    where = {"UserPoolId": pool_id, "Username": "ada"}
    ask(program.base, "AdminCreateUser", **where, MessageAction="SUPPRESS", TemporaryPassword="Temporary-1-pass")
    ask(program.base, "AdminSetUserPassword", **where, Password=PASSWORD, Permanent=True)
    flows = ["ALLOW_USER_PASSWORD_AUTH", *settings.pop("ExplicitAuthFlows", ["ALLOW_REFRESH_TOKEN_AUTH"])]
    client = ask(
        program.base, "CreateUserPoolClient", UserPoolId=pool_id, ClientName="app", ExplicitAuthFlows=flows, **settings
    )
    return pool_id, client["UserPoolClient"]["ClientId"]


def signed_in(program: Running, client_id: str) -> dict[str, str]:
    given = {"USERNAME": "ada", "PASSWORD": PASSWORD}
    tokens: dict[str, str] = ask(
        program.base, "InitiateAuth", AuthFlow="USER_PASSWORD_AUTH", ClientId=client_id, AuthParameters=given
    )["AuthenticationResult"]
    return tokens


def renew(program: Running, client_id: str, token: str) -> Answer:
    return call(program.base, "GetTokensFromRefreshToken", {"ClientId": client_id, "RefreshToken": token})


def test_a_rotated_refresh_token_stays_refused(tmp_path: Path) -> None:
    """A server that kept rotation in memory took the old token again after a restart (CVE-2026-9802)."""
    address = an_address()
    with address.up(tmp_path) as program:
        _, client_id = an_app(
            program, ExplicitAuthFlows=[], RefreshTokenRotation={"Feature": "ENABLED", "RetryGracePeriodSeconds": 0}
        )
        old = signed_in(program, client_id)["RefreshToken"]
        new = renew(program, client_id, old).body["AuthenticationResult"]["RefreshToken"]
        reused = renew(program, client_id, old)
        assert reused.error == (400, "RefreshTokenReuseException", "Refresh token reuse detected")

    with address.up(tmp_path) as program:
        assert renew(program, client_id, old).error[:2] == (400, "RefreshTokenReuseException")
        newest = renew(program, client_id, new)
        assert newest.status == 200, newest.content
        assert renew(program, client_id, new).error[:2] == (400, "RefreshTokenReuseException")


def test_what_was_revoked_stays_revoked(tmp_path: Path) -> None:
    address = an_address()
    with address.up(tmp_path) as program:
        _, client_id = an_app(program)
        revoked, signed_out = signed_in(program, client_id), signed_in(program, client_id)
        ask(program.base, "RevokeToken", ClientId=client_id, Token=revoked["RefreshToken"])
        ask(program.base, "GlobalSignOut", AccessToken=signed_out["AccessToken"])

    with address.up(tmp_path) as program:
        for tokens in (revoked, signed_out):
            answer = call(program.base, "GetUser", {"AccessToken": tokens["AccessToken"]})
            assert answer.error == (400, "NotAuthorizedException", "Access Token has been revoked")
            assert renew(program, client_id, tokens["RefreshToken"]).error[:2] == (400, "NotAuthorizedException")


def test_everything_else_is_there_again(tmp_path: Path) -> None:
    address = an_address()
    with address.up(tmp_path) as program:
        pool_id, client_id = an_app(program)
        tokens = signed_in(program, client_id)
        before = everything(program, pool_id, client_id)

    with address.up(tmp_path) as program:
        assert before == everything(program, pool_id, client_id)
        assert ask(program.base, "GetUser", AccessToken=tokens["AccessToken"])["Username"] == "ada"
        assert renew(program, client_id, tokens["RefreshToken"]).status == 200
        assert "AccessToken" in signed_in(program, client_id)


def everything(program: Running, pool_id: str, client_id: str) -> list[Any]:
    """Pool, client, user and keys as they are shown."""
    with urllib.request.urlopen(f"{program.base}/{pool_id}/.well-known/jwks.json") as reply:
        keys = reply.read()
    return [
        keys,
        ask(program.base, "DescribeUserPool", UserPoolId=pool_id),
        ask(program.base, "DescribeUserPoolClient", UserPoolId=pool_id, ClientId=client_id),
        ask(program.base, "AdminGetUser", UserPoolId=pool_id, Username="ada"),
    ]


def test_failures_are_still_counted_after_a_restart(tmp_path: Path) -> None:
    address = an_address()
    with address.up(tmp_path) as program:
        _, client_id = an_app(program)
        for _ in range(5):
            assert tried(program, client_id, "Wrong-Horse-7") == "Incorrect username or password."

    with address.up(tmp_path) as program:
        while (told := tried(program, client_id, "Wrong-Horse-7")) == "Password attempts exceeded":
            time.sleep(0.1)
        assert told == "Incorrect username or password."
        # The sixth failure closes the account for two seconds; a first one would not.
        assert tried(program, client_id, PASSWORD) == "Password attempts exceeded"


def tried(program: Running, client_id: str, password: str) -> str:
    """What a sign-in with *password* is told; empty when it succeeds."""
    given = {"USERNAME": "ada", "PASSWORD": password}
    body = {"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": client_id, "AuthParameters": given}
    answer = call(program.base, "InitiateAuth", body)
    return "" if answer.status == 200 else answer.error[2]
