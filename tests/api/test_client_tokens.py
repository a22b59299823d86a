"""GetClientToken and GetDerivedToken: who may ask, for whom, and for how much."""

from typing import Any

import msgspec
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.edge import Raw
from poolhouse.pool.api.catalogue import OPERATIONS
from poolhouse.pool.api.dispatch import AccessKeys, Administrator, AnyCredentials, Api
from poolhouse.pool.core.tokens import ADMIN_SCOPE
from poolhouse.pool.flows import issue
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.pool import ResourceServer
from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.errors import CognitoError
from poolhouse.pool.store import pools as pool_store
from tests.support.builders import a_client, a_pool, a_user, the_pool
from tests.support.hooks import triggers
from tests.support.service import DISABLED, Service, sqlite_only
from tests.support.web import claims_of

SERVER = "https://wiki.example"
READ, WRITE = f"{SERVER}/read", f"{SERVER}/write"
NO_FLOW = ("InvalidParameterException", "Auth flow not enabled for this client")
EXCHANGE = ["ALLOW_TOKEN_EXCHANGE_DELEGATION", "ALLOW_TOKEN_EXCHANGE_IMPERSONATION"]


class Place(msgspec.Struct):
    """A pool with a resource server, an app, a gateway that exchanges the app's tokens, and a program."""

    service: Service
    entry: PoolEntry
    app: ClientEntry
    gateway: ClientEntry
    program: ClientEntry

    async def derive(self, token: str, kind: str = "ACCESS_TOKEN", **more: Any) -> dict[str, Any]:
        return await unsigned(self.service.flow, "GetDerivedToken", **self.body(token, kind, **more))

    async def refusal(self, token: str, kind: str = "ACCESS_TOKEN", **more: Any) -> tuple[str, str]:
        with pytest.raises(CognitoError) as no:
            await self.derive(token, kind, **more)
        return no.value.code, no.value.message

    def body(self, token: str, kind: str, **more: Any) -> dict[str, Any]:
        proof = {"ClientId": self.gateway.client.id, "ClientSecret": self.gateway.secrets[0]}
        given = {**proof, "SubjectToken": token, "SubjectTokenType": kind} | more
        return {name: value for name, value in given.items() if value is not None}

    async def hosted(self, name: str, scope: str) -> issue.Tokens:
        """Tokens of a sign-in on the pages."""
        flow, client = self.service.flow, self.app.client
        user = await a_user(flow, self.entry, name, email=f"{name}@example.com")
        grant = issue.new_grant(
            flow, client, user, scope=scope, hosted=True, auth_time=flow.clock.now(), amr=("pwd",), nonce="n"
        )
        return await issue.start(flow, self.entry, client, user, grant)

    async def machine(self) -> str:
        proof = {"ClientId": self.program.client.id, "Secret": self.program.secrets[0]}
        answer = await unsigned(self.service.flow, "GetClientToken", **proof)
        token: str = answer["ClientAuthenticationResult"]["AccessToken"]
        return token


async def unsigned(flow: Flow, operation: str, **body: Any) -> dict[str, Any]:
    api = Api(ctx=flow, operations=OPERATIONS, credentials=AnyCredentials())
    return await api.call(operation, body, caller=None, region="us-east-1")


@pytest.fixture
async def place(service: Service) -> Place:
    flow = service.flow
    entry = await a_pool(flow)
    scopes = [shapes.ResourceServerScopeType(scope_name=n, scope_description=n) for n in ("read", "write")]
    server = ResourceServer(pool_id=entry.pool.id, identifier=SERVER, name="wiki", scopes=tuple(scopes))

    async def unit(tx: Tx) -> None:
        await pool_store.put_resource_server(tx, server)

    await flow.database.write(unit)
    for _ in range(100):
        entry = await the_pool(flow, entry.pool.id)
        if entry.resource_servers:
            break
    everything = ["openid", "email", READ, WRITE, ADMIN_SCOPE]
    return Place(
        service,
        entry,
        await a_client(flow, entry, allowed_o_auth_scopes=everything),
        await a_client(
            flow, entry, explicit_auth_flows=EXCHANGE, allowed_o_auth_scopes=[READ, ADMIN_SCOPE],
            access_token_validity=2, read_attributes=["email"],
        ),
        await a_client(
            flow, entry, explicit_auth_flows=["ALLOW_CLIENT_TOKEN_AUTH"], allowed_o_auth_scopes=[READ, WRITE, "openid"]
        ),
    )  # fmt: skip


