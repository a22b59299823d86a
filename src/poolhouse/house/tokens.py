"""
Tokens for API calls: what one is, what it looks like, and the rules on making them.

A token is ``ph_``, 32 random letters and digits, and six that are computed from the rest: scanners of source code find
it, and a token that was cut short or mistyped is refused without asking the store.  The store has its SHA-256.
"""

import re
import zlib
from enum import Enum

import msgspec

from poolhouse.house.model import Account
from poolhouse.kit.ambient import Entropy, Epoch, Secret, letters

PREFIX = "ph_"
SERVICE = "service:"
"""How the id of a service begins, which no account's does."""
SHOWN_LETTERS = 8
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_RANDOM = 32
_CHECK = 6
_SHAPE = re.compile(rf"ph_[0-9A-Za-z]{{{_RANDOM + _CHECK}}}")
_WITHIN = re.compile(rb"(?=(ph_[0-9A-Za-z]{%d}))" % (_RANDOM + _CHECK))


class Kind(Enum):
    """Whose it is: a person's, or a machine's that has no account."""

    PERSONAL = "personal"
    SERVICE = "service"


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """
    A token as it is kept; never the token itself.

    *start* are its first letters, by which its owner knows it again.  A personal one has an account and what that may
    do; a service's has *groups* and *networks* of its own.  *is_for_all_apps* overrides *apps*.
    """

    id: str
    kind: Kind
    account_id: str
    name: str
    start: str
    apps: tuple[str, ...]
    is_for_all_apps: bool
    groups: tuple[str, ...]
    networks: tuple[str, ...]
    created_at: Epoch
    created_by: str
    expires_at: Epoch
    used_at: Epoch | None
    used_from: str

    def opens(self, app_id: str) -> bool:
        """Whether it is meant for this app; the app's own policy is asked besides."""
        return self.is_for_all_apps or app_id in self.apps


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """
    A token with its holder: *account* is None for a service, and for a person who is gone.

    ``claims`` are what the provider said last of the person, as JSON; ``groups`` the house's that the person is in.
    """

    token: Token
    account: Account | None
    claims: str = ""
    groups: tuple[str, ...] = ()


def mint_token(entropy: Entropy) -> Secret:
    """A new one; 190 bits that nobody can guess."""
    begin = PREFIX + letters(entropy, _RANDOM, _DIGITS)
    return Secret(begin + _check(begin))


def is_well_formed(token: str) -> bool:
    """Whether it can be one of ours; anything else was cut short, mistyped or made up."""
    return _SHAPE.fullmatch(token) is not None and token[-_CHECK:] == _check(token[:-_CHECK])


def holds_token(text: bytes) -> bool:
    """Whether a whole token of ours stands anywhere in *text*; by its last letters, so that nothing else looks so."""
    return b"ph_" in text and any(is_well_formed(found[1].decode("ascii")) for found in _WITHIN.finditer(text))


def _check(begin: str) -> str:
    number, out = zlib.crc32(begin.encode()), ""
    for _ in range(_CHECK):
        number, digit = divmod(number, len(_DIGITS))
        out = _DIGITS[digit] + out
    return out


def service_account(token: Token) -> Account:
    """A service as apps are told of one: an id of its own, no address, no right in the house."""
    return Account(
        id=SERVICE + token.id,
        username=SERVICE + token.id,
        email="",
        is_email_holder=False,
        name=token.name,
        is_admin=False,
        is_enabled=True,
        password_hash=None,
        created_at=token.created_at,
        signed_in_at=None,
    )
