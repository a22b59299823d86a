"""
What an app may not do to browsers by the headers of its answers.

``Clear-Site-Data`` with ``"cookies"`` takes those of the whole registrable domain (W3C Clear Site Data section 4.2), so
an app at ``wiki.example.com`` would sign people out of ``house.example.com`` and of every other app; its other kinds
are of one origin, which is the house's own where the app is below ``/apps/``.  A cookie with a ``Domain`` that the
house's host is in would be sent to the house and to other apps: it is kept to the app's own host.  One that has a name
of the house's own does not get through at all.
"""

import msgspec

from poolhouse.house.gateway import cors
from poolhouse.house.gateway.head import Header
from poolhouse.house.gateway.rewriting import NAMES as REWRITTEN
from poolhouse.house.gateway.rewriting import Rewriting

OWN_COOKIES = (b"house_", b"__host-house_", b"__secure-house_")
NAMES = REWRITTEN | cors.NAMES | {b"clear-site-data"}
_OF_ONE_ORIGIN = (b'"cache"', b'"executionContexts"', b'"prefetchCache"', b'"prerenderCache"', b'"storage"')


class Returning(msgspec.Struct, frozen=True, kw_only=True):
    """
    Of one app.

    *house*: the name of the house's host.  *is_own_host*: the app is on it.  *rewriting*: where addresses of the
    upstream become public ones.  *says_origins*: the gateway says which other origins may read the answer, so the app
    does not.
    """

    house: bytes
    is_own_host: bool
    rewriting: Rewriting | None
    says_origins: bool = False

    def __call__(self, header: Header) -> Header | None:
        """One of ``NAMES`` as the browser gets it; None: not at all."""
        name, value = header
        if name in cors.NAMES:
            return None if self.says_origins else header
        if name == b"clear-site-data":
            kept = b"" if self.is_own_host else _without_cookies(value)
            return (name, kept) if kept else None
        if name == b"set-cookie":
            if is_own_cookie(value):
                return None
            header = name, self._to_own_host(value)
        return header if self.rewriting is None else self.rewriting(header)

    def _to_own_host(self, value: bytes) -> bytes:
        first, *attributes = value.split(b";")
        return b";".join([first, *(each for each in attributes if not self._has_house(each))])

    def _has_house(self, attribute: bytes) -> bool:
        name, _, what = (part.strip() for part in attribute.partition(b"="))
        if name.lower() != b"domain":
            return False
        domain = what.lower().strip(b".")
        return domain == self.house or self.house.endswith(b"." + domain)


def _without_cookies(value: bytes) -> bytes:
    """``"*"`` becomes what it stands for but the cookies; what is not known is left out."""
    asked = {each.strip() for each in value.split(b",")}
    return b", ".join(each for each in _OF_ONE_ORIGIN if each in asked or b'"*"' in asked)


def is_own_cookie(line: bytes) -> bool:
    """
    Whether a cookie is one of the house's, or would come back as one.

    A cookie without a name (``=house_session=x``) comes back as its bare value (RFC 6265bis section 5.7).
    """
    return line.lstrip(b" \t=").lower().startswith(OWN_COOKIES)
