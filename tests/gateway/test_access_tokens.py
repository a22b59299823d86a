"""An app as a protected resource: which access tokens of a provider open it, and where clients learn who gives them."""

import asyncio
import contextlib
from typing import Any

import msgspec
import pytest
from aiohttp import web

from poolhouse.house.gate import Gate, Policy, Resource
from poolhouse.house.gateway.resource import BadResource, rules
from poolhouse.house.model import Identity
from poolhouse.house.store import accounts, sessions
from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.jws import read
from tests.gateway.test_endings import events
from tests.gateway.world import Answer, Served, Upstream
from tests.house.conftest import provider
from tests.house.op import Provider, rsa_key

__all__ = ["provider"]
API = "http://wiki.localhost:8500/"
HOST = "wiki.localhost:8500"
METADATA = f"http://{HOST}/.well-known/oauth-protected-resource"


class Api:
    """An app that takes the provider's tokens."""

    def __init__(self, served: Served, provider: Provider, app_id: str) -> None:
        self.served, self.provider, self.id = served, provider, app_id

    def token(self, **changes: Any) -> str:
        now = self.provider.clock.now()
        claims = {
            "iss": self.provider.base, "sub": "subject-1", "aud": API, "exp": now + 300, "iat": now, "client_id": "cli",
            "scope": "read write", **changes,
        }  # fmt: skip
        return self.provider.sign({name: value for name, value in claims.items() if value is not ...})

    async def ask(self, token: str, path: str = "/", **more: Any) -> Answer:
        return await self.served.ask(path, Authorization=f"Bearer {token}", **more)

    async def set(self, **resource: Any) -> None:
        await self.served.change(self.id, resource=Resource(**{"provider": "oidc", **resource}))


@pytest.fixture
async def api(served: Served, app: Upstream, provider: Provider) -> Api:
    assert await served.house.use_oidc(provider.settings())
    gate = Gate(upstream=app.url, resource=Resource(provider="oidc"), public_paths=("/open/",))
    return Api(served, provider, await served.add(API, gate))


async def test_an_access_token_opens_the_app_and_stays_here(api: Api, app: Upstream) -> None:
    answer = await api.ask(api.token(groups=["staff"]))
    said = read(app.header("x-house-assertion")[0]).claims

    assert 200 == answer.status
    assert [] == app.header("authorization")
    assert f"{api.provider.base}|subject-1" == said["sub"]
    assert ["staff"] == said["groups"]
    assert [] == app.header("x-forwarded-email")


async def test_who_has_an_account_is_told_of_by_it(api: Api, app: Upstream) -> None:
    person = await api.served.sign_in()
    await link(api, person.account.id)
    await api.ask(api.token())

    assert ["maria@example.com"] == app.header("x-forwarded-user")
    assert person.account.id == read(app.header("x-house-assertion")[0]).claims["sub"]


async def test_a_disabled_account_is_refused_at_once(api: Api) -> None:
    person = await api.served.sign_in()
    await link(api, person.account.id)
    token = api.token()
    assert 200 == (await api.ask(token)).status

    async def disable(tx: Tx) -> None:
        await accounts.set_enabled(tx, person.account.id, is_enabled=False)
        await sessions.delete_sessions_of(tx, person.account.id)

    await api.served.house.ctx.db.write(disable)
    assert 401 == (await api.ask(token)).status


async def test_no_name_in_a_token_is_that_of_an_account(api: Api, app: Upstream) -> None:
    """CVE-2023-3128: issuer and subject are the key; an address or a user name chooses nobody."""
    await api.served.sign_in()
    await api.ask(
        api.token(email="maria@example.com", email_verified=True, username="maria@example.com",
                  preferred_username="maria@example.com")
    )  # fmt: skip

    assert "maria@example.com" not in app.header("x-forwarded-user") + app.header("x-forwarded-email")


WRONG: list[dict[str, Any]] = [
    {"iss": "https://evil.example"}, {"iss": ...}, {"aud": "https://other.example"}, {"aud": ...}, {"aud": []},
    {"aud": API + "more"}, {"aud": {"a": API}}, {"exp": 1}, {"exp": ...}, {"exp": "soon"}, {"exp": True},
    {"nbf": 4_000_000_000}, {"iat": 4_000_000_000}, {"iat": "then"}, {"sub": ...}, {"sub": ""}, {"sub": "a\nb"},
    {"sub": "x" * 256}, {"token_use": "id"}, {"typ": "ID"}, {"typ": "Refresh"}, {"at_hash": "x"}, {"events": {}},
    {"cnf": {"jkt": "x"}}, {"nonce": "n"}, {"c_hash": "x"}, {"typ": {}}, {"typ": ["Bearer"]}, {"token_use": ["access"]},
    {"exp": 10**400}, {"iat": -(10**400)},
]  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG, ids=str)
async def test_one_wrong_claim_is_enough(wrong: dict[str, Any], api: Api, app: Upstream) -> None:
    """CVE-2024-47616: issuer, audience, times and purpose, each of them."""
    cookie = await api.served.at_app(api.id, await api.served.sign_in())
    before = len(app.heads)
    answer = await api.ask(api.token(**wrong), Cookie=cookie)

    assert 401 == answer.status
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert f'resource_metadata="{METADATA}"' in answer.headers["www-authenticate"]
    assert before == len(app.heads), "never the cookie in its place"


