"""SECRET_HASH and client secrets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycognito.aws_srp import AWSSRP

from poolhouse.pool.core.client_proof import HashUse, check_secret_hash, is_client_secret, secret_hash
from poolhouse.pool.core.refusal import Refusal, refused
from poolhouse.pool.spec.errors import Reason

OLD, NEW = "0ld0ld0ld0ld0ld0ld0ld0ld0ld0", "n3wn3wn3wn3wn3wn3wn3wn3wn3wn"


def check(secrets: list[str], given: str | None, use: HashUse = HashUse.SIGN_IN) -> Refusal | None:
    return check_secret_hash(secrets, client_id="app", username="jane", given=given, use=use)


@given(username=st.text(), client_id=st.text(), secret=st.text(min_size=1))
def test_the_hash_is_what_clients_send(username: str, client_id: str, secret: str) -> None:
    assert AWSSRP.get_secret_hash(username, client_id, secret) == secret_hash(username, client_id, secret)


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_either_of_two_secrets_proves_the_client(secret: str) -> None:
    assert check([OLD, NEW], secret_hash("jane", "app", secret)) is None
    assert is_client_secret([OLD, NEW], secret)


@pytest.mark.parametrize(
    ("use", "reason", "text"),
    [
        (HashUse.SIGN_IN, Reason.SECRET_HASH_WRONG, "Unable to verify secret hash for client app"),
        (HashUse.ACCOUNT, Reason.SECRET_HASH_WRONG, "Unable to verify secret hash for client app"),
        (HashUse.ANSWER, Reason.SECRET_HASH_MISMATCH, "SecretHash does not match for the client: app"),
    ],
)
@pytest.mark.parametrize(
    "given", ["", "AAAA", "ü", secret_hash("john", "app", OLD), secret_hash("jane", "app", NEW), OLD]
)
def test_a_wrong_hash_is_refused(use: HashUse, reason: Reason, text: str, given: str) -> None:
    refusal = check([OLD], given, use)

    assert refusal is not None
    assert ("NotAuthorizedException", text, reason) == (refusal.code, refusal.message, refusal.reason)


@pytest.mark.parametrize(
    ("use", "reason"),
    [
        (HashUse.SIGN_IN, Reason.SECRET_HASH_MISSING),
        (HashUse.ANSWER, Reason.SECRET_HASH_MISSING),
        (HashUse.ACCOUNT, Reason.SECRET_NOT_RECEIVED),
    ],
)
def test_a_missing_hash_is_refused(use: HashUse, reason: Reason) -> None:
    assert refused(reason, client="app") == check([OLD], None, use)


def test_a_public_client_sends_no_hash() -> None:
    assert check([], None) is None
    assert refused(Reason.SECRET_NOT_EXPECTED, client="app") == check([], secret_hash("jane", "app", ""))


@pytest.mark.parametrize(
    ("secrets", "given"), [([], ""), ([], OLD), ([OLD], ""), ([OLD], OLD[:-1]), ([OLD, NEW], OLD + NEW), ([OLD], "ü")]
)
def test_another_secret_is_no_proof(secrets: list[str], given: str) -> None:
    assert not is_client_secret(secrets, given)
