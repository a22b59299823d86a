"""
What a chain has to get right: ordinary requests, and those that made others let strangers in.

Each is sent without a session, so whatever the app has to say must not come back.  Names of rules (D30 and so on) are
those of the project's security checklist for gateways.
"""

from collections.abc import Iterator
from enum import Enum

import msgspec

MARK = "poolhouse-spoofed"
"""The value that is sent under names of identity headers."""
PAGE = "Accept: text/html\r\nSec-Fetch-Mode: navigate\r\n"
_SOCKET = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


class Wanted(Enum):
    """What must come back."""

    SHUT = "nothing of the app"
    SIGN_IN = "a redirect to the sign-in"
    REFUSAL = "401 or 403, and no redirect"
    BAD = "a refusal, or the connection closed"
    HOUSE = "an answer of the house itself"


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """*data* has ``{host}`` where the app's host stands; *is_hostile*: no client of good will sends it."""

    name: str
    rule: str
    data: bytes
    wanted: Wanted = Wanted.SHUT
    is_hostile: bool = True


def cases(host: str, path: str, names: tuple[str, ...]) -> list[Case]:
    """All of them, for the app at *path* of *host*; *names* are the headers that tell it who it is."""
    made = [*_ordinary(path), *_paths(path), *_claims(path, names), *_exemptions(path), *_framing(path)]
    return [msgspec.structs.replace(each, data=each.data.replace(b"{host}", host.encode())) for each in made]


def _ask(target: str, more: str = "", method: str = "GET", host: str = "{host}") -> bytes:
    return f"{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{more}\r\n".encode("latin-1")


def _ordinary(path: str) -> Iterator[Case]:
    def case(name: str, rule: str, data: bytes, wanted: Wanted) -> Case:
        return Case(name=name, rule=rule, data=data, wanted=wanted, is_hostile=False)

    yield case("a person without a session is led to the sign-in", "C14", _ask(path, PAGE), Wanted.SIGN_IN)
    yield case("a page with a query is led there as well", "C14", _ask(f"{path}?a=1&b=%2F", PAGE), Wanted.SIGN_IN)
    script = "Accept: application/json\r\nSec-Fetch-Mode: cors\r\n"
    yield case("a script gets 401, not a redirect", "C14", _ask(path, script), Wanted.REFUSAL)
    yield case("a program without a browser gets 401", "C14", _ask(path, "Accept: */*\r\n"), Wanted.REFUSAL)
    yield case("HEAD opens nothing", "D34", _ask(path, PAGE, "HEAD"), Wanted.SHUT)
    post = "Content-Length: 3\r\nAccept: application/json\r\nSec-Fetch-Mode: cors\r\n"
    yield case("POST opens nothing", "D34", _ask(path, post, "POST") + b"a=1", Wanted.SHUT)
    yield case(
        "a websocket without a session stays shut", "D36", _socket(path, "Origin: http://{host}\r\n"), Wanted.SHUT
    )
    yield case("the way in is the house's", "C17", _ask("/.house/enter?code=none", PAGE), Wanted.HOUSE)