async def test_a_client_gets_a_token_for_itself(place: Place) -> None:
    flow, program = place.service.flow, place.program
    body = {"ClientId": program.client.id, "Secret": program.secrets[0]}
    answer = (await unsigned(flow, "GetClientToken", **body))["ClientAuthenticationResult"]
    assert {"AccessToken", "ExpiresIn", "TokenType"} == answer.keys()
    assert ("Bearer", 3600) == (answer["TokenType"], answer["ExpiresIn"])
    claims = claims_of(answer["AccessToken"])
    assert f"{READ} {WRITE}" == claims["scope"]
    assert program.client.id == claims["sub"] == claims["client_id"]
    assert "access" == claims["token_use"]
    assert not claims.keys() & {"username", "event_id", "origin_jti", "aud"}
    narrow = await unsigned(flow, "GetClientToken", **body, Scopes=[WRITE])
    assert WRITE == claims_of(narrow["ClientAuthenticationResult"]["AccessToken"])["scope"]
    signed = await place.service("GetClientToken", **body)
    assert signed["ClientAuthenticationResult"]


@sqlite_only
async def test_the_oauth_grant_permits_it_too(place: Place) -> None:
    flow = place.service.flow
    client = await a_client(
        flow, place.entry, allowed_o_auth_flows_user_pool_client=True, allowed_o_auth_flows=["client_credentials"],
        allowed_o_auth_scopes=[READ],
    )  # fmt: skip
    body = {"ClientId": client.client.id, "Secret": client.secrets[0]}
    assert await unsigned(flow, "GetClientToken", **body)


@sqlite_only
async def test_a_client_token_needs_secret_flow_and_scopes(place: Place) -> None:
    flow, program = place.service.flow, place.program
    body = {"ClientId": program.client.id, "Secret": program.secrets[0]}

    async def refused(**change: Any) -> tuple[str, str]:
        with pytest.raises(CognitoError) as no:
            await unsigned(flow, "GetClientToken", **(body | change))
        return no.value.code, no.value.message

    wrong = ("NotAuthorizedException", "Invalid client secret")
    assert wrong == await refused(Secret="x" * 30)
    public = await a_client(flow, place.entry, secret=False, explicit_auth_flows=["ALLOW_CLIENT_TOKEN_AUTH"])
    assert wrong == await refused(ClientId=public.client.id)
    assert "ResourceNotFoundException" == (await refused(ClientId="unknown"))[0]
    assert NO_FLOW == await refused(ClientId=place.app.client.id, Secret=place.app.secrets[0])
    for scope in ("openid", f"{SERVER}/other", ADMIN_SCOPE):
        assert ("InvalidParameterException", f"Invalid scope requested: {scope}") == await refused(Scopes=[scope])


@sqlite_only
async def test_a_pool_with_a_token_trigger_mints_none_behind_its_back(service: Service) -> None:
    entry = await a_pool(service.flow, lambda_config=triggers(pre_token_generation="tokens"))
    gateway = await a_client(service.flow, entry, explicit_auth_flows=EXCHANGE)
    app = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    del app
    code, _ = await service.refusal(
        "GetDerivedToken", ClientId=gateway.client.id, SubjectToken="x.y.z", SubjectTokenType="ACCESS_TOKEN"
    )
    assert "NotAuthorizedException" == code


@pytest.mark.parametrize(
    ("flows", "secret", "told"),
    [
        (["ALLOW_CLIENT_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"], True, "along with other auth flows"),
        (["ALLOW_CLIENT_TOKEN_AUTH", *EXCHANGE], True, "along with other auth flows"),
        (["ALLOW_CLIENT_TOKEN_AUTH"], False, "does not have a client secret"),
        (["ALLOW_CLIENT_TOKEN_AUTH"], True, None),
        (EXCHANGE, False, None),
    ],
)
@sqlite_only
async def test_the_flow_of_client_tokens_stands_alone(
    service: Service, flows: list[str], secret: bool, told: str | None
) -> None:
    entry = await a_pool(service.flow)
    body = {
        "UserPoolId": entry.pool.id, "ClientName": "c", "ExplicitAuthFlows": flows, "GenerateSecret": secret,
    }  # fmt: skip
    if told is None:
        assert flows == (await service("CreateUserPoolClient", **body))["UserPoolClient"]["ExplicitAuthFlows"]
    else:
        code, message = await service.refusal("CreateUserPoolClient", **body)
        assert "InvalidParameterException" == code
        assert told in message


