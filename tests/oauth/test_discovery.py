"""The issuer's documents: OIDC Discovery, RFC 8414, RFC 7517."""

import httpx

from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import User
from tests.support.builders import a_pool
from tests.support.web import BASE, DOMAIN, a_code, claims_of, redeem


def url(pool: PoolEntry, name: str = "openid-configuration") -> str:
    return f"/{pool.pool.id}/.well-known/{name}"


async def test_everything_a_standard_client_needs(web: httpx.AsyncClient, pool: PoolEntry) -> None:
    found = (await web.get(url(pool))).json()

    domain = f"{BASE}/domains/{DOMAIN}"
    assert {
        "issuer": f"{BASE}/{pool.pool.id}",
        "jwks_uri": f"{BASE}/{pool.pool.id}/.well-known/jwks.json",
        "authorization_endpoint": f"{domain}/oauth2/authorize",
        "token_endpoint": f"{domain}/oauth2/token",
        "userinfo_endpoint": f"{domain}/oauth2/userInfo",
        "revocation_endpoint": f"{domain}/oauth2/revoke",
        "introspection_endpoint": f"{domain}/oauth2/introspect",
        "end_session_endpoint": f"{domain}/logout",
        "response_types_supported": ["code", "token"],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256", "EdDSA"],
        "scopes_supported": ["openid", "email", "phone", "profile", "address", "offline_access"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "request_uri_parameter_supported": False,
    }.items() <= found.items()
    assert {"client_secret_basic", "client_secret_post"} <= set(found["token_endpoint_auth_methods_supported"])


async def test_the_domain_leads_to_the_issuer(web: httpx.AsyncClient, pool: PoolEntry) -> None:
    found = await web.get(f"/domains/{DOMAIN}/.well-known/openid-configuration")

    assert 200 == found.status_code
    assert (await web.get(url(pool))).json() == found.json()
    assert 404 == (await web.get("/domains/nobody/.well-known/openid-configuration")).status_code


async def test_a_pool_without_a_domain_has_its_keys_only(flow: Flow, web: httpx.AsyncClient) -> None:
    found = (await web.get(url(await a_pool(flow)))).json()

    assert not [name for name in found if name.endswith("_endpoint")]
    assert "jwks_uri" in found


async def test_the_issuer_is_that_of_the_tokens(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, client: ClientEntry, person: User
) -> None:
    held = (await redeem(web, client, await a_code(flow, web, client, person))).json()
    issuer = (await web.get(url(pool))).json()["issuer"]

    assert [issuer] * 2 == [claims_of(held[name])["iss"] for name in ("id_token", "access_token")]


async def test_two_keys_in_the_services_form(web: httpx.AsyncClient, pool: PoolEntry) -> None:
    keys = (await web.get(url(pool, "jwks.json"))).json()["keys"]

    assert [{"alg", "e", "kid", "kty", "n", "use"}] * 2 == [set(key) for key in keys]
    assert {("RS256", "RSA", "sig", "AQAB")} == {(key["alg"], key["kty"], key["use"], key["e"]) for key in keys}
    assert all(key["kid"].endswith("=") for key in keys)


async def test_both_tokens_are_signed_by_published_keys(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, client: ClientEntry, person: User
) -> None:
    from joserfc import jwt
    from joserfc.jwk import KeySet

    held = (await redeem(web, client, await a_code(flow, web, client, person))).json()
    keys = KeySet.import_key_set((await web.get(url(pool, "jwks.json"))).json())

    kids = set()
    for name in ("id_token", "access_token"):
        verified = jwt.decode(held[name], keys, algorithms=["RS256"])
        assert {"kid", "alg"} == set(verified.header)
        kids.add(verified.header["kid"])
    assert 2 == len(kids)


async def test_caches_may_keep_them_and_ask_again(web: httpx.AsyncClient, pool: PoolEntry) -> None:
    for name in ("openid-configuration", "jwks.json"):
        first = await web.get(url(pool, name))
        again = await web.get(url(pool, name), headers={"if-none-match": first.headers["etag"]})
        other = await web.get(url(pool, name), headers={"if-none-match": '"x"'})

        assert first.headers["cache-control"].startswith("public, max-age=")
        assert "*" == first.headers["access-control-allow-origin"]
        assert (304, b"", first.headers["etag"]) == (again.status_code, again.content, again.headers["etag"])
        assert 200 == other.status_code


async def test_one_document_is_at_the_places_of_both_specifications(web: httpx.AsyncClient, pool: PoolEntry) -> None:
    # RFC 8414 section 3.1 and section 5; clients of MCP look in all of them.
    pool_id = pool.pool.id
    expected = (await web.get(url(pool))).json()

    for place in (
        f"/.well-known/oauth-authorization-server/{pool_id}",
        f"/.well-known/openid-configuration/{pool_id}",
        f"/{pool_id}/.well-known/oauth-authorization-server",
    ):
        reply = await web.get(place)
        assert (200, "application/json", "*") == (
            reply.status_code, reply.headers["content-type"], reply.headers["access-control-allow-origin"],
        )  # fmt: skip
        assert expected == reply.json()
        assert 304 == (await web.get(place, headers={"if-none-match": reply.headers["etag"]})).status_code
    assert 404 == (await web.get("/.well-known/oauth-authorization-server/us-east-1_nothing")).status_code


async def test_a_script_may_ask_with_headers_of_its_own(web: httpx.AsyncClient, pool: PoolEntry) -> None:
    # Browsers ask first when a client sends its protocol's version along.
    reply = await web.options(url(pool), headers={"origin": "https://app.example"})

    assert (204, "*", "*") == (
        reply.status_code,
        reply.headers["access-control-allow-origin"],
        reply.headers["access-control-allow-headers"],
    )


async def test_unknown_pools_and_other_methods_are_refused(web: httpx.AsyncClient, pool: PoolEntry) -> None:
    assert 404 == (await web.get("/us-east-1_nothing/.well-known/jwks.json")).status_code
    assert 405 == (await web.post(url(pool))).status_code
    assert 200 == (await web.head(url(pool))).status_code
