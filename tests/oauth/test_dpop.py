"""Tokens bound to a key that the client shows to hold: RFC 9449."""

import asyncio
from typing import Any

import httpx
import pytest

from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.flows import issue
from poolhouse.pool.flows.caller import user_by_token
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.pool import ResourceServer
from poolhouse.pool.model.user import User
from poolhouse.pool.spec import shapes
from poolhouse.pool.store import pools as store
from tests.support.proofs import USER_INFO_URL, a_key, extend, of_secret, proof, public, signed, thumbprint, unsigned
from tests.support.web import CALLBACK, DOMAIN, a_code, a_web_client, basic_header, claims_of, error_of

URL = f"/domains/{DOMAIN}/oauth2/token"
USER_INFO = f"/domains/{DOMAIN}/oauth2/userInfo"
REFUSED = ("invalid_dpop_proof", 400)


@pytest.fixture
async def public_client(flow: Flow, pool: PoolEntry) -> ClientEntry:
    scopes = ["openid", "email", "profile", "aws.cognito.signin.user.admin"]
    return await a_web_client(flow, pool, secret=False, allowed_o_auth_scopes=scopes)


async def post(
    web: httpx.AsyncClient, client: ClientEntry, headers: dict[str, str] | None = None, **form: str
) -> httpx.Response:
    named = dict(headers or {})
    if client.secrets:
        named["authorization"] = basic_header(client.client.id, client.secrets[0])
    else:
        form["client_id"] = client.client.id
    return await web.post(URL, data=form, headers=named)


async def redeemed(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, user: User, headers: dict[str, str] | None,
    **more: str | None,
) -> httpx.Response:  # fmt: skip
    code = await a_code(flow, web, client, user, **more)
    return await post(web, client, headers, grant_type="authorization_code", code=code, redirect_uri=CALLBACK)


async def refreshed(web: httpx.AsyncClient, client: ClientEntry, token: str, headers: dict[str, str] | None) -> Any:
    return await post(web, client, headers, grant_type="refresh_token", refresh_token=token)


@pytest.mark.parametrize("alg", ["ES256", "PS256", "RS256", "EdDSA"])
async def test_a_proof_binds_the_access_token_to_its_key(
    flow: Flow, web: httpx.AsyncClient, public_client: ClientEntry, person: User, alg: str
) -> None:
    held = (await redeemed(flow, web, public_client, person, proof(flow, alg=alg))).json()

    assert "DPoP" == held["token_type"]
    assert {"jkt": thumbprint(a_key(alg, "dpop"))} == claims_of(held["access_token"])["cnf"]
    assert "cnf" not in claims_of(held["id_token"])


async def test_without_a_proof_it_is_a_bearer_token(
    flow: Flow, web: httpx.AsyncClient, public_client: ClientEntry, person: User
) -> None:
    held = (await redeemed(flow, web, public_client, person, None)).json()

    assert ("Bearer", False) == (held["token_type"], "cnf" in claims_of(held["access_token"]))


async def test_user_info_takes_a_bound_token_with_its_proof_alone(
    flow: Flow, web: httpx.AsyncClient, public_client: ClientEntry, person: User
) -> None:
    token = (await redeemed(flow, web, public_client, person, proof(flow))).json()["access_token"]

    def shown(scheme: str = "DPoP", **given: Any) -> dict[str, str]:
        made = proof(flow, url=USER_INFO_URL, method="GET", token=token, **given)
        return {"authorization": f"{scheme} {token}", **made}

    good = await web.get(USER_INFO, headers=shown())
    assert (200, person.sub) == (good.status_code, good.json()["sub"])

    for wrong in (
        {"authorization": f"Bearer {token}"},
        shown("Bearer"),
        {"authorization": f"DPoP {token}"},
        shown(key=a_key("ES256", "thief")),
        shown(ath="x"),
        shown(ath=None),
        shown(htm="POST"),
        shown(htu=USER_INFO_URL + "/more"),
    ):
        reply = await web.get(USER_INFO, headers=wrong)
        assert 401 == reply.status_code, wrong
        scheme = "Bearer" if wrong["authorization"].startswith("Bearer") else "DPoP"
        assert reply.headers["www-authenticate"].startswith(f"{scheme} error=")
    in_body = await web.post(USER_INFO, data={"access_token": token})
    assert 401 == in_body.status_code


