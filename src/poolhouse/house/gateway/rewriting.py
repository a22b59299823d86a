"""
Addresses in an app's answers, as they are to browsers.

An app that is asked as ``http://10.0.0.5:3000/`` may answer with that address, or with paths of its own: ``Location``,
``Content-Location`` and ``Refresh`` lead to the gateway instead, and a cookie is kept to the app's part of the host.
What leads elsewhere stays as it is, and so does what already has the public path: an app that minds
``X-Forwarded-Prefix`` writes that itself.
"""

import re

import msgspec

from poolhouse.house.gateway.head import Header

NAMES = frozenset({b"location", b"content-location", b"refresh", b"set-cookie"})
_ORIGIN = re.compile(rb"(?i)(?:(https?):)?//([^/?#\\@]+)(?=[/?#]|$)")
# Possessive: in linear time, or one answer of an app would hold up everybody's.
_REFRESH = re.compile(rb"(?i)\s*+[0-9.]++\s*+[;,]\s*+(?:url\s*+=\s*+)?+")
_DEFAULT = {b"http": b":80", b"https": b":443"}


class Rewriting(msgspec.Struct, frozen=True, kw_only=True):
    """
    Of one app.

    *internal*: its upstreams and what it sees as Host, in lower case and without a default port; *host* is the public
    one.  *replaced*: the path at the upstream that takes the place of the public *prefix*; both end with a slash.
    """

    internal: frozenset[bytes]
    host: bytes
    origin: bytes
    prefix: bytes
    replaced: bytes | None

    def __call__(self, header: Header) -> Header:
        """The header as the browser gets it."""
        name, value = header
        if name == b"set-cookie":
            return name, self._cookie(value)
        if name == b"refresh":
            return name, self._refresh(value)
        return name, self._address(value)

    def _refresh(self, value: bytes) -> bytes:
        found = _REFRESH.match(value)
        if found is None:
            return value
        rest = value[found.end() :]
        quote = rest[:1] if rest.startswith((b"'", b'"')) else b""
        address, *behind = rest[1:].partition(quote) if quote else (rest,)
        return found[0] + quote + self._address(address) + b"".join(behind)

    def _address(self, value: bytes) -> bytes:
        found = _ORIGIN.match(value)
        if found is None:
            return value if value.startswith((b"//", b"/\\")) else self._path(value)
        scheme, host = (found[1] or b"").lower(), found[2].lower()
        if host != self.host and host.removesuffix(_DEFAULT.get(scheme, b":80")) not in self.internal:
            return value
        rest = value[found.end() :]
        return self.origin + self._path(rest if rest.startswith(b"/") else b"/" + rest)

    def _path(self, value: bytes) -> bytes:
        """Of a path that begins at the root; one that does not is as good there as here."""
        if self.replaced is None or self.replaced == self.prefix or not value.startswith(b"/"):
            return value
        if value.startswith(self.prefix) and not self.replaced.startswith(self.prefix):
            return value
        if value.startswith(self.replaced):
            # A slash more would make the name of a host of what follows (RFC 3986 section 4.2), also behind a tab,
            # which browsers leave out (WHATWG URL 4.4).
            return self.prefix + value[len(self.replaced) :].lstrip(b"/\\\t")
        path, mark, rest = _parted(value)
        return self.prefix + mark + rest if path + b"/" == self.replaced else value

    def _cookie(self, value: bytes) -> bytes:
        first, *attributes = value.split(b";")
        # One with this prefix counts at the root only (RFC 6265bis section 4.1.3.2).
        is_of_root = first.lstrip().lower().startswith(b"__host-")
        out = [first]
        for each in attributes:
            name, _, what = (part.strip() for part in each.partition(b"="))
            if name.lower() == b"domain" and what.lower().lstrip(b".") in self._names():
                # Without one, it is kept to the public host.
                continue
            out.append(b" Path=" + self._path(what) if name.lower() == b"path" and not is_of_root else each)
        return b";".join(out)

    def _names(self) -> set[bytes]:
        return {host.partition(b":")[0] for host in self.internal} - {self.host.partition(b":")[0]}


def _parted(value: bytes) -> tuple[bytes, bytes, bytes]:
    """The path, and the query or the fragment behind it with its mark."""
    found = re.search(rb"[?#]", value)
    return (value[: found.start()], found[0], value[found.end() :]) if found else (value, b"", b"")
