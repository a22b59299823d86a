"""Clients that prove themselves by a TLS certificate, which a trusted proxy tells: RFC 8705."""

import base64
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
import pytest
from cryptography import x509
from starlette.types import Receive, Scope, Send

from poolhouse.kit.address import read_networks
from poolhouse.kit.settings import SettingError
from poolhouse.pool.app import _seen_from
from poolhouse.pool.config import _checked_certificates
from poolhouse.pool.core.settings.openid import WrongSetting
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.config import ServerConfig
from poolhouse.pool.model.user import User
from tests.support.proofs import a_certificate, certified, der, extend, pem, sha256
from tests.support.web import BASE, CALLBACK, DOMAIN, a_browser, a_code, a_web_client, application, claims_of, error_of

URL = f"/domains/{DOMAIN}/oauth2/token"
USER_INFO = f"/domains/{DOMAIN}/oauth2/userInfo"
PROVEN = ("invalid_grant", 400)
REFUSED = ("invalid_client", 401)
SUBJECT = "CN=app,O=Example"
BEHIND = ServerConfig(
    base_url=BASE,
    development=True,
    client_certificate_header="X-Client-Cert",
    client_certificate_verified="X-Client-Verify=SUCCESS",
)
behind_a_proxy = pytest.mark.parametrize("config", [BEHIND], ids=["behind-a-proxy"])
pytestmark = behind_a_proxy


def told(certificate: x509.Certificate, *, verified: bool = True) -> dict[str, str]:
    """As nginx tells it."""
    return {
        "x-client-cert": quote(pem(certificate)),
        "x-client-verify": "SUCCESS" if verified else "FAILED:self signed",
    }


async def ask(web: httpx.AsyncClient, client: ClientEntry, headers: dict[str, str]) -> tuple[str, int]:
    form = {"grant_type": "refresh_token", "refresh_token": "x", "client_id": client.client.id}
    return error_of(await web.post(URL, data=form, headers=headers))


@pytest.fixture
async def named(flow: Flow, pool: PoolEntry) -> ClientEntry:
    """A client that the authority's certificate names."""
    client = await a_web_client(flow, pool, secret=False)
    return await extend(flow, client, token_endpoint_auth_method="tls_client_auth", tls_client_auth_subject_dn=SUBJECT)


@pytest.fixture
async def registered(flow: Flow, pool: PoolEntry) -> ClientEntry:
    """A client that registered its own certificate, and binds its tokens to it."""
    client = await a_web_client(flow, pool, secret=False)
    return await extend(
        flow, client, token_endpoint_auth_method="self_signed_tls_client_auth",
        jwks={"keys": [certified(a_certificate())]}, tls_client_certificate_bound_access_tokens=True,
    )  # fmt: skip


async def test_by_the_subject_of_a_verified_certificate(web: httpx.AsyncClient, named: ClientEntry) -> None:
    assert PROVEN == await ask(web, named, told(a_certificate(SUBJECT)))
    assert PROVEN == await ask(web, named, told(a_certificate(SUBJECT, name="renewed")))

    for other in ("CN=app", "O=Example,CN=app", "CN=App,O=Example", "CN=app,O=Example,C=DE", "CN=app,O=Other"):
        assert REFUSED == await ask(web, named, told(a_certificate(other))), other


async def test_a_subject_means_nothing_unless_the_proxy_verified_it(web: httpx.AsyncClient, named: ClientEntry) -> None:
    assert REFUSED == await ask(web, named, told(a_certificate(SUBJECT), verified=False))
    assert REFUSED == await ask(web, named, {"x-client-cert": quote(pem(a_certificate(SUBJECT)))})


async def test_names_are_compared_not_spellings(flow: Flow, web: httpx.AsyncClient, pool: PoolEntry) -> None:
    client = await a_web_client(flow, pool, secret=False)
    client = await extend(
        flow, client, token_endpoint_auth_method="tls_client_auth", tls_client_auth_subject_dn=r"CN=a\2c b,O=Ex\61mple"
    )

    assert PROVEN == await ask(web, client, told(a_certificate(r"CN=a\, b,O=Example")))