async def test_a_proof_at_user_info_is_good_once(
    flow: Flow, web: httpx.AsyncClient, public_client: ClientEntry, person: User
) -> None:
    token = (await redeemed(flow, web, public_client, person, proof(flow))).json()["access_token"]
    headers = {"authorization": f"DPoP {token}", **proof(flow, url=USER_INFO_URL, method="GET", token=token)}

    answers = await asyncio.gather(*(web.get(USER_INFO, headers=headers) for _ in range(6)))

    assert [200] + [401] * 5 == sorted(each.status_code for each in answers)


async def test_a_bearer_token_is_none_for_dpop(
    flow: Flow, web: httpx.AsyncClient, public_client: ClientEntry, person: User
) -> None:
    token = (await redeemed(flow, web, public_client, person, None)).json()["access_token"]
    headers = {"authorization": f"DPoP {token}", **proof(flow, url=USER_INFO_URL, method="GET", token=token)}

    assert 401 == (await web.get(USER_INFO, headers=headers)).status_code


async def test_the_api_takes_no_bound_token(
    flow: Flow, web: httpx.AsyncClient, public_client: ClientEntry, person: User
) -> None:
    scope = "openid aws.cognito.signin.user.admin"
    bearer = (await redeemed(flow, web, public_client, person, None, scope=scope)).json()["access_token"]
    bound = (await redeemed(flow, web, public_client, person, proof(flow), scope=scope)).json()["access_token"]

    assert person.sub == (await user_by_token(flow, bearer)).user.sub
    with pytest.raises(Refused):
        await user_by_token(flow, bound)


@pytest.mark.parametrize(
    "wrong",
    [
        {"htm": "GET"}, {"htm": None}, {"htu": "https://pool.example/oauth2/token"}, {"htu": None}, {"htu": 5},
        {"jti": None}, {"jti": ""}, {"jti": "x" * 256}, {"iat": None}, {"iat": 1_799_999_000}, {"iat": 1_800_000_100},
        {"iat": "now"}, {"header": {"typ": "JWT"}}, {"header": {"typ": None}}, {"header": {"jwk": None}},
        {"header": {"jwk": {"kty": "oct", "k": "AAAA"}}}, {"header": {"jwk": {}}},
    ],
    ids=str,
)  # fmt: skip
async def test_a_wrong_proof_is_refused(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, wrong: dict[str, Any]
) -> None:
    reply = await post(web, client, proof(flow, **wrong), grant_type="refresh_token", refresh_token="x")

    assert REFUSED == error_of(reply)


async def test_a_forged_proof_is_refused(flow: Flow, web: httpx.AsyncClient, client: ClientEntry) -> None:
    holder, other = a_key("ES256", "dpop"), a_key("ES256", "other")
    with_private = {"jwk": holder.as_dict(private=True)}
    of_other = {"typ": "dpop+jwt", "jwk": public(other), "kid": None}
    claims = {
        "htm": "POST",
        "htu": "https://pool.example/domains/demo/oauth2/token",
        "jti": "j",
        "iat": flow.clock.now(),
    }
    symmetric = signed(of_secret("x" * 40), "HS256", claims, typ="dpop+jwt", jwk={"kty": "oct", "k": "eHh4"}, kid=None)

    for wrong in (
        proof(flow, header=with_private),
        {"dpop": signed(holder, "ES256", claims, **of_other)},
        {"dpop": unsigned(claims, typ="dpop+jwt", jwk=public(holder))},
        {"dpop": symmetric},
        {"dpop": "x"},
        {"dpop": ""},
        {"dpop": "x" * 10_000},
    ):
        reply = await post(web, client, wrong, grant_type="refresh_token", refresh_token="x")
        assert REFUSED == error_of(reply), wrong


async def test_two_proofs_are_none(flow: Flow, web: httpx.AsyncClient, client: ClientEntry) -> None:
    headers = [
        ("authorization", basic_header(client.client.id, client.secrets[0])),
        *proof(flow).items(),
        *proof(flow).items(),
    ]

    reply = await web.post(URL, data={"grant_type": "refresh_token", "refresh_token": "x"}, headers=headers)

    assert REFUSED == error_of(reply)


