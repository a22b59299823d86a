"""The end of a sign-in: a session, what the browser is to remember, and the way back to the app."""

from types import MappingProxyType
from typing import Final

from poolhouse.kit.edge import HeaderPair, Reply
from poolhouse.pool.core import first_factors
from poolhouse.pool.core.authorization_request import Valid
from poolhouse.pool.core.sign_in import SECOND
from poolhouse.pool.flows import authorize as flow_of
from poolhouse.pool.flows import browser_devices, consent, familiar, invitation, notices, offered
from poolhouse.pool.flows.browser import SESSION_COOKIE, THREAD_COOKIE, Recognised, Thread
from poolhouse.pool.flows.context import Refused
from poolhouse.pool.flows.sign_in import SignedIn
from poolhouse.pool.model.sign_in import Done
from poolhouse.pool.pages.authorize import to_app
from poolhouse.pool.pages.thread import ask_consent, hold, of_request
from poolhouse.pool.pages.visit import Visit, drop_cookie, go, keep_cookie
from poolhouse.pool.spec.errors import Reason

WAY_COOKIE: Final = "poolhouse-way"
"""How this browser has signed in last: no secret, and nobody's name."""
LATER_COOKIE: Final = "poolhouse-passkey-later"
INVITE: Final = "INVITE"
INVITE_PATH: Final = "/passkeys/add"
REMEMBER: Final = "remember_device"
"""The field by which a person has this browser remembered."""
_WAY_SECONDS: Final = 180 * 86_400
_WAY_OF: MappingProxyType[Done, str] = MappingProxyType(
    {
        Done.PASSWORD: first_factors.PASSWORD,
        Done.FIRST_EMAIL: first_factors.EMAIL_OTP,
        Done.FIRST_SMS: first_factors.SMS_OTP,
        Done.SYNCED_PASSKEY: first_factors.WEB_AUTHN,
        Done.BOUND_PASSKEY: first_factors.WEB_AUTHN,
    }
)


async def arrive(visit: Visit, valid: Valid, outcome: SignedIn, typed: str) -> Reply:
    """
    Signed in: back to the app, or first to a page that asks for consent or invites to add a passkey.

    *typed* is the name that the person came by; the browser is familiar with the user from then on.
    """
    flow, entry, user = visit.flow, visit.site.entry, outcome.user
    invites = _invites(visit, valid, outcome)
    made = await flow_of.answer_sign_in(
        flow, entry, valid, user, amr=(*outcome.amr, *_beside(outcome)), former=visit.cookie(SESSION_COOKIE),
        origin=visit.origin, holds_back=invites,
    )  # fmt: skip
    kept = [keep_cookie(visit, SESSION_COOKIE, made.session_token, made.session_seconds), *_way(visit, valid, outcome)]
    kept += await _remembered(visit, valid, outcome)
    known = familiar.with_user(flow, entry, visit.familiar, user, typed)
    kept.append(keep_cookie(visit, familiar.COOKIE, known, familiar.SECONDS))
    if invites:
        thread = Thread(
            step=INVITE, client_id=valid.client.id, username=user.username, parameters=of_request(visit.query)
        )
        return go(visit, INVITE_PATH, *kept, hold(visit, thread))
    if made.answer is None:
        return ask_consent(visit, valid, user.username, *kept)
    return to_app(visit, made.answer, *kept, drop_cookie(visit, THREAD_COOKIE))


def _beside(outcome: SignedIn) -> list[str]:
    """What the session rests on beside the methods: a remembered browser in the place of a code, a verified user."""
    own = {Done.USER_VERIFIED} if outcome.done & {*SECOND} else {Done.USER_VERIFIED, Done.DEVICE}
    return sorted(outcome.done & own)


async def go_on(visit: Visit, valid: Valid, known: Recognised, *headers: HeaderPair) -> Reply:
    """From a page between the sign-in and the app to the app, or to the next such page."""
    try:
        answer = await flow_of.answer_session(visit.flow, visit.site.entry, valid, known, visit.origin)
    except Refused as no:
        if no.reason is not Reason.LOGIN_REQUIRED:
            raise
        if await consent.is_missing(visit.flow, visit.site.entry, valid, known.session.sub):
            return ask_consent(visit, valid, known.user.username, *headers)
        return go(visit, "/login", *headers, drop_cookie(visit, THREAD_COOKIE))
    return to_app(visit, answer, *headers, drop_cookie(visit, THREAD_COOKIE))


def _invites(visit: Visit, valid: Valid, outcome: SignedIn) -> bool:
    """Whether the person is invited to add a passkey: once in a while, and never in the way of an error."""
    by_choice = offered.is_by_choice(visit.flow, visit.site, valid.client)
    if not by_choice or valid.response_type == "none" or not offered.works_with_passkeys(visit.flow, visit.site):
        return False
    if flow_of.fault(visit.site.entry, valid, outcome.user.sub, outcome.amr) is not None:
        return False
    return invitation.is_due(visit.flow, visit.site.entry, outcome.user, visit.cookie(LATER_COOKIE))


def _way(visit: Visit, valid: Valid, outcome: SignedIn) -> list[HeaderPair]:
    way = next((name for done, name in _WAY_OF.items() if done in outcome.done), "")
    if not way or not offered.is_by_choice(visit.flow, visit.site, valid.client):
        return []
    return [keep_cookie(visit, WAY_COOKIE, way, _WAY_SECONDS)]


async def _remembered(visit: Visit, valid: Valid, outcome: SignedIn) -> list[HeaderPair]:
    """Keep the browser in mind, where the pool does so, or the person has asked for it, after a second factor."""
    pool = visit.site.entry.pool
    if Done.DEVICE in outcome.done:
        if outcome.device is not None:
            await browser_devices.note_use(visit.flow, outcome.device, visit.origin)
        return []
    if not browser_devices.remembers(pool) or not outcome.done & {*SECOND}:
        return []
    if browser_devices.asks(pool) and REMEMBER not in visit.form:
        return []
    former = visit.cookie(browser_devices.COOKIE)
    cookie = await browser_devices.remember(
        visit.flow, visit.site.entry, outcome.user, visit.origin, former,
        scene=notices.scene(visit.site.entry, valid.client, visit.origin),
    )  # fmt: skip
    return [] if cookie is None else [keep_cookie(visit, browser_devices.COOKIE, cookie, browser_devices.SECONDS)]
