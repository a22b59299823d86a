"""How an app client proves itself at the token endpoint: RFC 6749 section 2.3.1."""

import base64

import httpx
import pytest

from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry, seal_secret
from poolhouse.pool.model.pool import ClientSecret
from poolhouse.pool.model.user import User
from poolhouse.pool.store import clients as client_store
from tests.support.builders import reconfigure, the_client
from tests.support.web import CALLBACK, DOMAIN, a_code, a_web_client, a_web_pool, basic_header, error_of, redeem, token

URL = f"/domains/{DOMAIN}/oauth2/token"
GRANT = {"grant_type": "refresh_token", "refresh_token": "x"}
PROVEN = ("invalid_grant", 400)
REFUSED = ("invalid_client", 400)


async def ask(web: httpx.AsyncClient, header: str | None = None, **form: str) -> tuple[str, int]:
    headers = {} if header is None else {"authorization": header}
    return error_of(await web.post(URL, data=GRANT | form, headers=headers))


async def test_by_basic_or_in_the_body(web: httpx.AsyncClient, client: ClientEntry) -> None:
    own, secret = client.client.id, client.secrets[0]

    assert PROVEN == await ask(web, basic_header(own, secret))
    assert PROVEN == await ask(web, basic_header(own, secret), client_id=own)
    assert PROVEN == await ask(web, client_id=own, client_secret=secret)


async def test_a_wrong_secret_is_refused(web: httpx.AsyncClient, client: ClientEntry) -> None:
    own, secret = client.client.id, client.secrets[0]

    for wrong in (secret[:-1], secret + "0", secret.upper(), "x"):
        assert REFUSED == await ask(web, basic_header(own, wrong))
        assert REFUSED == await ask(web, client_id=own, client_secret=wrong)


async def test_a_confidential_client_cannot_come_without_its_secret(
    web: httpx.AsyncClient, client: ClientEntry
) -> None:
    own = client.client.id

    assert REFUSED == await ask(web, client_id=own)
    assert REFUSED == await ask(web, client_id=own, client_secret="")
    assert REFUSED == await ask(web, basic_header(own, ""))


async def test_a_public_client_names_itself_and_shows_nothing(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry
) -> None:
    public = await a_web_client(flow, pool, secret=False)

    assert PROVEN == await ask(web, client_id=public.client.id)
    assert PROVEN == await ask(web, basic_header(public.client.id, ""))
    assert REFUSED == await ask(web, client_id=public.client.id, client_secret="x")


async def test_unknown_and_missing_clients_are_refused(web: httpx.AsyncClient, pool: PoolEntry) -> None:
    assert REFUSED == await ask(web, client_id="1234567890abcdefghijklmnop", client_secret="x")
    assert REFUSED == await ask(web)


async def test_a_client_of_another_pool_is_unknown_here(flow: Flow, web: httpx.AsyncClient, pool: PoolEntry) -> None:
    foreign = await a_web_client(flow, await a_web_pool(flow, domain="other"))

    assert REFUSED == await ask(web, basic_header(foreign.client.id, foreign.secrets[0]))


async def test_two_ways_at_once_are_refused(web: httpx.AsyncClient, client: ClientEntry) -> None:
    own, secret = client.client.id, client.secrets[0]

    assert ("invalid_request", 400) == await ask(web, basic_header(own, secret), client_secret=secret)
    assert ("invalid_request", 400) == await ask(web, basic_header(own, secret), client_id="another")


@pytest.mark.parametrize(
    "header",
    ["Basic", "Basic !", "Basic " + base64.b64encode(b"no colon").decode(), "Basic /////w==", "Bearer x", "Digest x"],
)
async def test_a_malformed_header_is_refused(web: httpx.AsyncClient, client: ClientEntry, header: str) -> None:
    assert REFUSED == await ask(web, header, client_id=client.client.id, client_secret=client.secrets[0])


async def test_a_plus_in_a_secret_is_understood_encoded_or_not(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry
) -> None:
    # A secret that was supplied may hold "+"; half of the clients encode it and half do not.
    client = await a_web_client(flow, pool, secret=False)
    secret = "abc+def+ghi+jkl_mno_pqr_stu"
    record = ClientSecret(
        client_id=client.client.id, id="1", created_ms=1, sealed=seal_secret(flow.ring, client.client.id, "1", secret)
    )
    await flow.database.write(lambda tx: client_store.put_secret(tx, client.client.pool_id, record))
    await reconfigure(flow, pool)

    assert PROVEN == await ask(web, basic_header(client.client.id, secret))
    assert PROVEN == await ask(web, basic_header(client.client.id, secret.replace("+", "%2B")))
    assert PROVEN == await ask(web, client_id=client.client.id, client_secret=secret)


async def test_either_of_two_secrets_proves_the_client(flow: Flow, web: httpx.AsyncClient, pool: PoolEntry) -> None:
    client = await a_web_client(flow, pool)
    sealed = seal_secret(flow.ring, client.client.id, "2", "s" * 30)
    record = ClientSecret(client_id=client.client.id, id="2", created_ms=9_000_000_000_000, sealed=sealed)
    await flow.database.write(lambda tx: client_store.put_secret(tx, client.client.pool_id, record))
    await reconfigure(flow, pool)
    both = (await the_client(flow, client.client.id)).secrets

    assert [PROVEN, PROVEN] == [await ask(web, basic_header(client.client.id, secret)) for secret in both]
    assert 2 == len(both)


async def test_the_client_is_judged_before_the_code_is_touched(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    code = await a_code(flow, web, client, person)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}

    assert REFUSED == error_of(
        await web.post(URL, data=form, headers={"authorization": basic_header(client.client.id, "x")})
    )
    assert 200 == (await redeem(web, client, code)).status_code


async def test_parameters_count_in_the_body_only(web: httpx.AsyncClient, client: ClientEntry) -> None:
    form = {**GRANT, "client_id": client.client.id, "client_secret": client.secrets[0]}

    assert ("invalid_request", 400) == error_of(await web.post(URL, params=form))
    assert ("invalid_request", 400) == error_of(await web.post(URL, json=form))


async def test_a_repeated_parameter_is_refused(web: httpx.AsyncClient, client: ClientEntry) -> None:
    # CVE-2026-9689
    body = f"grant_type=refresh_token&refresh_token=x&client_id={client.client.id}&client_id={client.client.id}"
    headers = {"content-type": "application/x-www-form-urlencoded"}

    assert ("invalid_request", 400) == error_of(await web.post(URL, content=body, headers=headers))


async def test_grant_types_that_do_not_exist_are_told_apart(web: httpx.AsyncClient, client: ClientEntry) -> None:
    assert ("unsupported_grant_type", 400) == error_of(await token(web, client, grant_type="password"))
    assert ("invalid_request", 400) == error_of(await token(web, client))


async def test_any_origin_may_ask(web: httpx.AsyncClient, client: ClientEntry) -> None:
    allowed = await web.options(URL, headers={"origin": "https://app.example", "access-control-request-method": "POST"})
    answered = await web.post(URL, data={"grant_type": "x"}, headers={"origin": "https://app.example"})

    assert (204, "*", "POST, OPTIONS") == (
        allowed.status_code,
        allowed.headers["access-control-allow-origin"],
        allowed.headers["access-control-allow-methods"],
    )
    assert "authorization" in allowed.headers["access-control-allow-headers"]
    assert "*" == answered.headers["access-control-allow-origin"]
    assert "access-control-allow-credentials" not in answered.headers
