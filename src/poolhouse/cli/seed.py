"""
The demo of ``poolhouse up``: a pool with a domain, an app client for the house, a user, and the house set up with it.

Made through the same API that everybody uses.
"""

from typing import Any

import msgspec

from poolhouse.cli import hello
from poolhouse.house.app import House
from poolhouse.house.context import LOGGED_OUT_PATH, redirect_path
from poolhouse.house.provider import FIRST, OidcSettings
from poolhouse.kit.ambient import Secret, letters
from poolhouse.pool.api.dispatch import Administrator
from poolhouse.pool.app import PoolServer

EMAIL = "demo@example.com"
POOL, DOMAIN, CLIENT = "Demo", "demo", "House"
_LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


class Demo(msgspec.Struct, frozen=True):
    """The demo user; the password only at the start that made it."""

    email: str
    password: Secret | None


async def demo(pool: PoolServer, house: House, base: str, house_base: str) -> Demo | None:
    """Make the demo once: in an empty pool server, whose administrator was made just now."""
    if not pool.made_administrator:
        listed = await _call(pool, "ListUserPools", MaxResults=60)
        return Demo(EMAIL, None) if any(each["Name"] == POOL for each in listed["UserPools"]) else None
    created = await _call(
        pool,
        "CreateUserPool",
        PoolName=POOL,
        UsernameAttributes=["email"],
        AutoVerifiedAttributes=["email"],
        UsernameConfiguration={"CaseSensitive": False},
        AccountRecoverySetting={"RecoveryMechanisms": [{"Priority": 1, "Name": "verified_email"}]},
    )
    pool_id = created["UserPool"]["Id"]
    await _call(pool, "CreateUserPoolDomain", UserPoolId=pool_id, Domain=DOMAIN)
    client = (await _call(pool, "CreateUserPoolClient", **_client(pool_id, house_base)))["UserPoolClient"]
    password = Secret(letters(pool.flow.entropy, 10, _LETTERS) + "-Aa1")
    await _user(pool, pool_id, password)
    await _house(house, base, pool_id, client)
    return Demo(EMAIL, password)


def _client(pool_id: str, house_base: str) -> dict[str, Any]:
    return {
        "UserPoolId": pool_id,
        "ClientName": CLIENT,
        "GenerateSecret": True,
        "CallbackURLs": [house_base + redirect_path(FIRST)],
        "LogoutURLs": [house_base + LOGGED_OUT_PATH],
        "AllowedOAuthFlows": ["code"],
        "AllowedOAuthScopes": ["openid", "email", "profile"],
        "AllowedOAuthFlowsUserPoolClient": True,
        "SupportedIdentityProviders": ["COGNITO"],
        "PreventUserExistenceErrors": "ENABLED",
    }


async def _user(pool: PoolServer, pool_id: str, password: Secret) -> None:
    verified = [{"Name": "email", "Value": EMAIL}, {"Name": "email_verified", "Value": "true"}]
    await _call(
        pool,
        "AdminCreateUser",
        UserPoolId=pool_id,
        Username=EMAIL,
        UserAttributes=[*verified, {"Name": "name", "Value": "Demo User"}],
        TemporaryPassword=password.reveal(),
        MessageAction="SUPPRESS",
    )
    await _call(
        pool,
        "AdminSetUserPassword",
        UserPoolId=pool_id,
        Username=EMAIL,
        Password=password.reveal(),
        Permanent=True,
    )


async def _house(house: House, base: str, pool_id: str, client: dict[str, Any]) -> None:
    domain = f"{base}/domains/{DOMAIN}"
    await house.use_oidc(
        OidcSettings(
            client_id=client["ClientId"],
            client_secret=Secret(client["ClientSecret"]),
            authorization_url=f"{domain}/oauth2/authorize",
            token_url=f"{domain}/oauth2/token",
            userinfo_url=f"{domain}/oauth2/userInfo",
            jwks_url=f"{base}/{pool_id}/.well-known/jwks.json",
            issuer=f"{base}/{pool_id}",
            is_issuer_derived=True,
        )
    )
    await hello.add(house)
    await house.add_app(name="User pools", url=f"{base}/console", description="The console of the pool server")


async def _call(pool: PoolServer, operation: str, **body: Any) -> dict[str, Any]:
    return await pool.api.call(operation, body, caller=Administrator("poolhouse up"))
