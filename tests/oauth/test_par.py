"""Authorization requests that clients push beforehand: RFC 9126."""

import asyncio
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from poolhouse.pool.flows import pushed
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import User
from tests.support.builders import PASSWORD
from tests.support.proofs import a_key, a_key_client, assertion, extend, proof, shown, thumbprint
from tests.support.web import (
    BASE,
    CALLBACK,
    CHALLENGE,
    DOMAIN,
    VERIFIER,
    Asking,
    a_web_client,
    a_web_pool,
    answer_of,
    basic_header,
    error_of,
    redeem,
    signed_in,
)

PAR = f"/domains/{DOMAIN}/oauth2/par"
PAR_URL = BASE + PAR
AUTHORIZE = f"/domains/{DOMAIN}/oauth2/authorize"
LOGIN = f"/domains/{DOMAIN}/login"


async def push(web: httpx.AsyncClient, client: ClientEntry, *, headers: Any = None, **more: Any) -> httpx.Response:
    """Push a request as *client* by Basic."""
    named = {"authorization": basic_header(client.client.id, client.secrets[0]), **(headers or {})}
    return await web.post(PAR, data=Asking(client).params(**more), headers=named)


async def pushed_uri(web: httpx.AsyncClient, client: ClientEntry, **more: Any) -> str:
    reply = await push(web, client, **more)
    assert 201 == reply.status_code, reply.text
    uri: str = reply.json()["request_uri"]
    return uri


async def come(web: httpx.AsyncClient, client: ClientEntry, uri: str, **more: str) -> httpx.Response:
    return await web.get(AUTHORIZE, params={"client_id": client.client.id, "request_uri": uri, **more})


def told(reply: httpx.Response) -> str:
    """The error that a browser is shown."""
    assert urlsplit(reply.headers["location"]).path.endswith("/error"), reply.headers["location"]
    return dict(parse_qsl(urlsplit(reply.headers["location"]).query))["error"]


