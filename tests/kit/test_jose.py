"""Tokens: what was signed verifies, everything else is refused before its claims are looked at."""

import hashlib
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
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


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize(("alg", "bits"), [("ES256", 512), ("EdDSA", 512)])
def test_other_algorithms_verify_here_and_by_another_library(alg: str, bits: int) -> None:
    key = mint_key(alg)

    text = key.sign(CLAIMS, "logout+jwt")

    assert CLAIMS == Verifier([KEY.public, key.public]).verify(text)
    found = jwt.decode(text, KeySet.import_key_set({"keys": [{**jwk(key.public)}]}), algorithms=[alg])
    assert CLAIMS == found.claims
    assert {"kid": key.kid, "alg": alg, "typ": "logout+jwt"} == found.header
    assert bits == 8 * len(b64url_decode(text.rpartition(".")[2]))
    assert key.kid == load_key(key.private_bytes()).kid


@pytest.mark.parametrize("alg", ["ES256", "EdDSA"])
def test_a_key_verifies_by_its_own_algorithm_alone(alg: str) -> None:
    key = mint_key(alg)
    verifier = Verifier([KEY.public, key.public])
    for named, kid in ((alg, KEY.kid), ("RS256", key.kid), ("none", key.kid), ("HS256", key.kid)):
        with pytest.raises(InvalidToken, match="algorithm"):
            verifier.verify(forged({"alg": named, "kid": kid}, key))
    text = key.sign(CLAIMS)
    for signature in (b64url(bytes(64)), b64url(bytes(63)), b""):
        with pytest.raises(InvalidToken, match="signature"):
            verifier.verify(f"{text.rpartition('.')[0]}.{signature.decode()}")


def test_a_curve_that_has_no_algorithm_here_is_no_signing_key() -> None:
    with pytest.raises(TypeError):
        SigningKey(ec.generate_private_key(ec.SECP384R1()))
    with pytest.raises(ValueError, match="HS256"):
        mint_key("HS256")


def test_the_hash_of_an_access_token_is_that_of_the_algorithm() -> None:
    """OIDC Core section 3.1.3.6; Ed25519 has SHA-512 in it."""
    assert b64url(hashlib.sha512(b"token").digest()[:32]).decode() == left_half("token", "EdDSA")
    assert left_half("token") == left_half("token", "ES256") == b64url(hashlib.sha256(b"token").digest()[:16]).decode()
