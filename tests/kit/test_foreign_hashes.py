"""Password hashes of other systems: which are taken, what they may cost, and that they are checked right."""

import base64
import hashlib

import argon2
import bcrypt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.kit.foreign_hashes import accept, decoy, verify
from poolhouse.kit.passwords import hash_password, verify_password
from tests.support.work import processor_seconds

ALGORITHMS = ("BCRYPT", "SCRYPT", "ARGON2ID", "PBKDF2_SHA256")
PASSWORD = "Corréct-Horse-7"


def _plain(raw: bytes) -> str:
    return base64.b64encode(raw).rstrip(b"=").decode()


def scrypt_of(password: str, log: int = 10, block: int = 8, lanes: int = 1) -> str:
    made = hashlib.scrypt(password.encode(), salt=b"salt" * 4, n=1 << log, r=block, p=lanes, dklen=32)
    return f"$scrypt$ln={log},r={block},p={lanes}${_plain(b'salt' * 4)}${_plain(made)}"


def pbkdf2_of(password: str, rounds: int = 1000) -> str:
    made = hashlib.pbkdf2_hmac("sha256", password.encode(), b"salt" * 4, rounds)
    return f"$pbkdf2-sha256${rounds}${_plain(b'salt' * 4).replace('+', '.')}${_plain(made).replace('+', '.')}"


def plain_salt_of(password: str) -> str:
    made = hashlib.pbkdf2_hmac("sha256", password.encode(), b"a.salt", 1000)
    return f"pbkdf2_sha256$1000$a.salt${base64.b64encode(made).decode()}"


def bcrypt_of(password: str, prefix: str = "$2b$") -> str:
    return bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4)).decode().replace("$2b$", prefix, 1)


def argon2id_of(password: str) -> str:
    return argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=2).hash(password)


KNOWN = [
    ("BCRYPT", bcrypt_of(PASSWORD)),
    ("BCRYPT", bcrypt_of(PASSWORD, "$2a$")),
    ("BCRYPT", bcrypt_of(PASSWORD, "$2y$")),
    ("SCRYPT", scrypt_of(PASSWORD)),
    ("ARGON2ID", argon2id_of(PASSWORD)),
    ("PBKDF2_SHA256", pbkdf2_of(PASSWORD)),
    ("PBKDF2_SHA256", plain_salt_of(PASSWORD)),
]
_names = pytest.mark.parametrize(("algorithm", "encoded"), KNOWN, ids=range(len(KNOWN)))


@_names
def test_a_hash_of_another_system_is_checked(algorithm: str, encoded: str) -> None:
    assert accept(algorithm, encoded)
    assert verify_password(encoded, PASSWORD)
    assert not verify_password(encoded, PASSWORD + "x")
    assert not verify_password(encoded, "")


@_names
def test_a_hash_is_of_the_algorithm_that_was_named(algorithm: str, encoded: str) -> None:
    assert [algorithm] == [each for each in ALGORITHMS if accept(each, encoded)]


@_names
def test_a_decoy_costs_as_much_and_holds_nothing(algorithm: str, encoded: str) -> None:
    made = decoy(encoded)

    assert accept(algorithm, made)
    assert not verify(made, PASSWORD)
    assert not set(made[-40:]) - set("A.=$")
    assert encoded.rsplit("$", 2)[0][:20] == made.rsplit("$", 2)[0][:20] or algorithm == "BCRYPT"
    assert len(encoded) == len(made)


def test_a_hash_of_our_own_is_still_checked() -> None:
    encoded = hash_password(PASSWORD)

    assert verify_password(encoded, PASSWORD)
    assert not verify_password(encoded, "x")


def test_published_vectors_hold() -> None:
    # RFC 7914 section 12 (scrypt) and section 11 (PBKDF2), as those forms write them.
    scrypt = bytes.fromhex(
        "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830da"
        "c727afb94a83ee6d8360cbdfa2cc0640"
    )
    assert verify(f"$scrypt$ln=10,r=8,p=16${_plain(b'NaCl')}${_plain(scrypt)}", "password")
    pbkdf2 = bytes.fromhex(
        "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56a1d425a1225833549adb841b51c9b317"
        "6a272bdebba1d078478f62b397f33c8d"
    )
    assert verify(f"$pbkdf2-sha256$80000${_plain(b'NaCl')}${_plain(pbkdf2)}", "Password")
    assert verify("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U")


def test_bcrypt_reads_72_bytes_as_everywhere() -> None:
    encoded = bcrypt_of("x" * 72)

    assert verify(encoded, "x" * 80)
    assert not verify(encoded, "x" * 71)
    assert not verify(encoded, "x\0" * 40)


@pytest.mark.parametrize(
    ("algorithm", "encoded"),
    [
        ("BCRYPT", bcrypt_of("x").replace("$04$", "$15$")),
        ("BCRYPT", bcrypt_of("x").replace("$04$", "$31$")),
        ("BCRYPT", bcrypt_of("x").replace("$04$", "$03$")),
        ("ARGON2ID", argon2id_of("x").replace("m=64,", "m=4194304,")),
        ("ARGON2ID", argon2id_of("x").replace("m=64,t=1,", "m=131072,t=9,")),
        ("ARGON2ID", argon2id_of("x").replace("t=1,", "t=0,")),
        ("ARGON2ID", argon2id_of("x").replace("p=2", "p=64")),
        ("SCRYPT", scrypt_of("x").replace("ln=10,", "ln=18,")),
        ("SCRYPT", scrypt_of("x").replace("ln=10,", "ln=99,")),
        ("SCRYPT", scrypt_of("x").replace("ln=10,", "ln=0,")),
        ("SCRYPT", scrypt_of("x").replace("ln=10,r=8,p=1", "ln=17,r=8,p=9")),
        ("SCRYPT", scrypt_of("x").replace("r=8", "r=0")),
        ("SCRYPT", scrypt_of("x").replace("ln=10,r=8", "ln=16,r=1")),
        ("PBKDF2_SHA256", pbkdf2_of("x").replace("$1000$", "$9999999$")),
        ("PBKDF2_SHA256", pbkdf2_of("x").replace("$1000$", "$0$")),
        ("PBKDF2_SHA256", plain_salt_of("x").replace("$1000$", "$2000001$")),
    ],
    ids=range(16),
)
def test_a_hash_that_would_burn_the_server_is_not_taken(algorithm: str, encoded: str) -> None:
    assert not accept(algorithm, encoded)


def test_what_was_not_taken_is_not_computed_either() -> None:
    assert 0.05 > processor_seconds(lambda: verify(argon2id_of("x").replace("m=64,t=1,", "m=4194304,t=99,"), "x"))
    assert 0.05 > processor_seconds(lambda: verify(scrypt_of("x").replace("ln=10,", "ln=30,"), "x"))


@given(st.text(max_size=80), st.sampled_from(ALGORITHMS))
def test_any_text_gets_an_answer(text: str, algorithm: str) -> None:
    for encoded in (text, "$2b$" + text, "$argon2id$" + text, "$scrypt$" + text, "pbkdf2_sha256$" + text):
        assert not accept(algorithm, encoded)
        assert not verify(encoded, "x")
