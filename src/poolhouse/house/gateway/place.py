"""Where an app listens: its addresses, its certificate, and why it was not reached, in words."""

import asyncio
import ipaddress
import os
import ssl

import msgspec

from poolhouse.kit.urls import is_callable_address


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """
    Where an app listens.

    *authority* is a PEM of its private CA, *authorities* are those that are trusted beside the system's where it has
    none; *server_name* is what its certificate says.
    """

    host: str
    port: int
    is_tls: bool = False
    server_name: str = ""
    authority: str = ""
    authorities: str = ""

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.is_tls else 'http'}://{host}:{self.port}"


class Unreached(Exception):
    """No connection to the app; the text is for the log and for administrators."""


async def addresses(place: Place) -> list[str]:
    """Addresses to try; never one that hands out a machine's credentials, whatever a name says."""
    name = place.host.strip("[]")
    try:
        found = [str(ipaddress.ip_address(name))]
    except ValueError:
        if name == "localhost" or name.endswith(".localhost"):
            return ["127.0.0.1", "::1"]
        try:
            infos = await asyncio.get_running_loop().getaddrinfo(name, place.port, type=1)
        except (OSError, UnicodeError) as failed:
            raise Unreached(f"the name {name} is not known") from failed
        found = list(dict.fromkeys(str(info[4][0]) for info in infos))
    return [
        each
        for each in found
        if is_callable_address(ipaddress.ip_address(each.partition("%")[0]), allow_loopback=True, allow_private=True)
    ]


def in_words(wrong: Exception) -> str:
    if isinstance(wrong, ConnectionRefusedError):
        return "nothing listens there (connection refused)"
    if isinstance(wrong, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted: {wrong.verify_message}"
    if isinstance(wrong, ssl.SSLError):
        return f"no TLS there: {(wrong.reason or 'handshake failed').replace('_', ' ').lower()}"
    return (os.strerror(wrong.errno) if isinstance(wrong, OSError) and wrong.errno else str(wrong)).lower()


def tls_context(place: Place) -> ssl.SSLContext:
    """Verified always: by the app's own authority where one is given, else by the system's and the instance's."""
    context = ssl.create_default_context(cadata=place.authority or None)
    if place.authorities:
        context.load_verify_locations(cadata=place.authorities)
    context.set_alpn_protocols(["http/1.1"])
    return context