async def test_an_access_token_becomes_a_narrower_one(place: Place) -> None:
    tokens = await place.hosted("jane", f"openid email {READ} {WRITE}")
    answer = await place.derive(tokens.access_token, Resources=[SERVER])
    assert ("ACCESS_TOKEN", "Bearer", [READ]) == (answer["IssuedTokenType"], answer["TokenType"], answer["Scopes"])
    subject, claims = claims_of(tokens.access_token), claims_of(answer["IssuedToken"])
    assert READ == claims["scope"]
    assert SERVER == claims["aud"]
    assert place.gateway.client.id == claims["client_id"]
    for same in ("sub", "iss", "username", "auth_time", "origin_jti", "event_id", "token_use"):
        assert subject[same] == claims[same]
    assert subject["jti"] != claims["jti"]
    assert "act" not in claims


@sqlite_only
async def test_a_derived_token_ends_with_its_subject(place: Place, clock: FixedClock) -> None:
    tokens = await place.hosted("jane", READ)
    clock.advance(3000)
    answer = await place.derive(tokens.access_token)
    assert 600 == answer["ExpiresIn"]
    assert claims_of(tokens.access_token)["exp"] == claims_of(answer["IssuedToken"])["exp"]
    clock.advance(600)
    for token in (tokens.access_token, answer["IssuedToken"]):
        assert ("NotAuthorizedException", "The subject token has expired.") == await place.refusal(token)


async def test_a_derived_token_is_revoked_with_its_subject(place: Place) -> None:
    entry, service = place.entry, place.service
    await a_user(service.flow, entry, "jane")
    tokens = await service.tokens(place.app, "jane")
    derived = (await place.derive(tokens["AccessToken"]))["IssuedToken"]
    assert "jane" == (await service("GetUser", AccessToken=derived))["Username"]
    await service(
        "RevokeToken", Token=tokens["RefreshToken"], ClientId=place.app.client.id, ClientSecret=place.app.secrets[0]
    )
    revoked = ("NotAuthorizedException", "Access Token has been revoked")
    assert revoked == await service.refusal("GetUser", AccessToken=derived)
    assert ("NotAuthorizedException", "The subject token has been revoked.") == await place.refusal(derived)


@sqlite_only
async def test_scopes_are_those_of_request_subject_and_client(place: Place) -> None:
    tokens = await place.hosted("jane", f"openid {READ} {WRITE}")
    assert [READ] == (await place.derive(tokens.access_token, Scopes=[WRITE, READ, "email", READ]))["Scopes"]
    assert [READ] == (await place.derive(tokens.access_token))["Scopes"]
    for scope in (WRITE, ADMIN_SCOPE, "email"):
        told = ("InvalidParameterException", f"Invalid scope requested: {scope}")
        assert told == await place.refusal(tokens.access_token, Scopes=[scope])
    none = await place.hosted("joe", "openid")
    answer = await place.derive(none.access_token)
    assert [] == answer["Scopes"]
    assert "scope" not in claims_of(answer["IssuedToken"])


@sqlite_only
async def test_an_id_token_stands_for_its_sign_in_but_opens_no_account(place: Place) -> None:
    await a_user(place.service.flow, place.entry, "joe")
    of_api = (await place.service.tokens(place.app, "joe"))["IdToken"]
    assert [] == (await place.derive(of_api, "ID_TOKEN"))["Scopes"]
    assert "InvalidParameterException" == (await place.refusal(of_api, "ID_TOKEN", Scopes=[ADMIN_SCOPE]))[0]
    of_pages = (await place.hosted("jane", f"openid {READ}")).id_token
    assert of_pages
    assert [READ] == (await place.derive(of_pages, "ID_TOKEN"))["Scopes"]


@sqlite_only
async def test_an_id_token_is_issued_for_whom_it_is_meant(place: Place) -> None:
    tokens = await place.hosted("jane", f"openid email {READ}")
    answer = await place.derive(tokens.access_token, RequestedTokenType="ID_TOKEN")
    assert ("ID_TOKEN", "N_A", None) == (answer["IssuedTokenType"], answer["TokenType"], answer.get("Scopes"))
    claims = claims_of(answer["IssuedToken"])
    assert ("id", place.gateway.client.id) == (claims["token_use"], claims["aud"])
    assert "jane@example.com" == claims["email"]
    assert not claims.keys() & {"nonce", "azp", "scope", "at_hash"}
    other = await place.derive(tokens.access_token, RequestedTokenType="ID_TOKEN", Audiences=[place.program.client.id])
    claims = claims_of(other["IssuedToken"])
    assert (place.program.client.id, place.gateway.client.id) == (claims["aud"], claims["azp"])
    assert await place.derive(other["IssuedToken"], "ID_TOKEN")
    without = await place.hosted("joe", READ)
    told = ("NotAuthorizedException", "The subject token does not stand for an ID token.")
    assert told == await place.refusal(without.access_token, RequestedTokenType="ID_TOKEN")


