"""Authorization requests that clients sign: RFC 9101, OIDC Core section 6."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import msgspec
import pytest
from joserfc import jwe
from joserfc.jwk import OctKey

from poolhouse.pool.core.settings.openid import WrongSetting
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import User
from tests.support.proofs import a_key, a_key_client, assertion, extend, public, shown, signed, unsigned
from tests.support.web import CALLBACK, DOMAIN, Asking, a_web_client, answer_of, error_of, signed_in

AUTHORIZE = f"/domains/{DOMAIN}/oauth2/authorize"
PAR = f"/domains/{DOMAIN}/oauth2/par"


@pytest.fixture
async def keyed(flow: Flow, pool: PoolEntry) -> ClientEntry:
    return await a_key_client(flow, pool)


def claims(flow: Flow, client: ClientEntry, **changes: Any) -> dict[str, Any]:
    own, now = client.client.id, flow.clock.now()
    about = {"iss": own, "aud": flow.config.issuer(client.client.pool_id), "exp": now + 60, "nbf": now - 5}
    inside = about | Asking(client).params(state="inside") | changes
    return {name: value for name, value in inside.items() if value is not None}


def an_object(flow: Flow, client: ClientEntry, **changes: Any) -> str:
    return signed(a_key(), "ES256", claims(flow, client, **changes), typ="oauth-authz-req+jwt")


async def come(web: httpx.AsyncClient, client: ClientEntry, request: str, **more: str) -> httpx.Response:
    return await web.get(AUTHORIZE, params={"client_id": client.client.id, "request": request, **more})


def shown_error(reply: httpx.Response) -> str:
    parts = urlsplit(reply.headers["location"])
    assert parts.path.endswith("/error"), reply.headers["location"]
    return dict(parse_qsl(parts.query))["error"]


@pytest.mark.parametrize("alg", ["ES256", "PS256", "RS256", "EdDSA"])
async def test_the_parameters_of_a_signed_object_count(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User, alg: str
) -> None:
    client = await a_key_client(flow, pool, a_key(alg))
    await signed_in(flow, web, person)

    answer = answer_of(await come(web, client, signed(a_key(alg), alg, claims(flow, client))))

    assert "inside" == answer["state"]
    assert "code" in answer


async def test_and_no_others_do(flow: Flow, web: httpx.AsyncClient, keyed: ClientEntry, person: User) -> None:
    await signed_in(flow, web, person)

    bare = answer_of(await come(web, keyed, an_object(flow, keyed, state=None), state="outside", prompt="none"))
    assert "state" not in bare
    reply = await come(web, keyed, an_object(flow, keyed), redirect_uri="https://evil.example")
    assert reply.headers["location"].startswith(CALLBACK)
    lacking = await come(web, keyed, an_object(flow, keyed, response_type=None), response_type="code")
    assert "invalid_request" == answer_of(lacking)["error"]


async def test_numbers_and_objects_are_read(
    flow: Flow, web: httpx.AsyncClient, keyed: ClientEntry, person: User
) -> None:
    await signed_in(flow, web, person)

    made = an_object(flow, keyed, max_age=1000, claims={"userinfo": {"email": None}})
    assert "code" in answer_of(await come(web, keyed, made))
    wrong = await come(web, keyed, an_object(flow, keyed, max_age=True), redirect_uri=CALLBACK)
    assert "invalid_request_object" == answer_of(wrong)["error"]


async def test_an_unsigned_object_is_refused(flow: Flow, web: httpx.AsyncClient, keyed: ClientEntry) -> None:
    reply = await come(web, keyed, unsigned(claims(flow, keyed)), redirect_uri=CALLBACK, state="outside")

    answer = answer_of(reply)
    assert ("invalid_request_object", "outside") == (answer["error"], answer["state"])


async def test_without_an_address_outside_the_error_is_a_page(
    flow: Flow, web: httpx.AsyncClient, keyed: ClientEntry
) -> None:
    assert "invalid_request_object" == shown_error(await come(web, keyed, unsigned(claims(flow, keyed))))
    evil = await come(web, keyed, unsigned(claims(flow, keyed)), redirect_uri="https://evil.example")
    assert "redirect_mismatch" == shown_error(evil)


async def test_a_forged_object_is_refused(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, keyed: ClientEntry
) -> None:
    other = await a_key_client(flow, pool)

    for wrong in (
        signed(a_key("ES256", "thief"), "ES256", claims(flow, keyed)),
        an_object(flow, keyed)[:-4] + "AAAA",
        an_object(flow, other),
        assertion(flow, keyed),
        "x",
        "a.b.c",
    ):
        assert "invalid_request_object" == shown_error(await come(web, keyed, wrong)), wrong


async def test_cve_2026_9793_an_encrypted_object_is_refused(
    flow: Flow, web: httpx.AsyncClient, keyed: ClientEntry
) -> None:
    protected = {"alg": "dir", "enc": "A128CBC-HS256", "cty": "json"}
    inside = msgspec.json.encode(claims(flow, keyed))
    wrapped = jwe.encrypt_compact(protected, inside, OctKey.import_key("x" * 32))

    assert "invalid_request_object" == shown_error(await come(web, keyed, wrapped))


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "other"}, {"iss": None}, {"aud": "https://other.example"}, {"aud": None}, {"aud": []},
        {"client_id": "other"}, {"client_id": None}, {"exp": 1_799_999_000}, {"exp": 1_800_100_000}, {"exp": "x"},
        {"nbf": 1_800_000_500}, {"nbf": 1_800_000_500, "exp": None}, {"sub": "someone"}, {"request": "x"},
        {"request_uri": "https://app.example"},
    ],
    ids=str,
)  # fmt: skip
async def test_an_object_for_somebody_else_or_another_time_is_refused(
    flow: Flow, web: httpx.AsyncClient, keyed: ClientEntry, wrong: dict[str, Any]
) -> None:
    reply = await come(web, keyed, an_object(flow, keyed, **wrong), redirect_uri=CALLBACK)

    assert "invalid_request_object" == answer_of(reply)["error"]


async def test_the_type_is_that_of_a_request(flow: Flow, web: httpx.AsyncClient, keyed: ClientEntry) -> None:
    made = signed(a_key(), "ES256", claims(flow, keyed), typ="dpop+jwt")

    assert "invalid_request_object" == shown_error(await come(web, keyed, made))


async def test_the_algorithm_is_the_registered_one(flow: Flow, web: httpx.AsyncClient, pool: PoolEntry) -> None:
    key = a_key("PS256")
    client = await a_key_client(flow, pool, key, request_object_signing_alg="PS256")

    assert "/login" in (await come(web, client, signed(key, "PS256", claims(flow, client)))).headers["location"]
    assert "invalid_request_object" == shown_error(await come(web, client, signed(key, "RS256", claims(flow, client))))


async def test_a_client_that_has_to_sign_is_refused_without(
    flow: Flow, web: httpx.AsyncClient, keyed: ClientEntry
) -> None:
    client = await extend(flow, keyed, require_signed_request_object=True)

    plain = await web.get(AUTHORIZE, params=Asking(client).params())
    assert "invalid_request" == answer_of(plain)["error"]
    assert "/login" in (await come(web, client, an_object(flow, client))).headers["location"]
    endless = await come(web, client, an_object(flow, client, exp=None, nbf=None))
    assert "invalid_request_object" == shown_error(endless)


async def test_a_signed_object_may_be_pushed(
    flow: Flow, web: httpx.AsyncClient, keyed: ClientEntry, person: User
) -> None:
    client = await extend(flow, keyed, require_signed_request_object=True)
    await signed_in(flow, web, person)

    async def push(**form: str) -> httpx.Response:
        return await web.post(PAR, data=form | shown(assertion(flow, client)))

    assert ("invalid_request", 400) == error_of(await push(**Asking(client).params()))
    assert ("invalid_request_object", 400) == error_of(await push(request=unsigned(claims(flow, client))))
    uri = (await push(request=an_object(flow, client))).json()["request_uri"]
    flow.clock.advance(70)  # type: ignore[attr-defined]
    reply = await web.get(AUTHORIZE, params={"client_id": client.client.id, "request_uri": uri})
    assert "inside" == answer_of(reply)["state"]


async def test_an_object_is_never_fetched(flow: Flow, web: httpx.AsyncClient, keyed: ClientEntry) -> None:
    asked = Asking(keyed).params(request_uri="https://app.example/request.jwt")

    assert "request_uri_not_supported" == answer_of(await web.get(AUTHORIZE, params=asked))["error"]


async def test_a_client_without_keys_has_no_request_objects(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry
) -> None:
    client = await a_web_client(flow, pool)
    made = an_object(flow, client)

    assert "request_not_supported" == answer_of(await come(web, client, made, redirect_uri=CALLBACK))["error"]


async def test_object_and_handle_at_once_are_refused(flow: Flow, web: httpx.AsyncClient, keyed: ClientEntry) -> None:
    urn = "urn:ietf:params:oauth:request_uri:x"

    assert "invalid_request" == shown_error(await come(web, keyed, an_object(flow, keyed), request_uri=urn))


@pytest.mark.parametrize(
    "given",
    [
        {"require_signed_request_object": True},
        {"request_object_signing_alg": "none", "jwks": {"keys": [public(a_key())]}},
        {"request_object_signing_alg": "HS256", "jwks": {"keys": [public(a_key())]}},
        {"request_object_signing_alg": "ES256"},
    ],
)
async def test_settings_that_could_check_nothing_are_refused(
    flow: Flow, client: ClientEntry, given: dict[str, Any]
) -> None:
    with pytest.raises(WrongSetting):
        await extend(flow, client, **given)


async def test_discovery_says_that_objects_are_read_and_not_fetched(web: httpx.AsyncClient, pool: PoolEntry) -> None:
    found = (await web.get(f"/{pool.pool.id}/.well-known/openid-configuration")).json()

    assert (True, False) == (found["request_parameter_supported"], found["request_uri_parameter_supported"])
    assert {"ES256", "PS256", "EdDSA", "RS256"} == set(found["request_object_signing_alg_values_supported"])


async def test_the_language_of_a_signed_request_reaches_the_sign_in_page(
    flow: Flow, web: httpx.AsyncClient, keyed: ClientEntry
) -> None:
    reply = await come(web, keyed, an_object(flow, keyed, ui_locales="nl fr"))

    page = await web.get(reply.headers["location"], headers={"accept-language": "ja"})
    assert "fr" == page.headers["content-language"]
    assert "Mot de passe" in page.text