async def test_the_address_may_be_spelled_in_other_ways(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry
) -> None:
    for same in (
        "HTTPS://POOL.example:443/domains/demo/oauth2/token",
        "https://pool.example/domains/demo/oauth2/token?query#fragment",
        "https://pool.example/domains/d%65mo/oauth2/token",
    ):
        reply = await post(web, client, proof(flow, htu=same), grant_type="refresh_token", refresh_token="x")
        assert ("invalid_grant", 400) == error_of(reply), same


async def test_a_proof_is_good_once(flow: Flow, web: httpx.AsyncClient, client: ClientEntry) -> None:
    made = proof(flow)

    answers = await asyncio.gather(
        *(post(web, client, made, grant_type="refresh_token", refresh_token="x") for _ in range(8))
    )

    assert [REFUSED] * 7 + [("invalid_grant", 400)] == sorted(map(error_of, answers))


async def test_a_public_clients_refresh_token_is_bound_to_the_key(
    flow: Flow, web: httpx.AsyncClient, public_client: ClientEntry, person: User
) -> None:
    token = (await redeemed(flow, web, public_client, person, proof(flow))).json()["refresh_token"]
    thief = a_key("ES256", "thief")

    assert ("invalid_grant", 400) == error_of(await refreshed(web, public_client, token, None))
    assert ("invalid_grant", 400) == error_of(await refreshed(web, public_client, token, proof(flow, thief)))
    again = (await refreshed(web, public_client, token, proof(flow))).json()
    assert {"jkt": thumbprint(a_key("ES256", "dpop"))} == claims_of(again["access_token"])["cnf"]
    assert "DPoP" == again["token_type"]


async def test_a_confidential_client_may_change_its_key_but_not_go_without(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    token = (await redeemed(flow, web, client, person, proof(flow))).json()["refresh_token"]
    other = a_key("ES256", "other")

    assert ("invalid_grant", 400) == error_of(await refreshed(web, client, token, None))
    again = (await refreshed(web, client, token, proof(flow, other))).json()
    assert {"jkt": thumbprint(other)} == claims_of(again["access_token"])["cnf"]


async def test_a_client_that_is_to_bind_its_tokens_gets_no_other(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    client = await extend(flow, client, dpop_bound_access_tokens=True)

    assert ("invalid_request", 400) == error_of(await redeemed(flow, web, client, person, None))
    assert "DPoP" == (await redeemed(flow, web, client, person, proof(flow))).json()["token_type"]


async def test_nor_does_it_at_the_api(flow: Flow, pool: PoolEntry, client: ClientEntry, person: User) -> None:
    client = await extend(flow, client, dpop_bound_access_tokens=True)
    grant = issue.new_grant(
        flow, client.client, person, scope="aws.cognito.signin.user.admin", hosted=False, auth_time=1, amr=("pwd",)
    )

    with pytest.raises(Refused, match="binding_missing"):
        await issue.start(flow, pool, client.client, person, grant)


async def test_a_token_of_the_client_itself_is_bound_too(flow: Flow, web: httpx.AsyncClient, pool: PoolEntry) -> None:
    scope = shapes.ResourceServerScopeType(scope_name="read", scope_description="r")

    async def unit(tx: Tx) -> None:
        server = ResourceServer(pool_id=pool.pool.id, identifier="notes", name="notes", scopes=(scope,))
        await store.put_resource_server(tx, server)

    await flow.database.write(unit)
    flow.directory._forget(pool.pool.id)
    client = await a_web_client(
        flow, pool, allowed_o_auth_flows=["client_credentials"], allowed_o_auth_scopes=["notes/read"]
    )

    held = (await post(web, client, proof(flow), grant_type="client_credentials")).json()

    assert {"jkt": thumbprint(a_key("ES256", "dpop"))} == claims_of(held["access_token"])["cnf"]
    assert "DPoP" == held["token_type"]


async def test_discovery_says_which_algorithms(web: httpx.AsyncClient, pool: PoolEntry) -> None:
    found = (await web.get(f"/{pool.pool.id}/.well-known/openid-configuration")).json()

    assert {"ES256", "PS256", "EdDSA", "RS256"} == set(found["dpop_signing_alg_values_supported"])


async def test_scripts_may_send_proofs(web: httpx.AsyncClient, pool: PoolEntry) -> None:
    reply = await web.options(URL)

    assert "dpop" in reply.headers["access-control-allow-headers"]
