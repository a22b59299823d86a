"""Clients that prove themselves by signed assertions: RFC 7523, OIDC Core section 9."""

import asyncio
import base64
from typing import Any

import httpx
import msgspec
import pytest
from aiohttp import web as aio

from poolhouse.kit.outgoing import Http
from poolhouse.pool.core.client_proof import HashUse
from poolhouse.pool.core.settings.openid import WrongSetting
from poolhouse.pool.flows.caller import client_by_hash, client_by_secret
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from tests.support.proofs import (
    a_key,
    a_key_client,
    assertion,
    assertion_claims,
    extend,
    of_secret,
    public,
    shown,
    signed,
    unsigned,
)
from tests.support.web import DOMAIN, a_browser, a_web_client, a_web_pool, application, basic_header, error_of

URL = f"/domains/{DOMAIN}/oauth2/token"
REVOKE = f"/domains/{DOMAIN}/oauth2/revoke"
GRANT = {"grant_type": "refresh_token", "refresh_token": "x"}
PROVEN = ("invalid_grant", 400)
REFUSED = ("invalid_client", 401)


async def ask(web: httpx.AsyncClient, header: str | None = None, **form: str) -> tuple[str, int]:
    headers = {} if header is None else {"authorization": header}
    return error_of(await web.post(URL, data=GRANT | form, headers=headers))


@pytest.fixture
async def keyed(flow: Flow, pool: PoolEntry) -> ClientEntry:
    return await a_key_client(flow, pool)


@pytest.mark.parametrize("alg", ["ES256", "PS256", "RS256", "EdDSA"])
async def test_by_a_key_of_each_kind(flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, alg: str) -> None:
    client = await a_key_client(flow, pool, a_key(alg))

    assert PROVEN == await ask(web, **shown(assertion(flow, client, alg=alg)))
    assert PROVEN == await ask(web, **shown(assertion(flow, client, alg=alg)), client_id=client.client.id)
    assert REFUSED == await ask(web, **shown(assertion(flow, client, a_key(alg, "other"), alg)))


async def test_by_the_secret_itself(flow: Flow, web: httpx.AsyncClient, client: ClientEntry) -> None:
    client = await extend(flow, client, token_endpoint_auth_method="client_secret_jwt")
    key, other = of_secret(client.secrets[0]), of_secret("x" * 51)

    assert PROVEN == await ask(web, **shown(assertion(flow, client, key, "HS256")))
    assert REFUSED == await ask(web, **shown(assertion(flow, client, other, "HS256")))
    assert REFUSED == await ask(web, basic_header(client.client.id, client.secrets[0]))


async def test_a_public_key_is_never_taken_for_a_secret(flow: Flow, web: httpx.AsyncClient, keyed: ClientEntry) -> None:
    forged = assertion(flow, keyed, of_secret(public(a_key())["x"]), "HS256")

    assert REFUSED == await ask(web, **shown(forged))


async def test_an_unsigned_assertion_is_refused(flow: Flow, web: httpx.AsyncClient, keyed: ClientEntry) -> None:
    assert REFUSED == await ask(web, **shown(unsigned(assertion_claims(flow, keyed))))
    assert REFUSED == await ask(web, **shown(assertion(flow, keyed).rpartition(".")[0] + "."))


async def test_an_assertion_is_good_once(flow: Flow, web: httpx.AsyncClient, keyed: ClientEntry) -> None:
    made = shown(assertion(flow, keyed))

    assert PROVEN == await ask(web, **made)
    assert REFUSED == await ask(web, **made)
    assert ("invalid_client", 401) == error_of(await web.post(REVOKE, data={"token": "x", **made}))


async def test_ghsa_3p3g_vpw6_4w66_of_parallel_replays_one_is_served(
    flow: Flow, web: httpx.AsyncClient, keyed: ClientEntry
) -> None:
    made = shown(assertion(flow, keyed))

    answers = await asyncio.gather(*(ask(web, **made) for _ in range(12)))

    assert [PROVEN] + [REFUSED] * 11 == sorted(answers, key=lambda each: each[1])


