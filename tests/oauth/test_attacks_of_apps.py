"""Attacks by an app, or by whoever has got hold of one: what it learns of people, and where it takes them."""

import json
from typing import Any

import httpx
import pytest

from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import User
from poolhouse.pool.spec.shapes import DcrConfigurationType
from tests.oauth.test_attacks import signed_text
from tests.oauth.test_consent import say, the_page
from tests.support.builders import a_user, the_client
from tests.support.logout import ask, confirm, is_signed_in, redeemed
from tests.support.proofs import a_key, a_key_client, assertion, assertion_claims, extend, shown
from tests.support.web import (
    CALLBACK,
    DOMAIN,
    SIGNED_OUT,
    Asking,
    a_web_client,
    a_web_pool,
    answer_of,
    authorize,
    error_of,
    signed_in,
)

REGISTER = f"/domains/{DOMAIN}/oauth2/register"
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
async def pool(flow: Flow) -> PoolEntry:
    """Anybody may register an app here."""
    return await a_web_pool(flow, dcr_configuration=DcrConfigurationType(open_dcr_enabled=True))


async def a_strangers_app(flow: Flow, web: httpx.AsyncClient, **more: Any) -> tuple[ClientEntry, dict[str, Any]]:
    reply = await web.post(REGISTER, json={"client_name": "Notes", "redirect_uris": [CALLBACK], **more})
    assert 201 == reply.status_code, reply.text
    return await the_client(flow, reply.json()["client_id"]), reply.json()


def named(sub: str) -> str:
    return f'{{"id_token":{{"sub":{{"value":"{sub}"}}}}}}'


async def silent(web: httpx.AsyncClient, app: ClientEntry, **more: str) -> str:
    return answer_of(await authorize(web, app, prompt="none", **more))["error"]


async def test_a_strangers_app_does_not_learn_whether_somebody_is_signed_in(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    app, _ = await a_strangers_app(flow, web)
    before = await silent(web, app)
    await signed_in(flow, web, person)

    assert ["login_required"] * 2 == [before, await silent(web, app)]


@pytest.mark.parametrize("is_strangers", [True, False])
async def test_an_app_that_nobody_agreed_to_does_not_learn_who_is_signed_in(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User, is_strangers: bool
) -> None:
    """It knows somebody's id from elsewhere, and sends everybody round unseen until it meets him."""
    if is_strangers:
        app, _ = await a_strangers_app(flow, web)
    else:
        app = await extend(flow, await a_web_client(flow, pool), third_party=True)
    await signed_in(flow, web, person)

    answers = [await silent(web, app, claims=named(sub)) for sub in (person.sub, NOBODY)]

    assert ["login_required"] * 2 == answers


async def test_it_does_not_learn_how_somebody_signed_in(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    app = await extend(flow, await a_web_client(flow, pool), third_party=True)
    await signed_in(flow, web, person)
    essential = '{{"id_token":{{"acr":{{"essential":true,"values":["{}"]}}}}}}'

    answers = [await silent(web, app, claims=essential.format(acr)) for acr in ("urn:poolhouse:acr:1", "phr")]

    assert ["login_required"] * 2 == answers


@pytest.mark.parametrize(
    ("redirect_uris", "is_asked"),
    [
        ([CALLBACK, "https://evil.example/callback"], True),
        (["https://evil.example/callback"], True),
        ([CALLBACK], False),
    ],
)
async def test_a_stolen_registration_takes_nobody_elsewhere_unasked(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User, redirect_uris: list[str], is_asked: bool
) -> None:
    app, made = await a_strangers_app(flow, web)
    await signed_in(flow, web, person)
    await say(web, await the_page(web, await authorize(web, app)), "allow")
    assert "code" in answer_of(await authorize(web, app))

    changed = await web.put(
        made["registration_client_uri"],
        json={"client_id": made["client_id"], "client_name": "Notes", "redirect_uris": redirect_uris},
        headers={"authorization": f"Bearer {made['registration_access_token']}"},
    )
    assert 200 == changed.status_code, changed.text
    reply = await authorize(web, app, redirect_uri=redirect_uris[-1])

    assert is_asked == ("/consent?" in reply.headers["location"])


async def test_an_address_in_another_script_is_answered_as_it_was_registered(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    back = "myapp:/zurück/☃"
    app = await a_web_client(flow, pool, callback_urls=[back])
    await signed_in(flow, web, person)

    for more in ({}, {"response_mode": "form_post"}, {"scope": "nonsense"}):
        reply = await authorize(web, app, redirect_uri=back, **more)
        assert reply.status_code in {200, 302}, reply.text


@pytest.mark.parametrize(
    "form", [{"logout_uri": SIGNED_OUT}, {"redirect_uri": CALLBACK, "response_type": "code"}, {}], ids=str
)
async def test_a_strangers_link_signs_nobody_out_unasked(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, client: ClientEntry, person: User, form: dict[str, str]
) -> None:
    app, _ = await a_strangers_app(flow, web, post_logout_redirect_uris=[SIGNED_OUT])
    await signed_in(flow, web, person)

    asked = await ask(web, client_id=app.client.id, **form)

    assert "Sign out?" in asked.text
    assert await is_signed_in(web, client)
    assert (SIGNED_OUT if "logout_uri" in form else None) == (await confirm(web, asked)).headers.get("location")
    assert not await is_signed_in(web, client)


async def test_nor_does_an_id_token_of_the_strangers_own(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, client: ClientEntry, person: User
) -> None:
    app, _ = await a_strangers_app(flow, web, post_logout_redirect_uris=[SIGNED_OUT])
    await signed_in(flow, web, await a_user(flow, pool, "mallory"))
    allowed = await say(web, await the_page(web, await authorize(web, app)), "allow")
    held = await redeemed(web, app, answer_of(allowed)["code"])
    await signed_in(flow, web, person)

    asked = await ask(web, id_token_hint=held["id_token"], logout_uri=SIGNED_OUT)

    assert "Sign out?" in asked.text
    assert await is_signed_in(web, client)


@pytest.mark.parametrize(
    ("claims", "header"),
    [
        ({f"x{n}": 1 for n in range(300)}, {}),
        ({"resource": ["urn:x"] * 300}, {}),
        ({}, {"typ": ["JWT"]}),
        ({}, {"typ": {"JWT": 1}}),
    ],
    ids=["members", "values", "types", "type"],
)
async def test_an_object_that_nobody_could_read_is_refused_where_it_comes(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, claims: dict[str, Any], header: dict[str, Any]
) -> None:
    app = await a_key_client(flow, pool)
    whole = assertion_claims(flow, app, sub=None) | Asking(app).params() | claims
    made = signed_text(a_key(), {"alg": "ES256", **header}, json.dumps(whole))

    reply = await web.post(f"/domains/{DOMAIN}/oauth2/par", data=shown(assertion(flow, app), request=made))

    assert ("invalid_request_object", 400) == error_of(reply)
    assert "invalid_request_object" == answer_of(await authorize(web, app, request=made))["error"]


async def test_a_registration_is_not_changed_by_a_type_that_is_none(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry
) -> None:
    _, made = await a_strangers_app(flow, web)
    wrongs: list[Any] = [[], {}, 7, ["public"]]
    for wrong in wrongs:
        changed = await web.put(
            made["registration_client_uri"],
            json={"client_id": made["client_id"], "redirect_uris": [CALLBACK], "subject_type": wrong},
            headers={"authorization": f"Bearer {made['registration_access_token']}"},
        )
        assert ("invalid_client_metadata", 400) == error_of(changed)
