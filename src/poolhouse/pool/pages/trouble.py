"""What went wrong, as a page: in the visitor's language, with a reference, and nothing else of the request."""

from collections.abc import Sequence
from typing import Final

from structlog.stdlib import BoundLogger

from poolhouse.kit.cpu import Busy
from poolhouse.kit.db.protocol import DatabaseBusy, UnstorableValue
from poolhouse.kit.edge import Reply
from poolhouse.kit.edge import html as html_reply
from poolhouse.kit.html import Html, page_headers
from poolhouse.pool.flows.context import Refused
from poolhouse.pool.languages.voice import Voice
from poolhouse.pool.pages import tongue, words
from poolhouse.pool.pages.dress import Dress
from poolhouse.pool.pages.tongue import Tongue
from poolhouse.pool.pages.views import ProblemView
from poolhouse.pool.pages.words import Told
from poolhouse.pool.spec.errors import CognitoError, Reason

_PLAIN: Final = Dress()


class NotBelieved(Exception):
    """A form that did not come from a page of ours, or not whole."""


def excused(html: Html, no: Exception, request_id: str, voice: Voice, log: BoundLogger) -> Reply:
    """The page for what went wrong."""
    match no:
        case Refused(reason=Reason.RATE_EXCEEDED):
            log.info("refused", reason=no.reason.value)
            told, wait = words.TOO_FAST, True
        case Refused():
            log.info("refused", reason=no.reason.value)
            told, wait = words.refused(voice.refusal(no.reason, no.params)), False
        case CognitoError():
            log.info("refused", reason=no.code)
            told, wait = words.refused(no.message), False
        case NotBelieved():
            log.info("form not believed")
            told, wait = words.NOT_BELIEVED, False
        case UnstorableValue():
            log.info("refused", reason="unstorable")
            told, wait = words.NOT_UNDERSTOOD, False
        case Busy() | DatabaseBusy():
            log.info("busy")
            told, wait = words.BUSY, True
        case _:
            log.error("page failed", exc_info=no)
            told, wait = words.FAILED, False
    reply = problem(html, told, request_id, voice)
    return reply.with_headers(("retry-after", "1")) if wait else reply


def problem(
    html: Html, told: Told, reference: str, voice: Voice, app: tuple[str, str] | None = None,
    tongues: Sequence[Tongue] = (), worn: Dress = _PLAIN,
) -> Reply:  # fmt: skip
    """A page on which nothing can be done but read; *app* is the name and id of the app client that it concerns."""
    sheets = (html.hosted_sheet, *((worn.style,) if worn.style is not None else ()))
    theme = {"theme": worn.scheme} if worn.scheme else {}
    view = ProblemView(told=told, app_name=app[0] if app else "", app_id=app[1] if app else "")
    body = html.render(
        "hosted/problem.html",
        voice,
        view=view,
        heading=voice.say(told.heading),
        what=told.said or voice.say(told.what),
        why=voice.say(told.why),
        todo=voice.say(told.todo),
        aside=voice.say(told.aside),
        reference=reference,
        dress=worn,
        sheets=sheets,
        tongues=tongues,
        **theme,
    )
    return html_reply(body, told.status, (*page_headers(sheets=sheets), *tongue.page_headers(voice)))
