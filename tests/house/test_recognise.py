"""What administrators paste: issuers, addresses of consoles, ids.  The vectors are in recognised.json."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.house.rp.recognise import recognise
from poolhouse.kit.urls import URL_LIMIT, split_url

VECTORS = json.loads((Path(__file__).parent / "recognised.json").read_text())


@pytest.mark.parametrize(("text", "product", "issuer"), VECTORS)
def test_what_is_pasted_is_recognised(text: str, product: str, issuer: str) -> None:
    found = recognise(text)

    assert found is not None
    assert product == found.product
    assert issuer == (found.candidates[0] if found.candidates else "")
    assert found.candidates or found.missing


@pytest.mark.parametrize("tail", ["", "/", "/login?client_id=x", "/oauth2/authorize?client_id=x"])
def test_a_domain_of_poolhouse_is_asked_itself(tail: str) -> None:
    found = recognise(f"http://localhost:8400/domains/acme{tail}")

    assert found is not None
    assert "http://localhost:8400/domains/acme" in found.candidates
    assert "http://localhost:8400/domains/acme" == found.domain


def test_a_pool_of_cognito_has_one_of_two_forms_of_issuer() -> None:
    found = recognise("https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC")

    assert found is not None
    assert recognise("eu-west-1_AbC") == found
    assert "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC" == found.candidates[1]


def test_a_domain_of_cognito_fills_what_it_tells() -> None:
    found = recognise("https://acme.auth.eu-west-1.amazoncognito.com/login?client_id=x")

    assert found is not None
    assert "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/userInfo" == dict(found.endpoints)["userinfo_url"]
    assert "User pool ID" in found.missing


def test_the_client_id_is_taken_where_the_address_has_it() -> None:
    found = recognise("https://entra.microsoft.com/#view/X/appId/11111111-2222-3333-4444-555555555555/isMSAApp~/false")

    assert found is not None
    assert "11111111-2222-3333-4444-555555555555" == found.client_id


@pytest.mark.parametrize("text", ["", "   ", "issuer", "not an address", "x" * 3000, "javascript:alert(1)", "https://"])
def test_what_stands_for_nothing_is_not_recognised(text: str) -> None:
    assert recognise(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "https://acme.okta.com.evil.example/",
        "https://evil.example/cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC",
        "https://login.microsoftonline.com.evil.example/72f988bf-86f1-41af-91ab-2d7cd011db47",
        "https://evilauth0.com/",
        "https://user@acme.okta.com/",
    ],
)
def test_a_host_that_only_looks_like_a_products_is_not_taken_for_it(text: str) -> None:
    found = recognise(text)

    assert found is None or "" == found.product


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    recognise(text)


@given(st.sampled_from([row[0] for row in VECTORS]), st.text(max_size=20))
def test_whatever_follows_candidates_are_addresses_that_may_be_typed(text: str, tail: str) -> None:
    found = recognise(text + tail)

    for candidate in found.candidates if found else ():
        assert split_url(candidate) is not None or len(candidate) > URL_LIMIT - 2
