"""Pairwise subjects (OIDC Core section 8): by which name an app hears of a user, and who else hears that name."""

from typing import Any

import httpx
import msgspec
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.cpu import CpuPool
from poolhouse.pool.core.settings.openid import WrongSetting
from poolhouse.pool.flows import logout_delivery
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.openid import LogoutDelivery
from poolhouse.pool.model.user import User
from poolhouse.pool.store import logouts as logout_store
from poolhouse.pool.store import users as user_store
from tests.support.builders import a_pool, a_user, the_pool
from tests.support.fixtures import make_flow
from tests.support.logout import ask, confirm, redeemed, silently, tokens_of
from tests.support.proofs import extend
from tests.support.service import Service, service, sqlite_only
from tests.support.web import (
    CALLBACK,
    DOMAIN,
    SIGNED_OUT,
    a_browser,
    a_web_client,
    answer_of,
    application,
    authorize,
    claims_of,
    signed_in,
    token,
)

__all__ = ["service"]
ADMIN = "aws.cognito.signin.user.admin"
SCOPES = ["openid", "email", "profile", ADMIN]
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS = "urn:ietf:params:oauth:token-type:access_token"


async def pairwise(flow: Flow, client: ClientEntry, **more: Any) -> ClientEntry:
    return await extend(flow, client, dialect="openid", subject_type="pairwise", **more)


@pytest.fixture
async def app(flow: Flow, pool: PoolEntry) -> ClientEntry:
    return await pairwise(flow, await a_web_client(flow, pool, allowed_o_auth_scopes=SCOPES))


async def at_host(flow: Flow, pool: PoolEntry, host: str) -> ClientEntry:
    client = await a_web_client(flow, pool, callback_urls=[f"https://{host}/callback"])
    return await pairwise(flow, client)


async def user_info(web: httpx.AsyncClient, held: dict[str, Any]) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {held['access_token']}"}
    reply = await web.get(f"/domains/{DOMAIN}/oauth2/userInfo", headers=headers)
    assert 200 == reply.status_code, reply.text
    told: dict[str, Any] = reply.json()
    return told


async def told_at(web: httpx.AsyncClient, client: ClientEntry, host: str) -> dict[str, Any]:
    back = f"https://{host}/callback"
    code = answer_of(await authorize(web, client, redirect_uri=back))["code"]
    held = (await token(web, client, grant_type="authorization_code", code=code, redirect_uri=back)).json()
    return claims_of(held["id_token"])


async def test_everything_that_the_app_is_told_has_the_one_name(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User
) -> None:
    held = await tokens_of(flow, web, app, person)
    identity, access = claims_of(held["id_token"]), claims_of(held["access_token"])
    own = {"token": held["refresh_token"], "client_id": app.client.id, "client_secret": app.secrets[0]}
    introspected = [
        (await web.post(f"/domains/{DOMAIN}/oauth2/introspect", data={**own, "token": held[each]})).json()
        for each in ("refresh_token", "access_token")
    ]

    named = {each["sub"] for each in (identity, access, await user_info(web, held), *introspected)}
    assert 1 == len(named)
    assert person.sub not in named
    for each in (identity, access, *introspected):
        assert not {"username", "cognito:username", "identities"} & set(each)
        assert person.sub not in str(each)


async def test_a_user_has_the_same_name_each_time_and_each_user_another(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, app: ClientEntry, person: User
) -> None:
    other = await a_user(flow, pool, "john")
    held = [await tokens_of(flow, web, app, each) for each in (person, person, other)]

    first, again, another = (claims_of(each["id_token"])["sub"] for each in held)

    assert first == again
    assert first != another


async def test_a_refresh_keeps_the_name(flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User) -> None:
    held = await tokens_of(flow, web, app, person)

    renewed = (await token(web, app, grant_type="refresh_token", refresh_token=held["refresh_token"])).json()

    assert claims_of(held["id_token"])["sub"] == claims_of(renewed["id_token"])["sub"]


async def test_a_process_that_has_not_heard_of_the_salt_yet_reads_it(
    flow: Flow, clock: FixedClock, pool: PoolEntry, person: User, cpu: CpuPool, signer: CpuPool
) -> None:
    other = make_flow(flow.database, clock, flow.config, cpu, signer, "other")
    former = await other.directory.find_pool(pool.pool.id)
    assert former is not None
    async with a_browser(application(other)) as elsewhere, a_browser(application(flow)) as web:
        app = await pairwise(flow, await a_web_client(flow, pool))
        held = await tokens_of(flow, web, app, person)
        other.directory._pools[pool.pool.id] = former  # as if the news were still on its way
        renewed = await token(elsewhere, app, grant_type="refresh_token", refresh_token=held["refresh_token"])

    assert claims_of(held["id_token"])["sub"] == claims_of(renewed.json()["id_token"])["sub"]


