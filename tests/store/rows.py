"""Rows with nothing special about them; a test names what matters."""

from typing import Any

import msgspec

from poolhouse.pool.model.grant import AuthorizationCode, BrowserSession, Grant, RefreshToken
from poolhouse.pool.model.pool import Client, ClientId, ClientSecret, Domain, Group, Pool, PoolId, ResourceServer
from poolhouse.pool.model.sign_in import Attempt, Done
from poolhouse.pool.model.user import CodePurpose, Credentials, SentCode, Status, User, Username
from poolhouse.pool.spec import shapes

POOL_ID, CLIENT_ID, ADA = PoolId("eu-west-1_Store1234"), ClientId("client1"), Username("ada")


def a_pool(**changes: Any) -> Pool:
    pool = Pool(
        id=POOL_ID,
        region="eu-west-1",
        account="000000000000",
        name="team",
        created_ms=1_000,
        modified_ms=2_000,
        settings=shapes.UserPoolType(username_attributes=["email"], user_pool_tags={"a": "b"}),
        mfa=shapes.GetUserPoolMfaConfigResponse(mfa_configuration="OFF"),
    )
    return msgspec.structs.replace(pool, **changes)


def a_client(**changes: Any) -> Client:
    client = Client(
        id=CLIENT_ID,
        pool_id=POOL_ID,
        created_ms=1,
        modified_ms=2,
        settings=shapes.UserPoolClientType(client_name="web"),
    )
    return msgspec.structs.replace(client, **changes)


def a_secret(number: int) -> ClientSecret:
    return ClientSecret(client_id=CLIENT_ID, id=f"{CLIENT_ID}--{number}", created_ms=number, sealed=b"\x00sealed")


def a_user(name: str = "ada", **changes: Any) -> User:
    user = User(
        pool_id=POOL_ID,
        username=Username(name),
        sub=f"sub-{name}",
        status=Status.CONFIRMED,
        attributes={"email": f"{name}@example.com", "custom:team": "ünï", "name": name.title()},
        created_ms=1_000,
        modified_ms=1_001,
        credentials=Credentials(password_hash="hash", srp_salt=b"\x01\xff", history=("old",)),
    )
    return msgspec.structs.replace(user, **changes)


def a_group(name: str, **changes: Any) -> Group:
    group = Group(pool_id=POOL_ID, name=name, created_ms=1, modified_ms=1)
    return msgspec.structs.replace(group, **changes)


def a_domain(name: str, *, custom: bool = False) -> Domain:
    return Domain(name=name, pool_id=POOL_ID, custom=custom, settings=shapes.DomainDescriptionType(version="1"))


def a_resource_server(identifier: str) -> ResourceServer:
    scope = shapes.ResourceServerScopeType(scope_name="read", scope_description="Read")
    return ResourceServer(pool_id=POOL_ID, identifier=identifier, name="API", scopes=(scope,))


def a_grant(number: int = 1, **changes: Any) -> Grant:
    grant = Grant(
        id=f"grant-{number}",
        pool_id=POOL_ID,
        client_id=CLIENT_ID,
        username=ADA,
        sub="sub-ada",
        event_id=f"event-{number}",
        auth_time=100,
        scope="openid email",
        hosted=True,
        amr=("pwd",),
        expires_at=10_000,
    )
    return msgspec.structs.replace(grant, **changes)


def a_refresh_token(name: bytes = b"r1", **changes: Any) -> RefreshToken:
    return msgspec.structs.replace(RefreshToken(digest=name, grant_id="grant-1", expires_at=10_000), **changes)


def a_code(name: bytes = b"c1", **changes: Any) -> AuthorizationCode:
    code = AuthorizationCode(
        digest=name,
        pool_id=POOL_ID,
        client_id=CLIENT_ID,
        username=ADA,
        sub="sub-ada",
        redirect_uri="https://app.example/cb",
        scope="openid",
        code_challenge="challenge",
        auth_time=100,
        amr=("pwd", "otp"),
        grant_id="grant-1",
        expires_at=400,
    )
    return msgspec.structs.replace(code, **changes)


def a_session(name: bytes = b"s1", **changes: Any) -> BrowserSession:
    session = BrowserSession(
        digest=name,
        pool_id=POOL_ID,
        username=ADA,
        sub="sub-ada",
        password=b"proof",
        auth_time=100,
        amr=("pwd",),
        expires_at=3_700,
    )
    return msgspec.structs.replace(session, **changes)


def an_attempt(name: bytes = b"a1", **changes: Any) -> Attempt:
    attempt = Attempt(
        digest=name,
        pool_id=POOL_ID,
        client_id=CLIENT_ID,
        username=ADA,
        challenge="NEW_PASSWORD_REQUIRED",
        done=(Done.PASSWORD,),
        extra=b"sealed",
        expires_at=180,
    )
    return msgspec.structs.replace(attempt, **changes)


def a_sent_code(**changes: Any) -> SentCode:
    code = SentCode(
        pool_id=POOL_ID,
        username=ADA,
        purpose=CodePurpose.RESET,
        digest=b"right",
        attribute="email",
        expires_at=3_600,
    )
    return msgspec.structs.replace(code, **changes)