async def test_one_id_may_be_used_by_two_clients(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, keyed: ClientEntry
) -> None:
    other = await a_key_client(flow, pool)

    assert PROVEN == await ask(web, **shown(assertion(flow, keyed, jti="same")))
    assert PROVEN == await ask(web, **shown(assertion(flow, other, jti="same")))


async def test_a_forged_assertion_uses_up_nothing(flow: Flow, web: httpx.AsyncClient, keyed: ClientEntry) -> None:
    claims = assertion_claims(flow, keyed)

    assert REFUSED == await ask(web, **shown(signed(a_key("ES256", "other"), "ES256", claims)))
    assert PROVEN == await ask(web, **shown(signed(a_key(), "ES256", claims)))


async def test_cve_2025_27370_the_audience_is_this_issuer_alone(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, keyed: ClientEntry
) -> None:
    issuer = flow.config.issuer(pool.pool.id)
    endpoint = f"{flow.config.base_url}/domains/{DOMAIN}/oauth2/token"

    for wrong in (endpoint, [endpoint], [issuer, endpoint], [issuer, "https://other.example"], issuer + "/", [], None):
        assert REFUSED == await ask(web, **shown(assertion(flow, keyed, aud=wrong))), wrong
    assert PROVEN == await ask(web, **shown(assertion(flow, keyed, aud=[issuer])))
    assert PROVEN == await ask(web, **shown(assertion(flow, keyed, aud=issuer)))


async def test_the_audience_does_not_come_from_the_host_header(
    flow: Flow, web: httpx.AsyncClient, keyed: ClientEntry
) -> None:
    made = assertion(flow, keyed, aud=f"https://evil.example/{keyed.client.pool_id}")

    reply = await web.post(URL, data=GRANT | shown(made), headers={"host": "evil.example"})

    assert REFUSED == error_of(reply)


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "someone"}, {"iss": None}, {"sub": None}, {"sub": 7}, {"jti": None}, {"jti": ""}, {"jti": "x" * 256},
        {"jti": 5}, {"exp": None}, {"exp": "soon"}, {"exp": True}, {"exp": 1_799_999_900}, {"exp": 1_800_010_000},
        {"iat": 1_800_000_300}, {"nbf": 1_800_000_300}, {"iat": 1_700_000_000}, {"exp": 1e400}, {"iat": []},
    ],
    ids=str,
)  # fmt: skip
async def test_a_wrong_claim_is_refused(
    flow: Flow, web: httpx.AsyncClient, keyed: ClientEntry, wrong: dict[str, Any]
) -> None:
    assert REFUSED[0] == (await ask(web, **shown(assertion(flow, keyed, **wrong))))[0]


async def test_two_ways_at_once_are_refused(flow: Flow, web: httpx.AsyncClient, keyed: ClientEntry) -> None:
    own = keyed.client.id

    assert ("invalid_request", 400) == await ask(web, basic_header(own, "x"), **shown(assertion(flow, keyed)))
    assert ("invalid_request", 400) == await ask(web, **shown(assertion(flow, keyed)), client_secret="x")


async def test_an_assertion_needs_its_type_and_the_type_an_assertion(
    flow: Flow, web: httpx.AsyncClient, keyed: ClientEntry
) -> None:
    made = shown(assertion(flow, keyed))
    saml = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"

    assert "invalid_client" == (await ask(web, client_assertion=made["client_assertion"]))[0]
    assert "invalid_client" == (await ask(web, client_assertion_type=made["client_assertion_type"]))[0]
    assert "invalid_client" == (await ask(web, **(made | {"client_assertion_type": saml})))[0]
    assert "invalid_client" == (await ask(web, **made, client_id="another"))[0]


