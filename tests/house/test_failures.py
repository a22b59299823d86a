"""
Each wrong field of the OIDC form ends at sign-in on a page of ours: it names the field and a reference that is in the
log, and it is never a dead address.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
import structlog
from aiohttp import web

from poolhouse.house.app import House
from poolhouse.house.rp.explained import EXPLAINED
from poolhouse.house.rp.failures import Failure, of_error
from poolhouse.house.rp.form import LABELS
from poolhouse.kit.ambient import FixedClock, Secret
from tests.house.op import Provider, merged
from tests.house.world import Browser, reference, words

NewBrowser = Callable[..., Browser]
DEAD = "http://127.0.0.1:9"

WRONG: list[tuple[dict[str, str], str]] = [
    ({"client_id": "somebody"}, "Client ID"),
    ({"authorization_url": f"{DEAD}/oauth2/authorize"}, "Authorization URL"),
    ({"authorization_url": "{base}/oauth2/authorise"}, "Authorization URL"),
    ({"authorization_url": "https://no-such-host.invalid/oauth2/authorize"}, "Authorization URL"),
    ({"token_url": f"{DEAD}/oauth2/token"}, "Token URL"),
    ({"token_url": "{base}/oauth2/tokens"}, "Token URL"),
    ({"token_url": "{base}/oauth2/authorize"}, "Token URL"),
    ({"token_url": "{base}/.well-known/jwks.json"}, "Token URL"),
    ({"userinfo_url": f"{DEAD}/oauth2/userInfo"}, "User Info URL"),
    ({"userinfo_url": "{base}/oauth2/userinfo"}, "User Info URL"),
    ({"userinfo_url": "{base}/.well-known/openid-configuration"}, "User Info URL"),
    ({"jwks_url": f"{DEAD}/.well-known/jwks.json"}, "JWK Set URL"),
    ({"jwks_url": "{base}/keys"}, "JWK Set URL"),
    ({"jwks_url": "{base}/.well-known/openid-configuration"}, "JWK Set URL"),
    ({"scope": "openid email unheard-of"}, "Scope"),
    ({"username_attribute": "nickname"}, "Username Attribute"),
    ({"issuer": "https://issuer.example.com"}, "Issuer"),
]


def filled(provider: Provider, wrong: dict[str, str]) -> dict[str, str]:
    return {name: value.replace("{base}", provider.base) for name, value in wrong.items()}


@pytest.mark.parametrize(("wrong", "field"), WRONG, ids=str)
async def test_a_wrong_field_is_named_at_sign_in(
    wrong: dict[str, str], field: str, house: House, browser: Browser, provider: Provider
) -> None:
    entries = filled(provider, wrong)
    settings = provider.settings(**entries, is_issuer_derived="issuer" not in entries)
    await house.use_oidc(settings)

    with structlog.testing.capture_logs() as logs:
        answer = await finish(browser)

    assert 400 == answer.status_code
    text = words(answer)
    assert f"Field to check {field}" in text
    assert "Admin Settings > Authentication > OIDC" in text
    mine = [line for line in logs if line.get("reference") == reference(answer)]
    assert [("sign-in failed", field)] == [(line["event"], line["field"]) for line in mine]
    assert browser.cookie("house_session") is None


async def finish(browser: Browser) -> Any:
    """Follow the browser until it stands on a page of the house."""
    departure = await browser.depart()
    if departure.status_code != 303:
        return departure
    answer = await browser.outside.get(departure.headers["location"])
    assert 302 == answer.status_code, "the browser was left at the provider"
    return await browser.get(answer.headers["location"])


async def test_a_wrong_secret_is_named(house: House, browser: Browser, provider: Provider) -> None:
    settings = provider.settings()
    await house.use_oidc(msgspec.structs.replace(settings, client_secret=Secret("another")))

    text = words(await browser.sso())

    assert "Field to check Client Secret" in text


async def test_a_redirect_url_that_is_not_registered_is_named(
    ready: House, browser: Browser, provider: Provider
) -> None:
    provider.redirects = {"http://localhost:8500/other"}

    text = words(await browser.depart())

    assert "Field to check Redirect URL" in text


async def test_the_keys_of_another_pool_are_named(
    house: House, browser: Browser, provider: Provider, clock: FixedClock
) -> None:
    other = Provider(clock)
    await other.start()
    other.rotate("other pool")
    try:
        await house.use_oidc(provider.settings(jwks_url=f"{other.base}/.well-known/jwks.json", issuer=other.base))
        text = words(await browser.sso())
    finally:
        await other.stop()

    assert "Field to check JWK Set URL" in text


async def test_userinfo_without_email_names_the_attribute_and_what_it_is_set_to(
    ready: House, browser: Browser, provider: Provider
) -> None:
    provider.change_claims = merged(email=...)
    provider.change_userinfo = merged(email=...)

    text = words(await browser.sso())

    assert "Field to check Username Attribute It is set to email" in text


@pytest.mark.parametrize(
    "value", ["", "no address", "a@evil@corp.com", "a@", "@b", 7, ["a@b.c"], "a\u202e@b.c", "a" * 300 + "@b.c"]
)
async def test_an_email_that_is_none_names_the_attribute(
    value: object, ready: House, browser: Browser, provider: Provider
) -> None:
    provider.change_claims = merged(email=value)
    provider.change_userinfo = merged(email=value)

    text = words(await browser.sso())

    assert "Field to check Username Attribute" in text


@pytest.mark.parametrize(
    ("endpoint", "status", "words_expected"),
    [
        ("token", 500, "a fault of its own"),
        ("userInfo", 500, "a fault of its own"),
        ("authorize", 500, "a fault of its own"),
        ("token", 302, "Field to check Token URL"),
        ("userInfo", 302, "Field to check User Info URL"),
        ("jwks.json", 302, "Field to check JWK Set URL"),
    ],
)
async def test_a_provider_that_fails_or_redirects(
    endpoint: str, status: int, words_expected: str, ready: House, browser: Browser, provider: Provider
) -> None:
    headers = {"location": "http://169.254.169.254/"} if status == 302 else {}
    if endpoint == "authorize":
        provider.answers["authorize"] = web.Response(status=status)
        answer = await browser.depart()
    else:
        provider.answers[endpoint] = web.Response(status=status, headers=headers)
        answer = await browser.sso()

    assert 400 == answer.status_code
    assert words_expected in words(answer)


@pytest.mark.parametrize(
    "answer", ["", "null", "[]", '{"access_token": "x"}', '{"access_token": 1, "token_type": "Bearer"}', "<html>"]
)
async def test_a_token_answer_that_cannot_be_read_names_the_token_url(
    answer: str, ready: House, browser: Browser, provider: Provider
) -> None:
    provider.answers["token"] = web.Response(text=answer)

    assert "Field to check Token URL" in words(await browser.sso())


async def test_an_answer_without_an_id_token_names_the_scope(
    ready: House, browser: Browser, provider: Provider
) -> None:
    provider.change_token_answer = merged(id_token=...)

    assert "Field to check Scope" in words(await browser.sso())


async def test_an_answer_without_end_is_not_read_to_its_end(ready: House, browser: Browser, provider: Provider) -> None:
    provider.answers["token"] = web.Response(body=b" " * 300_000)

    assert "Field to check Token URL" in words(await browser.sso())


@pytest.mark.parametrize(
    ("endpoint", "field"), [("token", "Token URL"), ("userInfo", "User Info URL"), ("jwks.json", "JWK Set URL")]
)
async def test_a_provider_that_does_not_answer_is_not_waited_for(
    endpoint: str, field: str, ready: House, browser: Browser, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    from poolhouse.kit import outgoing

    back = await browser.at_provider()
    original = outgoing.Http._call

    async def impatient(self: Any, method: str, url: str, headers: Any, form: Any, _seconds: float) -> Any:
        return await original(self, method, url, headers, form, 0.2)

    monkeypatch.setattr(outgoing.Http, "_call", impatient)
    provider.slow[endpoint] = 1.0

    async with asyncio.timeout(0.9):
        answer = await browser.get(back)

    assert f"Field to check {field}" in words(answer)


async def test_who_knows_better_may_go_on_to_the_provider(house: House, browser: Browser, provider: Provider) -> None:
    """The house may see the provider otherwise than browsers do."""
    await house.use_oidc(provider.settings(authorization_url=f"{DEAD}/oauth2/authorize"))
    answer = await browser.depart("/user/account")

    assert "Continue to the provider anyway" in words(answer)
    assert 'href="/oauth2/authorization/oidc?to=%2Fuser%2Faccount&amp;unchecked=1"' in answer.text
    onward = await browser.get("/oauth2/authorization/oidc?to=%2Fuser%2Faccount&unchecked=1")
    assert onward.headers["location"].startswith(f"{DEAD}/oauth2/authorize?")


async def test_a_provider_that_does_not_know_prompt_none_is_no_obstacle(
    ready: House, browser: Browser, provider: Provider
) -> None:
    provider.prompt_none_answers = False

    assert 303 == (await browser.sso()).status_code


async def test_looking_first_costs_one_request_a_minute(
    ready: House, new_browser: NewBrowser, provider: Provider, clock: FixedClock
) -> None:
    for _ in range(3):
        await new_browser().depart()
    assert 1 == provider.hits["authorize"]

    clock.advance(60)
    await new_browser().depart()
    assert 2 == provider.hits["authorize"]


async def test_a_corrected_field_works_at_once(
    house: House, browser: Browser, new_browser: NewBrowser, provider: Provider
) -> None:
    await house.use_oidc(provider.settings(authorization_url=f"{DEAD}/oauth2/authorize"))
    assert 400 == (await browser.depart()).status_code

    admin = new_browser()
    await admin.set_up(provider.form())
    await admin.activate()

    assert 303 == (await browser.sso()).status_code


async def test_failures_are_in_the_audit_log_with_reason_and_address(
    ready: House, admin: Browser, new_browser: NewBrowser, provider: Provider
) -> None:
    provider.signer = "tampered"
    failed = await new_browser(address="198.51.100.9").sso()

    text = words(await admin.get("/settings/audit-log?outcome=refused"))

    assert "Sign-in failed" in text
    assert "signature_wrong" in text
    assert "198.51.100.9" in text
    assert reference(failed) in text


async def test_no_token_code_state_or_secret_is_logged(
    ready: House, browser: Browser, provider: Provider, capfd: pytest.CaptureFixture[str]
) -> None:
    with structlog.testing.capture_logs() as logs:
        await browser.sso()
        provider.signer = "tampered"
        await browser.sso()
        provider.signer = "own"
        provider.change_userinfo = merged(sub="other")
        await browser.sso()

    written = json.dumps(logs) + "".join(capfd.readouterr())
    seen = [value for asked in provider.authorizations for value in (asked["state"], asked["nonce"])]
    seen += [form[name] for form, _ in provider.token_requests for name in ("code", "code_verifier")]
    seen += [provider.client_secret, "access-0", browser.cookie("house_browser") or "?", "eyJ"]
    assert 2 == sum(line["event"] == "sign-in failed" for line in logs)
    for secret in seen:
        assert secret not in written


def test_every_failure_is_explained() -> None:
    assert set(Failure) == set(EXPLAINED)
    for explained in EXPLAINED.values():
        assert explained.field in {"", "Redirect URL", "Answer by form", *LABELS.values()}
        assert explained.sentence.endswith(".")
        assert explained.advice.endswith(".")


def test_a_strangers_word_is_only_ever_a_key() -> None:
    assert Failure.DENIED is of_error("access_denied")
    assert Failure.PROVIDER_FAILED is of_error("<script>")
