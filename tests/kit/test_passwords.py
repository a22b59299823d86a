"""Password hashes."""

from poolhouse.kit.passwords import DECOY_HASH, hash_password, needs_rehash, verify_password


def test_a_password_belongs_to_its_hash_and_no_other() -> None:
    made = hash_password("correct horse")

    assert made.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert verify_password(made, "correct horse")
    assert not verify_password(made, "correct horsf")


def test_a_broken_hash_belongs_to_nothing() -> None:
    assert not verify_password("", "x")
    assert not verify_password("$argon2id$v=19$nonsense", "x")


def test_the_decoy_costs_what_a_real_hash_costs() -> None:
    assert not needs_rehash(DECOY_HASH)
    assert not verify_password(DECOY_HASH, "password")
