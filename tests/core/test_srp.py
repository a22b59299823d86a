"""SRP against an independent client (pycognito), and what it refuses."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import gmpy2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycognito.aws_srp import AWSSRP

from poolhouse.pool.core import srp
from poolhouse.pool.core.refusal import Refusal, refused
from poolhouse.pool.spec.errors import Reason
from tests.core.vectors import load

POOL = "eu-west-1_Vec7or"
BLOCK = base64.b64encode(b"an opaque handle").decode()
NOT_HEX = ("", "0x10", " 1", "1 ", "-1", "+1", "1_0", "g", "\u0661", "\n1", "1\n")


def mac(message: bytes) -> bytes:
    return hmac.digest(b"server key", message, "sha256")


def a_client(username: str, password: str) -> Any:
    return AWSSRP(username, password, POOL, "client", client=object())


def proof_of(client: Any, challenge: srp.Challenge, salt: bytes) -> dict[str, str]:
    answer: dict[str, str] = client.process_challenge(
        {
            "USERNAME": client.username,
            "USER_ID_FOR_SRP": client.username,
            "SALT": salt.hex(),
            "SRP_B": challenge.srp_b,
            "SECRET_BLOCK": BLOCK,
        },
        {"USERNAME": client.username},
    )
    return answer


def is_proof(
    challenge: srp.Challenge, verifier: bytes, username: str, answer: dict[str, str], pool_name: str = "Vec7or"
) -> bool:
    return srp.verify(
        challenge,
        verifier=verifier,
        pool_name=pool_name,
        username=username,
        secret_block=answer["PASSWORD_CLAIM_SECRET_BLOCK"],
        timestamp=answer["TIMESTAMP"],
        signature=answer["PASSWORD_CLAIM_SIGNATURE"],
    )


def exchange(username: str, stored: str, typed: str, seed: bytes) -> tuple[srp.Challenge, bytes, dict[str, str]]:
    salt = srp.mint_salt(hashlib.sha256(seed + b"salt").digest()[:16])
    verifier = srp.verifier("Vec7or", username, stored, salt)
    client = a_client(username, typed)
    challenge = srp.challenge(verifier, client.get_auth_params()["SRP_A"], hashlib.sha256(seed + b"b").digest())
    assert isinstance(challenge, srp.Challenge)
    return challenge, verifier, proof_of(client, challenge, salt)


pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:pycognito")


@pytest.mark.parametrize("case", load("srp"), ids=lambda case: case["username"])
def test_the_vectors_hold(case: dict[str, str]) -> None:
    verifier = srp.verifier(case["pool_name"], case["username"], case["password"], bytes.fromhex(case["salt"]))
    challenge = srp.challenge(verifier, case["srp_a"], bytes.fromhex(case["b"]))

    assert isinstance(challenge, srp.Challenge)
    assert case["verifier"] == verifier.hex()
    assert case["srp_b"] == challenge.srp_b
    assert srp.verify(
        challenge,
        verifier=verifier,
        pool_name=case["pool_name"],
        username=case["username"],
        secret_block=case["secret_block"],
        timestamp=case["timestamp"],
        signature=case["signature"],
    )


@pytest.mark.parametrize("number", range(25))
def test_an_independent_client_proves_its_password(number: int) -> None:
    password = f"Pässwörd-{number}-漢字 Ж"
    challenge, verifier, answer = exchange("jane@example.com", password, password, b"%d" % number)

    assert is_proof(challenge, verifier, "jane@example.com", answer)


@settings(max_examples=15, deadline=None)
@given(username=st.text(min_size=1, max_size=40), password=st.text(min_size=1, max_size=60), seed=st.binary(min_size=1))
def test_any_name_and_password_make_the_round_trip(username: str, password: str, seed: bytes) -> None:
    challenge, verifier, answer = exchange(username, password, password, seed)

    assert is_proof(challenge, verifier, username, answer)


@given(st.integers(0, 2**256 - 1))
@settings(max_examples=200)
def test_a_power_of_the_generator_is_that_power(exponent: int) -> None:
    assert gmpy2.powmod(srp.GENERATOR, exponent, srp.N) == srp._power_of_generator(exponent)


@pytest.mark.parametrize("exponent", [0, 1, 15, 16, 2**252, 2**256 - 1])
def test_the_first_and_the_last_power_are_right(exponent: int) -> None:
    assert gmpy2.powmod(srp.GENERATOR, exponent, srp.N) == srp._power_of_generator(exponent)


def test_a_wrong_password_proves_nothing() -> None:
    challenge, verifier, answer = exchange("jane", "Right-1", "Wrong-1", b"w")

    assert not is_proof(challenge, verifier, "jane", answer)


def test_a_proof_is_good_for_its_own_challenge_only() -> None:
    first, verifier, answer = exchange("jane", "Right-1", "Right-1", b"1")
    second, other_verifier, _ = exchange("jane", "Right-1", "Right-1", b"2")

    assert is_proof(first, verifier, "jane", answer)
    assert not is_proof(second, other_verifier, "jane", answer)


@pytest.mark.parametrize(
    "tamper",
    [
        lambda answer: answer | {"PASSWORD_CLAIM_SECRET_BLOCK": base64.b64encode(b"another handle").decode()},
        lambda answer: answer | {"PASSWORD_CLAIM_SECRET_BLOCK": "not base64!"},
        lambda answer: answer | {"TIMESTAMP": "Tue Sep 5 01:02:03 UTC 2026"},
        lambda answer: answer | {"PASSWORD_CLAIM_SIGNATURE": base64.b64encode(bytes(32)).decode()},
        lambda answer: answer | {"PASSWORD_CLAIM_SIGNATURE": answer["PASSWORD_CLAIM_SIGNATURE"][:-4]},
        lambda answer: answer | {"PASSWORD_CLAIM_SIGNATURE": ""},
        lambda answer: answer | {"PASSWORD_CLAIM_SIGNATURE": "ä"},
    ],
)
def test_a_tampered_answer_is_refused(tamper: Callable[[dict[str, str]], dict[str, str]]) -> None:
    challenge, verifier, answer = exchange("jane", "Right-1", "Right-1", b"t")

    assert not is_proof(challenge, verifier, "jane", tamper(answer))


def test_a_proof_belongs_to_its_user_and_pool() -> None:
    challenge, verifier, answer = exchange("jane", "Right-1", "Right-1", b"u")

    assert is_proof(challenge, verifier, "jane", answer)
    assert not is_proof(challenge, verifier, "john", answer)
    assert not is_proof(challenge, verifier, "jane", answer, pool_name="0ther")


@pytest.mark.parametrize(
    "timestamp",
    [
        "Tue Sep 05 01:02:03 UTC 2026",
        "Tue Sep 5 01:02:03 CET 2026",
        "2026-09-05T01:02:03Z",
        "Tue Sep 5 24:02:03 UTC 2026",
        "",
    ],
)
def test_a_timestamp_of_another_form_is_refused_though_the_signature_is_right(timestamp: str) -> None:
    challenge, verifier, _ = exchange("jane", "Right-1", "Right-1", b"f")
    key = srp._session_key(challenge, verifier)
    message = b"Vec7orjane" + base64.b64decode(BLOCK) + timestamp.encode()
    signature = base64.b64encode(hmac.digest(key, message, "sha256")).decode()

    answer = {"PASSWORD_CLAIM_SECRET_BLOCK": BLOCK, "TIMESTAMP": timestamp, "PASSWORD_CLAIM_SIGNATURE": signature}

    assert not is_proof(challenge, verifier, "jane", answer)


@pytest.mark.parametrize(
    "a_hex", [*NOT_HEX, "0", "00", f"{srp.N:x}", f"{srp.N + 5:x}", "f" * 768, "1" * 771, "1" * 1_000_000]
)
def test_a_public_value_outside_the_group_is_refused(a_hex: str) -> None:
    verifier = srp.verifier("Vec7or", "jane", "Right-1", bytes(16))

    assert refused(Reason.SRP_A_INVALID) == srp.challenge(verifier, a_hex, bytes(32))


@given(a_hex=st.text())
def test_any_text_for_srp_a_gets_an_answer(a_hex: str) -> None:
    assert isinstance(srp.challenge(bytes(384), a_hex, bytes(32)), Refusal | srp.Challenge)


def test_the_random_bytes_must_be_of_the_right_length() -> None:
    with pytest.raises(ValueError, match="32"):
        srp.challenge(bytes(384), "2", b"")
    with pytest.raises(ValueError, match="16"):
        srp.mint_salt(b"")


@given(st.binary(min_size=16, max_size=16))
def test_every_client_hashes_the_same_bytes_for_a_salt(random: bytes) -> None:
    salt = srp.mint_salt(random)

    assert salt == srp.pad(int.from_bytes(salt))  # a client that reads the hex as a number
    assert salt == bytes.fromhex(salt.hex())  # and one that reads it as text


@pytest.mark.parametrize(
    ("number", "padded"),
    [(0, "00"), (1, "01"), (0x7F, "7f"), (0x80, "0080"), (0xFF, "00ff"), (0x100, "0100"), (0x8000, "008000")],
)
def test_numbers_are_padded_as_java_does(number: int, padded: str) -> None:
    assert padded == srp.pad(number).hex()


def test_a_decoy_is_the_same_each_time_and_differs_by_name_pool_and_key() -> None:
    decoy = srp.decoy(mac, pool_id=POOL, username="nobody", opaque_id=True)

    assert decoy == srp.decoy(mac, pool_id=POOL, username="nobody", opaque_id=True)
    others = [
        srp.decoy(mac, pool_id=POOL, username="nobody2", opaque_id=True),
        srp.decoy(mac, pool_id=POOL + "x", username="nobody", opaque_id=True),
        srp.decoy(
            lambda message: hmac.digest(b"other", message, "sha256"), pool_id=POOL, username="nobody", opaque_id=True
        ),
    ]
    for other in others:
        assert decoy.salt != other.salt
        assert decoy.verifier != other.verifier
        assert decoy.user_id != other.user_id


def test_a_decoy_has_the_shape_of_a_user() -> None:
    decoy = srp.decoy(mac, pool_id=POOL, username="nobody", opaque_id=True)
    real = srp.verifier("Vec7or", "jane", "Right-1", decoy.salt)

    assert len(real) == len(decoy.verifier)
    assert decoy.salt == srp.mint_salt(decoy.salt)
    assert (decoy.user_id[14], len(decoy.user_id)) == ("4", 36)
    assert srp.decoy(mac, pool_id=POOL, username="nobody", opaque_id=False).user_id == "nobody"


def test_no_proof_succeeds_against_a_decoy() -> None:
    decoy = srp.decoy(mac, pool_id=POOL, username="nobody", opaque_id=False)
    client = a_client("nobody", "Any-1")
    challenge = srp.challenge(decoy.verifier, client.get_auth_params()["SRP_A"], bytes(range(32)))
    assert isinstance(challenge, srp.Challenge)

    assert not is_proof(challenge, decoy.verifier, "nobody", proof_of(client, challenge, decoy.salt))


def test_a_challenge_does_not_show_its_secret() -> None:
    challenge, _, _ = exchange("jane", "Right-1", "Right-1", b"s")

    assert repr(challenge) == "Challenge(***)"


def test_a_prepared_thread_releases_the_interpreter() -> None:
    def released() -> bool:
        before = gmpy2.get_context().allow_release_gil
        srp.prepare_thread()
        return not before and bool(gmpy2.get_context().allow_release_gil)

    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(released).result()
