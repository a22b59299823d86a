"""
From bytes to a page's handler and back: who may come in, and what is refused before any handler runs.

Every row of the route table wants a session unless it says otherwise. A POST wants our own origin and the proof of
the session, on every row. Whatever goes wrong becomes a page, with a reference where the log has more to say.
"""

import ipaddress
import re
from typing import Final
from urllib.parse import urlsplit

import msgspec
from starlette.routing import Route

from poolhouse.kit import forms
from poolhouse.kit.ambient import hex_token
from poolhouse.kit.cpu import Busy
from poolhouse.kit.db.protocol import DatabaseBusy
from poolhouse.kit.edge import HeaderPair, Raw, Reply, endpoint, redirect
from poolhouse.kit.log import get_logger
from poolhouse.pool.console import done, frame, session
from poolhouse.pool.console.choices import regions
from poolhouse.pool.console.context import Console, Handler, NotFound, Visit
from poolhouse.pool.console.form import Form, read
from poolhouse.pool.console.refusals import message_of
from poolhouse.pool.flows import admins
from poolhouse.pool.spec.errors import CognitoError

FORM_LIMIT: Final = 262_144
_POOL_ID: Final = re.compile(r"(?P<region>[a-z0-9-]{1,40})_[0-9a-zA-Z]{1,40}")
_NOT_FOUND: Final = frozenset({"ResourceNotFoundException", "UserNotFoundException"})
_BUSY: Final = frozenset({"TooManyRequestsException", "LimitExceededException"})

log = get_logger()


class Row(msgspec.Struct, frozen=True):
    """One line of the route table."""

    method: str
    path: str
    handler: Handler
    public: bool = False
    limit: int = FORM_LIMIT


def route(console: Console, row: Row) -> Route:
    """The row as Starlette wants it."""

    async def handle(raw: Raw) -> Reply:
        return await _answer(console, row, raw)

    return Route(row.path, endpoint(handle, limit=row.limit), methods=[row.method])


async def _answer(console: Console, row: Row, raw: Raw) -> Reply:
    visit = Visit(
        console=console, raw=raw, reference=hex_token(console.flow.entropy, 6), region=console.flow.config.region
    )
    cookies: tuple[HeaderPair, ...] = ()
    try:
        visit = await _recognised(visit)
        if visit.session is None and row.public:
            visit, cookies = _started(visit)
        reply = await _admitted(row, visit)
    except NotFound as missing:
        reply = frame.not_found(visit, str(missing))
    except CognitoError as error:
        reply = _refused(visit, error)
    except (Busy, DatabaseBusy):
        reply = _busy(visit)
    except Exception:
        log.exception(
            "console request failed", program="pool", reference=visit.reference, route=row.path, method=raw.method
        )
        reply = _broken(visit)
    return reply.with_headers(*cookies)


async def _admitted(row: Row, visit: Visit) -> Reply:
    elsewhere = _own_host(visit)
    if elsewhere is not None:
        return elsewhere
    if visit.raw.method == "POST" and not _is_own_origin(visit):
        return frame.problem(
            visit,
            403,
            "This form came from another address",
            f"The console is at {visit.flow.config.base_url} and takes forms from its own pages only.",
            "Open the console there and try again.",
        )
    if visit.session is None and not row.public:
        return session.ask(visit)
    visit = msgspec.structs.replace(visit, query=_read(visit.raw.query), region=_region(visit))
    if visit.raw.method == "POST":
        form = _read_body(visit.raw)
        if form is None:
            return frame.problem(
                visit, 400, "The form cannot be read", "Nothing was changed.", "Go back and try again."
            )
        if not session.is_proof(visit.csrf, form.text("csrf")):
            return _too_old(visit)
        visit = msgspec.structs.replace(visit, form=form)
    return await row.handler(visit)


