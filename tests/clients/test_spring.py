"""
What Spring Security needs of the discovery document, which its ClientRegistrations.fromIssuerLocation reads.

Spring has no client that runs without Java; its rules are few, and stand here.
"""

from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.clients.known import Known
from tests.clients.relying import Provider, a_provider
from tests.journey.installation import Installation

pytestmark = pytest.mark.client

NAMED = ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint", "end_session_endpoint")
METHODS = {
    "client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none", "tls_client_auth",
    "self_signed_tls_client_auth",
}  # fmt: skip


@pytest.fixture(scope="module")
def provider(idp: Any, place: Installation, known: Known) -> Provider:
    return a_provider(idp, place, known, "spring")


def test_every_place_where_spring_looks_has_the_document_of_the_issuer(provider: Provider) -> None:
    """It tries that of OpenID Connect, then both of RFC 8414, and compares the issuer as a string."""
    parts = urlsplit(provider.issuer)
    for url in (
        f"{provider.issuer}/.well-known/openid-configuration",
        f"{parts.scheme}://{parts.netloc}/.well-known/openid-configuration{parts.path}",
        f"{parts.scheme}://{parts.netloc}/.well-known/oauth-authorization-server{parts.path}",
    ):
        document = httpx.get(url, headers={"accept": "application/json"}).raise_for_status().json()
        assert provider.issuer == document["issuer"]


def test_the_document_has_what_spring_and_nimbus_require(provider: Provider) -> None:
    document = httpx.get(f"{provider.issuer}/.well-known/openid-configuration").json()

    for name in NAMED:
        parts = urlsplit(document[name])
        assert parts.scheme in {"http", "https"}
        assert (parts.netloc, parts.query, parts.fragment) == (urlsplit(provider.issuer).netloc, "", "")
    assert {"public", "pairwise"} == set(document["subject_types_supported"])
    assert "code" in document["response_types_supported"]
    assert "RS256" in document["id_token_signing_alg_values_supported"]
    assert "openid" in document["scopes_supported"]
    assert {"authorization_code", "refresh_token", "client_credentials"} <= set(document["grant_types_supported"])
    # Spring proves itself by Basic where that is among them, else by post, else not at all.
    assert "client_secret_basic" in document["token_endpoint_auth_methods_supported"]
    assert set(document["token_endpoint_auth_methods_supported"]) <= METHODS
    assert "S256" in document["code_challenge_methods_supported"]
    for name, value in document.items():
        assert value is not None, name
        if name.endswith("_supported") and isinstance(value, list):
            assert all(isinstance(each, str) for each in value), name


def test_the_keys_are_what_nimbus_selects(provider: Provider) -> None:
    """A resource server chooses by kty, use and alg."""
    document = httpx.get(f"{provider.issuer}/.well-known/openid-configuration").json()
    keys = httpx.get(document["jwks_uri"]).json()["keys"]

    assert keys
    for key in keys:
        assert ("RSA", "sig", "RS256") == (key["kty"], key["use"], key["alg"])
        assert key["kid"]
        assert not {"d", "p", "q"} & set(key)
