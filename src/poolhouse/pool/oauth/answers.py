"""From a request to a JSON answer: the one place where the errors of these endpoints become replies."""

from collections.abc import Awaitable, Callable

import msgspec
from starlette.types import ASGIApp

from poolhouse.kit import forms
from poolhouse.kit.ambient import mark
from poolhouse.kit.cpu import Busy
from poolhouse.kit.db.protocol import DatabaseBusy, UnstorableValue
from poolhouse.kit.edge import HeaderPair, Raw, Reply, endpoint
from poolhouse.kit.log import get_logger
from poolhouse.pool.flows import rates
from poolhouse.pool.flows.context import Flow, NotGranted, Refused
from poolhouse.pool.flows.site import Site, resolve
from poolhouse.pool.spec.errors import CognitoError, Reason, oauth

BODY_LIMIT = 65_536
"""Bytes; no request of these endpoints is larger, and reading more is only work (CVE-2026-4634)."""
NO_STORE: tuple[HeaderPair, ...] = (("cache-control", "no-store"), ("pragma", "no-cache"))
ANY_ORIGIN: tuple[HeaderPair, ...] = (
    ("access-control-allow-origin", "*"),
    ("access-control-expose-headers", "www-authenticate, x-amz-cognito-request-id, dpop-nonce"),
)
_LATER: tuple[HeaderPair, ...] = (("retry-after", "1"),)
_CAN_ASK = "authorization, cache-control, content-type, dpop, x-amz-user-agent, x-requested-with"
_JSON: tuple[HeaderPair, ...] = (
    ("content-type", "application/json;charset=UTF-8"), ("x-content-type-options", "nosniff"),
)  # fmt: skip
_encode = msgspec.json.Encoder().encode
_FORM = "application/x-www-form-urlencoded"

Form = dict[str, str]
Lists = dict[str, tuple[str, ...]]
Answerer = Callable[[Flow, Site, Raw], Awaitable[Reply]]


class Problem(Exception):
    """An error answer of these endpoints (RFC 6749 section 5.2)."""

    def __init__(
        self, error: str, description: str = "", *, status: int = 400, headers: tuple[HeaderPair, ...] = ()
    ) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.status = status
        self.headers = headers

    @classmethod
    def of(cls, refused: Refused) -> "Problem":
        """The refusal of a flow in OAuth's words."""
        error, description = oauth(refused.reason)
        if refused.reason is Reason.BUSY:
            return busy()
        if refused.reason is Reason.RATE_EXCEEDED:
            # RFC 6585 section 4: it is this pool that has asked too much, not the server that is down.
            return cls(error, description, status=429, headers=_LATER)
        return cls(error, description.format_map(refused.params))


def busy() -> Problem:
    """More work than the server can do now; told at once, so that clients back off."""
    return Problem("temporarily_unavailable", status=503, headers=_LATER)


def answering(flow: Flow, answer: Answerer, *methods: str, rate: str | None = None) -> ASGIApp:
    """
    An endpoint of a domain, open to scripts of any origin: it takes tokens and secrets, never cookies.

    *rate* is the category in which its requests count.

    A wrong method is 405, as the service answers it.
    """
    allow = ", ".join((*methods, "OPTIONS"))
    always = (*ANY_ORIGIN, *NO_STORE)

    async def handle(raw: Raw) -> Reply:
        if raw.method == "OPTIONS":
            return preflight(allow)
        request_id = mark(flow.entropy)
        if raw.method in methods:
            reply = await _answered(flow, raw, answer, request_id, rate)
        else:
            reply = error_reply(Problem("invalid_request", status=405, headers=(("allow", allow),)))
        return reply.with_headers(*always, ("x-amz-cognito-request-id", request_id))

    return endpoint(handle, limit=BODY_LIMIT, on_oversize=_oversize)


async def _answered(flow: Flow, raw: Raw, answer: Answerer, request_id: str, rate: str | None) -> Reply:
    try:
        site = await resolve(flow, raw)
        if site is None:
            raise Problem("invalid_request", "There is no such domain.", status=404)  # noqa: TRY301 (one way out)
        if rate is not None:
            rates.count(flow, site.entry.pool.id, rate)
        reply = await answer(flow, site, raw)
        return reply.with_headers(*site.headers) if site.secure else reply
    except Problem as no:
        problem, reason = no, no.description
    except Refused as no:
        problem, reason = Problem.of(no), no.reason.value
    except NotGranted as no:
        problem, reason = Problem(no.error, no.description, status=no.status), no.description
    except CognitoError as no:
        problem, reason = Problem("invalid_request", no.message), no.code
    except UnstorableValue:
        problem, reason = Problem("invalid_request", "A value cannot be read."), "unstorable"
    except (Busy, DatabaseBusy):
        problem, reason = busy(), "busy"
    except Exception:  # noqa: BLE001 (the adapter of this surface: logged, and answered without a word of it)
        get_logger().exception("endpoint failed", request_id=request_id, route=raw.path)
        return error_reply(Problem("server_error", f"Reference: {request_id}", status=500))
    get_logger().info(
        "refused", request_id=request_id, route=raw.path, error=problem.error, reason=reason, status=problem.status
    )
    return error_reply(problem)


def form_of(raw: Raw) -> Form:
    """
    The parameters of a form body, without those that have no value (RFC 6749 section 3.1).

    The query does not count: what stands in a URL ends up in logs.
    """
    return form_and_lists(raw)[0]


def form_and_lists(raw: Raw, *names: str) -> tuple[Form, Lists]:
    """The same, with the parameters in *names*, which may come several times (RFC 8707, RFC 8693), beside it."""
    if raw.media_type != _FORM:
        raise Problem("invalid_request", f"The content type must be {_FORM}.", status=400)
    try:
        given = forms.pairs(forms.body_text(raw.body))
    except forms.FormError as wrong:
        raise Problem("invalid_request", "The form cannot be read.") from wrong
    form: Form = {}
    lists: Lists = dict.fromkeys(names, ())
    for name, value in given:
        if name in lists:
            lists[name] += (value,) if value else ()
        elif name in form:
            raise Problem("invalid_request", f"{_named(name)} is repeated")
        else:
            form[name] = value
    return {name: value for name, value in form.items() if value}, lists


def required(form: Form, name: str) -> str:
    """A parameter that must be there."""
    value = form.get(name)
    if value is None:
        raise Problem("invalid_request", f"{name} is missing")
    return value


def json_body(value: object, *, status: int = 200, headers: tuple[HeaderPair, ...] = ()) -> Reply:
    """A JSON document as these endpoints send it."""
    return Reply(status, _encode(value), (*_JSON, *headers))


def error_reply(problem: Problem) -> Reply:
    body = {"error": problem.error}
    if problem.description:
        body["error_description"] = problem.description
    return json_body(body, status=problem.status, headers=problem.headers)


def _named(name: str) -> str:
    """A parameter's name for a description, which allows a part of ASCII only (RFC 6749 section 5.2)."""
    return name if name.isascii() and name.isidentifier() and len(name) <= 64 else "A parameter"


def _oversize(_raw: Raw) -> Reply:
    problem = Problem("invalid_request", "The request is too large.")
    return error_reply(problem).with_headers(*ANY_ORIGIN, *NO_STORE)


def preflight(allow: str, *, asks: str = _CAN_ASK) -> Reply:
    """The answer to a script's question before its request; *asks* are the headers that it may send."""
    return Reply(
        204,
        b"",
        (
            ("access-control-allow-origin", "*"),
            ("access-control-allow-methods", allow),
            ("access-control-allow-headers", asks),
            ("access-control-max-age", "86400"),
        ),
    )
