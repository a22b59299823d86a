"""
Forward-auth: another proxy carries the bytes, and asks for each request.

``/.house/auth/nginx``       ``X-Original-URL`` and ``X-Original-Method``, set by the proxy; 200, 401 or 403
``/.house/auth/forwarded``   Traefik and Caddy: ``X-Forwarded-Method``, ``-Proto``, ``-Host``, ``-Uri``
``/.house/auth/envoy/...``   ext_authz: the request's own method, Host and path, behind this prefix

Each reads its own headers and no others (CVE-2026-40575 came of a second family), and only from a proxy that is named
in ``trusted_proxies``: anybody else could ask about a request that is not theirs.
"""

import re

import msgspec

from poolhouse.house.gateway import bearer
from poolhouse.house.gateway.assertion import Signer
from poolhouse.house.gateway.head import Head, Malformed, read_host
from poolhouse.house.gateway.judge import Outcome, Verdict
from poolhouse.house.gateway.refusal import challenge
from poolhouse.house.gateway.replies import BY_COOKIE, NO_STORE, is_navigation
from poolhouse.house.gateway.seen import Seen, identity
from poolhouse.house.gateway.table import RESERVED, Entry
from poolhouse.house.gateway.target import Target
from poolhouse.kit.edge import HeaderPair, Reply, text

_AUTHORIZATION = b"authorization"
PREFIX = RESERVED + b"auth/"
_METHOD = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}")


def is_question(head: Head, target: Target) -> bool:
    """In no other spelling: a proxy that keeps browsers off this path may compare what they have sent."""
    return target.path.startswith(PREFIX) and head.target.startswith(PREFIX)


def asked_about(head: Head, path: bytes, scheme: str) -> Head:
    """The request that the proxy holds; ``Malformed`` when it does not say, or says it twice."""
    kind = path[len(PREFIX) :]
    if kind == b"nginx":
        method, target, host = _of_url(_only(head, b"x-original-method"), _only(head, b"x-original-url"), scheme)
    elif kind == b"forwarded":
        if _only(head, b"x-forwarded-proto").lower() != scheme.encode():
            raise Malformed(400, "X-Forwarded-Proto is not the scheme of this house")
        method, target = _only(head, b"x-forwarded-method"), _only(head, b"x-forwarded-uri")
        host = read_host(_only(head, b"x-forwarded-host"))
    elif kind.startswith(b"envoy/"):
        # As it was sent: what has been made of it on the way here is not what Envoy sends on.
        method, host = head.method, head.host
        target = head.target.removeprefix(PREFIX + b"envoy")
    else:
        raise Malformed(404, "there is no such kind of proxy")
    if not _METHOD.fullmatch(method) or not target.startswith(b"/"):
        raise Malformed(400, "the request that is asked about is malformed")
    # Traefik and nginx take Upgrade away; the key a browser always sends (RFC 6455 section 4.1), and no script can.
    is_websocket = head.get(b"upgrade").lower() == b"websocket" or bool(head.all(b"sec-websocket-key"))
    return Head(method=method, target=target, minor=1, headers=head.headers, host=host, is_websocket=is_websocket)


def as_sent(inner: Head, asked: Target) -> Target:
    """The proxy sends its own spelling on (some apps read ``//open/x`` as a host): only ours can be a public path."""
    return Target(asked.path, asked.query, is_plain=asked.is_plain and inner.target == asked.path + asked.query)


def let_in(entry: Entry, seen: Seen | None, signer: Signer, inner: Head) -> Reply:
    """
    Every header of the app is there, empty where there is nothing to say.

    So a proxy that copies them overwrites what the client has sent under the same name.  ``Authorization`` comes back
    where it was sent: empty if it was a token, which is not for the app.
    """
    made = seen.answers.get(entry.app.id) if seen is not None else None
    if made is None:
        said = dict(identity(entry, seen, signer)) if seen is not None else {}
        names = (*msgspec.structs.astuple(entry.gate.names), entry.gate.token_header) if entry.gate else ()
        pairs = tuple((name, said.get(name.encode("ascii"), b"").decode("latin-1")) for name in names if name)
        made = Reply(200, b"", (*pairs, NO_STORE))
        if seen is not None:
            seen.answers[entry.app.id] = made
    sent = inner.get(_AUTHORIZATION)
    if sent:
        kept = "" if _AUTHORIZATION in bearer.hidden(entry, inner) else sent.decode("latin-1")
        made = made.with_headers(("authorization", kept))
    return made


def is_plain_answer(path: bytes) -> bool:
    """Only 401 and 403 mean something to nginx; it turns every other refusal into an error of its own."""
    return path == PREFIX + b"nginx"


def plain_answer(entry: Entry, verdict: Verdict, inner: Head) -> Reply:
    """
    For nginx, which hands ``WWW-Authenticate`` of a 401 on.

    Not where a person is about to look at the answer: the configuration turns a 401 without it into the way to sign in.
    """
    rejection = verdict.rejection
    is_401 = verdict.outcome is Outcome.SIGN_IN or (rejection is not None and rejection.status == 401)
    is_for_program = rejection is not None or not is_navigation(inner)
    headers: tuple[HeaderPair, ...] = (NO_STORE,)
    if is_401 and is_for_program:
        headers += challenge(entry, rejection) or (BY_COOKIE,)
    return text(f"{verdict.outcome.value}\n", 401 if is_401 else 403, headers)


def _only(head: Head, name: bytes) -> bytes:
    found = head.all(name)
    if len(found) != 1 or not found[0]:
        raise Malformed(400, f"not exactly one {name.decode()}")
    return found[0]


def _of_url(method: bytes, url: bytes, scheme: str) -> tuple[bytes, bytes, str]:
    begin = f"{scheme}://".encode()
    if not url.lower().startswith(begin):
        raise Malformed(400, "X-Original-URL is not of this house's scheme")
    authority, slash, rest = url[len(begin) :].partition(b"/")
    return method, slash + rest, read_host(authority)