async def test_a_pushed_request_is_answered_as_any_other(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    await signed_in(flow, web, person)
    reply = await push(web, client, nonce="n", code_challenge=CHALLENGE, code_challenge_method="S256")

    assert 201 == reply.status_code
    assert 90 == reply.json()["expires_in"]
    assert "no-store" == reply.headers["cache-control"]
    answer = answer_of(await come(web, client, reply.json()["request_uri"]))
    assert ("s t&te", flow.config.issuer(client.client.pool_id)) == (answer["state"], answer["iss"])
    assert 200 == (await redeem(web, client, answer["code"], code_verifier=VERIFIER)).status_code


async def test_the_sign_in_page_can_be_loaded_again_and_the_request_is_spent_by_the_code(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    uri = await pushed_uri(web, client)

    page = (await come(web, client, uri)).headers["location"]
    assert set(dict(parse_qsl(urlsplit(page).query))) == {"client_id", "request_uri"}
    for _ in range(2):
        assert 200 == (await web.get(page)).status_code
    flow.clock.advance(600)  # type: ignore[attr-defined]
    again = await web.get(page)
    assert 200 == again.status_code
    form = {
        "_csrf": again.cookies.get("XSRF-TOKEN") or web.cookies["XSRF-TOKEN"],
        "username": "jane",
        "password": PASSWORD,
    }
    answer = answer_of(await web.post(page, data=form))
    assert "s t&te" == answer["state"]
    assert 200 == (await redeem(web, client, answer["code"])).status_code

    assert "invalid_request_uri" == told(await web.get(page))
    assert "invalid_request_uri" == told(await come(web, client, uri))


async def test_cve_2024_4540_nothing_of_the_request_is_kept_in_the_browser(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    uri = await pushed_uri(web, client, state="very-secret-state", nonce="very-secret-nonce", login_hint="jane")

    page = (await come(web, client, uri)).headers["location"]
    reply = await web.get(page)

    kept = "".join([page, *web.cookies.values(), *reply.headers.values(), reply.text])
    assert "very-secret" not in kept
    assert "code_challenge" not in kept


async def test_one_request_is_answered_with_one_code(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    await signed_in(flow, web, person)
    uri = await pushed_uri(web, client)

    replies = await asyncio.gather(*(come(web, client, uri) for _ in range(6)))

    assert 1 == sum("code=" in reply.headers.get("location", "") for reply in replies)


async def test_a_request_that_is_not_come_for_in_time_is_gone(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry
) -> None:
    uri = await pushed_uri(web, client)
    flow.clock.advance(pushed.LIFETIME)  # type: ignore[attr-defined]

    assert "invalid_request_uri" == told(await come(web, client, uri))


async def test_a_sign_in_cannot_take_for_ever(flow: Flow, web: httpx.AsyncClient, client: ClientEntry) -> None:
    uri = await pushed_uri(web, client)
    assert 302 == (await come(web, client, uri)).status_code
    flow.clock.advance(pushed.LIFETIME + pushed.SIGN_IN)  # type: ignore[attr-defined]

    assert "invalid_request_uri" == told(await come(web, client, uri))


async def test_a_request_is_the_clients_that_pushed_it(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, client: ClientEntry
) -> None:
    other = await a_web_client(flow, pool)
    uri = await pushed_uri(web, client)

    assert "invalid_request_uri" == told(await come(web, other, uri))
    assert "invalid_request_uri" == told(await come(web, client, uri + "x"))
    assert "invalid_request_uri" == told(await come(web, client, pushed.PREFIX))
    assert "/login" in (await come(web, client, uri)).headers["location"]


async def test_what_stands_beside_the_handle_counts_for_nothing(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    await signed_in(flow, web, person)
    uri = await pushed_uri(web, client)

    reply = await come(web, client, uri, state="other", redirect_uri="https://evil.example", scope="openid phone")

    assert reply.headers["location"].startswith(CALLBACK)
    assert "s t&te" == answer_of(reply)["state"]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"redirect_uri": "https://evil.example"}, "invalid_request"),
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unauthorized_client"),
        ({"scope": "nothing"}, "invalid_scope"),
        ({"code_challenge": "x"}, "invalid_request"),
        ({"code_challenge": "x" * 43, "code_challenge_method": "plain"}, "invalid_request"),
        ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, "invalid_request"),
        ({"request_uri": "https://app.example/request"}, "invalid_request"),
        ({"request": "x"}, "request_not_supported"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"dpop_jkt": "short"}, "invalid_request"),
        ({"nonce": "x" * 20_000}, "invalid_request"),
    ],
    ids=str,
)
async def test_a_wrong_request_is_refused_when_it_is_pushed(
    web: httpx.AsyncClient, client: ClientEntry, wrong: dict[str, str | None], error: str
) -> None:
    assert (error, 400) == error_of(await push(web, client, **wrong))


async def test_a_repeated_parameter_is_refused(web: httpx.AsyncClient, client: ClientEntry) -> None:
    headers = {
        "authorization": basic_header(client.client.id, client.secrets[0]),
        "content-type": "application/x-www-form-urlencoded",
    }

    reply = await web.post(PAR, content="response_type=code&state=a&state=b", headers=headers)

    assert ("invalid_request", 400) == error_of(reply)


async def test_the_client_proves_itself_as_at_the_token_endpoint(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, client: ClientEntry
) -> None:
    keyed, foreign = await a_key_client(flow, pool), await a_web_client(flow, await a_web_pool(flow, domain="other"))
    wrong = {"authorization": basic_header(client.client.id, "x")}

    assert ("invalid_client", 401) == error_of(await push(web, client, headers=wrong))
    assert ("invalid_client", 401) == error_of(await web.post(PAR, data=Asking(client).params()))
    assert ("invalid_client", 401) == error_of(await push(web, foreign))
    made = shown(assertion(flow, keyed))
    assert 201 == (await web.post(PAR, data=Asking(keyed).params() | made)).status_code
    assert ("invalid_client", 401) == error_of(await web.post(PAR, data=Asking(keyed).params() | made))
    assert ("invalid_request", 400) == error_of(await push(web, client, client_id=keyed.client.id))


async def test_a_public_client_may_push(flow: Flow, web: httpx.AsyncClient, pool: PoolEntry) -> None:
    public = await a_web_client(flow, pool, secret=False)

    assert 201 == (await web.post(PAR, data=Asking(public).params())).status_code