@pytest.mark.parametrize("signer", ["other", "tampered", "none", "public-key-as-secret"])
async def test_a_token_that_the_provider_has_not_signed(signer: str, api: Api, app: Upstream) -> None:
    api.provider.signer = signer

    assert 401 == (await api.ask(api.token())).status
    assert [] == app.heads


@pytest.mark.parametrize(
    "header",
    [{"typ": "logout+jwt"}, {"typ": "house-assertion+jwt"}, {"typ": 1}, {"jwk": {}}, {"crit": ["b64"]}, {"kid": 1}],
    ids=str,
)
async def test_a_header_of_another_kind(header: dict[str, Any], api: Api, app: Upstream) -> None:
    api.provider.change_header = lambda found: {**found, **header}

    assert 401 == (await api.ask(api.token())).status
    assert [] == app.heads


@pytest.mark.parametrize("token", ["x", "..", "a.b.c", "x" * 40_000, "\xff.\xff.\xff", "eyJhbGciOiJub25lIn0.e30."])
async def test_garbage_opens_nothing(token: str, api: Api, app: Upstream) -> None:
    assert 401 == (await api.ask(token)).status
    assert [] == app.heads


@pytest.mark.parametrize(
    ("header", "claims", "status"),
    [({}, {}, 401), ({}, {"typ": "Bearer"}, 200), ({}, {"token_use": "access"}, 200), ({"typ": "at+jwt"}, {}, 200)],
    ids=str,
)
async def test_an_id_token_is_none_where_the_client_itself_is_the_audience(
    header: dict[str, str], claims: dict[str, str], status: int, api: Api
) -> None:
    """Entra has no at_hash in ID tokens, and the audience of both is the client; Keycloak's access tokens had a nonce."""
    await api.set(audiences=("house",))
    api.provider.change_header = lambda found: {**found, **header}

    answer = await api.ask(api.token(aud="house", nonce="n", scope=..., client_id=..., **claims))
    assert status == answer.status


async def test_at_jwt_is_demanded_where_that_is_set(api: Api) -> None:
    await api.set(demands_typ=True)
    assert 401 == (await api.ask(api.token())).status
    api.provider.change_header = lambda found: {**found, "typ": "at+JWT"}

    assert 200 == (await api.ask(api.token())).status


async def test_audiences_are_those_that_are_set(api: Api) -> None:
    await api.set(audiences=("api://wiki", "http://wiki.localhost:8500/mcp"))

    assert 200 == (await api.ask(api.token(aud=["api://wiki", "x"]))).status
    assert 200 == (await api.ask(api.token(aud="http://wiki.localhost:8500/mcp"))).status
    assert 401 == (await api.ask(api.token())).status


async def test_a_token_without_audience_is_good_by_its_client_where_clients_are_listed(api: Api) -> None:
    """Cognito's access tokens have no ``aud``."""
    await api.set(client_ids=("cli",))

    assert 200 == (await api.ask(api.token(aud=..., token_use="access"))).status
    assert 401 == (await api.ask(api.token(aud=..., client_id="other"))).status
    assert 401 == (await api.ask(api.token(client_id="other"))).status
    assert 401 == (await api.ask(api.token(aud="https://other.example"))).status


async def test_what_is_missing_is_said_with_403(api: Api, app: Upstream) -> None:
    await api.set(scopes=("read",), scope_rules=("POST /items write", "/admin admin"))
    refused = await api.ask(api.token(scope="write"))

    assert (403, "insufficient_scope") == (refused.status, refused.json["error"])
    assert 'scope="read"' in refused.headers["www-authenticate"]
    assert f'resource_metadata="{METADATA}"' in refused.headers["www-authenticate"]
    assert [] == app.heads
    assert 200 == (await api.ask(api.token(scope="read"), "/items")).status
    assert 200 == (await api.ask(api.token(scope=..., scp=["read"]), "/items")).status
    assert 403 == (await api.ask(api.token(scope="read"), "/items", method="POST")).status
    assert 200 == (await api.ask(api.token(scope="read write"), "/items/1", method="POST")).status


