"""The thread of a sign-in from one page to the next, in a cookie that only this server can read."""

import hmac
from typing import Final

from poolhouse.kit import seal
from poolhouse.kit.edge import HeaderPair, Reply
from poolhouse.pool.core.authorization_request import Valid
from poolhouse.pool.flows.browser import THREAD_COOKIE, THREAD_SECONDS, Thread, seal_thread
from poolhouse.pool.pages.tongue import without_language
from poolhouse.pool.pages.visit import Visit, go, keep_cookie

CONSENT: Final = "CONSENT"
CONSENT_PATH: Final = "/consent"
_REQUEST: Final = "request"


def hold(visit: Visit, thread: Thread) -> HeaderPair:
    """Keep the thread until the next page."""
    return keep_cookie(visit, THREAD_COOKIE, seal_thread(visit.flow, visit.site.entry, thread), THREAD_SECONDS)


def ask_consent(visit: Visit, valid: Valid, username: str, *headers: HeaderPair) -> Reply:
    """
    To the consent page, for the user who has signed in.

    The thread is of this request alone: another one of the same app may ask for a fresh sign-in, which this one was
    spared.
    """
    thread = Thread(step=CONSENT, client_id=valid.client.id, username=username, parameters=of_request(visit.query))
    return go(visit, CONSENT_PATH, *headers, hold(visit, thread))


def of_request(query: str) -> dict[str, str]:
    """The parameters of a thread that is of this request alone."""
    return {_REQUEST: _name_of(query)}


def is_of_request(visit: Visit, thread: Thread) -> bool:
    """Whether the request on the page is the one that the consent page was opened for."""
    return hmac.compare_digest(thread.parameters.get(_REQUEST, ""), _name_of(visit.query))


def _name_of(query: str) -> str:
    return seal.digest(without_language(query)).hex()