async def _recognised(visit: Visit) -> Visit:
    """The visit with its session, if the cookie leads to one that lives."""
    console = visit.console
    handle = session.read_cookie(visit, session.SESSION)
    found = await admins.find_session(console.flow, handle) if handle else None
    if found is None:
        return msgspec.structs.replace(visit, handle=handle)
    word = visit.raw.cookie(done.cookie_name(secure=console.flow.config.secure))
    return msgspec.structs.replace(
        visit,
        handle=handle,
        session=found,
        csrf=session.proof(console, session=found.digest, start=""),
        done=done.read(console.flow.ring, found.digest, word),
    )


def _started(visit: Visit) -> tuple[Visit, tuple[HeaderPair, ...]]:
    """The visit of somebody without a session, with the proof that binds the sign-in form to this browser."""
    console = visit.console
    start = session.read_cookie(visit, session.START)
    cookies: tuple[HeaderPair, ...] = ()
    if not start:
        start = session.mint_start(console)
        cookies = (session.bake(console, session.START, start),)
    return msgspec.structs.replace(visit, csrf=session.proof(console, session=None, start=start)), cookies


def _own_host(visit: Visit) -> Reply | None:
    """
    ``127.0.0.1`` where the base URL says ``localhost``: the same machine, but other cookies; so go to the base URL.

    Only between names of this machine on the same port, where no proxy can turn it into a loop.
    """
    raw, own = visit.raw, urlsplit(visit.flow.config.base_url)
    asked = urlsplit(f"//{raw.host}")
    if raw.method == "POST" or asked.netloc == own.netloc or not (_is_here(own.hostname) and _is_here(asked.hostname)):
        return None
    if _port(asked.netloc) != _port(own.netloc):
        return None
    return redirect(f"{visit.flow.config.base_url}{raw.path}{'?' if raw.query else ''}{raw.query}", 307)


def _is_here(host: str | None) -> bool:
    if host is None:
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _port(netloc: str) -> str:
    return netloc.rpartition(":")[2] if ":" in netloc.rpartition("]")[2] else ""


def _is_own_origin(visit: Visit) -> bool:
    """Browsers send ``Origin`` with every POST; where it is missing, ``Sec-Fetch-Site`` must not speak against it."""
    origin = visit.raw.header("origin")
    if origin:
        return origin == visit.flow.config.base_url
    return visit.raw.header("sec-fetch-site") in {"", "same-origin"}


def _region(visit: Visit) -> str:
    pool_id = visit.raw.params.get("pool")
    known = regions(visit.flow.config.region)
    if pool_id is not None:
        found = _POOL_ID.fullmatch(pool_id)
        if found is None:
            raise NotFound(f"User pool {pool_id} does not exist.")
        return found["region"]
    chosen = session.read_cookie(visit, session.REGION)
    return chosen if chosen in known else visit.flow.config.region


def _read(query: str) -> Form:
    try:
        return read(query)
    except forms.FormError:
        return Form()


def _read_body(raw: Raw) -> Form | None:
    if raw.media_type != "application/x-www-form-urlencoded":
        return None
    try:
        return read(forms.body_text(raw.body))
    except forms.FormError:
        return None


def _too_old(visit: Visit) -> Reply:
    return frame.problem(
        visit,
        403,
        "This page was too old",
        "Nothing was changed: you have signed in or out since it was opened, or your browser keeps no cookies.",
        "Go back, reload the page, and try again.",
    )


def _refused(visit: Visit, error: CognitoError) -> Reply:
    if error.code in _NOT_FOUND:
        return frame.not_found(visit, message_of(error))
    if error.code in _BUSY:
        return frame.problem(visit, 429, "Not now", message_of(error), "Wait a moment, then try again.")
    if error.status >= 500:
        return _broken(visit)
    return frame.problem(visit, 400, "That was refused", message_of(error), "Nothing was changed. Go back and check.")


def _busy(visit: Visit) -> Reply:
    return frame.problem(
        visit, 503, "Too busy", "The server has more to do at the moment than it can.", "Wait a few seconds, try again."
    ).with_headers(("retry-after", "5"))


def _broken(visit: Visit) -> Reply:
    return frame.problem(
        visit,
        500,
        "Something went wrong",
        "It is a fault of this server, not yours. It has been logged.",
        "Try again; if it stays, look for the reference in the log.",
        with_reference=True,
    )