async def test_by_a_certificate_that_the_client_registered(web: httpx.AsyncClient, registered: ClientEntry) -> None:
    assert PROVEN == await ask(web, registered, told(a_certificate(), verified=False))
    assert REFUSED == await ask(web, registered, told(a_certificate(name="other")))


async def test_without_a_certificate_or_with_garbage_it_is_refused(
    web: httpx.AsyncClient, named: ClientEntry, registered: ClientEntry
) -> None:
    for text in ("", "x", "%", "-----BEGIN CERTIFICATE-----x-----END CERTIFICATE-----", "AAAA", "A" * 20_000):
        for client in (named, registered):
            assert REFUSED == await ask(web, client, {"x-client-cert": text, "x-client-verify": "SUCCESS"}), text


async def test_a_certificate_that_is_told_twice_is_none(web: httpx.AsyncClient, registered: ClientEntry) -> None:
    """Behind a proxy that adds its header, and takes none away, the first one is the caller's own."""
    mine, seen = (quote(pem(each)) for each in (a_certificate(), a_certificate(name="other")))
    form = {"grant_type": "refresh_token", "refresh_token": "x", "client_id": registered.client.id}
    for both in ((mine, seen), (mine, mine)):
        reply = await web.post(URL, data=form, headers=[("x-client-cert", each) for each in both])
        assert REFUSED == error_of(reply)


async def test_an_expired_certificate_is_refused(flow: Flow, web: httpx.AsyncClient, named: ClientEntry) -> None:
    assert REFUSED == await ask(web, named, told(a_certificate(SUBJECT, days=1)))


async def test_each_way_in_which_proxies_write_it_is_read(web: httpx.AsyncClient, registered: ClientEntry) -> None:
    made = a_certificate()
    encoded = base64.b64encode(der(made)).decode()

    for text in (
        f":{encoded}:",
        encoded,
        pem(made).replace("\n", " "),
        pem(made).replace("\n", "\t"),
        quote(pem(made)),
    ):
        assert PROVEN == await ask(web, registered, {"x-client-cert": text}), text[:40]


async def test_a_secret_or_an_assertion_is_no_certificate(web: httpx.AsyncClient, named: ClientEntry) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": "x", "client_id": named.client.id, "client_secret": "x"}

    assert REFUSED == error_of(await web.post(URL, data=form, headers=told(a_certificate(SUBJECT))))


async def tokens(flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User) -> dict[str, Any]:
    code = await a_code(flow, web, client, person)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "client_id": client.client.id}
    reply = await web.post(URL, data=form, headers=told(a_certificate()))
    held: dict[str, Any] = reply.json()
    return held


async def test_tokens_are_bound_to_the_certificate(
    flow: Flow, web: httpx.AsyncClient, registered: ClientEntry, person: User
) -> None:
    held = await tokens(flow, web, registered, person)

    assert {"x5t#S256": sha256(der(a_certificate()))} == claims_of(held["access_token"])["cnf"]
    assert "Bearer" == held["token_type"]


async def test_a_bound_token_opens_user_info_with_its_certificate_alone(
    flow: Flow, web: httpx.AsyncClient, registered: ClientEntry, person: User
) -> None:
    bearer = {"authorization": "Bearer " + (await tokens(flow, web, registered, person))["access_token"]}

    assert 200 == (await web.get(USER_INFO, headers=bearer | told(a_certificate()))).status_code
    assert 401 == (await web.get(USER_INFO, headers=bearer | told(a_certificate(name="other")))).status_code
    assert 401 == (await web.get(USER_INFO, headers=bearer)).status_code