async def test_apps_of_one_host_hear_the_same_name_and_others_another_of_user_and_session(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    apps = [await at_host(flow, pool, host) for host in ("one.example", "one.example", "two.example")]
    await signed_in(flow, web, person)

    hosts = ("one.example", "one.example", "two.example")
    first, same, other = [await told_at(web, each, host) for each, host in zip(apps, hosts, strict=True)]

    assert (first["sub"], first["sid"]) == (same["sub"], same["sid"])
    assert first["sub"] != other["sub"]
    assert first["sid"] != other["sid"]


async def test_another_pool_has_another_salt(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, app: ClientEntry
) -> None:
    other = await a_pool(flow)
    await pairwise(flow, await a_web_client(flow, other))

    salts = {(await the_pool(flow, each.pool.id)).salt for each in (pool, other)}
    assert [32, 32] == [len(each) for each in salts]


async def test_the_api_knows_the_user_by_the_own_id(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User, service: Service
) -> None:
    held = await tokens_of(flow, web, app, person, scope=f"openid {ADMIN}")

    found = await service("GetUser", AccessToken=held["access_token"])

    assert {"Name": "sub", "Value": person.sub} in found["UserAttributes"]


@sqlite_only
async def test_of_a_sign_in_that_is_over_its_token_tells_the_api_nothing_of_the_user(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User, service: Service
) -> None:
    held = await tokens_of(flow, web, app, person, scope=f"openid {ADMIN}")
    await service("GlobalSignOut", AccessToken=held["access_token"])
    over = [await service.refusal("GetUser", AccessToken=held["access_token"])]
    await service("AdminDeleteUser", UserPoolId=person.pool_id, Username=person.username)
    over.append(await service.refusal("GetUser", AccessToken=held["access_token"]))

    assert [("NotAuthorizedException", "Access Token has been revoked")] * 2 == over


@pytest.mark.parametrize("who", ["jane", "john"])
async def test_its_id_token_is_a_hint_of_whom_it_means(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, app: ClientEntry, person: User, who: str
) -> None:
    held = await tokens_of(flow, web, app, person)
    await signed_in(flow, web, person if who == "jane" else await a_user(flow, pool, "john"))

    answer = answer_of(await authorize(web, app, prompt="none", id_token_hint=held["id_token"]))

    assert ("code" in answer, answer.get("error")) == ((True, None) if who == "jane" else (False, "login_required"))


async def test_a_hint_of_another_sector_tells_nobody_whether_two_names_are_of_one_user(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, app: ClientEntry, person: User
) -> None:
    public = await extend(flow, await a_web_client(flow, pool), dialect="openid")
    held = await tokens_of(flow, web, public, person)
    theirs = await silently(web, app)

    for client, hint in ((app, held["id_token"]), (public, theirs["id_token"])):
        assert "login_required" == answer_of(await authorize(web, client, prompt="none", id_token_hint=hint))["error"]


async def test_the_claims_parameter_asks_for_a_user_by_the_name_that_the_app_knows(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User
) -> None:
    held = await tokens_of(flow, web, app, person)
    known = claims_of(held["id_token"])["sub"]

    answers = [
        answer_of(await authorize(web, app, prompt="none", claims=f'{{"id_token":{{"sub":{{"value":"{each}"}}}}}}'))
        for each in (known, person.sub)
    ]

    assert [None, "login_required"] == [each.get("error") for each in answers]


async def test_what_a_user_is_called_elsewhere_is_not_told_by_name_either(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User
) -> None:
    linked = msgspec.structs.replace(
        person, attributes={**person.attributes, "identities": '[{"userId":"elsewhere","providerName":"Other"}]'}
    )

    entry = await the_pool(flow, person.pool_id)
    assert await flow.database.write(lambda tx: user_store.replace_user(tx, entry.pool, linked))
    wanted = '{"userinfo":{"identities":null},"id_token":{"identities":null,"cognito:username":null}}'
    held = await tokens_of(flow, web, app, linked, claims=wanted)

    for told in (claims_of(held["id_token"]), await user_info(web, held)):
        assert "elsewhere" not in str(told)


async def test_it_signs_its_user_out_by_its_id_token_without_a_question(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User
) -> None:
    held = await tokens_of(flow, web, app, person)

    reply = await ask(web, id_token_hint=held["id_token"], post_logout_redirect_uri=SIGNED_OUT)

    assert SIGNED_OUT == reply.headers["location"]


@pytest.mark.parametrize("names", ["sub", "sid", "username", "email"])
async def test_its_logout_hint_names_the_user_as_it_knows_him(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User, names: str
) -> None:
    held = await tokens_of(flow, web, app, person)
    known = {"username": person.username, "email": "jane@example.com"} | claims_of(held["id_token"])

    reply = await ask(web, id_token_hint=held["id_token"], logout_hint=known[names])

    assert (names in {"username", "email"}) == ("Sign out?" in reply.text)


async def test_logout_names_user_and_session_as_its_tokens_do(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, app: ClientEntry, person: User
) -> None:
    app = await extend(
        flow, app, backchannel_logout_uri="https://app.example/b", frontchannel_logout_uri="https://app.example/f"
    )
    identity = claims_of((await tokens_of(flow, web, app, person))["id_token"])

    page = await confirm(web, await ask(web, client_id=app.client.id))

    (word,) = await _on_their_way(flow)
    minted = claims_of(await logout_delivery.mint(flow, await the_pool(flow, pool.pool.id), app, word))
    assert (identity["sub"], identity["sid"]) == (minted["sub"], minted["sid"])
    assert f"sid={identity['sid']}" in page.text
    assert str(word.sid) not in page.text


async def test_an_exchanged_token_names_the_user_as_the_app_that_gets_it_knows_him(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    api = await at_host(flow, pool, "api.example")
    api = await extend(flow, api, extra_grants=[EXCHANGE], resources=["https://api.example"])
    first = await pairwise(flow, await a_web_client(flow, pool), resources=["https://api.example"])
    await signed_in(flow, web, person)
    code = answer_of(await authorize(web, first, resource="https://api.example"))["code"]
    held = await redeemed(web, first, code)
    own = await told_at(web, api, "api.example")

    reply = await token(web, api, grant_type=EXCHANGE, subject_token=held["access_token"], subject_token_type=ACCESS)

    assert own["sub"] == claims_of(reply.json()["access_token"])["sub"]


async def test_a_change_of_addresses_never_makes_users_others_unseen(
    flow: Flow, pool: PoolEntry, app: ClientEntry, service: Service
) -> None:
    error, message = await service.refusal(
        "UpdateUserPoolClient", UserPoolId=pool.pool.id, ClientId=app.client.id, AllowedOAuthFlows=["code"],
        AllowedOAuthFlowsUserPoolClient=True, AllowedOAuthScopes=["openid"], SupportedIdentityProviders=["COGNITO"],
        CallbackURLs=["https://elsewhere.example/callback"],
    )  # fmt: skip

    assert "InvalidParameterException" == error
    assert "sector_identifier would have to be elsewhere.example instead of app.example" in message


async def test_an_app_without_callback_urls_keeps_its_sector(flow: Flow, pool: PoolEntry, service: Service) -> None:
    app = await pairwise(flow, await a_web_client(flow, pool))
    of = {"UserPoolId": pool.pool.id, "ClientId": app.client.id}

    await service("UpdateUserPoolClient", **of)

    error, message = await service.refusal("UpdateUserPoolClient", **of, CallbackURLs=["https://elsewhere.example/c"])
    assert ("InvalidParameterException", True) == (error, "instead of app.example" in message)


async def test_whoever_means_it_says_the_other_host(flow: Flow, pool: PoolEntry, app: ClientEntry) -> None:
    assert "app.example" == app.client.extended.sector_identifier
    public = await extend(flow, app, subject_type=None)
    assert "app.example" == public.client.extended.sector_identifier
    for wrong in ("other.example", "App.Example", "a b"):
        with pytest.raises(WrongSetting):
            await pairwise(flow, app, sector_identifier=wrong)
    again = await pairwise(flow, app, sector_identifier=None)
    assert "app.example" == again.client.extended.sector_identifier


@sqlite_only
@pytest.mark.parametrize(
    "callbacks",
    [[CALLBACK, "https://two.example/callback"], ["myapp://callback"], ["http://localhost:3000/callback"], []],
)
async def test_callback_urls_that_do_not_say_whose_they_are_need_a_document(
    flow: Flow, pool: PoolEntry, callbacks: list[str]
) -> None:
    client = await a_web_client(flow, pool, callback_urls=callbacks)
    with pytest.raises(WrongSetting, match="sector_identifier_uri is needed"):
        await pairwise(flow, client)


@sqlite_only
async def test_it_is_of_the_standards_dialect(flow: Flow, client: ClientEntry) -> None:
    for wrong in (
        {"subject_type": "pairwise"},
        {"dialect": "openid", "sector_identifier_uri": "https://app.example/s"},
        {"dialect": "openid", "subject_type": "pairwise", "sector_identifier_uri": "http://localhost/s"},
    ):
        with pytest.raises(WrongSetting):
            await extend(flow, client, **wrong)


async def _on_their_way(flow: Flow) -> list[LogoutDelivery]:
    return await flow.database.read(lambda tx: logout_store.list_due(tx, 2**40, 9))
