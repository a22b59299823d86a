"""
Signing in to the console and out of it.

``poolhouse_console``         the handle of a session; the store has its digest only
``poolhouse_console_start``   a random value that binds the sign-in form to a browser that has no session yet
``poolhouse_console_region``  the region that was looked at last

On https the names begin with ``__Host-``: no neighbouring host and no plain http can have set them.
"""

import base64
import hmac
from typing import Final

from poolhouse.kit import seal
from poolhouse.kit.ambient import Secret, urlsafe
from poolhouse.kit.edge import HeaderPair, Reply, clear_cookie, html, redirect, set_cookie
from poolhouse.kit.html import page_headers
from poolhouse.pool.console import paths
from poolhouse.pool.console.context import Console, Visit
from poolhouse.pool.console.form import Form, Problems
from poolhouse.pool.flows import admins
from poolhouse.pool.flows.context import Refused
from poolhouse.pool.spec.errors import Reason

SESSION: Final = "poolhouse_console"
START: Final = "poolhouse_console_start"
REGION: Final = "poolhouse_console_region"
_LONGEST: Final = 128
_START_BYTES: Final = 24
_YEAR: Final = 365 * 86_400
_SENTENCES: Final = {
    Reason.WRONG_PASSWORD: "The email or the password is not right. Check both and try again.",
    Reason.LOCKED_OUT: "There were too many attempts. Wait a moment and try again."
    " Each further wrong one makes the wait longer.",
}


def cookie_name(console: Console, name: str) -> str:
    return f"__Host-{name}" if console.flow.config.secure else name


def read_cookie(visit: Visit, name: str) -> str:
    """The cookie's value; empty when it is missing or longer than any that we set."""
    value = visit.raw.cookie(cookie_name(visit.console, name)) or ""
    return value if len(value) <= _LONGEST else ""


def bake(console: Console, name: str, value: str, max_age: int | None = None) -> HeaderPair:
    return set_cookie(cookie_name(console, name), value, secure=console.flow.config.secure, max_age=max_age)


def region_cookie(console: Console, region: str) -> HeaderPair:
    return bake(console, REGION, region, _YEAR)


def mint_start(console: Console) -> str:
    """What binds a sign-in form to its browser."""
    return urlsafe(console.flow.entropy, _START_BYTES)


def proof(console: Console, *, session: bytes | None, start: str) -> str:
    """What every form of this session, or of this browser before it has one, must carry."""
    ring = console.flow.ring
    if session is not None:
        mac = ring.mac(session, purpose="console form")
    else:
        mac = ring.mac(seal.digest(start), purpose="console sign-in form")
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def is_proof(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode())


async def show(visit: Visit) -> Reply:
    """GET: who is signed in already is not asked again."""
    if visit.session is not None:
        return redirect(paths.local(visit.query.text("to")))
    return _form(visit, Form(), {}, ended=visit.query.has("ended", "1"))


async def submit(visit: Visit) -> Reply:
    """
    POST: a new session at each sign-in, so that none can be planted; the one before it ends.

    An empty field is told apart from a wrong one: that says nothing about any account.
    """
    email, password = visit.form.text("email"), visit.form.verbatim("password")
    problems: Problems = {}
    if not email:
        problems["email"] = "Enter your email address."
    if not password:
        problems["password"] = "Enter your password."  # noqa: S105
    if problems:
        return _form(visit, visit.form, problems)
    try:
        handle = await admins.sign_in(visit.flow, email, Secret(password), visit.raw.peer)
    except Refused as refused:
        return _form(visit, visit.form, {"": _SENTENCES.get(refused.reason, _SENTENCES[Reason.WRONG_PASSWORD])})
    if visit.handle:
        await admins.end_session(visit.flow, visit.handle)
    console = visit.console
    return redirect(
        paths.local(visit.form.text("to")),
        headers=(bake(console, SESSION, handle, admins.SESSION_SECONDS), _forget(console, START)),
    )


async def sign_out(visit: Visit) -> Reply:
    """POST: the session ends here, not only in the browser."""
    await admins.end_session(visit.flow, visit.handle)
    return redirect(paths.SIGN_IN, headers=(_forget(visit.console, SESSION),))


def ask(visit: Visit) -> Reply:
    """
    To the sign-in page and back to the page that was asked for.

    After a form its own page is the one to come back to; what was filled in is lost, and said to be.
    """
    raw = visit.raw
    if raw.method == "POST":
        origin, _, path = raw.header("referer").partition(paths.ROOT)
        came_from = paths.ROOT + path if origin == visit.flow.config.base_url else ""
        return redirect(paths.href(paths.SIGN_IN, to=_target(came_from), ended="1"))
    ended = "1" if visit.handle else ""
    return redirect(
        paths.href(paths.SIGN_IN, to=_target(raw.path + (f"?{raw.query}" if raw.query else "")), ended=ended)
    )


def _target(wanted: str) -> str:
    target = paths.local(wanted)
    return "" if target in {paths.ROOT, paths.SIGN_IN} else target


def _form(visit: Visit, form: Form, problems: Problems, *, ended: bool = False) -> Reply:
    body = visit.console.html.render(
        "console/sign_in.html",
        csrf=visit.csrf,
        to=(form.text("to") or visit.query.text("to")),
        form=form,
        problems=problems,
        ended=ended,
        development=visit.flow.config.development,
    )
    return html(body, 422 if problems else 200, page_headers())


def _forget(console: Console, name: str) -> HeaderPair:
    return clear_cookie(cookie_name(console, name), secure=console.flow.config.secure)
