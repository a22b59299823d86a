"""
The houses that a request has come through.

With an upstream that is the house itself, or another house that leads back here, it would go round until there are no
connections left.  Each house adds a mark of its own and passes on those that it got; whoever gets its own back refuses.
A mark is a keyed digest: to apps and to other houses it says nothing.  No ``Via``, for which servers turn compression
off.
"""

import re

from poolhouse.house.config import Origin
from poolhouse.house.gateway.forwarding import PASSED
from poolhouse.house.gateway.head import Head
from poolhouse.kit.seal import KeyRing

HOUSES = 8
"""A way through more of them is none that anybody meant."""
_MARK = re.compile(rb"[0-9a-f]{32}")


def mark_of(ring: KeyRing, origin: Origin) -> bytes:
    """This house's, the same on every replica."""
    return ring.mac(origin.url.encode(), purpose="house passed")[:16].hex().encode("ascii")


def marks(head: Head) -> list[bytes]:
    """Those that the request brings.  Anybody may write some: all that comes of it is that it is refused."""
    words = (word.strip() for value in head.all(PASSED) for word in value.split(b","))
    return [word for word in words if _MARK.fullmatch(word)]


def is_loop(head: Head, own: bytes) -> bool:
    """Whether it has been here before, or in too many houses."""
    if not head.has(PASSED):
        return False
    found = marks(head)
    return own in found or len(found) >= HOUSES


def onward(head: Head, own: bytes) -> bytes:
    """What the next one gets."""
    return b", ".join([*marks(head), own]) if head.has(PASSED) else own
