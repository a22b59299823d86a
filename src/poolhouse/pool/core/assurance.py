"""
How surely a sign-in is its user's: the ``acr`` and ``amr`` claims (OIDC Core section 2, RFC 8176).

The classes, from the weakest: one factor, two factors, and ``phr`` (phishing-resistant: OpenID Connect Extended
Authentication Profile ACR Values) for a passkey.
"""

from collections.abc import Collection, Sequence
from typing import Final

ONE_FACTOR: Final = "urn:poolhouse:acr:1"
TWO_FACTORS: Final = "urn:poolhouse:acr:2"
PHISHING_RESISTANT: Final = "phr"
CLASSES: Final = (PHISHING_RESISTANT, TWO_FACTORS, ONE_FACTOR)
_PASSKEYS: Final = frozenset({"swk", "hwk"})
_REGISTERED: Final = {"email_otp": "otp"}
_OWN: Final = frozenset({"device", "user_verified"})
"""What a session remembers for the pool's own rules, and no app is told: these are not methods."""


def classes(proved: Collection[str]) -> tuple[str, ...]:
    """The classes that a sign-in by *proved* (``Grant.amr``) is of, the strongest first."""
    proved = [each for each in proved if each not in _OWN]
    met = {
        PHISHING_RESISTANT: not _PASSKEYS.isdisjoint(proved),
        TWO_FACTORS: len(set(proved)) > 1,
        ONE_FACTOR: bool(proved),
    }
    return tuple(name for name in CLASSES if met[name])


def acr(proved: Collection[str], wanted: Sequence[str] = ()) -> str | None:
    """The first class of *wanted* that the sign-in is of, else its strongest; None when nothing was proved."""
    met = classes(proved)
    return next((each for each in wanted if each in met), met[0] if met else None)


def amr(proved: Sequence[str]) -> list[str]:
    """The methods by their registered names, and ``mfa`` for more than one."""
    told = [each for each in proved if each not in _OWN]
    names = list(dict.fromkeys(_REGISTERED.get(each, each) for each in told))
    return [*names, "mfa"] if len(set(told)) > 1 else names
