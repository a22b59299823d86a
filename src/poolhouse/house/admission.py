"""
From bytes to a handler and back: who may come in, what is refused before any handler runs.

Every row of the route table says who may use it; forgetting to say so is an error, not an open door.  A POST needs
a same-origin ``Origin`` and the form's proof, on every route but those that say that other sites post to them.
"""

from collections.abc import Awaitable, Callable, Mapping
from enum import Enum
from types import MappingProxyType

import msgspec
from starlette.routing import Route

from poolhouse.house import mistaken
from poolhouse.house import session as sessions
from poolhouse.house.context import Context
from poolhouse.house.guards import Refused
from poolhouse.house.pages.problem import problem
from poolhouse.house.pages.query import with_query
from poolhouse.house.roles import Power
from poolhouse.house.rp.urls import local_path
from poolhouse.house.visit import Visit
from poolhouse.kit import forms
from poolhouse.kit.address import client_address
from poolhouse.kit.ambient import hex_token, urlsafe
from poolhouse.kit.cpu import Busy
from poolhouse.kit.db.protocol import DatabaseBusy, UnstorableValue
from poolhouse.kit.edge import Raw, Reply, endpoint, redirect, text
from poolhouse.kit.log import get_logger
from poolhouse.kit.urls import is_loopback_host

FORM_LIMIT = 65_536
PICTURE_FORM_LIMIT = 1_048_576
_PICTURES = ("icon", "logo")
"""Fields whose value is left out of a form where it is far too large, so that it is an error beside the field."""
"""Of forms with a picture in them: what is said of one that is too large stands on the page then, beside its field."""
_BROWSER_BYTES = 16
_COOKIE_LIMIT = 128

Handler = Callable[[Context, Visit], Awaitable[Reply]]


class Access(Enum):
    """Who may use a route: everybody, whoever is signed in, or whose roles have the power."""

    PUBLIC = "public"
    SIGNED_IN = "signed in"
    ADMINISTRATOR = "administrator"
    PEOPLE = "people"
    APPS = "apps"
    AUDIT = "audit"
    PEOPLE_OR_APPS = "people or apps"


_POWERS: Mapping[Access, frozenset[Power]] = MappingProxyType(
    {
        Access.ADMINISTRATOR: frozenset({Power.INSTANCE}),
        Access.PEOPLE: frozenset({Power.PEOPLE}),
        Access.APPS: frozenset({Power.APPS}),
        Access.AUDIT: frozenset({Power.AUDIT}),
        Access.PEOPLE_OR_APPS: frozenset({Power.PEOPLE, Power.APPS}),
    }
)
"""One of them is enough."""


class Row(msgspec.Struct, frozen=True):
    """One line of the route table."""

    method: str
    path: str
    access: Access
    handler: Handler
    is_from_elsewhere: bool = False
    """A POST that other sites send, without our cookies and forms: the handler reads and judges the body itself."""
    limit: int = FORM_LIMIT


def route(ctx: Context, row: Row) -> Route:
    """The row as Starlette wants it."""

    async def handle(raw: Raw) -> Reply:
        return await _answer(ctx, row, raw)

    def too_large(raw: Raw) -> Reply:
        return _too_large(ctx, row, raw)

    leaves_out = _PICTURES if row.limit == PICTURE_FORM_LIMIT else ()
    return Route(
        row.path, endpoint(handle, limit=row.limit, on_oversize=too_large, leaves_out=leaves_out), methods=[row.method]
    )


async def _answer(ctx: Context, row: Row, raw: Raw) -> Reply:
    """The surface adapter: whatever goes wrong becomes a page with a reference, and never an open door."""
    visit = _stranger(ctx, raw)
    try:
        visit = await _recognise(ctx, visit)
        refusal = _canonical_host(ctx, visit) or _check_access(ctx, row, visit)
        if refusal is None and raw.method == "POST" and not row.is_from_elsewhere:
            visit, refusal = _read_form(ctx, visit)
        reply = refusal or await row.handler(ctx, visit)
    except (Busy, DatabaseBusy):
        reply = _busy(ctx, visit)
    except UnstorableValue:
        reply = _not_text(ctx, visit)
    except Refused as refused:
        reply = _refused(ctx, visit, refused)
    except Exception as wrong:  # noqa: BLE001 - the one place where everything is caught
        get_logger().error(
            "request failed",
            program="house",
            reference=visit.reference,
            route=row.path,
            method=raw.method,
            error=type(wrong).__name__,
            exc_info=True,
        )
        reply = _broken(ctx, visit)
    # A cross-site POST comes without the cookie that the browser has; a new one must not take its place.
    if visit.is_new_browser and not row.is_from_elsewhere:
        reply = reply.with_headers(sessions.browser_cookie(ctx.origin, visit.browser))
    return reply


def _stranger(ctx: Context, raw: Raw) -> Visit:
    browser = _cookie(raw, sessions.browser_cookie_name(ctx.origin))
    is_new = not browser
    if is_new:
        browser = urlsafe(ctx.entropy, _BROWSER_BYTES)
    return Visit(
        raw=raw,
        address=client_address(raw, ctx.proxies),
        reference=hex_token(ctx.entropy, 6),
        browser=browser,
        is_new_browser=is_new,
        session_id=_cookie(raw, sessions.session_cookie_name(ctx.origin)),
        session=None,
        csrf=sessions.csrf_token(ctx.ring, session_id="", browser=browser),
    )


