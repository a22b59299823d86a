"""
A word on what has just been done, shown once on the next page.

It travels in a cookie with a proof over text and session: a word that somebody else put there is not shown.
"""

import base64
import hmac
from typing import Final

from poolhouse.kit.edge import HeaderPair, clear_cookie, set_cookie
from poolhouse.kit.seal import KeyRing

_SECONDS: Final = 60
_LONGEST: Final = 1_500
_PURPOSE: Final = "console done"


def cookie_name(*, secure: bool) -> str:
    return "__Host-poolhouse_console_done" if secure else "poolhouse_console_done"


def done_cookie(ring: KeyRing, session: bytes, word: str, *, secure: bool) -> HeaderPair:
    """The cookie that carries *word* to the next page of this session."""
    text = word[:_LONGEST].encode()
    value = f"{_encoded(text)}.{_encoded(_proof(ring, session, text))}"
    return set_cookie(cookie_name(secure=secure), value, secure=secure, max_age=_SECONDS)


def shown(secure: bool) -> HeaderPair:
    """Once is enough."""
    return clear_cookie(cookie_name(secure=secure), secure=secure)


def read(ring: KeyRing, session: bytes, value: str | None) -> str:
    """The word in a cookie; empty unless it was made for this session."""
    text, _, proof = (value or "").partition(".")
    try:
        decoded, given = _decoded(text), _decoded(proof)
        return decoded.decode() if hmac.compare_digest(given, _proof(ring, session, decoded)) else ""
    except ValueError:
        return ""


def _proof(ring: KeyRing, session: bytes, text: bytes) -> bytes:
    return ring.mac(session + text, purpose=_PURPOSE)


def _encoded(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
