"""Which app answers for which address: the live table of one process."""

import re
import ssl
from collections.abc import Sequence
from urllib.parse import urlsplit

import msgspec

from poolhouse.house.config import Origin
from poolhouse.house.gate import Gate, Policy
from poolhouse.house.gateway.cors import Allowed, allowed
from poolhouse.house.gateway.errand import Limits
from poolhouse.house.gateway.forwarding import lines_about
from poolhouse.house.gateway.place import Place
from poolhouse.house.gateway.returning import Returning
from poolhouse.house.gateway.rewriting import Rewriting
from poolhouse.house.model import App
from poolhouse.kit.urls import split_url

RESERVED = b"/.house/"
"""Ours on every app's host: the way in, static files of our pages, forward-auth."""
BELOW = "/apps/"
"""Where apps on the house's own host have to be."""
_PORTS = {"http": 80, "https": 443}
_PUBLIC = re.compile(r"/(?:\.?[A-Za-z0-9_~!$&'()*+,=:@-][A-Za-z0-9._~!$&'()*+,=:@-]*/?)*")
_CHECKED = re.compile(r"/[!-\"$-\[\]-~]{0,1023}")
_CLAIM_NAME = re.compile(r"[!-~]{1,128}")
_HOST = re.compile(r"[A-Za-z0-9._:\[\]-]{1,255}")
_NAME = re.compile(r"[A-Za-z0-9-]{1,64}")


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """
    An app with what each of its requests needs, computed once.

    ``prefix`` ends with a slash.  ``replacement`` takes its place on the way to the app, where one is given.
    """

    app: App
    gate: Gate | None
    host: str
    prefix: bytes
    origin: str
    is_own_host: bool
    places: tuple[Place, ...]
    host_header: bytes
    replacement: bytes | None
    returning: Returning
    public: tuple[bytes, ...]
    below_public: tuple[bytes, ...]
    own_headers: frozenset[bytes]
    limits: Limits
    cookie: bytes
    browser_cookie: bytes
    token_header: bytes = b""
    cors: Allowed | None = None
    takes_access_tokens: bool = False
    passes_tokens_on: bool = False
    has_rules: bool = True
    of_nobody: bytes = b""
    told_always: bytes = b""

    def is_public(self, path: bytes) -> bool:
        """``/open`` is public with what is below it; ``/opening`` is not."""
        return path in self.public or path.startswith(self.below_public)


class Table:
    """Entries by host, those with the longest prefix first."""

    def __init__(self, origin: Origin, apps: Sequence[App], authorities: str = "") -> None:
        self._default_port = ":443" if origin.is_https else ":80"
        self.own_host = origin.url.partition("://")[2]
        self.entries = [entry_of(app, origin, authorities) for app in apps if app.gate is not None or app.is_broken]
        self._by_host: dict[str, list[Entry]] = {}
        for entry in sorted(self.entries, key=lambda each: -len(each.prefix)):
            self._by_host.setdefault(entry.host, []).append(entry)

    def spelled(self, host: str) -> str:
        return host.removesuffix(self._default_port)

    def has(self, host: str) -> bool:
        """Whether any app is at *host*, in its one spelling."""
        return host in self._by_host

    def find(self, host: str, path: bytes) -> Entry | None:
        """The app at this address; ``/apps/wiki`` without its slash is the app's as well."""
        for entry in self._by_host.get(host, ()):
            if path.startswith(entry.prefix) or path + b"/" == entry.prefix:
                return entry
        return None

    def at(self, host: str) -> Sequence[Entry]:
        """The apps of one host."""
        return self._by_host.get(host, ())

    def of(self, app_id: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.app.id == app_id), None)


def check_address(url: str, origin: Origin) -> str | None:
    """What is wrong with an app's public URL, as a sentence; None when the gateway can answer there."""
    parts = split_url(url)
    if parts is None or parts.query or parts.fragment:
        return "URL of an app behind the gateway is an origin and a path, without a query."
    own = urlsplit(origin.url)
    if parts.scheme != own.scheme or (parts.port or _PORTS[parts.scheme]) != (own.port or _PORTS[own.scheme]):
        return f"URL must be reached where the house is: {own.scheme}, port {own.port or _PORTS[own.scheme]}."
    if not _PUBLIC.fullmatch(parts.path or "/"):
        return "URL has a path with a character that a gateway's path cannot have."
    if (parts.hostname or "") == own.hostname and not re.fullmatch(r"/apps/[^/]+/?", parts.path):
        return f"On the house's own host an app is at {origin.url}{BELOW}name/."
    return None


