"""
Pages of other origins that call an app (Fetch Standard, "CORS protocol").

A preflight brings neither cookie nor token, so it is answered here, without a session and without the app: nothing of
it is an exemption for ``OPTIONS``, which goes the way of every request where it is none.  Answers of the app and of the
gateway itself then say what the settings say; what the app says of it does not get through.
"""

import re

import msgspec

from poolhouse.house.gate import Cors, Gate
from poolhouse.house.gateway.head import Head
from poolhouse.kit.edge import HeaderPair, Reply, text
from poolhouse.kit.urls import split_url

NAMES = frozenset(
    {
        b"access-control-allow-origin", b"access-control-allow-credentials", b"access-control-allow-methods",
        b"access-control-allow-headers", b"access-control-expose-headers", b"access-control-max-age",
        b"access-control-allow-private-network",
    }
)  # fmt: skip
ANY = "*"
MAX_AGE = range(86_401)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}")
_FORBIDDEN = frozenset({"CONNECT", "TRACE", "TRACK"})
_VARY: HeaderPair = ("vary", "Origin")


class Allowed(msgspec.Struct, frozen=True, kw_only=True):
    """
    The settings as answers need them; *answers* and *preflights* come behind the origin.

    *trusted* are those whose pages may act as the person in front of them.
    """

    origins: frozenset[bytes]
    trusted: frozenset[bytes]
    is_any: bool
    answers: tuple[HeaderPair, ...]
    preflights: tuple[HeaderPair, ...]


def allowed(cors: Cors) -> Allowed:
    """Computed once."""
    credentials: tuple[HeaderPair, ...] = (
        (("access-control-allow-credentials", "true"),) if cors.allows_credentials else ()
    )
    exposed: tuple[HeaderPair, ...] = (
        (("access-control-expose-headers", ", ".join(cors.exposed)),) if cors.exposed else ()
    )
    listed = {
        "access-control-allow-methods": ", ".join(cors.methods),
        "access-control-allow-headers": ", ".join(cors.headers),
        "access-control-max-age": str(cors.max_age),
    }
    origins = frozenset(each.encode("ascii") for each in cors.origins)
    return Allowed(
        origins=origins,
        trusted=origins if cors.allows_credentials else frozenset(),
        is_any=ANY in cors.origins,
        answers=credentials + exposed,
        preflights=credentials + tuple((name, value) for name, value in listed.items() if value),
    )


def check(gate: Gate) -> tuple[str, str] | None:
    """What is wrong with the settings: the field of the app's form, and a sentence for it."""
    cors = gate.cors
    if cors is None:
        return None
    if not gate.upstream:
        return "cors_origins", "Other origins need an Upstream: where another proxy serves the app, that answers them."
    return _check_origins(cors) or _check_names(cors)


def _check_origins(cors: Cors) -> tuple[str, str] | None:
    if not cors.origins or not all(each == ANY or _is_origin(each) for each in cors.origins):
        return (
            "cors_origins",
            "Origins are scheme, host and perhaps a port, in small letters, without a path, or * for any.",
        )
    if ANY in cors.origins and (len(cors.origins) > 1 or cors.allows_credentials):
        return (
            "cors_origins",
            "Any origin (*) stands alone, never with credentials: every page could act as the person then.",
        )
    return None


def _check_names(cors: Cors) -> tuple[str, str] | None:
    if not all(_TOKEN.fullmatch(each) and each == each.upper() and each not in _FORBIDDEN for each in cors.methods):
        return "cors_methods", "Methods are names in capital letters, and neither CONNECT nor TRACE."
    for field, names in (("cors_headers", cors.headers), ("cors_exposed", cors.exposed)):
        if not all(_TOKEN.fullmatch(each) and each != ANY for each in names):
            return field, "Headers are given by name."
    if cors.max_age not in MAX_AGE:
        return "cors_max_age", f"A browser remembers for {MAX_AGE[0]} to {MAX_AGE[-1]} seconds."
    return None


def preflight(cors: Allowed, head: Head) -> Reply | None:
    """The answer to a preflight; None for any other request."""
    if head.method != b"OPTIONS" or not head.all(b"access-control-request-method"):
        return None
    granted = _origin(cors, head)
    if granted is None:
        return text("This origin may not call here.\n", 403, (("cache-control", "no-store"), *_varying(cors)))
    return Reply(204, b"", (granted, *cors.preflights, *_varying(cors)))


def headers(cors: Allowed | None, head: Head) -> tuple[HeaderPair, ...]:
    """What an answer to *head* says, whoever gives it."""
    if cors is None:
        return ()
    granted = _origin(cors, head)
    return _varying(cors) if granted is None else (granted, *cors.answers, *_varying(cors))


def lines(cors: Allowed | None, head: Head) -> bytes:
    """The same as lines of a head."""
    return b"".join(f"{name}: {value}\r\n".encode("ascii") for name, value in headers(cors, head))


def _varying(cors: Allowed) -> tuple[HeaderPair, ...]:
    return () if cors.is_any else (_VARY,)


def _origin(cors: Allowed, head: Head) -> HeaderPair | None:
    sent = head.all(b"origin")
    if len(sent) != 1:
        return None
    if cors.is_any:
        return "access-control-allow-origin", ANY
    return ("access-control-allow-origin", sent[0].decode("ascii")) if sent[0] in cors.origins else None


def _is_origin(text: str) -> bool:
    parts = split_url(text)
    # Browsers leave a port out that goes without saying.
    is_default = parts is not None and (parts.scheme, parts.port) in {("http", 80), ("https", 443)}
    return parts is not None and text == f"{parts.scheme}://{parts.netloc}".lower() and not is_default