async def test_only_the_registered_way_works(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, keyed: ClientEntry
) -> None:
    secretive = await a_web_client(flow, pool)
    jwks = {"keys": [public(a_key())]}
    basic = await extend(flow, secretive, token_endpoint_auth_method="client_secret_basic", jwks=jwks)
    secret = basic.secrets[0]

    assert REFUSED == await ask(web, client_id=keyed.client.id)
    assert PROVEN == await ask(web, basic_header(basic.client.id, secret))
    assert REFUSED == await ask(web, client_id=basic.client.id, client_secret=secret)
    assert REFUSED == await ask(web, **shown(assertion(flow, basic)))


async def test_an_assertion_of_a_client_that_registered_no_way_is_refused(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry
) -> None:
    made = assertion(flow, client, of_secret(client.secrets[0]), "HS256")

    assert REFUSED == await ask(web, **shown(made))


async def test_the_algorithm_is_the_registered_one(flow: Flow, web: httpx.AsyncClient, pool: PoolEntry) -> None:
    key = a_key("PS256")
    client = await a_key_client(flow, pool, key, token_endpoint_auth_signing_alg="PS256")

    assert PROVEN == await ask(web, **shown(assertion(flow, client, key, "PS256")))
    assert REFUSED == await ask(web, **shown(assertion(flow, client, key, "RS256")))


async def test_who_used_basic_is_told_the_scheme(web: httpx.AsyncClient, keyed: ClientEntry) -> None:
    reply = await web.post(URL, data=GRANT, headers={"authorization": basic_header(keyed.client.id, "x")})

    assert (401, 'Basic realm="app client"') == (reply.status_code, reply.headers["www-authenticate"])


async def test_an_assertion_of_another_pools_client_is_refused(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry
) -> None:
    foreign = await a_key_client(flow, await a_web_pool(flow, domain="other"))

    assert REFUSED == await ask(web, **shown(assertion(flow, foreign)))
    assert REFUSED == await ask(web, **shown(assertion(flow, foreign, aud=flow.config.issuer(pool.pool.id))))


@pytest.mark.parametrize(
    "text", ["", "x", "a.b", "a.b.c", "e30.e30.", "e30.e30.e30.e30.e30", "W10.W10.", "e30.e30." + "x" * 9000]
)
async def test_garbage_is_no_assertion(web: httpx.AsyncClient, keyed: ClientEntry, text: str) -> None:
    assert "invalid_client" == (await ask(web, **shown(text), client_id=keyed.client.id))[0]


async def test_a_critical_header_is_refused(flow: Flow, web: httpx.AsyncClient, keyed: ClientEntry) -> None:
    made = assertion(flow, keyed).split(".")
    header = msgspec.json.encode({"alg": "ES256", "kid": "ES256 one", "crit": ["exp"], "exp": 1})
    made[0] = base64.urlsafe_b64encode(header).rstrip(b"=").decode()

    assert REFUSED == await ask(web, **shown(".".join(made)))


async def test_a_client_with_a_key_is_not_public_at_the_api(flow: Flow, keyed: ClientEntry) -> None:
    with pytest.raises(Refused):
        await client_by_hash(flow, keyed.client.id, "jane", None, HashUse.SIGN_IN)
    with pytest.raises(Refused):
        await client_by_secret(flow, keyed.client.id, None)


async def test_a_client_that_said_none_shows_nothing(flow: Flow, web: httpx.AsyncClient, client: ClientEntry) -> None:
    public_one = await extend(flow, client, token_endpoint_auth_method="none")

    assert PROVEN == await ask(web, client_id=public_one.client.id)
    assert REFUSED == await ask(web, client_id=public_one.client.id, client_secret=public_one.secrets[0])
    assert not public_one.is_confidential