Fault = tuple[str, str]  # A field of the app's form, and a sentence for it.


def check_gate(gate: Gate) -> Fault | None:
    """What is wrong with the rest; the policy is checked apart."""
    for path in (each for each in gate.public_paths if not _PUBLIC.fullmatch(each)):
        return "public_paths", f"{path!r} is no plain path; write /assets/."
    return _check_names(gate) or _check_told(gate) or _check_connection(gate) or _check_health(gate)


def _check_names(gate: Gate) -> Fault | None:
    given = {f"name_{role}": name for role, name in msgspec.structs.asdict(gate.names).items()}
    seen: set[str] = set()
    given["token_header"] = gate.token_header
    for field, name in ((field, name) for field, name in given.items() if name):
        if not _NAME.fullmatch(name) or name.lower() in seen:
            return field, "Names of headers have letters, digits and hyphens, and each is used once."
        if name.lower() in _TAKEN:
            return field, "A header that HTTP itself needs cannot carry an identity or a token."
        seen.add(name.lower())
    if gate.token_header.lower() == "authorization":
        return "token_header", "A token may stand in Authorization anyway: leave Token Header empty."
    return None


def _check_told(gate: Gate) -> Fault | None:
    if any("," in each or not each.strip("*") or "*" in each[:-1] for each in gate.told_groups):
        return "told_groups", "Groups that the app hears of are names, or the beginning of names with * behind it."
    if any(not _CLAIM_NAME.fullmatch(each) or each in _OWN_CLAIMS for each in gate.told_claims):
        return (
            "told_claims",
            "Claims that the app hears of are the provider's, and none that the house sets itself.",
        )
    return None


def _check_health(gate: Gate) -> Fault | None:
    if any(not _is_replica(gate.upstream, each) for each in gate.replicas):
        return "replicas", "Further Upstreams have the scheme and the path of Upstream, and another host or port."
    if gate.check_path and not _CHECKED.fullmatch(gate.check_path):
        return "check_path", "Health Path begins with / and has no fragment."
    if gate.check_path and not gate.upstream:
        return "check_path", "Health Path needs an Upstream: where another proxy serves the app, that knows how it is."
    return None


def _check_connection(gate: Gate) -> Fault | None:
    if gate.upstream and (split_url(gate.upstream) is None or urlsplit(gate.upstream).query):
        return "upstream", "Upstream must be http:// or https://, a host, and perhaps a port and a path."
    if gate.host_header and not _HOST.fullmatch(gate.host_header):
        return "host_header", "Host Header is a name, and perhaps a port."
    if gate.server_name and not _is_name(gate.server_name):
        return "server_name", "Server Name is the name of a host."
    if gate.authority and not _is_authority(gate.authority):
        return "authority", "Private CA must be a certificate in PEM."
    return None


def _is_name(text: str) -> bool:
    parts = split_url(f"https://{text}")
    return parts is not None and parts.netloc == text and parts.hostname == text.lower()


def _is_replica(upstream: str, other: str) -> bool:
    first, second = split_url(upstream), split_url(other)
    return (
        first is not None
        and second is not None
        and (first.scheme, first.path, "") == (second.scheme, second.path, second.query)
        and first.netloc != second.netloc
    )


def _is_authority(pem: str) -> bool:
    try:
        ssl.create_default_context(cadata=pem)
    except (ssl.SSLError, ValueError):
        return False
    return True


_OWN_CLAIMS = frozenset(
    {
        "iss", "aud", "sub", "iat", "nbf", "exp", "jti", "sid", "amr", "auth_time", "groups", "preferred_username",
        "email", "email_verified", "name",
    }
)  # fmt: skip
_TAKEN = frozenset(
    {
        "host", "connection", "content-length", "transfer-encoding", "cookie", "set-cookie", "upgrade", "expect", "te",
        "trailer", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "content-type", "origin",
    }
)  # fmt: skip