async def test_whoever_acts_is_named_and_stays_named(place: Place) -> None:
    tokens = await place.hosted("jane", READ)
    actor = {"ActorToken": await place.machine(), "ActorTokenType": "ACCESS_TOKEN"}
    first = (await place.derive(tokens.access_token, **actor))["IssuedToken"]
    program = place.program.client.id
    assert {"sub": program} == claims_of(first)["act"]
    again = (await place.derive(first))["IssuedToken"]
    assert {"sub": program} == claims_of(again)["act"]
    user = await place.hosted("joe", "openid")
    assert user.id_token
    joe = {"ActorToken": user.id_token, "ActorTokenType": "ID_TOKEN"}
    second = (await place.derive(first, **joe))["IssuedToken"]
    sub = claims_of(user.id_token)["sub"]
    assert {"sub": sub, "act": {"sub": program}} == claims_of(second)["act"]
    token = second
    for _ in range(3):
        token = (await place.derive(token, **joe))["IssuedToken"]
    assert "InvalidParameterException" == (await place.refusal(token, **joe))[0]


@pytest.mark.parametrize("flow_on", EXCHANGE)
@sqlite_only
async def test_each_way_of_exchange_has_its_flow(place: Place, flow_on: str) -> None:
    client = await a_client(place.service.flow, place.entry, explicit_auth_flows=[flow_on])
    proof = {"ClientId": client.client.id, "ClientSecret": client.secrets[0]}
    token = (await place.hosted("jane", READ)).access_token
    actor = {"ActorToken": await place.machine(), "ActorTokenType": "ACCESS_TOKEN"}
    if flow_on.endswith("DELEGATION"):
        assert await place.derive(token, **proof, **actor)
        assert NO_FLOW == await place.refusal(token, **proof)
    else:
        assert await place.derive(token, **proof)
        assert NO_FLOW == await place.refusal(token, **proof, **actor)


async def test_only_living_tokens_of_this_pool_are_taken(place: Place) -> None:
    flow, service = place.service.flow, place.service
    tokens = await place.hosted("jane", f"openid {READ}")
    assert tokens.id_token
    other_pool = await a_pool(flow)
    other_client = await a_client(flow, other_pool)
    await a_user(flow, other_pool, "jane")
    foreign = (await service.tokens(other_client, "jane"))["AccessToken"]
    invalid = ("NotAuthorizedException", "The subject token is not valid.")
    head, body, signature = tokens.access_token.split(".")
    for token, kind in [
        (foreign, "ACCESS_TOKEN"), (tokens.id_token, "ACCESS_TOKEN"), (tokens.access_token, "ID_TOKEN"),
        (f"{head}.{body}.{signature[:-4]}AAAA", "ACCESS_TOKEN"), ("x", "ACCESS_TOKEN"), ("a.b.c", "ID_TOKEN"),
        (tokens.refresh_token or "", "ACCESS_TOKEN"),
    ]:  # fmt: skip
        assert invalid == await place.refusal(token, kind)
        bad = {"ActorToken": token, "ActorTokenType": kind}
        told = ("NotAuthorizedException", "The actor token is not valid.")
        assert told == await place.refusal(tokens.access_token, **bad)
    told = ("NotAuthorizedException", "The subject token is not a user's.")
    assert told == await place.refusal(await place.machine())


@sqlite_only
async def test_a_disabled_or_deleted_users_token_is_refused(place: Place) -> None:
    tokens = await place.hosted("jane", READ)
    joe = await place.hosted("joe", READ)
    whom = {"UserPoolId": place.entry.pool.id, "Username": "jane"}
    await place.service("AdminDisableUser", **whom)
    revoked = ("NotAuthorizedException", "The subject token has been revoked.")
    assert await place.refusal(tokens.access_token) in {revoked, DISABLED}
    actor = {"ActorToken": tokens.access_token, "ActorTokenType": "ACCESS_TOKEN"}
    assert "NotAuthorizedException" == (await place.refusal(joe.access_token, **actor))[0]
    await place.service("AdminDeleteUser", **whom)
    assert (await place.refusal(tokens.access_token))[0] in {"NotAuthorizedException", "UserNotFoundException"}


