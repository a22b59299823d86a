"""PKCE (RFC 7636, RFC 9700 section 2.1.1), the nonce, and RFC 9207: rules 3, 4 and 5."""

import base64
import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from poolhouse.house.app import House
from poolhouse.house.store.pending import take_pending
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.seal import digest
from tests.house.op import Provider, merged
from tests.house.world import Browser, words

NewBrowser = Callable[..., Browser]


async def test_every_request_has_an_s256_challenge_and_the_token_request_its_verifier(
    ready: House, browser: Browser, provider: Provider
) -> None:
    await browser.sso()

    asked = provider.authorizations[-1]
    verifier = provider.token_requests[-1][0]["code_verifier"]
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    assert ("S256", challenge) == (asked["code_challenge_method"], asked["code_challenge"])
    assert 43 <= len(verifier) <= 128


@pytest.mark.parametrize("methods", [["plain"], [], ["plain", "S256"]])
async def test_a_provider_cannot_talk_the_house_out_of_s256(
    methods: list[str], house: House, browser: Browser, new_browser: NewBrowser, provider: Provider
) -> None:
    provider.change_discovery = merged(code_challenge_methods_supported=methods)
    provider.enforces_pkce = False
    await new_browser().set_up(provider.form())
    provider.token_requests.clear()

    await browser.sso()

    assert "S256" == provider.authorizations[-1]["code_challenge_method"]
    assert "code_verifier" in provider.token_requests[-1][0]


async def test_each_attempt_has_a_verifier_of_its_own(
    ready: House, new_browser: NewBrowser, provider: Provider
) -> None:
    for _ in range(3):
        await new_browser().sso()

    assert 3 == len({form["code_verifier"] for form, _ in provider.token_requests})


async def test_state_nonce_and_verifier_are_not_in_the_store_as_they_are(
    ready: House, browser: Browser, provider: Provider
) -> None:
    await browser.at_provider()
    asked = provider.authorizations[-1]
    name = browser.cookie("house_browser")
    assert name is not None

    async def unit(tx: Tx) -> Any:
        return await take_pending(
            tx,
            state_digest=digest(asked["state"]),
            browser_digest=digest(name),
            provider="oidc",
            now=ready.ctx.clock.now(),
        )

    pending = await ready.ctx.db.write(unit)
    assert pending is not None
    assert digest(asked["nonce"]) == pending.nonce_digest
    for secret in (asked["state"], asked["nonce"], asked["code_challenge"]):
        assert secret not in repr(pending)


async def test_a_code_of_one_attempt_does_not_work_in_another(
    ready: House, browser: Browser, provider: Provider
) -> None:
    first = await browser.at_provider()
    second = await browser.at_provider()
    mixed = first.replace("code=code-0", "code=code-1")
    assert mixed != first
    assert "code-1" in second

    answer = await browser.get(mixed)

    assert 400 == answer.status_code
    assert browser.cookie("house_session") is None


async def test_a_replayed_nonce_is_refused(
    ready: House, browser: Browser, new_browser: NewBrowser, provider: Provider
) -> None:
    await browser.sso()
    old = provider.authorizations[-1]["nonce"]
    provider.change_claims = merged(nonce=old)

    answer = await new_browser().sso()

    assert 400 == answer.status_code
    assert "belongs to another sign-in" in words(answer)


@pytest.mark.parametrize(
    ("promised", "iss", "status"),
    [
        (True, "own", 303),
        (True, "missing", 400),
        (True, "https://other.example.com", 400),
        (False, "missing", 303),
        (False, "own", 303),
        (False, "https://other.example.com", 400),
    ],
)
async def test_the_issuer_parameter_must_be_right_and_there_when_promised(
    promised: bool,
    iss: str,
    status: int,
    house: House,
    browser: Browser,
    new_browser: NewBrowser,
    provider: Provider,
) -> None:
    provider.change_discovery = merged(authorization_response_iss_parameter_supported=promised)
    await new_browser().set_up(provider.form())
    provider.hits.clear()
    value = {"own": provider.base, "missing": ...}.get(iss, iss)
    provider.change_callback = merged(iss=value)

    answer = await browser.sso()

    assert status == answer.status_code
    assert (1 if status == 303 else 0) == provider.hits["token"]


async def test_a_code_of_another_provider_is_not_redeemed(
    house: House, browser: Browser, new_browser: NewBrowser, provider: Provider
) -> None:
    """Mix-up (RFC 9700 section 4.4): the answer of one provider is brought to the attempt of another."""
    other = Provider(provider.clock)
    await other.start()
    try:
        await new_browser().set_up(provider.form())
        back = await browser.at_provider()
        answer = await browser.get(f"{back}&iss={other.base}")
    finally:
        await other.stop()

    assert 400 == answer.status_code
    assert 0 == sum(form.get("code") == "code-0" for form, _ in provider.token_requests)
