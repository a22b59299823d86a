"""
What a request brings to show who sends it: a token, or else a cookie.

A token in ``Authorization: Bearer`` (RFC 6750 section 2.1) or in the app's own *Token Header* decides alone, so a bad
one is never made good by a cookie.  In the address or in a form (sections 2.2 and 2.3) it counts for nothing: there it
ends up in logs, and a token of the house in an address is refused (section 5.3, RFC 9700 section 4.3.2).  Other
credentials in ``Authorization`` are the app's own business and are passed on.

A token of the house gets to no app in any header: not without a scheme, with another one, as a name or a password of
``Basic``, nor in a header or a cookie that it has no business in.  In ``Authorization`` it is refused there, so that
whoever sends it learns how.
"""

import base64
import binascii
import re
from urllib.parse import unquote_to_bytes

from poolhouse.house.gateway.cookies import cookie
from poolhouse.house.gateway.given import Given
from poolhouse.house.gateway.head import Head
from poolhouse.house.gateway.table import Entry
from poolhouse.house.gateway.target import Target
from poolhouse.house.tokens import PREFIX, holds_token

_AUTHORIZATION = b"authorization"
_SCHEME = re.compile(rb"(?i)bearer[ \t]")
"""A tab is no blank of RFC 6750, but one to many that read it: what is behind it must not get to the app."""
_PREFIX = PREFIX.encode()
_LIKE_OURS = re.compile(rb"[\"']?ph_[0-9A-Za-z]{30}")
"""At the beginning of a credential; also one that was cut short, which only a few guesses would make whole."""
_SPACE = re.compile(rb"[ \t]+")


def given(entry: Entry, head: Head, cookie_name: bytes) -> Given:
    """What decides about this request to *entry*."""
    if not head.has(_AUTHORIZATION) and not (entry.token_header and head.has(entry.token_header)):
        return Given(cookie=cookie(head, cookie_name))
    tokens: list[bytes] = []
    others = 0
    for name, value in head.headers:
        if name == _AUTHORIZATION:
            token = _ours(entry, value)
            if token is None and is_misplaced(value):
                return Given(is_misplaced=True)
            if token is None:
                others += 1
            else:
                tokens.append(token)
        elif name == entry.token_header:
            found = _SCHEME.match(value)
            tokens.append(value[found.end() :] if found else value)
    if not tokens:
        return Given(cookie=cookie(head, cookie_name))
    if others and any(_ours(entry, value) is not None for value in head.all(_AUTHORIZATION)):
        # Two Authorization lines: an app may read the other one.
        tokens.append(b"")
    return Given(tokens=tuple(each.strip().decode("latin-1") for each in tokens))


def hidden(entry: Entry, head: Head) -> frozenset[bytes]:
    """The headers that do not reach the app: never a token of the house, an access token only if it is to have it."""
    if not head.may_hold_token and not head.has(_AUTHORIZATION):
        return entry.own_headers
    names: set[bytes] = set()
    for name, value in head.headers:
        if name == _AUTHORIZATION:
            token = _ours(entry, value)
            is_kept = token is None or (entry.passes_tokens_on and not token.startswith(_PREFIX))
            if not is_kept or is_misplaced(value):
                names.add(name)
        elif b"ph_" in value and name != b"cookie" and holds_token(value):
            names.add(name)
    return entry.own_headers | names if names else entry.own_headers


def is_astray(entry: Entry, head: Head) -> bool:
    """Whether a token of the house is in a header that another proxy would pass on to the app."""
    if not head.may_hold_token:
        return False
    known = entry.own_headers | {_AUTHORIZATION}
    return any(name not in known and holds_token(value) for name, value in head.headers)


def is_addressed(head: Head, target: Target) -> bool:
    """
    Whether a token of the house is in the address, in whatever spelling an app would read there.

    It is refused and not taken away: it has passed every log on the way here, which its owner has to learn.
    """
    if not head.may_hold_token and b"%" not in head.target:
        return False
    path, query = target.path, target.query
    if (_PREFIX in path and holds_token(path)) or (_PREFIX in query and holds_token(query)):
        return True
    return any(_ESCAPED.search(each) is not None and _holds_escaped(each) for each in (query, path))


_ESCAPED = re.compile(rb"%(?:[3-7][0-9A-Fa-f]|25)")
"""What may be a letter, a digit or a ``_``, or the escape of such an escape."""
_LAYERS = 3
"""Of escapes: an address within an address within an address."""


def _holds_escaped(text: bytes) -> bool:
    for _ in range(_LAYERS):
        text = unquote_to_bytes(text)
        if holds_token(text):
            return True
        if b"%" not in text:
            return False
    return False


def is_misplaced(credentials: bytes) -> bool:
    """Whether a value of ``Authorization`` has a token of the house in it; not asked of one that is ours to judge."""
    scheme, *rest = _SPACE.split(credentials, maxsplit=1)
    if _LIKE_OURS.match(scheme) or (rest and _LIKE_OURS.match(rest[0])) or holds_token(credentials):
        return True
    if scheme.lower() != b"basic" or not rest:
        return False
    try:
        pair = base64.b64decode(rest[0].translate(_URL_SAFE) + b"==")
    except binascii.Error:
        return False
    return any(_LIKE_OURS.match(part) for part in pair.split(b":")) or holds_token(pair)


_URL_SAFE = bytes.maketrans(b"-_", b"+/")


def _ours(entry: Entry, value: bytes) -> bytes | None:
    """The token, if it is for the gateway and not for the app; all of them are where it takes access tokens."""
    found = _SCHEME.match(value)
    if found is None:
        return None
    token = value[found.end() :].strip()
    return token if entry.takes_access_tokens or token.startswith(_PREFIX) else None