def entry_of(app: App, origin: Origin, authorities: str = "") -> Entry:
    """All that is computed of an app's settings; *authorities* are the instance's own, in PEM."""
    parts = urlsplit(app.url)
    gate = app.gate
    host = parts.netloc.lower().removesuffix(":443" if parts.scheme == "https" else ":80")
    prefix = parts.path.encode() if parts.path.endswith("/") else parts.path.encode() + b"/"
    upstream = urlsplit(gate.upstream) if gate and gate.upstream else None
    replacement = None
    if upstream is not None and upstream.path:
        replacement = upstream.path.encode() if upstream.path.endswith("/") else upstream.path.encode() + b"/"
    host_header = (gate.host_header if gate and gate.host_header else host).encode("latin-1")
    places = _places(gate, authorities) if gate and gate.upstream else ()
    secure = "__Host-" if origin.is_https else ""
    short = app.id[:8]
    return Entry(
        app=app,
        gate=gate,
        host=host,
        prefix=prefix,
        origin=f"{parts.scheme}://{host}",
        is_own_host=host == origin.url.partition("://")[2],
        places=places,
        host_header=host_header,
        replacement=replacement,
        returning=Returning(
            house=(urlsplit(origin.url).hostname or "").encode("ascii"),
            is_own_host=host == origin.url.partition("://")[2],
            rewriting=Rewriting(
                internal=frozenset({_bare(host_header), *(_authority(place) for place in places)}),
                host=host.encode("ascii"),
                origin=f"{parts.scheme}://{host}".encode("ascii"),
                prefix=prefix,
                replaced=replacement,
            )
            if gate is not None and gate.rewrites and places
            else None,
            says_origins=gate is not None and gate.cors is not None,
        ),
        public=tuple(each.encode() for each in gate.public_paths) if gate else (),
        below_public=tuple(each.encode().rstrip(b"/") + b"/" for each in gate.public_paths) if gate else (),
        own_headers=frozenset(each.lower().encode() for each in names_of(gate)),
        limits=Limits(answer=gate.answer_seconds, idle=gate.idle_seconds, body=gate.body_bytes) if gate else Limits(),
        cookie=f"{secure}house_app_{short}".encode(),
        browser_cookie=f"{secure}house_way_{short}".encode(),
        token_header=gate.token_header.lower().encode() if gate else b"",
        cors=allowed(gate.cors) if gate is not None and gate.cors is not None else None,
        # An app with a header of its own for tokens has uses of its own for Authorization.
        takes_access_tokens=gate is not None and gate.resource is not None and not gate.token_header,
        passes_tokens_on=gate is not None and gate.resource is not None and gate.resource.is_passed_on,
        of_nobody=lines_about(names_of(gate), {}),
        told_always=_told_always(host, prefix, is_https=origin.is_https, is_replaced=replacement is not None),
        has_rules=gate is None or gate.policy != Policy(timezone=gate.policy.timezone),
    )


def _told_always(host: str, prefix: bytes, *, is_https: bool, is_replaced: bool) -> bytes:
    """The lines about the way to it that each of its requests has."""
    spoken = b"https" if is_https else b"http"
    lines = b"x-forwarded-host: %s\r\nx-forwarded-proto: %s\r\n" % (host.encode("ascii"), spoken)
    return lines + b"x-forwarded-prefix: %s\r\n" % prefix[:-1] if is_replaced and prefix != b"/" else lines


def names_of(gate: Gate | None) -> tuple[str, ...]:
    """Of the headers that only the house sets for this app."""
    return tuple(each for each in (*msgspec.structs.astuple(gate.names), gate.token_header) if each) if gate else ()


def _authority(place: Place) -> bytes:
    return _bare(place.url.partition("://")[2].encode("latin-1"))


def _bare(authority: bytes) -> bytes:
    return authority.lower().removesuffix(b":80").removesuffix(b":443")


def _places(gate: Gate, authorities: str) -> tuple[Place, ...]:
    return tuple(dict.fromkeys(_place(gate, url, authorities) for url in (gate.upstream, *gate.replicas)))


def _place(gate: Gate, url: str, authorities: str) -> Place:
    parts = urlsplit(url)
    return Place(
        host=parts.hostname or "",
        port=parts.port or _PORTS[parts.scheme],
        is_tls=parts.scheme == "https",
        server_name=gate.server_name,
        authority=gate.authority,
        authorities="" if gate.authority else authorities,
    )
