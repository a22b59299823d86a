"""The provider's keys: rule 11; OIDC Core section 10.1."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OctKey

from poolhouse.house.app import House
from poolhouse.house.rp.failures import Failure, SignInFailed
from poolhouse.house.rp.keys import SETS_KEPT, KeySource, pick, read_set
from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.jose import b64url
from poolhouse.kit.outgoing import Http
from tests.house.op import Provider, merged, rsa_key
from tests.house.world import Browser, words

NewBrowser = Callable[..., Browser]


async def test_the_set_is_fetched_once_and_kept_for_ten_minutes(
    ready: House, new_browser: NewBrowser, provider: Provider, clock: FixedClock
) -> None:
    for _ in range(3):
        assert 303 == (await new_browser().sso()).status_code
    assert 1 == provider.hits["jwks.json"]

    clock.advance(600)
    assert 303 == (await new_browser().sso()).status_code
    assert 2 == provider.hits["jwks.json"]


async def test_rotation_just_before_signing_is_followed_in_the_same_login(
    ready: House, new_browser: NewBrowser, provider: Provider
) -> None:
    assert 303 == (await new_browser().sso()).status_code

    provider.rotate("two")

    assert 303 == (await new_browser().sso()).status_code
    assert 2 == provider.hits["jwks.json"]


async def test_a_flood_of_unknown_key_ids_does_not_reach_the_provider(
    ready: House, new_browser: NewBrowser, provider: Provider, clock: FixedClock
) -> None:
    assert 303 == (await new_browser().sso()).status_code
    for number in range(10):
        provider.change_header = merged(kid=f"invented-{number}")
        assert 400 == (await new_browser().sso()).status_code

    assert 2 == provider.hits["jwks.json"]

    clock.advance(10)
    assert 400 == (await new_browser().sso()).status_code
    assert 3 == provider.hits["jwks.json"]


async def test_a_key_that_was_withdrawn_is_not_used_because_the_new_set_is_missing(
    ready: House, new_browser: NewBrowser, provider: Provider, clock: FixedClock
) -> None:
    from aiohttp import web

    assert 303 == (await new_browser().sso()).status_code
    clock.advance(600)
    provider.answers["jwks.json"] = web.Response(status=503)

    answer = await new_browser().sso()

    assert 400 == answer.status_code
    assert "Field to check JWK Set URL" in words(answer)


async def test_without_a_key_id_the_only_fitting_key_is_used(
    ready: House, browser: Browser, provider: Provider
) -> None:
    provider.change_header = merged(kid=...)
    provider.published = [rsa_key("one").as_dict(private=False), ECKey.generate_key("P-256").as_dict(private=False)]

    assert 303 == (await browser.sso()).status_code


async def test_without_a_key_id_two_fitting_keys_are_none(ready: House, browser: Browser, provider: Provider) -> None:
    provider.change_header = merged(kid=...)
    provider.published = [rsa_key(kid).as_dict(private=False) for kid in ("one", "two")]

    assert 400 == (await browser.sso()).status_code


@pytest.mark.parametrize(
    "published",
    [
        [],
        [{"kty": "oct", "k": "c2VjcmV0", "kid": "one"}],
        [{"kty": "RSA", "kid": "one"}],
        [{"kty": "unheard-of", "kid": "one"}],
    ],
    ids=["empty", "symmetric", "broken", "unknown"],
)
async def test_a_set_without_a_usable_key_names_the_jwk_set_url(
    published: list[dict[str, Any]], ready: House, browser: Browser, provider: Provider
) -> None:
    provider.published = published

    answer = await browser.sso()

    assert 400 == answer.status_code
    assert "Field to check JWK Set URL" in words(answer)
    assert "not a JWK set" in words(answer)


async def test_many_sign_ins_at_once_fetch_the_set_once(
    ready: House, new_browser: NewBrowser, provider: Provider
) -> None:
    answers = await asyncio.gather(*(new_browser().sso() for _ in range(10)))

    assert [303] * 10 == [answer.status_code for answer in answers]
    assert 1 == provider.hits["jwks.json"]


async def test_saving_other_settings_fetches_anew(ready: House, new_browser: NewBrowser, provider: Provider) -> None:
    await new_browser().sso()
    await new_browser().set_up(provider.form())
    before = provider.hits["jwks.json"]

    await new_browser().sso()

    assert before + 1 == provider.hits["jwks.json"]


async def test_only_so_many_sets_are_kept(provider: Provider, clock: FixedClock) -> None:
    http = Http(allow_loopback=True, allow_private=False)
    source = KeySource(http, clock)
    try:
        for number in range(SETS_KEPT + 2):
            url = f"{provider.base}/.well-known/jwks.json?{number}"
            await source.get_key(url, kid="one", algorithm="RS256")
        before = provider.hits["jwks.json"]
        await source.get_key(f"{provider.base}/.well-known/jwks.json?0", kid="one", algorithm="RS256")
    finally:
        await http.close()

    assert before + 1 == provider.hits["jwks.json"]


async def test_an_address_that_does_not_answer_fails_closed(clock: FixedClock) -> None:
    http = Http(allow_loopback=True, allow_private=False)
    try:
        with pytest.raises(SignInFailed) as failed:
            await KeySource(http, clock).get_key("http://127.0.0.1:9/jwks", kid="one", algorithm="RS256")
    finally:
        await http.close()

    assert Failure.KEYS_UNREACHABLE is failed.value.failure


def body(*keys: dict[str, Any]) -> bytes:
    return msgspec.json.encode({"keys": list(keys)})


def test_keys_for_something_else_than_signatures_are_passed_over() -> None:
    good = rsa_key("one").as_dict(private=False)
    others = [
        {**good, "use": "enc"},
        {**good, "key_ops": ["encrypt"]},
        rsa_key("one").as_dict(private=True),
        OctKey.generate_key(256, {"kid": "one"}).as_dict(private=True),
    ]

    assert 0 == len(read_set(body(*others)))
    assert 1 == len(read_set(body(*others, {**good, "key_ops": ["verify"]})))


def test_a_short_rsa_key_is_passed_over() -> None:
    numbers = rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key().public_numbers()
    weak = {"kty": "RSA", "kid": "weak", "e": "AQAB", "n": b64url(numbers.n.to_bytes(128, "big")).decode()}

    assert () == read_set(body(weak))


def test_a_key_is_used_with_its_own_algorithm_only() -> None:
    keys = read_set(
        body(rsa_key("one").as_dict(private=False), ECKey.generate_key("P-256", {"kid": "ec"}).as_dict(private=False))
    )

    assert pick(keys, kid="one", algorithm="RS256") is not None
    assert pick(keys, kid="one", algorithm="PS256") is None
    assert pick(keys, kid="one", algorithm="ES256") is None
    assert pick(keys, kid="ec", algorithm="ES256") is not None
    assert pick(keys, kid="ec", algorithm="ES384") is None
    assert pick(keys, kid="ec", algorithm="RS256") is None


ANYTHING = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=2)
MEMBER = st.fixed_dictionaries(
    {"kty": st.sampled_from(["RSA", "EC", "oct", "OKP"]) | ANYTHING},
    optional=dict.fromkeys(("kid", "n", "e", "crv", "x", "y", "use", "key_ops", "alg"), ANYTHING),
)


@given(
    st.binary(max_size=200)
    | st.fixed_dictionaries({"keys": st.lists(MEMBER | ANYTHING, max_size=3) | ANYTHING}).map(msgspec.json.encode)
)
def test_reading_a_set_never_fails_otherwise_than_by_finding_nothing(document: bytes) -> None:
    assert () == read_set(document)
