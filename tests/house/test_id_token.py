"""The ID token: OIDC Core section 3.1.3.7, RFC 8725; rules 6 to 8 of the checklist for relying parties."""

from collections.abc import Callable
from typing import Any

import pytest

from poolhouse.house.app import House
from poolhouse.kit.ambient import FixedClock
from tests.house.op import CLIENT_ID, Provider, merged, rsa_key
from tests.house.world import Browser, reference, words


async def refused(browser: Browser, provider: Provider, field: str) -> str:
    """The sign-in ends on a page that names *field*, nobody is signed in, and UserInfo was not asked."""
    answer = await browser.sso()
    assert 400 == answer.status_code
    assert browser.cookie("house_session") is None
    assert 0 == provider.hits["userInfo"]
    text = words(answer)
    assert "Sign-in did not work" in text
    if field:
        assert f"Field to check {field}" in text
    assert reference(answer)
    return text


async def test_a_good_id_token_signs_in(ready: House, browser: Browser, provider: Provider) -> None:
    answer = await browser.sso()

    assert 303 == answer.status_code
    assert "/" == answer.headers["location"]
    assert "Signed in as maria@example.com" in words(await browser.get("/"))


@pytest.mark.parametrize(
    ("claims", "field"),
    [
        ({"iss": "https://other.example.com"}, "JWK Set URL"),
        ({"iss": ...}, "JWK Set URL"),
        ({"sub": ...}, "Token URL"),
        ({"sub": ""}, "Token URL"),
        ({"sub": 7}, "Token URL"),
        ({"aud": "somebody-else"}, "Client ID"),
        ({"aud": ...}, "Client ID"),
        ({"aud": ["somebody-else"]}, "Client ID"),
        ({"aud": [CLIENT_ID, "another"]}, "Client ID"),
        ({"aud": [CLIENT_ID, "another"], "azp": "another"}, "Client ID"),
        ({"azp": "another"}, "Client ID"),
        ({"exp": ...}, "Token URL"),
        ({"exp": "soon"}, "Token URL"),
        ({"exp": True}, "Token URL"),
        ({"iat": ...}, "Token URL"),
        ({"nbf": "now"}, "Token URL"),
        ({"nonce": ...}, ""),
        ({"nonce": "another"}, ""),
        ({"nonce": 5}, ""),
        ({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}, "Token URL"),
        ({"at_hash": None}, "Token URL"),
    ],
    ids=lambda value: (
        "-".join(f"{k}={'absent' if v is ... else v}" for k, v in value.items()) if isinstance(value, dict) else ""
    ),
)
async def test_an_id_token_with_a_wrong_claim_is_refused(
    claims: dict[str, Any], field: str, ready: House, browser: Browser, provider: Provider
) -> None:
    provider.change_claims = merged(**claims)

    await refused(browser, provider, field)


@pytest.mark.parametrize(
    ("claim", "seconds"), [("exp", -61), ("iat", 61), ("nbf", 61)], ids=["expired", "issued-later", "valid-later"]
)
async def test_clocks_may_differ_by_a_minute_and_no_more(
    claim: str, seconds: int, ready: House, new_browser: Callable[..., Browser], provider: Provider, clock: FixedClock
) -> None:
    nearer = seconds + (2 if seconds < 0 else -1)
    provider.change_claims = merged(**{claim: clock.now() + nearer})
    assert 303 == (await new_browser().sso()).status_code
    provider.hits.clear()

    provider.change_claims = merged(**{claim: clock.now() + seconds})
    await refused(new_browser(), provider, "")


async def test_several_audiences_are_fine_when_we_are_the_authorized_party(
    ready: House, browser: Browser, provider: Provider
) -> None:
    provider.change_claims = merged(aud=[CLIENT_ID, "another"], azp=CLIENT_ID)

    assert 303 == (await browser.sso()).status_code


async def test_at_hash_may_be_absent(ready: House, browser: Browser, provider: Provider) -> None:
    provider.change_claims = merged(at_hash=...)

    assert 303 == (await browser.sso()).status_code


@pytest.mark.parametrize(
    ("signer", "field"),
    [("none", "Issuer"), ("public-key-as-secret", "Issuer"), ("other", "JWK Set URL"), ("tampered", "JWK Set URL")],
)
async def test_a_signature_that_is_not_the_issuers_is_refused(
    signer: str, field: str, ready: House, browser: Browser, provider: Provider
) -> None:
    provider.signer = signer

    await refused(browser, provider, field)


@pytest.mark.parametrize("header", ["jwk", "jku", "x5u", "crit"])
async def test_a_header_that_brings_its_own_key_is_refused(
    header: str, ready: House, browser: Browser, provider: Provider
) -> None:
    stranger = rsa_key("stranger")
    values: dict[str, Any] = {
        "jwk": stranger.as_dict(private=False),
        "jku": f"{provider.base}/.well-known/jwks.json",
        "x5u": f"{provider.base}/cert.pem",
        "crit": ["exp"],
    }
    provider.change_header = merged(**{header: values[header]})

    await refused(browser, provider, "Issuer")


async def test_unknown_headers_are_ignored(ready: House, browser: Browser, provider: Provider) -> None:
    provider.change_header = merged(typ="JWT", x5t="abc", colour="blue")

    assert 303 == (await browser.sso()).status_code


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c", "..", "a" * 40_000, "e30.e30.e30"])
async def test_what_is_no_token_is_refused(token: str, ready: House, browser: Browser, provider: Provider) -> None:
    provider.change_token_answer = merged(id_token=token)

    answer = await browser.sso()

    assert 400 == answer.status_code
    assert browser.cookie("house_session") is None


async def test_the_issuer_field_decides_when_it_is_typed(
    house: House, browser: Browser, provider: Provider, new_browser: Callable[..., Browser]
) -> None:
    saved = await new_browser().set_up(provider.form(issuer=f"{provider.base}/"))
    assert 303 == saved.status_code

    await refused(browser, provider, "Issuer")