async def test_a_refresh_goes_on_with_the_certificate(
    flow: Flow, web: httpx.AsyncClient, registered: ClientEntry, person: User
) -> None:
    held = await tokens(flow, web, registered, person)
    form = {
        "grant_type": "refresh_token", "refresh_token": held["refresh_token"], "client_id": registered.client.id,
    }  # fmt: skip

    again = (await web.post(URL, data=form, headers=told(a_certificate()))).json()

    assert {"x5t#S256": sha256(der(a_certificate()))} == claims_of(again["access_token"])["cnf"]


async def test_a_client_that_is_to_bind_its_tokens_shows_a_certificate(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    client = await a_web_client(flow, pool, secret=False)
    client = await extend(flow, client, tls_client_certificate_bound_access_tokens=True)
    form = {"grant_type": "refresh_token", "refresh_token": "x", "client_id": client.client.id}

    assert ("invalid_request", 400) == error_of(await web.post(URL, data=form))
    assert PROVEN == error_of(await web.post(URL, data=form, headers=told(a_certificate())))


async def test_where_no_header_is_configured_none_counts(flow: Flow, named: ClientEntry, pool: PoolEntry) -> None:
    plain = msgspec.structs.replace(flow, config=ServerConfig(base_url=BASE, development=True))
    async with a_browser(application(plain)) as web:
        assert REFUSED == await ask(web, named, told(a_certificate(SUBJECT)))
        found = (await web.get(f"/{pool.pool.id}/.well-known/openid-configuration")).json()

    assert "tls_client_auth" not in found["token_endpoint_auth_methods_supported"]
    assert "tls_client_certificate_bound_access_tokens" not in found


async def test_discovery_says_that_certificates_count(web: httpx.AsyncClient, pool: PoolEntry) -> None:
    found = (await web.get(f"/{pool.pool.id}/.well-known/openid-configuration")).json()

    methods = set(found["token_endpoint_auth_methods_supported"])
    assert {"tls_client_auth", "self_signed_tls_client_auth", "private_key_jwt"} <= methods
    assert found["tls_client_certificate_bound_access_tokens"]


async def test_cve_2023_36456_the_header_is_taken_away_from_everybody_but_the_proxy(config: ServerConfig) -> None:
    seen: list[set[bytes]] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append({name for name, _ in scope["headers"]})

    guarded = _seen_from(app, read_networks("192.0.2.1"), ("X-Client-Cert", "X-Client-Verify"))
    headers = [(b"host", b"x"), (b"x-client-cert", b"x"), (b"x-client-verify", b"SUCCESS")]

    for client in (("192.0.2.1", 1), ("192.0.2.2", 1), None):
        await guarded({"type": "http", "client": client, "headers": headers}, None, None)  # type: ignore[arg-type]

    assert [{b"host", b"x-client-cert", b"x-client-verify"}, {b"host"}, {b"host"}] == seen


@pytest.mark.parametrize(
    ("header", "verified", "proxies"),
    [("X-Cert", "", ""), ("X Cert", "", "192.0.2.1"), ("", "X-Ok=1", "192.0.2.1"), ("X-Cert", "X-Ok", "192.0.2.1")],
)
def test_a_server_that_would_believe_anybody_does_not_start(
    config: ServerConfig, header: str, verified: str, proxies: str
) -> None:
    values = {"client_certificate_header": header, "client_certificate_verified": verified}

    with pytest.raises(SettingError):
        _checked_certificates(values, read_networks(proxies))


@pytest.mark.parametrize(
    "given",
    [
        {"token_endpoint_auth_method": "tls_client_auth"},
        {"token_endpoint_auth_method": "self_signed_tls_client_auth"},
        {"tls_client_auth_subject_dn": SUBJECT},
        {"token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_subject_dn": ""},
        {"token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_subject_dn": "no name"},
    ],
)
async def test_settings_that_could_prove_nothing_are_refused(
    flow: Flow, pool: PoolEntry, given: dict[str, Any]
) -> None:
    client = await a_web_client(flow, pool, secret=False)

    with pytest.raises(WrongSetting):
        await extend(flow, client, **given)
