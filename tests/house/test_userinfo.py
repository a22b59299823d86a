"""UserInfo: rule 9; OIDC Core section 5.3."""

import pytest
from sqlalchemy import select

from poolhouse.house.app import House
from poolhouse.house.rp.userinfo import merge
from poolhouse.house.tables import email_holders
from poolhouse.kit.db.statement import compile_statement
from tests.house.op import CLIENT_ID, Provider, merged
from tests.house.world import Browser, words

_HOLDERS = compile_statement(select(email_holders.c.email_key))


@pytest.mark.parametrize("sub", ["somebody-else", "", None, 7, ...])
async def test_userinfo_about_somebody_else_is_refused(
    sub: object, ready: House, browser: Browser, provider: Provider
) -> None:
    provider.change_userinfo = merged(sub=sub)

    answer = await browser.sso()

    assert 400 == answer.status_code
    assert "Field to check User Info URL" in words(answer)
    assert browser.cookie("house_session") is None


async def test_another_address_is_not_verified_by_the_id_tokens_word(
    ready: House, browser: Browser, provider: Provider
) -> None:
    """OIDC Core section 5.1: ``email_verified`` is of the ``email`` beside it."""
    provider.change_userinfo = merged(email="director@example.com", email_verified=...)

    assert 303 == (await browser.sso()).status_code

    rows = await ready.ctx.db.read(lambda tx: tx.all(_HOLDERS))
    assert "director@example.com" not in {row[0] for row in rows}


def test_an_address_that_userinfo_repeats_stays_verified() -> None:
    token = {"email": "a@example.com", "email_verified": True, "phone_number": "+1", "phone_number_verified": True}

    assert token == merge(token, {"email": "a@example.com"})
    assert token | {"email_verified": False} == merge(token, {"email": "a@example.com", "email_verified": False})
    assert "phone_number_verified" not in merge(token, {"phone_number": "+2"})


async def test_signed_userinfo_is_read(ready: House, browser: Browser, provider: Provider) -> None:
    provider.userinfo_signed = True
    provider.change_userinfo = merged(iss=provider.base, aud=CLIENT_ID, name="From UserInfo")

    assert 303 == (await browser.sso()).status_code
    assert "From UserInfo" in words(await browser.get("/user/account"))


@pytest.mark.parametrize(
    "claims", [{"iss": "https://other.example.com"}, {"aud": "somebody-else"}, {"aud": [CLIENT_ID, "x"]}]
)
async def test_signed_userinfo_of_or_for_somebody_else_is_refused(
    claims: dict[str, object], ready: House, browser: Browser, provider: Provider
) -> None:
    provider.userinfo_signed = True
    provider.change_userinfo = merged(**claims)

    answer = await browser.sso()

    assert 400 == answer.status_code
    assert "Field to check User Info URL" in words(answer)


async def test_userinfo_signed_by_somebody_else_is_refused(ready: House, browser: Browser, provider: Provider) -> None:
    back = await browser.at_provider()
    provider.userinfo_signed = True
    original = provider.sign
    calls = 0

    def sign(claims: dict[str, object]) -> str:
        nonlocal calls
        calls += 1
        provider.signer = "own" if calls == 1 else "other"
        return original(claims)

    provider.sign = sign  # type: ignore[method-assign]

    answer = await browser.get(back)

    assert 2 == calls
    assert 400 == answer.status_code
    assert browser.cookie("house_session") is None


async def test_another_content_type_is_refused(ready: House, browser: Browser, provider: Provider) -> None:
    provider.userinfo_type = "text/plain"

    answer = await browser.sso()

    assert "Field to check User Info URL" in words(answer)


async def test_userinfo_has_no_say_about_protocol_claims(ready: House, browser: Browser, provider: Provider) -> None:
    provider.change_userinfo = merged(iss="https://evil.example", aud="evil", exp=0, nonce="evil")

    assert 303 == (await browser.sso()).status_code


@pytest.mark.parametrize(
    ("value", "is_verified"),
    [(True, True), ("true", True), (False, False), ("false", False), ("TRUE", False), (1, False), (None, False)],
)
async def test_a_boolean_that_came_as_text_is_read_as_one(
    value: object, is_verified: bool, ready: House, browser: Browser, provider: Provider
) -> None:
    provider.person.email_verified = value

    assert 303 == (await browser.sso()).status_code
    rows = await ready.ctx.db.all(_HOLDERS)
    assert is_verified == ("maria@example.com" in {row[0] for row in rows})
