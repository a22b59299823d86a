"""From one page of a sign-in to the next: the engine says what is asked, this module knows the page."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from poolhouse.kit.edge import Reply
from poolhouse.pool.core.authorization_request import Valid
from poolhouse.pool.flows import sign_in
from poolhouse.pool.flows.authorize import answer_sign_in
from poolhouse.pool.flows.browser import (
    SESSION_COOKIE,
    THREAD_COOKIE,
    Thread,
    open_thread,
)
from poolhouse.pool.flows.context import Refused
from poolhouse.pool.flows.sign_in import Asked, Outcome
from poolhouse.pool.pages.authorize import judged, to_app
from poolhouse.pool.pages.entrance import entrance
from poolhouse.pool.pages.thread import ask_consent, hold
from poolhouse.pool.pages.visit import Visit, drop_cookie, go, keep_cookie
from poolhouse.pool.spec.errors import CognitoError, Reason

#: Challenge -> the page on which it is answered.
PAGES: MappingProxyType[str, str] = MappingProxyType(
    {
        "NEW_PASSWORD_REQUIRED": "/changePassword",
        "SMS_MFA": "/mfa",
        "EMAIL_OTP": "/mfa",
        "SOFTWARE_TOKEN_MFA": "/mfa",
        "SELECT_MFA_TYPE": "/mfa",
        "MFA_SETUP": "/mfa/setup",
    }
)
#: The parameters of challenges that pages show; others may be longer than a cookie.
_SHOWN = frozenset(
    {"requiredAttributes", "MFAS_CAN_CHOOSE", "MFAS_CAN_SETUP", "CODE_DELIVERY_DESTINATION", "FRIENDLY_DEVICE_NAME"}
)
_ENDED = frozenset({Reason.SESSION_INVALID, Reason.SESSION_EXPIRED, Reason.SESSION_USED, Reason.USER_DISABLED})

Again = Callable[[str], Reply]
"""Shows the form once more, with what was wrong."""


async def advance(visit: Visit, valid: Valid, outcome: Outcome, username: str) -> Reply:
    """To the page of the next challenge, or signed in and back to the app."""
    if isinstance(outcome, Asked):
        thread = Thread(
            step=outcome.challenge,
            client_id=valid.client.id,
            username=username,
            session=outcome.session,
            parameters={name: value for name, value in outcome.parameters.items() if name in _SHOWN},
        )
        return go(visit, PAGES[outcome.challenge], hold(visit, thread))
    made = await answer_sign_in(
        visit.flow,
        visit.site.entry,
        valid,
        outcome.user,
        amr=outcome.amr,
        former=visit.cookie(SESSION_COOKIE),
        origin=visit.origin,
    )
    signed_in = keep_cookie(visit, SESSION_COOKIE, made.session_token, made.session_seconds)
    if made.answer is None:
        return ask_consent(visit, valid, outcome.user.username, signed_in)
    return to_app(visit, made.answer, signed_in, drop_cookie(visit, THREAD_COOKIE))


def held(visit: Visit, valid: Valid, *steps: str) -> Thread | None:
    """The thread, if it is of this app and has come to one of *steps*."""
    thread = open_thread(visit.flow, visit.site.entry, visit.cookie(THREAD_COOKIE))
    fits = thread is not None and thread.client_id == valid.client.id and thread.step in steps
    return thread if fits else None


async def met(visit: Visit, *steps: str) -> tuple[Valid, Thread] | Reply:
    """The request and the thread; without one of these steps ahead, back to the sign-in page."""
    valid = await judged(visit)
    if isinstance(valid, Reply):
        return valid
    thread = held(visit, valid, *steps)
    return go(visit, "/login") if thread is None else (valid, thread)


async def answer(visit: Visit, valid: Valid, thread: Thread, responses: Mapping[str, str], again: Again) -> Reply:
    """Answer the challenge that the thread has come to, and go to the next page."""
    try:
        outcome = await sign_in.answer(
            visit.flow, visit.site.entry, valid.client, challenge=thread.step, session=thread.session,
            responses=responses, hosted=True, seen=visit.seen,
        )  # fmt: skip
    except Refused as no:
        return refused(visit, valid, thread, no, again)
    except CognitoError as no:
        if no.code != "InvalidParameterException":
            raise
        return again(no.message)
    return await advance(visit, valid, outcome, thread.username)


def refused(visit: Visit, valid: Valid, thread: Thread, no: Refused, again: Again) -> Reply:
    """The same form once more, or the sign-in page when there is nothing left to answer."""
    told = visit.refusal(no)
    if no.reason in _ENDED:
        return entrance(visit, valid, username=thread.username, error=told, status=401)
    return again(told)
