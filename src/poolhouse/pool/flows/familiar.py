"""
Browsers that a user has signed in with: guesses from them are counted apart.

Whoever guesses at a user's password makes that user wait, by design; without this he could keep the user out for as
long as he likes.  A browser in which the user has signed in before shows so with a cookie and has counters of its own
(OWASP Authentication Cheat Sheet, device cookies).  The cookie proves nothing else: it opens no session, and a stolen
one is good for as many guesses as any stranger has.
"""

from typing import Final

import msgspec

from poolhouse.kit.ambient import urlsafe
from poolhouse.kit.jose import b64url, b64url_decode
from poolhouse.kit.seal import SealBroken
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.model.user import User

COOKIE: Final = "poolhouse-browser"
SECONDS: Final = 180 * 86_400
_MOST: Final = 4
_PURPOSE: Final = "familiar browser"


class Familiar(msgspec.Struct, frozen=True):
    """
    A user of this browser; ``mark`` names the browser's counters.

    ``name`` is a keyed hash of the name that was typed, so that a form can be counted before its user is looked up.
    """

    sub: str
    name: str
    mark: str
    until: int


_encode = msgspec.json.Encoder().encode
_decoder = msgspec.json.Decoder(tuple[Familiar, ...])


def open_cookie(flow: Flow, entry: PoolEntry, value: str | None) -> tuple[Familiar, ...]:
    """The users of this browser, the last one first."""
    if not value:
        return ()
    try:
        held = _decoder.decode(flow.ring.open(b64url_decode(value), purpose=_PURPOSE, row=entry.pool.id))
    except (ValueError, SealBroken, msgspec.MsgspecError):
        return ()
    return tuple(each for each in held if each.until > flow.clock.now())


def with_user(flow: Flow, entry: PoolEntry, held: tuple[Familiar, ...], user: User, typed: str) -> str:
    """The cookie once *user* has signed in by the name that he *typed*; his mark is a new one each time."""
    mark, until = urlsafe(flow.entropy, 16), flow.clock.now() + SECONDS
    mine = Familiar(user.sub, name_key(flow, entry, typed), mark, until)
    others = [each for each in held if each.sub != user.sub][: _MOST - 1]
    sealed = flow.ring.seal(_encode((mine, *others)), purpose=_PURPOSE, row=entry.pool.id)
    return b64url(sealed).decode("ascii")


def name_key(flow: Flow, entry: PoolEntry, typed: str) -> str:
    """What stands for a name in the cookie; people type passwords into the wrong field."""
    named = f"{entry.pool.id}/{entry.pool.key_of(typed)}".encode()
    return flow.ring.mac(named, purpose="name in a familiar browser").hex()[:32]
