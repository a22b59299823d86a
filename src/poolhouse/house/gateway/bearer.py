"""
What a request brings to show who sends it: a token, or else a cookie.

A token in ``Authorization: Bearer`` (RFC 6750 section 2.1) or in the app's own *Token Header* decides alone, so a bad
one is never made good by a cookie.  In the address or in a form (sections 2.2 and 2.3) it counts for nothing: there it
ends up in logs.  Other credentials in ``Authorization`` are the app's own business and are passed on.
"""

import re

from poolhouse.house.gateway.forwarding import cookie
from poolhouse.house.gateway.given import Given
from poolhouse.house.gateway.head import Head
from poolhouse.house.gateway.table import Entry
from poolhouse.house.tokens import PREFIX

_AUTHORIZATION = b"authorization"
_SCHEME = re.compile(rb"(?i)bearer[ \t]")
"""A tab is no blank of RFC 6750, but one to many that read it: what is behind it must not get to the app."""
_PREFIX = PREFIX.encode()


def given(entry: Entry, head: Head, cookie_name: bytes) -> Given:
    """What decides about this request to *entry*."""
    tokens: list[bytes] = []
    others = 0
    for name, value in head.headers:
        if name == _AUTHORIZATION:
            token = _ours(entry, value)
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
    for name, value in head.headers:
        token = _ours(entry, value) if name == _AUTHORIZATION else None
        if token is not None and (token.startswith(_PREFIX) or not entry.passes_tokens_on):
            return entry.own_headers | {_AUTHORIZATION}
    return entry.own_headers


def _ours(entry: Entry, value: bytes) -> bytes | None:
    """The token, if it is for the gateway and not for the app; all of them are where it takes access tokens."""
    found = _SCHEME.match(value)
    if found is None:
        return None
    token = value[found.end() :].strip()
    return token if entry.takes_access_tokens or token.startswith(_PREFIX) else None
