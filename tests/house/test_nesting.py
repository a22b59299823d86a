"""A provider that answers with thousands of brackets is a provider that answers nonsense; the page names the field."""

import msgspec
import pytest
from aiohttp import web

from poolhouse.house.app import House
from poolhouse.house.rp.decode import NotJson, decode
from tests.house.op import Provider, merged
from tests.house.world import Browser, reference, words

BRACKETS = "[" * 10_000 + "]" * 10_000
DEEP = msgspec.Raw(BRACKETS.encode())


async def refused(browser: Browser, field: str) -> None:
    answer = await browser.sso()
    assert 400 == answer.status_code
    assert f"Field to check {field}" in words(answer)
    assert reference(answer)
    assert browser.cookie("house_session") is None


async def test_in_the_header_of_an_id_token(ready: House, browser: Browser, provider: Provider) -> None:
    provider.change_header = merged(deep=DEEP)

    await refused(browser, "Token URL")


async def test_in_the_claims_of_an_id_token(ready: House, browser: Browser, provider: Provider) -> None:
    provider.change_claims = merged(deep=DEEP)

    await refused(browser, "Token URL")


@pytest.mark.parametrize(
    ("endpoint", "body", "field"),
    [
        ("jwks.json", f'{{"keys": {BRACKETS}}}', "JWK Set URL"),
        ("token", f'{{"access_token": "a", "token_type": "Bearer", "deep": {BRACKETS}}}', "Token URL"),
        ("userInfo", f'{{"sub": "8d0f3c1e-person", "deep": {BRACKETS}}}', "User Info URL"),
    ],
)
async def test_in_the_answer_of_an_endpoint(
    endpoint: str, body: str, field: str, ready: House, browser: Browser, provider: Provider
) -> None:
    provider.answers[endpoint] = web.Response(text=body, content_type="application/json")

    await refused(browser, field)


async def test_in_a_refusal_of_the_token_endpoint(ready: House, browser: Browser, provider: Provider) -> None:
    provider.answers["token"] = web.Response(status=400, text=BRACKETS, content_type="application/json")

    await refused(browser, "Token URL")


async def test_in_signed_userinfo(ready: House, browser: Browser, provider: Provider) -> None:
    provider.userinfo_signed = True
    provider.change_userinfo = merged(deep=DEEP)

    assert 400 == (await browser.sso()).status_code
    assert browser.cookie("house_session") is None


async def test_in_the_document_of_the_provider(admin: Browser, provider: Provider) -> None:
    text = f'{{"issuer": "{provider.base}", "deep": {BRACKETS}}}'
    provider.answers["openid-configuration"] = web.Response(text=text, content_type="application/json")

    answer = await admin.set_up(
        provider.form(issuer=provider.base, authorization_url="", token_url="", userinfo_url="", jwks_url="")
    )

    assert 422 == answer.status_code
    assert "answers with something else than an OpenID configuration" in words(answer)


@pytest.mark.parametrize("body", [b"", b"{", b'"\xff"', b"\xef\xbb\xbf{}", b"1" * 5000, b"[" * 100_000])
def test_whatever_is_wrong_with_json_is_one_error(body: bytes) -> None:
    with pytest.raises(NotJson):
        decode(body)
