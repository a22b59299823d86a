"""
Forward-auth: another proxy carries the bytes, and asks for each request.

``/.house/auth/nginx``       ``X-Original-URL`` and ``X-Original-Method``, set by the proxy; 200, 401 or 403
``/.house/auth/forwarded``   Traefik and Caddy: ``X-Forwarded-Method``, ``-Proto``, ``-Host``, ``-Uri``
``/.house/auth/envoy/...``   ext_authz: the request's own method, Host and path, behind this prefix

Each reads its own headers and no others (CVE-2026-40575 came of a second family), and only from a proxy that is named
in ``trusted_proxies``: anybody else could ask about a request that is not theirs.
"""

import re

from poolhouse.house.gateway import bearer
from poolhouse.house.gateway.assertion import Signer
from poolhouse.house.gateway.head import Head, Malformed, read_host
from poolhouse.house.gateway.judge import Outcome, Verdict
from poolhouse.house.gateway.refusal import challenge
from poolhouse.house.gateway.replies import BY_COOKIE, NO_STORE, is_navigation
from poolhouse.house.gateway.seen import Seen, tell
from poolhouse.house.gateway.table import RESERVED, Entry
from poolhouse.house.gateway.target import Target, read_target
from poolhouse.kit.edge import HeaderPair, Reply

_AUTHORIZATION = b"authorization"
PREFIX = RESERVED + b"auth/"
NGINX = b"nginx"
_NGINX = PREFIX + NGINX
_METHOD = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}")
_USUAL = frozenset({b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS"})


def kind_of(head: Head) -> bytes:
    """
    The path below ``PREFIX``, which the target of a question begins with in just this spelling.

    A proxy that keeps browsers off this path may compare what they have sent.
    """
    if head.target == _NGINX:
        return NGINX
    return read_target(head.target, head.host, allows_encoded_slash=True).path[len(PREFIX) :]


def asked_about(head: Head, kind: bytes, scheme: bytes) -> Head:
    """The request that the proxy holds; ``Malformed`` when it does not say, or says it twice."""
    if kind == NGINX:
        method = _only(head, b"x-original-method")
        target, host = _of_url(_only(head, b"x-original-url"), scheme + b"://")
    elif kind == b"forwarded":
        if _only(head, b"x-forwarded-proto").lower() != scheme:
            raise Malformed(400, "X-Forwarded-Proto is not the scheme of this house")
        method, target = _only(head, b"x-forwarded-method"), _only(head, b"x-forwarded-uri")
        host = read_host(_only(head, b"x-forwarded-host"))
    elif kind.startswith(b"envoy/"):
        # As it was sent: what has been made of it on the way here is not what Envoy sends on.
        method, host = head.method, head.host
        target = head.target.removeprefix(PREFIX + b"envoy")
    else:
        raise Malformed(404, "there is no such kind of proxy")
    if (method not in _USUAL and not _METHOD.fullmatch(method)) or not target.startswith(b"/"):
        raise Malformed(400, "the request that is asked about is malformed")
    # Traefik and nginx take Upgrade away; the key a browser always sends (RFC 6455 section 4.1), and no script can.
    is_websocket = head.has(b"sec-websocket-key") or head.get(b"upgrade").lower() == b"websocket"
    return Head(
        method=method,
        target=target,
        minor=1,
        headers=head.headers,
        host=host,
        is_websocket=is_websocket,
        single=head.single,
        may_hold_token=head.may_hold_token,
    )


def as_sent(inner: Head, asked: Target) -> Target:
    """The proxy sends its own spelling on (some apps read ``//open/x`` as a host): only ours can be a public path."""
    if inner.target == asked.path + asked.query:
        return asked
    return Target(asked.path, asked.query, is_plain=False)


def let_in(entry: Entry, seen: Seen | None, signer: Signer, inner: Head) -> bytes:
    """
    The lines of the answer: every header of the app is there, empty where there is nothing to say.

    So a proxy that copies them overwrites what the client has sent under the same name.  ``Authorization`` comes back
    where it was sent: empty if it was a token, which is not for the app.
    """
    made = entry.of_nobody if seen is None else tell(entry, seen, signer).answer
    sent = inner.get(_AUTHORIZATION)
    if sent:
        kept = b"" if _AUTHORIZATION in bearer.hidden(entry, inner) else sent
        return made + b"authorization: %s\r\n" % kept
    return made


def plain_answer(entry: Entry, verdict: Verdict, inner: Head) -> Reply:
    """
    For nginx: only 401 and 403 mean something to it, and it hands ``WWW-Authenticate`` of a 401 on.

    Not where a person is about to look at the answer: the configuration turns a 401 without it into the way to sign in.
    Without a body: nginx reads none, and would close the connection over it.
    """
    rejection = verdict.rejection
    is_401 = verdict.outcome is Outcome.SIGN_IN or (rejection is not None and rejection.status == 401)
    is_for_program = rejection is not None or not is_navigation(inner)
    headers: tuple[HeaderPair, ...] = (NO_STORE,)
    if is_401 and is_for_program:
        headers += challenge(entry, rejection) or (BY_COOKIE,)
    return Reply(401 if is_401 else 403, b"", headers)


def _only(head: Head, name: bytes) -> bytes:
    found = head.all(name)
    if len(found) != 1 or not found[0]:
        raise Malformed(400, f"not exactly one {name.decode()}")
    return found[0]


def _of_url(url: bytes, begin: bytes) -> tuple[bytes, str]:
    if url[: len(begin)].lower() != begin:
        raise Malformed(400, "X-Original-URL is not of this house's scheme")
    authority, slash, rest = url[len(begin) :].partition(b"/")
    return slash + rest, read_host(authority)