async def _recognise(ctx: Context, visit: Visit) -> Visit:
    found = await sessions.find_session(ctx, visit.session_id)
    if found is None:
        return visit
    proof = sessions.csrf_token(ctx.ring, session_id=visit.session_id, browser=visit.browser)
    return msgspec.structs.replace(visit, session=found, csrf=proof)


def _canonical_host(ctx: Context, visit: Visit) -> Reply | None:
    """
    ``127.0.0.1`` where the base URL says ``localhost``: the same machine, but other cookies; so go to the base URL.

    Only between names of this machine on the same port, where no proxy can turn it into a loop.
    """
    raw = visit.raw
    own_host, _, own_port = ctx.origin.url.partition("://")[2].rpartition(":")
    host, _, port = raw.host.rpartition(":")
    if raw.method != "GET" or not ctx.origin.is_loopback or host == own_host or port != own_port:
        return None
    if not own_host or not is_loopback_host(host):
        return None
    query = f"?{raw.query}" if raw.query else ""
    return redirect(ctx.origin.at(local_path(raw.path + query)), 307)


def _check_access(ctx: Context, row: Row, visit: Visit) -> Reply | None:
    if row.access is Access.PUBLIC:
        return None
    if visit.session is None:
        return _ask_to_sign_in(visit)
    if row.access is Access.SIGNED_IN or _POWERS[row.access] & visit.session.powers:
        return None
    return problem(
        ctx,
        visit,
        status=403,
        heading="For administrators only",
        what="None of your roles lets you do this.",
        todo="Ask an administrator of this house, or sign in with another account.",
    )


def _ask_to_sign_in(visit: Visit) -> Reply:
    """A navigation goes to the sign-in page and comes back; a script's request is told so in its own terms."""
    raw = visit.raw
    if raw.header("sec-fetch-mode") not in {"", "navigate"}:
        return text("Sign in first.\n", 401, (("cache-control", "no-store"),))
    target = "/" if raw.method == "POST" else local_path(raw.path + (f"?{raw.query}" if raw.query else ""))
    return redirect(with_query("/user/login", to="" if target == "/" else target))


def _read_form(ctx: Context, visit: Visit) -> tuple[Visit, Reply | None]:
    raw = visit.raw
    if mistaken.is_for_a_pool(raw):
        return visit, mistaken.refuse(ctx, visit)
    if not _is_same_origin(ctx, raw):
        return visit, problem(
            ctx,
            visit,
            status=403,
            heading="This form came from another address",
            what=f"This house answers at {ctx.origin.url}, and takes forms from its own pages only.",
            todo=f"Open {ctx.origin.url} and try again there.",
        )
    if raw.media_type != "application/x-www-form-urlencoded":
        return visit, text("This address takes forms of the house's own pages.\n", 415)
    try:
        form = forms.single(forms.body_text(raw.body))
    except forms.FormError:
        return visit, text("The form cannot be read.\n", 400)
    if not sessions.is_csrf_token(visit.csrf, form.get("csrf", "")):
        return visit, problem(
            ctx,
            visit,
            status=403,
            heading="This page was too old",
            what="Nothing was changed: you have signed in or out since the page was opened.",
            todo="Go back, reload the page, and try again.",
        )
    return msgspec.structs.replace(visit, form=form), None


def _is_same_origin(ctx: Context, raw: Raw) -> bool:
    """Browsers send ``Origin`` with every POST; where it is missing, ``Sec-Fetch-Site`` must not speak against it."""
    origin = raw.header("origin")
    if origin:
        return origin == ctx.origin.url
    return raw.header("sec-fetch-site") in {"", "same-origin"}


def _cookie(raw: Raw, name: str) -> str:
    value = raw.cookie(name) or ""
    return value if len(value) <= _COOKIE_LIMIT else ""


def _busy(ctx: Context, visit: Visit) -> Reply:
    return problem(
        ctx,
        visit,
        status=503,
        heading="Too busy",
        what="This house has more to do at the moment than it can.",
        todo="Wait a few seconds, then try again.",
    ).with_headers(("retry-after", "5"))


def _not_text(ctx: Context, visit: Visit) -> Reply:
    """A character that no database keeps, such as U+0000, in a search or a form."""
    return problem(
        ctx,
        visit,
        status=400,
        heading="This cannot be read",
        what="What was sent has a character that is no part of any text. Nothing was changed.",
        todo="Go back, write it anew, and try again.",
    )


def _refused(ctx: Context, visit: Visit, refused: Refused) -> Reply:
    """A rule of the house said no where the page itself has no place for it."""
    return problem(ctx, visit, status=409, heading="Nothing was changed", what=str(refused), todo="")


def _too_large(ctx: Context, row: Row, raw: Raw) -> Reply:
    """The body was not read, so whose it is and what else is in it nobody knows."""
    return problem(
        ctx,
        _stranger(ctx, raw),
        status=413,
        heading="Too much at once",
        what=f"What was sent is larger than {row.limit // 1024} KB, and this page takes no more. Nothing was changed.",
        todo="Go back: what you have entered is still there. Make it shorter, or choose a smaller picture.",
    )


def _broken(ctx: Context, visit: Visit) -> Reply:
    return problem(
        ctx,
        visit,
        status=500,
        heading="Something went wrong",
        what="It is a fault of this house, not yours. It has been logged.",
        todo="Try again; if it stays, give the reference to an administrator.",
    )
