"""oidcc-config-certification-test-plan: the discovery document and the key set."""

from typing import Any

import httpx
import pytest

from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import User
from tests.support.logout import tokens_of
from tests.support.proofs import extend
from tests.support.web import BASE, DOMAIN, claims_of


@pytest.fixture
async def document(web: httpx.AsyncClient, pool: PoolEntry) -> dict[str, Any]:
    reply = await web.get(f"/{pool.pool.id}/.well-known/openid-configuration")
    assert (200, "application/json") == (reply.status_code, reply.headers["content-type"])
    found: dict[str, Any] = reply.json()
    return found


async def key_set(web: httpx.AsyncClient, document: dict[str, Any]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = (await web.get(document["jwks_uri"])).json()["keys"]
    return found


async def test_oidcc_discovery_endpoint_verification(pool: PoolEntry, document: dict[str, Any]) -> None:
    """OpenID Connect Discovery section 3: what is required, what is recommended, and of the right kind."""
    assert f"{BASE}/{pool.pool.id}" == document["issuer"]
    endpoints = [name for name in document if name.endswith("_endpoint")]
    assert {"authorization_endpoint", "token_endpoint", "userinfo_endpoint", "end_session_endpoint"} <= set(endpoints)
    assert all(document[name].startswith(f"{BASE}/domains/{DOMAIN}/") for name in endpoints)
    assert document["jwks_uri"].startswith("https://")
    for name, needed in {
        "response_types_supported": {"code"},
        "response_modes_supported": {"query", "fragment", "form_post"},
        "grant_types_supported": {"authorization_code", "refresh_token"},
        "subject_types_supported": {"public", "pairwise"},
        "id_token_signing_alg_values_supported": {"RS256"},
        "scopes_supported": {"openid"},
        "claims_supported": {"sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "sid"},
        "token_endpoint_auth_methods_supported": {"client_secret_basic", "client_secret_post"},
        "code_challenge_methods_supported": {"S256"},
    }.items():
        assert needed <= set(document[name]), name
        assert len(document[name]) == len(set(document[name])), name
    assert "plain" not in document["code_challenge_methods_supported"]
    assert "none" not in document["id_token_signing_alg_values_supported"]
    for name, value in document.items():
        if name.endswith(("_parameter_supported", "logout_supported", "session_supported")):
            assert isinstance(value, bool), name


async def test_oidcc_server_keys_are_public_and_each_has_a_name(
    web: httpx.AsyncClient, document: dict[str, Any], flow: Flow, client: ClientEntry
) -> None:
    for alg in ("ES256", "EdDSA"):
        await extend(flow, client, id_token_signed_response_alg=alg)
    found = await key_set(web, document)

    assert 4 == len({key["kid"] for key in found})
    assert ["ES256", "EdDSA", "RS256", "RS256"] == sorted(key["alg"] for key in found)
    assert not [name for key in found for name in key if name in {"d", "p", "q", "dp", "dq", "qi", "k"}]


async def test_what_springs_client_registrations_read(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User, document: dict[str, Any]
) -> None:
    """`ClientRegistrations.fromIssuerLocation`: the issuer that was asked for, and endpoints that are absolute URLs."""
    needed = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint")
    assert all(httpx.URL(document[name]).is_absolute_url for name in needed)
    assert document["subject_types_supported"]
    assert "client_secret_basic" in document["token_endpoint_auth_methods_supported"]
    held = await tokens_of(flow, web, client, person)
    assert document["issuer"] == claims_of(held["id_token"])["iss"]


async def test_cve_2024_1249_there_is_no_session_frame_that_could_be_talked_to(
    web: httpx.AsyncClient, document: dict[str, Any]
) -> None:
    assert "check_session_iframe" not in document
    assert 404 == (await web.get(f"/domains/{DOMAIN}/check_session")).status_code