@pytest.mark.parametrize("path", ["/admin", "/admin/", "/ADMIN/x", "//admin", "/%61dmin", "/admin;x", "/x%20y"])
async def test_no_spelling_of_a_path_escapes_its_scope(path: str, api: Api) -> None:
    await api.set(scope_rules=("/admin admin",))

    assert 403 == (await api.ask(api.token(), path)).status
    assert 200 == (await api.ask(api.token(), "/administration")).status


async def test_head_needs_what_get_needs(api: Api) -> None:
    await api.set(scope_rules=("GET /secret secret",))

    assert 403 == (await api.ask(api.token(), "/secret", method="HEAD")).status


@pytest.mark.parametrize("change", [{"scopes": ("admin",)}, {"scope_rules": ("GET /events admin",)}], ids=str)
async def test_a_scope_that_is_asked_for_from_now_on_ends_what_is_open(
    change: dict[str, Any], api: Api, app: Upstream
) -> None:
    app.handler = events
    reader, writer = await asyncio.open_connection("127.0.0.1", api.served.port)
    writer.write(f"GET /events HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {api.token()}\r\n\r\n".encode())
    await reader.readuntil(b"data: 1\n\n")
    await api.set(scope_rules=("POST /events admin",))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(), 0.3)
    await api.set(**change)
    with contextlib.suppress(ConnectionError):
        await asyncio.wait_for(reader.read(), 2)
    writer.close()


async def test_the_policy_holds_for_access_tokens(api: Api, app: Upstream) -> None:
    await api.served.change(api.id, policy=Policy(groups=("staff",)))

    assert 403 == (await api.ask(api.token())).status
    assert 200 == (await api.ask(api.token(**{"cognito:groups": ["staff"]}))).status


async def test_only_people_with_an_account_where_that_is_set(api: Api) -> None:
    await api.set(needs_account=True)
    assert 403 == (await api.ask(api.token())).status
    await link(api, (await api.served.sign_in()).account.id)

    assert 200 == (await api.ask(api.token())).status


async def test_a_token_is_passed_on_only_where_that_is_set(api: Api, app: Upstream) -> None:
    await api.set(is_passed_on=True)
    token = api.token()
    await api.ask(token)

    assert [f"Bearer {token}"] == app.header("authorization")


async def test_on_public_paths_the_token_stays_here_as_well(api: Api, app: Upstream) -> None:
    assert 200 == (await api.ask(api.token(), "/open/x")).status
    assert [] == app.header("authorization")
    assert [] == app.header("x-forwarded-user")


async def test_a_cookie_still_opens_the_app(api: Api, app: Upstream) -> None:
    cookie = await api.served.at_app(api.id, await api.served.sign_in())

    assert 200 == (await api.served.ask("/", Cookie=cookie)).status


async def test_without_a_token_a_program_is_told_where_to_get_one(api: Api) -> None:
    await api.set(scopes=("read",))
    program = await api.served.ask("/", Accept="application/json, text/event-stream")
    person = await api.served.ask("/", Accept="text/html")

    assert (401, f'Bearer resource_metadata="{METADATA}", scope="read"') == (
        program.status, program.headers["www-authenticate"],
    )  # fmt: skip
    assert 303 == person.status


async def test_the_metadata_says_who_gives_out_tokens(api: Api) -> None:
    await api.set(scopes=("read",), scope_rules=("/admin admin",))
    answer = await api.served.ask("/.well-known/oauth-protected-resource")

    assert 200 == answer.status
    assert "*" == answer.headers["access-control-allow-origin"]
    assert {
        "resource": API,
        "authorization_servers": [api.provider.base],
        "bearer_methods_supported": ["header"],
        "resource_name": "Wiki",
        "scopes_supported": ["admin", "read"],
    } == answer.json


async def test_the_metadata_of_a_path_is_at_that_path(api: Api, app: Upstream) -> None:
    await api.set(audiences=(f"http://{HOST}/mcp",))
    answer = await api.served.ask("/.well-known/oauth-protected-resource/mcp")

    assert (200, f"http://{HOST}/mcp") == (answer.status, answer.json["resource"])
    elsewhere = await api.served.ask("/.well-known/oauth-protected-resource")
    assert 401 == elsewhere.status, "it is the app's own, behind the door as all of it"
    assert [] == app.heads


async def test_the_metadata_of_an_app_below_the_house(served: Served, app: Upstream, provider: Provider) -> None:
    assert await served.house.use_oidc(provider.settings())
    url = "http://localhost:8500/apps/tools/"
    await served.add(url, Gate(upstream=app.url, resource=Resource(provider="oidc")))
    answer = await served.ask("/.well-known/oauth-protected-resource/apps/tools/", host="localhost:8500")

    assert (200, url) == (answer.status, answer.json["resource"])
    assert 404 == (await served.ask("/.well-known/oauth-protected-resource", host="localhost:8500")).status