@pytest.mark.parametrize(
    ("change", "code", "told"),
    [
        ({"SubjectTokenType": "SAML2"}, "InvalidParameter", "SubjectTokenType SAML2 is not supported by this server."),
        ({"SubjectTokenProviderName": "Okta"}, "InvalidParameter", "SubjectTokenProviderName, a token of another"),
        ({"ActorToken": "a.b.c"}, "InvalidParameter", "Missing required parameter ActorTokenType"),
        ({"ActorTokenType": "ID_TOKEN"}, "InvalidParameter", "Missing required parameter ActorToken"),
        ({"ActorToken": "a", "ActorTokenType": "SAML2"}, "InvalidParameter", "ActorTokenType SAML2 is not"),
        ({"Audiences": ["a"], "Resources": [SERVER]}, "InvalidParameter", "cannot be requested together"),
        ({"Audiences": ["unknown"]}, "InvalidParameter", "Invalid audience requested: unknown"),
        ({"Resources": ["unknown"]}, "ResourceNotFound", "Resource server unknown does not exist."),
        ({"ClientSecret": "x" * 30}, "NotAuthorized", "Invalid client secret"),
        ({"ClientSecret": None}, "NotAuthorized", "Invalid client secret"),
        ({"ClientId": "unknown"}, "ResourceNotFound", "User pool client unknown does not exist."),
    ],
)
@sqlite_only
async def test_what_cannot_be_exchanged_is_refused(place: Place, change: dict[str, Any], code: str, told: str) -> None:
    token = (await place.hosted("jane", READ)).access_token
    refused = await place.refusal(token, **change)
    assert f"{code}Exception" == refused[0]
    assert told in refused[1]


@sqlite_only
async def test_an_audience_is_something_of_the_pool(place: Place) -> None:
    token = (await place.hosted("jane", READ)).access_token
    for audience in (SERVER, "wiki", place.app.client.id):
        assert audience == claims_of((await place.derive(token, Audiences=[audience]))["IssuedToken"])["aud"]
    elsewhere = await a_client(place.service.flow, await a_pool(place.service.flow))
    assert "InvalidParameterException" == (await place.refusal(token, Audiences=[elsewhere.client.id]))[0]


@sqlite_only
async def test_a_signature_stands_for_the_secret_in_the_pools_region(place: Place) -> None:
    flow = place.service.flow
    token = (await place.hosted("jane", READ)).access_token
    api = Api(ctx=flow, operations=OPERATIONS, credentials=AnyCredentials())
    administrator = Administrator("tester")
    body = place.body(token, "ACCESS_TOKEN", ClientSecret=None)
    assert await api.call("GetDerivedToken", body, caller=administrator, region="us-east-1")
    with pytest.raises(CognitoError, match="does not exist"):
        await api.call("GetDerivedToken", body, caller=administrator, region="eu-west-1")
    wrong = body | {"ClientSecret": "x" * 30}
    with pytest.raises(CognitoError, match="Invalid client secret"):
        await api.call("GetDerivedToken", wrong, caller=administrator, region="us-east-1")


@sqlite_only
async def test_a_signature_that_proves_nothing_is_refused_where_it_would_count(place: Place) -> None:
    """On GetClientToken a signature means nothing; on GetDerivedToken it must hold."""

    async def no_key(_: str) -> None:
        return None

    async def note_use(_: str, __: int | None) -> None:
        raise AssertionError("there is no key")

    api = Api(ctx=place.service.flow, operations=OPERATIONS, credentials=AccessKeys(no_key, note_use))
    token = (await place.hosted("jane", READ)).access_token
    program = {"ClientId": place.program.client.id, "Secret": place.program.secrets[0]}
    claim = b"AWS4-HMAC-SHA256 Credential=AKID/20270115/us-east-1/cognito-idp/aws4_request, SignedHeaders=host, Signature=00"

    async def status(operation: str, body: dict[str, Any], *signed: tuple[bytes, bytes]) -> int:
        target = f"AWSCognitoIdentityProviderService.{operation}".encode()
        headers = ((b"x-amz-target", target), (b"content-type", b"application/x-amz-json-1.1"), *signed)
        raw = Raw(method="POST", path="/", headers=headers, body=msgspec.json.encode(body), peer="127.0.0.1")
        return (await api.handle(raw)).status

    signed = (b"authorization", claim)
    derive = place.body(token, "ACCESS_TOKEN")
    assert [200, 200, 200, 400] == [
        await status("GetClientToken", program),
        await status("GetClientToken", program, signed),
        await status("GetDerivedToken", derive),
        await status("GetDerivedToken", derive, signed),
    ]
    assert 400 == await status("GetDerivedToken", place.body(token, "ACCESS_TOKEN", ClientSecret=None))