async def test_strangers_push_so_many_requests_an_hour(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, client: ClientEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a public client pushes who likes, and each request is kept for half an hour."""
    monkeypatch.setattr(pushed, "REQUESTS", 2)
    public = await a_web_client(flow, pool, secret=False)

    replies = [await web.post(PAR, data=Asking(public).params()) for _ in range(3)]
    assert [201, 201, 429] == [each.status_code for each in replies]
    assert "temporarily_unavailable" == replies[-1].json()["error"]
    assert [201] * 3 == [(await push(web, client)).status_code for _ in range(3)]


async def test_what_proves_the_client_is_not_stored(flow: Flow, web: httpx.AsyncClient, client: ClientEntry) -> None:
    form = Asking(client).params() | {"client_secret": client.secrets[0]}
    uri = (await web.post(PAR, data=form)).json()["request_uri"]

    kept = await pushed.find(flow, client.client, uri)

    assert kept is not None
    assert "secret" not in kept.form
    assert uri.removeprefix(pushed.PREFIX).encode() not in kept.digest


async def test_a_client_that_has_to_push_is_refused_without(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    client = await extend(flow, client, require_pushed_authorization_requests=True)
    await signed_in(flow, web, person)
    challenge = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}

    refused = await web.get(AUTHORIZE, params=Asking(client).params(**challenge))
    assert "invalid_request" == answer_of(refused)["error"]
    assert "code" in answer_of(await come(web, client, await pushed_uri(web, client, **challenge)))


async def test_only_post_is_for_pushing(web: httpx.AsyncClient, client: ClientEntry) -> None:
    assert 405 == (await web.get(PAR)).status_code


async def test_discovery_names_the_endpoint(web: httpx.AsyncClient, pool: PoolEntry) -> None:
    found = (await web.get(f"/{pool.pool.id}/.well-known/openid-configuration")).json()

    assert PAR_URL == found["pushed_authorization_request_endpoint"]
    assert not found["require_pushed_authorization_requests"]


@pytest.mark.parametrize("by", ["parameter", "proof", "both"])
async def test_a_code_is_bound_to_the_key_that_it_was_asked_for_by(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User, by: str
) -> None:
    await signed_in(flow, web, person)
    named = {"dpop_jkt": thumbprint(a_key("ES256", "dpop"))} if by in {"parameter", "both"} else {}
    headers = proof(flow, url=PAR_URL) if by in {"proof", "both"} else {}

    async def code() -> str:
        return answer_of(await come(web, client, await pushed_uri(web, client, headers=headers, **named)))["code"]

    async def shown_with(code: str, headers: dict[str, str]) -> httpx.Response:
        own = {"authorization": basic_header(client.client.id, client.secrets[0])}
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        return await web.post(f"/domains/{DOMAIN}/oauth2/token", data=form, headers=own | headers)

    first = await code()
    headers = proof(flow, url=PAR_URL) if headers else {}
    second = await code()
    headers = proof(flow, url=PAR_URL) if headers else {}
    third = await code()
    assert ("invalid_grant", 400) == error_of(await shown_with(first, {}))
    assert ("invalid_grant", 400) == error_of(await shown_with(second, proof(flow, a_key("ES256", "thief"))))
    assert "DPoP" == (await shown_with(third, proof(flow))).json()["token_type"]


async def test_a_proof_of_another_key_than_the_named_is_refused(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry
) -> None:
    named = thumbprint(a_key("ES256", "other"))

    reply = await push(web, client, headers=proof(flow, url=PAR_URL), dpop_jkt=named)

    assert ("invalid_dpop_proof", 400) == error_of(reply)


async def test_dpop_jkt_binds_a_code_without_pushing(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    await signed_in(flow, web, person)
    named = thumbprint(a_key("ES256", "dpop"))
    code = answer_of(await web.get(AUTHORIZE, params=Asking(client).params(dpop_jkt=named)))["code"]

    assert ("invalid_grant", 400) == error_of(await redeem(web, client, code))


async def test_the_language_of_a_pushed_request_reaches_the_sign_in_page(
    web: httpx.AsyncClient, client: ClientEntry
) -> None:
    uri = await pushed_uri(web, client, ui_locales="nl de-AT fr")

    page = await web.get((await come(web, client, uri)).headers["location"], headers={"accept-language": "ja"})
    assert "de" == page.headers["content-language"]
    assert "Passwort" in page.text
