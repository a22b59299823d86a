"""
What an app client shows to prove itself: SECRET_HASH on the JSON API, the secret itself at OAuth endpoints.

A client has one secret or two (while it rotates them): either one proves it. All of them are always compared.
"""

import base64
import hmac
from collections.abc import Sequence
from enum import Enum

from poolhouse.pool.core.refusal import Refusal, refused
from poolhouse.pool.spec.errors import Reason


class HashUse(Enum):
    """Where the hash was sent: the service words its refusals differently."""

    SIGN_IN = "InitiateAuth and AdminInitiateAuth, except refresh"
    ANSWER = "challenge answers and refresh"
    ACCOUNT = "SignUp, ConfirmSignUp, ForgotPassword and the like"


_MISSING = {
    HashUse.SIGN_IN: Reason.SECRET_HASH_MISSING,
    HashUse.ANSWER: Reason.SECRET_HASH_MISSING,
    HashUse.ACCOUNT: Reason.SECRET_NOT_RECEIVED,
}
_WRONG = {
    HashUse.SIGN_IN: Reason.SECRET_HASH_WRONG,
    HashUse.ANSWER: Reason.SECRET_HASH_MISMATCH,
    HashUse.ACCOUNT: Reason.SECRET_HASH_WRONG,
}


def secret_hash(username: str, client_id: str, secret: str) -> str:
    """Base64(HMAC-SHA256(secret, username + client id)); the username is the one of the same request."""
    return base64.b64encode(hmac.digest(secret.encode(), (username + client_id).encode(), "sha256")).decode()


def check_secret_hash(
    secrets: Sequence[str], *, client_id: str, username: str, given: str | None, use: HashUse
) -> Refusal | None:
    """
    Refuse a wrong, a missing and a surplus hash. *secrets* is empty for a public client.

    *username* is the value that the request itself names; a refresh names none, and there it is the stored one.
    """
    if not secrets:
        return None if given is None else refused(Reason.SECRET_NOT_EXPECTED, client=client_id)
    if given is None:
        return refused(_MISSING[use], client=client_id)
    if _is_any([secret_hash(username, client_id, secret) for secret in secrets], given):
        return None
    return refused(_WRONG[use], client=client_id)


def is_client_secret(secrets: Sequence[str], given: str) -> bool:
    """Tell whether *given* is one of the client's secrets. Never true of a client without secrets."""
    return _is_any(secrets, given)


def _is_any(candidates: Sequence[str], given: str) -> bool:
    matches = [hmac.compare_digest(candidate.encode(), given.encode()) for candidate in candidates]
    return any(matches)
