"""Tokens: what was signed verifies, everything else is refused before its claims are looked at."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

from poolhouse.kit.jose import (
    InvalidToken,
    SigningKey,
    Verifier,
    b64url,
    b64url_decode,
    jwk,
    left_half,
    load_key,
    mint_key,
)

KEY, OTHER = mint_key(), mint_key()
CLAIMS = {"sub": "ada", "exp": 1_800_000_000, "cognito:groups": ["a", "b"]}
VERIFIER = Verifier([KEY.public])


def forged(header: dict[str, Any], key: SigningKey = KEY) -> str:
    """A token with a header of ours and a signature that would be good for it."""
    head, body = (b64url(json.dumps(part).encode()) for part in (header, CLAIMS))
    signature = key.sign(CLAIMS).rpartition(".")[2]
    return b".".join([head, body]).decode() + "." + signature


def test_a_signed_token_verifies_and_gives_its_claims() -> None:
    assert CLAIMS == VERIFIER.verify(KEY.sign(CLAIMS))


def test_another_library_verifies_it_with_the_published_keys() -> None:
    published = KeySet.import_key_set({"keys": [{**jwk(OTHER.public)}, {**jwk(KEY.public)}]})

    found = jwt.decode(KEY.sign(CLAIMS), published, algorithms=["RS256"])

    assert CLAIMS == found.claims
    assert {"kid": KEY.kid, "alg": "RS256"} == found.header


def test_a_token_of_another_key_is_refused() -> None:
    with pytest.raises(InvalidToken, match="unknown key id"):
        VERIFIER.verify(OTHER.sign(CLAIMS))


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none", "kid": KEY.kid},
        {"alg": "HS256", "kid": KEY.kid},
        {"alg": "RS512", "kid": KEY.kid},
        {"alg": "RS256"},
        {"alg": "RS256", "kid": KEY.kid, "crit": ["b64"]},
        {"alg": "RS256", "kid": ["a"]},
    ],
)
def test_the_token_does_not_choose_its_algorithm_or_key(header: dict[str, Any]) -> None:
    with pytest.raises(InvalidToken):
        VERIFIER.verify(forged(header))


def test_a_key_in_the_header_is_not_used() -> None:
    with pytest.raises(InvalidToken):
        VERIFIER.verify(forged({"alg": "RS256", "kid": OTHER.kid, "jwk": jwk(OTHER.public)}, OTHER))


def test_the_public_key_as_a_shared_secret_is_refused() -> None:
    pem = KEY.public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    secret = OctKey.import_key(b64url(pem).decode())
    token = jwt.encode({"alg": "HS256", "kid": KEY.kid}, CLAIMS, secret, algorithms=["HS256"])

    with pytest.raises(InvalidToken):
        VERIFIER.verify(token)


@given(st.integers(min_value=0), st.characters(min_codepoint=33, max_codepoint=126))
def test_a_changed_character_is_refused(position: int, character: str) -> None:
    token = KEY_TOKEN
    at = position % len(token)
    changed = token[:at] + character + token[at + 1 :]
    if changed != token:
        with pytest.raises(InvalidToken):
            VERIFIER.verify(changed)


KEY_TOKEN = KEY.sign(CLAIMS)


@given(st.text(max_size=200))
def test_any_text_is_refused_without_another_error(text: str) -> None:
    with pytest.raises(InvalidToken):
        VERIFIER.verify(text)


@pytest.mark.parametrize("part", ["YQ==", "YR", "Y Q", "YQ\n", "é", "a"])
def test_base64url_has_one_spelling(part: str) -> None:
    with pytest.raises(ValueError, match="base64url"):
        b64url_decode(part)


def test_a_key_survives_storage() -> None:
    assert KEY.kid == load_key(KEY.private_bytes()).kid


def test_the_key_set_has_the_members_of_cognito() -> None:
    made = jwk(KEY.public)

    assert ["alg", "e", "kid", "kty", "n", "use"] == list(made)
    assert made["kid"].endswith("=")
    assert RSAKey.import_key(dict(made)).as_dict()["n"] == made["n"]


def test_at_hash_is_the_left_half_of_the_hash() -> None:
    # The example of OpenID Connect Core, appendix A.3.
    token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"

    assert "77QmUPtjPfzWtF2AnpK9RQ" == left_half(token)
