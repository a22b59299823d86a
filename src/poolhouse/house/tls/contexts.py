"""
Which certificate a client gets: by the name that it asks for (SNI, RFC 6066 section 3).

The listener's own context has no certificate.  It is asked at the beginning of each handshake and hands over to the
context of the name, so that what is served changes between two connections, and never within one.
"""

import os
import ssl
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from poolhouse.house.tls.pairs import BadPair, Pair

Minimum = Literal["1.2", "1.3"]
HANDSHAKE_SECONDS = 10.0
_VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!eNULL:!MD5:!DSS"
"""For TLS 1.2: forward secrecy and authenticated encryption only (RFC 9325 section 4.2)."""


class Certificates:
    """What one process serves; ``context`` is the listener's."""

    def __init__(self, minimum: Minimum = "1.2") -> None:
        self._minimum = minimum
        self._by_name: dict[str, ssl.SSLContext] = {}
        self._first: ssl.SSLContext | None = None
        self.context = _context(minimum)
        self.context.sni_callback = self._choose

    def serve(self, pairs: Sequence[Pair]) -> None:
        """From the next connection on; of two for one name the former counts, and who names none gets the first."""
        contexts = [load(pair, self._minimum) for pair in pairs]
        by_name: dict[str, ssl.SSLContext] = {}
        for pair, context in zip(pairs, contexts, strict=True):
            for name in pair.names:
                by_name.setdefault(name, context)
        self._by_name = by_name
        self._first = contexts[0] if contexts else None

    def find(self, name: str | None) -> ssl.SSLContext | None:
        """The context for a client that asks for *name*."""
        if not name:
            return self._first
        wanted = name.lower().rstrip(".")
        wide = "*." + wanted.partition(".")[2]
        return self._by_name.get(wanted) or self._by_name.get(wide) or self._first

    def _choose(self, connection: ssl.SSLObject, name: str | None, _own: ssl.SSLContext) -> int | None:
        found = self.find(name)
        if found is None:
            return ssl.ALERT_DESCRIPTION_INTERNAL_ERROR
        connection.context = found
        return None


def load(pair: Pair, minimum: Minimum = "1.2") -> ssl.SSLContext:
    """A context that serves *pair*; ``BadPair`` for one that OpenSSL takes for too weak."""
    context = _context(minimum)
    with _file(pair.chain + pair.key.reveal()) as path:
        try:
            context.load_cert_chain(path)
        except ssl.SSLError as wrong:
            raise BadPair(
                f"The certificate cannot be used: {(wrong.reason or 'refused').replace('_', ' ').lower()}."
            ) from wrong
    return context


def _context(minimum: Minimum) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = _VERSIONS[minimum]
    context.set_ciphers(_CIPHERS)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.set_alpn_protocols(["http/1.1"])
    return context


@contextmanager
def _file(pem: str) -> Iterator[str]:
    """OpenSSL is given files only: one in memory where there is such a thing, else one that nobody else can read."""
    if hasattr(os, "memfd_create"):
        number = os.memfd_create("poolhouse")
        try:
            os.write(number, pem.encode())
            yield f"/proc/self/fd/{number}"
        finally:
            os.close(number)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pair.pem"
        path.touch(0o600)
        path.write_text(pem)
        yield str(path)