async def test_a_provider_that_is_gone_opens_nothing(api: Api, app: Upstream) -> None:
    await api.set(provider="gone")

    assert 401 == (await api.ask(api.token())).status
    assert 401 == (await api.served.ask("/.well-known/oauth-protected-resource")).status
    assert [] == app.heads


async def test_keys_that_cannot_be_had_are_no_yes(api: Api, app: Upstream) -> None:
    api.provider.answers["jwks.json"] = web.Response(status=500)
    answer = await api.ask(api.token())

    assert (503, "temporarily_unavailable") == (answer.status, answer.json["error"])
    assert [] == app.heads


async def test_a_key_is_fetched_when_the_provider_rotates(api: Api) -> None:
    assert 200 == (await api.ask(api.token())).status
    api.provider.keys = [rsa_key("two")]

    assert 200 == (await api.ask(api.token(jti="2"))).status


async def test_a_token_is_remembered_no_longer_than_it_is_good(api: Api, clock: FixedClock) -> None:
    token = api.token()
    assert 200 == (await api.ask(token)).status
    clock.advance(331)
    api.served.house._site.callers.forget()  # type: ignore[union-attr]

    assert 401 == (await api.ask(token)).status


def introspects(api: Api, **said: Any) -> None:
    answer = {"active": True, "sub": "subject-1", "aud": API, "scope": "read", **said}
    kept = {name: value for name, value in answer.items() if value is not ...}
    api.provider.answers["introspect"] = web.json_response(kept)


async def test_an_opaque_token_is_asked_about(api: Api, app: Upstream) -> None:
    await api.set(introspection_url=f"{api.provider.base}/introspect")
    introspects(api)

    assert 200 == (await api.ask("opaque")).status
    assert 200 == (await api.ask("opaque")).status
    assert 1 == api.provider.hits["introspect"], "not for every request"


@pytest.mark.parametrize(
    "said",
    [{"active": False}, {"active": "true"}, {"active": ...}, {"aud": ...}, {"aud": "https://other.example"}, {"exp": 1},
     {"iss": "https://evil.example"}, {"sub": ...}, {"token_use": "id"}, {"token_use": ["access"]},
     {"cnf": {}}],
    ids=str,
)  # fmt: skip
async def test_an_answer_about_an_opaque_token_is_read_as_strictly(
    said: dict[str, Any], api: Api, app: Upstream
) -> None:
    await api.set(introspection_url=f"{api.provider.base}/introspect")
    introspects(api, **said)

    assert 401 == (await api.ask("opaque")).status
    assert [] == app.heads


@pytest.mark.parametrize("answer", [(500, b""), (401, b""), (200, b"no json"), (200, b"[]")])
async def test_a_provider_that_does_not_answer_is_no_yes(answer: tuple[int, bytes], api: Api, app: Upstream) -> None:
    await api.set(introspection_url=f"{api.provider.base}/introspect")
    api.provider.answers["introspect"] = web.Response(status=answer[0], body=answer[1])

    assert 503 == (await api.ask("opaque")).status
    assert [] == app.heads


async def test_the_houses_secret_goes_to_the_provider_alone(api: Api, app: Upstream) -> None:
    """Whoever may change apps could have it sent anywhere."""
    elsewhere = Provider(api.provider.clock)
    await elsewhere.start()
    elsewhere.answers["introspect"] = web.json_response({"active": True, "sub": "subject-1", "aud": API})
    await api.set(introspection_url=f"{elsewhere.base}/introspect")
    answer = await api.ask("opaque")
    await elsewhere.stop()

    assert 401 == answer.status
    assert 0 == elsewhere.hits["introspect"]
    assert [] == app.heads


@pytest.mark.parametrize("line", ["", "/x", "x y", "get /x y", "POST x y", 'POST /x a"b', "/x%41 y", "/x y\\"])
def test_a_scope_rule_that_means_nothing_is_not_saved(line: str) -> None:
    with pytest.raises(BadResource):
        rules((line,))


async def link(api: Api, account_id: str) -> None:
    identity = Identity(
        issuer=api.provider.base, subject="subject-1", account_id=account_id, created_at=api.provider.clock.now(),
        signed_in_at=api.provider.clock.now(),
    )  # fmt: skip
    await api.served.house.ctx.db.write(lambda tx: accounts.put_identity(tx, identity))


def test_a_resource_of_a_newer_version_closes_the_app() -> None:
    from poolhouse.house.gate import decode_gate

    with pytest.raises(msgspec.ValidationError):
        decode_gate('{"resource":{"provider":"oidc","new_rule":true}}')
