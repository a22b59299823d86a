"""Keys and signatures of others, by the examples of the RFCs: 7515, 7517, 7638, 8037, 9440."""

import base64
from typing import Any

import pytest
from cryptography import x509
from hypothesis import given, settings
from hypothesis import strategies as st

from poolhouse.kit import certificates, jws
from poolhouse.kit.jose import InvalidToken, b64url_decode
from poolhouse.kit.jwk import Jwk, UnusableKey, read_key, read_set, thumbprint

RSA = {
    "kty": "RSA",
    "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknj"
    "hMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5"
    "hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
    "e": "AQAB",
    "alg": "RS256",
    "kid": "2011-04-29",
}
ED25519 = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
P256 = {
    "kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}  # fmt: skip
ES256_TOKEN = (
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
)


def test_thumbprints_are_those_of_the_rfcs() -> None:
    assert "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs" == thumbprint(RSA)
    assert "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k" == thumbprint(ED25519)


def test_an_es256_signature_of_rfc_7515_holds() -> None:
    token = jws.read(ES256_TOKEN)

    assert {"iss": "joe", "exp": 1_300_819_380, "http://example.com/is_root": True} == token.claims
    assert "P-256" != jws.verify(token, jws.fitting(token, [read_key(P256)], ["ES256"])).thumbprint
    assert not jws.is_signed_by(token, read_key(ED25519).public)


def test_an_eddsa_signature_of_rfc_8037_holds() -> None:
    head, payload = "eyJhbGciOiJFZERTQSJ9", "RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
    signature = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    key = read_key(ED25519)

    for name in ("EdDSA", "Ed25519"):
        token = jws.Jws(
            header={"alg": name}, claims={}, message=f"{head}.{payload}".encode(), signature=b64url_decode(signature)
        )
        assert jws.is_signed_by(token, key.public)


def test_what_a_key_is_able_to_follows_from_its_type() -> None:
    assert ("RS256",) == read_key(RSA).algorithms
    assert ("PS256", "RS256") == read_key({**RSA, "alg": None}).algorithms
    assert (("ES256",), ("EdDSA",)) == (read_key(P256).algorithms, read_key(ED25519).algorithms)


@pytest.mark.parametrize(
    "wrong",
    [
        {**P256, "d": "AAAA"}, {**P256, "use": "enc"}, {**P256, "key_ops": ["sign"]}, {**P256, "alg": "RS256"},
        {**P256, "x": P256["x"][:-2]}, {**P256, "x": P256["y"], "y": P256["x"]}, {**P256, "crv": "P-384"},
        {**P256, "x": 5}, {**RSA, "n": "AQAB"}, {**RSA, "e": "A" * 2047}, {**RSA, "n": "A" * 3000}, {**RSA, "e": "Ag"},
        {"kty": "oct", "k": "AAAA"}, {"kty": "RSA"}, {}, {**ED25519, "crv": "X25519"}, {**ED25519, "x": "AAAA"},
    ],
    ids=range(17),
)  # fmt: skip
def test_a_key_that_is_no_good_is_none(wrong: dict[str, Any]) -> None:
    with pytest.raises(UnusableKey):
        read_key(wrong)
    assert () == read_set({"keys": [wrong]})


@pytest.mark.parametrize("document", [None, [], "keys", {}, {"keys": "x"}, {"keys": [1, None, []]}])
def test_what_is_no_key_set_has_no_keys(document: object) -> None:
    assert () == read_set(document)


def test_a_name_that_comes_twice_makes_it_no_token() -> None:
    def part(text: str) -> str:
        return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()

    for header, claims in (
        ('{"alg":"ES256","alg":"none"}', "{}"),
        ('{"alg":"ES256"}', '{"iss":"a","iss":"b"}'),
        ('{"alg":"ES256"}', '{"exp":NaN}'),
        ('{"alg":"ES256","crit":[]}', "{}"),
        ('{"alg":"ES256","b64":false}', "{}"),
        ("[]", "{}"),
        ("[" * 5000, "{}"),
    ):
        with pytest.raises(InvalidToken):
            jws.read(f"{part(header)}.{part(claims)}.AA")


@settings(deadline=None)
@given(st.text(max_size=200))
def test_no_text_makes_the_reader_stumble(text: str) -> None:
    for each in (text, f"{text}.{text}.{text}", ES256_TOKEN[:60] + text):
        try:
            token = jws.read(each)
        except InvalidToken:
            continue
        assert not jws.is_signed_by(token, read_key(P256).public)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_no_header_makes_the_certificate_reader_stumble(text: str) -> None:
    for each in (text, f":{text}:", f"-----BEGIN CERTIFICATE-----{text}-----END CERTIFICATE-----"):
        with pytest.raises(certificates.UnreadableCertificate):
            certificates.read(each)


def test_a_key_of_a_set_is_found_by_its_name() -> None:
    keys: tuple[Jwk, ...] = read_set({"keys": [{**P256, "kid": "a"}, {**P256, "kid": "b"}, ED25519]})
    token = jws.read(ES256_TOKEN)

    assert ["a", "b"] == [key.kid for key in jws.fitting(token, keys, ["ES256"])]
    with pytest.raises(InvalidToken):
        jws.fitting(token, keys, ["PS256"])


def test_names_are_read_as_rfc_4514_writes_them() -> None:
    assert x509.Name([]) != certificates.name("CN=app")
    assert certificates.name("CN=app,O=Example") != certificates.name("O=Example,CN=app")
    with pytest.raises(ValueError):
        certificates.name("no name")
