"""Issuers in the service's own form, for verifiers that make them up from a pool's id."""

from collections.abc import AsyncIterator

import httpx
import msgspec
import pytest

from poolhouse.kit.edge import Reply, endpoint
from poolhouse.kit.settings import SettingError
from poolhouse.pool import config as settings
from poolhouse.pool.app import _by_host
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.config import ServerConfig
from poolhouse.pool.model.user import User
from poolhouse.pool.oauth.published import before
from poolhouse.pool.oauth.routes import issuer_documents
from tests.support.logout import ask, tokens_of
from tests.support.service import Service, service
from tests.support.web import DOMAIN, SIGNED_OUT, a_web_client, application, claims_of

__all__ = ["service"]
HOST = "cognito-idp.us-east-1.amazonaws.com"


@pytest.fixture
def config() -> ServerConfig:
    return ServerConfig(base_url="https://pool.example", development=True, issuer_form="aws")


@pytest.fixture
async def client(flow: Flow, pool: PoolEntry) -> ClientEntry:
    return await a_web_client(flow, pool, allowed_o_auth_scopes=["openid", "email", "aws.cognito.signin.user.admin"])


@pytest.fixture
async def overridden(flow: Flow) -> AsyncIterator[httpx.AsyncClient]:
    """Programs for which the service's name resolves to this server."""
    domains = endpoint(_no_document)
    app = _by_host(flow, before(application(flow), issuer_documents(flow)), domains)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=f"https://{HOST}") as opened:
        yield opened


async def _no_document(_raw: object) -> Reply:
    return Reply(418)


async def test_a_verifier_finds_everything_at_the_services_own_name(
    flow: Flow,
    web: httpx.AsyncClient,
    overridden: httpx.AsyncClient,
    pool: PoolEntry,
    client: ClientEntry,
    person: User,
) -> None:
    held = await tokens_of(flow, web, client, person, scope="openid email")
    issuer = f"https://{HOST}/{pool.pool.id}"

    found = (await overridden.get(f"{issuer}/.well-known/openid-configuration")).json()

    assert [issuer] * 3 == [found["issuer"], *(claims_of(held[name])["iss"] for name in ("id_token", "access_token"))]
    assert f"{issuer}/.well-known/jwks.json" == found["jwks_uri"]
    keys = (await overridden.get(found["jwks_uri"])).json()["keys"]
    assert 2 == len(keys)
    assert f"https://pool.example/domains/{DOMAIN}/oauth2/token" == found["token_endpoint"]


async def test_tokens_with_that_issuer_are_good_wherever_they_are_shown(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User, service: Service
) -> None:
    held = await tokens_of(flow, web, client, person, scope="openid aws.cognito.signin.user.admin")

    assert "jane" == (await service("GetUser", AccessToken=held["access_token"]))["Username"]
    told = await web.get(
        f"/domains/{DOMAIN}/oauth2/userInfo", headers={"authorization": f"Bearer {held['access_token']}"}
    )
    assert person.sub == told.json()["sub"]
    reply = await ask(web, id_token_hint=held["id_token"], post_logout_redirect_uri=SIGNED_OUT)
    assert SIGNED_OUT == reply.headers["location"]


async def test_tokens_of_one_form_are_not_good_under_the_other(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    held = await tokens_of(flow, web, client, person, scope="openid aws.cognito.signin.user.admin")
    own = msgspec.structs.replace(flow, config=ServerConfig(base_url="https://pool.example", development=True))

    refused = await Service(own).refusal("GetUser", AccessToken=held["access_token"])

    assert "NotAuthorizedException" == refused[0]


def test_the_region_is_the_pools() -> None:
    config = ServerConfig(base_url="https://pool.example", issuer_form="aws")

    assert f"https://{HOST}/us-east-1_a" == config.issuer("us-east-1_a")
    assert "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_a" == config.issuer("cn-north-1_a")
    assert config.is_issuer_host(HOST)
    assert config.is_issuer_host("cognito-idp.eu-west-2.amazonaws.com:8443")
    for host in ("cognito-idp.us-east-1.amazonaws.com.evil.example", "evil.example", f"x{HOST}", f"{HOST}@x", ""):
        assert not config.is_issuer_host(host)
    assert not ServerConfig(base_url="https://pool.example").is_issuer_host(HOST)


def test_a_form_that_nobody_knows_is_refused() -> None:
    with pytest.raises(SettingError):
        settings._checked_issuer("amazon")
    assert "aws" == settings._checked_issuer("aws")
