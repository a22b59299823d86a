"""
What travels on, in both directions.

To the app: hop-by-hop headers end here, and so do the house's own cookies, every header that claims an identity or a
route (in any spelling: a name that has anything but letters, digits and hyphens is not sent on at all, since WSGI, PHP
and CGI apps read ``X_Forwarded_User`` as ``X-Forwarded-User``), and what ``Connection`` names.  Ours come last.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from poolhouse.house.gateway.answer import AnswerHead
from poolhouse.house.gateway.cookies import without_own
from poolhouse.house.gateway.head import Head, Header
from poolhouse.house.gateway.returning import NAMES, Returning

_HOP = frozenset(
    {
        b"connection", b"keep-alive", b"proxy-connection", b"proxy-authenticate", b"proxy-authorization", b"te",
        b"trailer", b"transfer-encoding", b"upgrade", b"http2-settings", b"content-length", b"host",
    }
)  # fmt: skip
CLAIMS = frozenset(
    {
        b"forwarded", b"x-real-ip", b"x-client-ip", b"x-cluster-client-ip", b"true-client-ip", b"cf-connecting-ip",
        b"x-original-url", b"x-original-uri", b"x-original-method", b"x-rewrite-url", b"x-http-method-override",
        b"x-method-override", b"x-http-method", b"remote-user", b"remote-email", b"remote-groups", b"remote-name",
        b"x-remote-user", b"x-remote-group", b"x-remote-groups", b"x-remote-email", b"x-remote-name", b"x-user",
        b"x-email", b"x-groups", b"x-authenticated-user", b"x-webauth-user", b"x-webauth-email", b"x-webauth-groups",
        b"x-webauth-name", b"x-token-subject", b"ssl-client-verify", b"ssl-client-cert",
        b"x-ssl-client-verify", b"x-ssl-client-cert", b"x-client-cert", b"proxy",
    }
)  # fmt: skip
"""Who it is or where it came from: nobody but the gateway says that to an app.  ``proxy`` is httpoxy's."""
_CLAIMING = (b"x-forwarded-", b"x-auth-request-", b"x-house-", b"x-oidc-", b"oidc-", b"x-envoy-", b"x-amzn-oidc-")
_PLAIN_NAME = re.compile(rb"[a-z0-9-]+")
_NAME_BYTES = 64
PASSED = b"x-house-passed"
"""The houses that a request has come through; see ``passing``."""
_NEVER_BACK = frozenset({b"connection", b"keep-alive", b"proxy-connection", b"proxy-authenticate", b"te", b"trailer",
                         b"transfer-encoding", b"upgrade", b"content-length", b"alt-svc"})  # fmt: skip

PHRASES = {
    100: b"Continue", 101: b"Switching Protocols", 103: b"Early Hints", 200: b"OK", 201: b"Created", 202: b"Accepted",
    204: b"No Content", 206: b"Partial Content", 301: b"Moved Permanently", 302: b"Found", 303: b"See Other",
    304: b"Not Modified", 307: b"Temporary Redirect", 308: b"Permanent Redirect", 400: b"Bad Request",
    401: b"Unauthorized", 403: b"Forbidden", 404: b"Not Found", 405: b"Method Not Allowed", 408: b"Request Timeout",
    409: b"Conflict", 410: b"Gone", 411: b"Length Required", 413: b"Content Too Large", 414: b"URI Too Long",
    415: b"Unsupported Media Type", 417: b"Expectation Failed", 421: b"Misdirected Request",
    422: b"Unprocessable Content", 429: b"Too Many Requests", 431: b"Request Header Fields Too Large",
    500: b"Internal Server Error", 501: b"Not Implemented", 502: b"Bad Gateway", 503: b"Service Unavailable",
    504: b"Gateway Timeout", 508: b"Loop Detected",
}  # fmt: skip


_STATUS_LINES = {status: b"HTTP/1.1 %d %s\r\n" % (status, phrase) for status, phrase in PHRASES.items()}


def status_line(status: int) -> bytes:
    return _STATUS_LINES.get(status) or b"HTTP/1.1 %d Status\r\n" % status


def lines_about(names: Iterable[str], said: Mapping[bytes, bytes]) -> bytes:
    """
    What forward-auth says of a person: all *names* that the app knows, empty where there is nothing to say.

    Not to be kept by whoever asks: it holds for the moment.
    """
    pairs = ((name, said.get(name, b"")) for name in (each.encode("ascii") for each in names))
    return b"".join(b"%s: %s\r\n" % pair for pair in pairs) + b"cache-control: no-store\r\n"


def request_bytes(head: Head, *, target: bytes, host: bytes, added: bytes, own: frozenset[bytes]) -> bytes:
    """
    The head as the app gets it.

    *added* are the lines that the gateway adds; *own* names the headers that it might set for this app, so that what a
    client sends under such a name never arrives, whether or not there is something to say.
    """
    out = [b"%s %s HTTP/1.1\r\nhost: %s\r\n" % (head.method, target, host)]
    nominated = head.nominated
    for name, value in head.headers:
        if name in own or name in nominated or not travels(name):
            continue
        if name == b"cookie":
            kept = without_own(value)
            if kept or not value:
                out += (b"cookie: ", kept, b"\r\n")
        else:
            out += (name, b": ", value, b"\r\n")
    if head.is_chunked:
        out.append(b"transfer-encoding: chunked\r\n")
    elif head.length or head.has(b"content-length"):
        out.append(b"content-length: %d\r\n" % head.length)
    if head.is_websocket:
        out.append(b"connection: upgrade\r\nupgrade: websocket\r\n")
    out += (added, b"\r\n")
    return b"".join(out)


def travels(name: bytes) -> bool:
    """Whether a client's header of this name gets to an app, of those that no app has for its own."""
    return _travels(name) if len(name) <= _NAME_BYTES else _travels.__wrapped__(name)


@lru_cache(maxsize=1024)
def _travels(name: bytes) -> bool:
    is_ours = name in _HOP or name in CLAIMS or name.startswith(_CLAIMING)
    return not is_ours and _PLAIN_NAME.fullmatch(name) is not None


def answer_bytes(answer: AnswerHead, *, framing: bytes, is_last: bool, returning: Returning) -> bytes:
    """The head of the app's answer as the client gets it."""
    out = [status_line(answer.status), *_lines_back(answer, returning), framing]
    if is_last:
        out.append(b"connection: close\r\n")
    out.append(b"\r\n")
    return b"".join(out)


def switching_bytes(answer: AnswerHead, returning: Returning) -> bytes:
    """The answer that begins a websocket."""
    begin = b"connection: upgrade\r\nupgrade: websocket\r\n"
    return b"".join([status_line(101), begin, *_lines_back(answer, returning), b"\r\n"])


def _lines_back(answer: AnswerHead, returning: Returning) -> list[bytes]:
    out: list[bytes] = []
    nominated = answer.nominated
    for header in answer.headers:
        name, value = header
        if name in _NEVER_BACK or name in nominated:
            continue
        if name in NAMES:
            returned = returning(header)
            if returned is None:
                continue
            value = returned[1]
        out += (name, b": ", value, b"\r\n")
    return out


def trailers_back(trailers: list[Header]) -> list[Header]:
    """Trailers that may be sent on: nothing that frames, routes or changes a browser (RFC 9110 section 6.5.1)."""
    return [pair for pair in trailers if pair[0] not in _NEVER_BACK | NAMES | {b"host", b"cache-control"}]