@pytest.mark.parametrize(
    "given",
    [
        {"token_endpoint_auth_method": "private_key_jwt"},
        {"token_endpoint_auth_signing_alg": "ES256"},
        {"token_endpoint_auth_method": "client_secret_jwt", "token_endpoint_auth_signing_alg": "ES256"},
        {"jwks": {"keys": []}},
        {"jwks": {"keys": [{"kty": "oct", "k": "AAAA"}]}},
        {"jwks": {"keys": [public(a_key()), public(a_key("ES256", "other"), kid="ES256 one")]}},
        {"jwks": {"keys": [a_key().as_dict(private=True)]}},
        {"jwks": {"keys": [public(a_key("RS256")) | {"n": "AQAB"}]}},
        {"jwks": {"keys": [public(a_key(), use="enc")]}},
        {"jwks": {"keys": [public(a_key(), crv="P-521")]}},
        {"jwks_uri": "http://app.example/jwks"},
        {"jwks_uri": "https://app.example/jwks", "jwks": {"keys": [public(a_key())]}},
    ],
)
async def test_settings_that_could_prove_nothing_are_refused(
    flow: Flow, client: ClientEntry, given: dict[str, Any]
) -> None:
    with pytest.raises(WrongSetting):
        await extend(flow, client, **given)


class KeySite:
    """Serves a key set, and counts how often it is asked."""

    def __init__(self) -> None:
        self.keys: list[dict[str, Any]] = []
        self.asked = 0
        self.url = ""

    async def serve(self, _request: aio.Request) -> aio.Response:
        self.asked += 1
        return aio.json_response({"keys": self.keys})


@pytest.fixture
async def near(flow: Flow) -> Any:
    """The same server, which may call this machine."""
    http = Http(allow_loopback=True, allow_private=False)
    yield msgspec.structs.replace(flow, http=http)
    await http.close()


@pytest.fixture
async def site() -> Any:
    served = KeySite()
    app = aio.Application()
    app.router.add_get("/jwks", served.serve)
    runner = aio.AppRunner(app)
    await runner.setup()
    opened = aio.TCPSite(runner, "127.0.0.1", 0)
    await opened.start()
    served.url = f"http://127.0.0.1:{opened._server.sockets[0].getsockname()[1]}/jwks"  # type: ignore[union-attr]
    yield served
    await runner.cleanup()


async def test_keys_are_fetched_kept_and_fetched_again_when_one_is_not_there(
    near: Flow, pool: PoolEntry, site: KeySite
) -> None:
    client = await a_web_client(near, pool, secret=False)
    client = await extend(near, client, token_endpoint_auth_method="private_key_jwt", jwks_uri=site.url)
    site.keys = [public(a_key())]
    rotated = a_key("ES256", "rotated")
    async with a_browser(application(near)) as web:
        for _ in range(3):
            assert PROVEN == await ask(web, **shown(assertion(near, client)))
        assert 1 == site.asked

        near.clock.advance(11)  # type: ignore[attr-defined]
        site.keys = [public(rotated)]
        assert PROVEN == await ask(web, **shown(assertion(near, client, rotated)))
        assert REFUSED == await ask(web, **shown(assertion(near, client)))
        assert 2 == site.asked


async def test_unknown_keys_do_not_make_the_server_knock(near: Flow, pool: PoolEntry, site: KeySite) -> None:
    client = await a_web_client(near, pool, secret=False)
    client = await extend(near, client, token_endpoint_auth_method="private_key_jwt", jwks_uri=site.url)
    async with a_browser(application(near)) as web:
        for each in range(5):
            made = signed(a_key(), "ES256", assertion_claims(near, client), kid=f"invented {each}")
            assert REFUSED == await ask(web, **shown(made))

    assert 1 == site.asked


async def test_keys_are_not_fetched_from_this_machine(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, site: KeySite
) -> None:
    site.keys = [public(a_key())]
    client = await a_web_client(flow, pool, secret=False)
    client = await extend(flow, client, token_endpoint_auth_method="private_key_jwt", jwks_uri=site.url)

    assert REFUSED == await ask(web, **shown(assertion(flow, client)))
    assert 0 == site.asked
