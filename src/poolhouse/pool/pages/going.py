"""From one page of a sign-in to the next: the engine says what is asked, this module knows the page."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from poolhouse.kit.edge import Reply
from poolhouse.kit.log import get_logger
from poolhouse.pool.core import first_factors
from poolhouse.pool.core.authorization_request import Valid
from poolhouse.pool.flows import browser_devices, offered, sign_in
from poolhouse.pool.flows.browser import THREAD_COOKIE, Thread, open_thread
from poolhouse.pool.flows.context import Refused
from poolhouse.pool.flows.sign_in import Asked, Outcome
from poolhouse.pool.pages import words
from poolhouse.pool.pages.arriving import arrive
from poolhouse.pool.pages.authorize import judged
from poolhouse.pool.pages.entrance import entrance
from poolhouse.pool.pages.thread import hold
from poolhouse.pool.pages.visit import Visit, go, sorry
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
FIRST: Final = "FIRST_"
"""Before the challenge of a code that is a first factor: EMAIL_OTP is a second one by the same name."""
CHOOSE: Final = "CHOOSE"
PASSWORD: Final = "PASSWORD"  # noqa: S105 (a step's name)
PASSKEY: Final = "PASSKEY"
WAYS: MappingProxyType[str, str] = MappingProxyType(
    {
        CHOOSE: "/login/choose",
        PASSWORD: "/login/password",
        PASSKEY: "/login/passkey",
        **{FIRST + name: "/login/code" for name in offered.CODES},
    }
)
"""Step before anything is proved -> its page."""
NOT_ENOUGH: Final = "not_enough"
"""A parameter of the thread: a passkey was right, and the sign-in needs a second factor."""
ANEW: Final = "anew"
"""A parameter of the thread: the code was sent once more."""
#: The parameters of challenges that pages show; others may be longer than a cookie.
_SHOWN = frozenset(
    {"requiredAttributes", "MFAS_CAN_CHOOSE", "MFAS_CAN_SETUP", "CODE_DELIVERY_DESTINATION", "FRIENDLY_DEVICE_NAME"}
)
_ENDED = frozenset({Reason.SESSION_INVALID, Reason.SESSION_EXPIRED, Reason.SESSION_USED, Reason.USER_DISABLED})

Again = Callable[[str], Reply]
"""Shows the form once more, with what was wrong."""


async def advance(visit: Visit, valid: Valid, outcome: Outcome, username: str, *, anew: bool = False) -> Reply:
    """To the page of the next challenge, or signed in and back to the app; *anew*: its code was sent once more."""
    if not isinstance(outcome, Asked):
        return await arrive(visit, valid, outcome, username)
    challenge = outcome.challenge
    if outcome.choices:
        return _first_factor(visit, valid, outcome, username, anew=anew)
    if challenge not in PAGES:
        # The service's pages do not have it either: only an app can show what its own triggers ask.
        get_logger().info("challenge has no page", request_id=visit.request_id, challenge=challenge)
        return sorry(visit, words.NO_PAGE_FOR_STEP)
    return go(visit, PAGES[challenge], hold(visit, _thread(valid, outcome, username, challenge, anew=anew)))


def _first_factor(visit: Visit, valid: Valid, outcome: Asked, username: str, *, anew: bool) -> Reply:
    """A code that was sent; or what is asked of one whose passkey is not enough: anything that it does not spare."""
    challenge = outcome.challenge
    if challenge in offered.CODES:
        step = FIRST + challenge
        return go(visit, WAYS[step], hold(visit, _thread(valid, outcome, username, step, anew=anew)))
    ways = [each for each in outcome.choices if each not in {first_factors.PASSWORD_SRP, first_factors.WEB_AUTHN}]
    step = PASSWORD if ways == [first_factors.PASSWORD] else CHOOSE
    return begin_way(visit, valid, username, step, {NOT_ENOUGH: "1"})


def begin_way(visit: Visit, valid: Valid, username: str, step: str, parameters: dict[str, str] | None = None) -> Reply:
    """To a page before anything is proved."""
    thread = Thread(step=step, client_id=valid.client.id, username=username, parameters=parameters or {})
    return go(visit, WAYS[step], hold(visit, thread))


def _thread(valid: Valid, outcome: Asked, username: str, step: str, *, anew: bool) -> Thread:
    shown = {name: value for name, value in outcome.parameters.items() if name in _SHOWN}
    return Thread(
        step=step,
        client_id=valid.client.id,
        username=username,
        session=outcome.session,
        parameters={**shown, ANEW: "1"} if anew else shown,
    )


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


def challenge_of(thread: Thread) -> str:
    """The engine's name for the step."""
    return thread.step.removeprefix(FIRST)


async def by_password(visit: Visit, valid: Valid, username: str, password: str, again: Again) -> Reply:
    """
    Judge the password, and go to what is asked next.

    An unknown name, a disabled user and a wrong password get the same answer, in the same time.  After the right
    password a person may know what the account lacks.
    """
    try:
        outcome = await sign_in.begin(
            visit.flow, visit.site.entry, valid.client, username=username, password=password, hosted=True,
            remembered=remembered(visit, valid), seen=visit.seen,
        )  # fmt: skip
    except Refused as no:
        client_id = valid.client.id
        match no.reason:
            case Reason.UNCONFIRMED:
                thread = Thread(step="CONFIRM", client_id=client_id, username=username)
                return go(visit, "/confirm", hold(visit, thread))
            case Reason.RESET_REQUIRED:
                thread = Thread(step="RESET_REQUIRED", client_id=client_id, username=username)
                return go(visit, "/forgotPassword", hold(visit, thread))
            case _:
                return again(visit.refusal(no))
    return await advance(visit, valid, outcome, username)


async def answer(visit: Visit, valid: Valid, thread: Thread, responses: Mapping[str, str], again: Again) -> Reply:
    """Answer the challenge that the thread has come to, and go to the next page."""
    try:
        outcome = await sign_in.answer(
            visit.flow, visit.site.entry, valid.client, challenge=challenge_of(thread), session=thread.session,
            responses=responses, hosted=True, remembered=remembered(visit, valid), seen=visit.seen,
        )  # fmt: skip
    except Refused as no:
        return refused(visit, valid, thread, no, again)
    except CognitoError as no:
        if no.code != "InvalidParameterException":
            raise
        return again(no.message)
    return await advance(visit, valid, outcome, thread.username)


def remembered(visit: Visit, valid: Valid) -> str | None:
    """
    What tells that the browser was remembered.

    An app that asks for a class of sign-in asks for the factors themselves.
    """
    return None if valid.acr else visit.cookie(browser_devices.COOKIE)


def refused(visit: Visit, valid: Valid, thread: Thread, no: Refused, again: Again) -> Reply:
    """The same form once more, or the sign-in page when there is nothing left to answer."""
    told = visit.refusal(no)
    if no.reason in _ENDED:
        return entrance(visit, valid, username=thread.username, error=told, status=401)
    return again(told)