def _socket(path: str, more: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: {{host}}\r\n{_SOCKET}{more}\r\n".encode()


def _paths(path: str) -> Iterator[Case]:
    for kind in ("nginx", "forwarded", f"envoy{path}"):
        about = (
            f"X-Original-URL: http://{{host}}{path}\r\nX-Original-Method: GET\r\nX-Forwarded-Uri: {path}\r\n"
            "X-Forwarded-Method: GET\r\n"
        )
        target = f"/.house/auth/{kind}"
        yield Case(name=f"nobody asks the house through the proxy: {target}", rule="D31", data=_ask(target, about))
    odd = (
        "/.house/..", "/.house/../", "/.house/%2e%2e/", "/.house/..%2f", "/.house/static/..%2f..%2f", "/.house/..;/",
        "/.house/static/../../", "/.house/..%5c", "/.house/static%2f..%2f..%2f", "/.house/%252e%252e/", "//", "/./",
        "/%2e/", "/;x=/.house/static/", "/?x=/.house/static/", "/#/.house/static/", "/%23/.house/static/",
        "/%00/.house/static/", "/x%00", "/.house%2fstatic%2f..%2f", "/x/..;/.house/static/..", "/\\", "/%5c",
    )  # fmt: skip
    for target in odd:
        yield Case(name=f"no spelling of a path leads past the house: {target}", rule="D33", data=_ask(target))
    yield Case(name="an absolute address opens nothing", rule="D33", data=_ask("http://{host}" + path))
    yield Case(name="an absolute address of another host opens nothing", rule="D33", data=_ask("http://localhost/"))


def _claims(path: str, names: tuple[str, ...]) -> Iterator[Case]:
    for name in names:
        spellings = {name, name.lower(), name.upper().replace("-", "_"), name.replace("-", "_", 1)}
        lines = "".join(f"{each}: {MARK}\r\n" for each in sorted(spellings))
        yield Case(name=f"{name} of a client lets nobody in", rule="D30", data=_ask(path, lines))
    listed = ", ".join(names)
    yield Case(
        name="Connection takes no header away",
        rule="D38",
        data=f"GET {path} HTTP/1.1\r\nHost: {{host}}\r\nConnection: close, {listed}, Cookie, X-Original-URL, "
        "X-Forwarded-Uri, X-Forwarded-Host\r\n\r\n".encode(),
    )
    for value in ("x", "%00", '"', "a" * 3_000, "=".join("ab" * 20)):
        cookies = f"Cookie: house_session={value}; __Host-house_session={value}; house_app_0={value}\r\n"
        yield Case(name=f"a cookie that means nothing: {value[:8]}", rule="D35", data=_ask(path, cookies))
    for value in ("Bearer eyJhbGciOiJub25lIn0.e30.", "Bearer ph_none", "Basic YWRtaW46YWRtaW4=", "Bearer", ""):
        line = f"Authorization: {value}\r\n"
        yield Case(name=f"credentials that mean nothing: {value[:12]}", rule="D35", data=_ask(path, line))


def _exemptions(path: str) -> Iterator[Case]:
    for line in (
        "X-Original-URL: /.house/static/", "X-Rewrite-URL: /.house/static/", "X-Original-Method: OPTIONS",
        "X-Forwarded-Uri: /.house/static/", "X-Forwarded-Method: OPTIONS", "X-Forwarded-Host: localhost",
        "X-Forwarded-Proto: gopher", "X-Forwarded-Prefix: /.house/static", "X-HTTP-Method-Override: OPTIONS",
        "X-Forwarded-For: 127.0.0.1", "X-Real-IP: 127.0.0.1", "Forwarded: for=127.0.0.1;host=localhost",
        "User-Agent: GoogleHC/1.0", "User-Agent: kube-probe/1.30", "User-Agent: ELB-HealthChecker/2.0",
    ):  # fmt: skip
        yield Case(name=f"no exemption by {line}", rule="D32", data=_ask(path, line + "\r\n"))
    preflight = "Origin: http://evil.example\r\nAccess-Control-Request-Method: GET\r\n"
    yield Case(name="no exemption for OPTIONS", rule="D34", data=_ask(path, preflight, "OPTIONS"))
    for method in ("get", "FOO", "PROPFIND"):
        yield Case(name=f"no exemption for the method {method}", rule="D34", data=_ask(path, "", method))
    yield Case(name="TRACE sends nothing back", rule="D38", data=_ask(path, f"X-Told: {MARK}\r\n", "TRACE"))
    for host in ("{host}.", "localhost", "evil.example", ""):
        yield Case(name=f"no other app by Host: {host}", rule="D33", data=_ask(path, "", host=host))
    yield Case(name="a websocket of another page stays shut", rule="D36",
               data=_socket(path, "Origin: http://evil.example\r\n"))  # fmt: skip
    h2c = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n"
    yield Case(name="no tunnel by h2c", rule="D37", data=f"GET {path} HTTP/1.1\r\nHost: {{host}}\r\n{h2c}\r\n".encode())


def _framing(path: str) -> Iterator[Case]:
    def case(name: str, lines: str, body: str = "", method: str = "POST") -> Case:
        data = f"{method} {path} HTTP/1.1\r\n{lines}\r\n{body}".encode("latin-1")
        return Case(name=name, rule="D37", data=data, wanted=Wanted.BAD)

    inner = f"GET {path} HTTP/1.1\r\nHost: {{host}}\r\n\r\n"
    host = "Host: {host}\r\n"
    chunked = "Transfer-Encoding: chunked\r\n"
    yield case("a length beside chunks", f"{host}Content-Length: 4\r\n{chunked}", f"0\r\n\r\n{inner}")
    yield case("two lengths", f"{host}Content-Length: 0\r\nContent-Length: {len(inner)}\r\n", inner)
    yield case("a length with a sign", f"{host}Content-Length: +3\r\n", "abc")
    yield case("a coding that nobody knows", f"{host}Transfer-Encoding: xchunked\r\n", f"0\r\n\r\n{inner}")
    yield case("a coding in disguise", f"{host}Transfer-Encoding : chunked\r\n", f"0\r\n\r\n{inner}")
    yield case("a chunk without a size", f"{host}{chunked}", "zz\r\nabc\r\n0\r\n\r\n")
    yield case("a folded line", f"{host}X-A: 1\r\n X-Forwarded-User: {MARK}\r\n", method="GET")
    yield case("two hosts", f"{host}Host: localhost\r\n", method="GET")
    yield case("a head that is far too large", f"{host}X-A: {'a' * 200_000}\r\n", method="GET")
    yield Case(name="a second request in a body stays a body", rule="D37",
               data=_ask(path, f"Content-Length: {len(inner) + 200}\r\n", "POST") + inner.encode())  # fmt: skip
