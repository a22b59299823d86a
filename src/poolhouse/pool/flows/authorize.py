"""
An authorization request that was judged (``flows.judging``), answered with a code (or tokens) once somebody has
signed in.

An answer is written in one transaction that looks again at what it relies on: the session still lives, the user is
still enabled.
"""

import hmac

import msgspec

from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.core import claims_request, subjects
from poolhouse.pool.core.authorization_request import Answer, BadRequest, Valid, an_answer
from poolhouse.pool.core.sessions import reuse_seconds
from poolhouse.pool.flows import browser, consent, logout, people, sessions
from poolhouse.pool.flows.answering import Prepared, prepare, write
from poolhouse.pool.flows.browser import Recognised
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.model.grant import BrowserSession
from poolhouse.pool.model.origin import NOWHERE, Origin
from poolhouse.pool.model.user import User
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.store import grants as grant_store


class SignedIn(msgspec.Struct, frozen=True):
    """What the app is sent, if that is known already, and the handle of the browser's new session."""

    answer: Answer | None
    session_token: str
    session_seconds: int = browser.SESSION_SECONDS

    def __repr__(self) -> str:
        return "SignedIn(***)"


def is_enough(entry: PoolEntry, valid: Valid, session: BrowserSession, now: int) -> bool:
    """
    Whether the session spares the user the sign-in page (OIDC Core section 3.1.2.1: prompt, max_age).

    An app goes on with it silently for as long as it says (AWS API: SSOSession.MaxValidityMinutes); one that anybody
    may have registered only once the user has agreed (``flows.consent``): a link to it would be enough else to learn
    who follows it.
    """
    if now - session.auth_time >= reuse_seconds(entry.pool, valid.client):
        return False
    if valid.prompt & {"login", "select_account"} or valid.max_age == 0:
        return False
    if fault(entry, valid, session.sub, session.amr) is not None:
        return False
    return valid.max_age is None or now - session.auth_time <= valid.max_age


def fault(entry: PoolEntry, valid: Valid, sub: str, amr: tuple[str, ...]) -> str | None:
    """
    The error of a sign-in that is not the one that was asked for.

    Somebody else's (OIDC Core section 3.1.2.2), or of a class that is not enough (OpenID Connect Core Error Code
    unmet_authentication_requirements).
    """
    told = subjects.name_for(valid.client, sub, entry.salt)
    if valid.subject is not None and not hmac.compare_digest(valid.subject.encode(), told.encode()):
        return "login_required"
    is_met = claims_request.is_met(amr, valid.acr, essential=valid.acr_essential)
    return None if is_met else "unmet_authentication_requirements"


def refusal(flow: Flow, entry: PoolEntry, bad: BadRequest) -> Answer:
    """The error for the app; ``iss`` names this pool, so that an app cannot mix up two (RFC 9207)."""
    return an_answer(
        bad.redirect_uri,
        bad.mode,
        error=bad.error,
        error_description=bad.description or None,
        state=bad.state,
        iss=flow.config.issuer(entry.pool.id),
    )


def told(valid: Valid, error: str) -> BadRequest:
    """The app's request came to nothing."""
    return BadRequest(error=error, redirect_uri=valid.redirect_uri, state=valid.state, mode=valid.mode)


def nobody_signed_in(valid: Valid) -> BadRequest:
    """``prompt=none`` without a session that is enough."""
    return told(valid, "login_required")


async def answer_session(
    flow: Flow, entry: PoolEntry, valid: Valid, known: Recognised, origin: Origin = NOWHERE, *,
    has_agreed: bool = False,
) -> Answer:  # fmt: skip
    """
    The answer for a browser that is signed in already; *has_agreed*: its user has just said yes to it.

    Refuses with LOGIN_REQUIRED when the session has ended meanwhile, or the user's agreement.
    """
    made = await prepare(flow, entry, valid, known.user, known.session, origin)
    use = sessions.begun(flow, entry.pool, origin, sessions.SSO)

    async def unit(tx: Tx) -> None:
        state = await sessions.hold_state(tx, entry.pool, known.user.username)
        if not await browser.lives(tx, entry, known, state, flow.clock.now()):
            raise Refused(Reason.LOGIN_REQUIRED)
        if use is not None and known.session.tracked is not None:
            sso_id = known.session.tracked.id
            await sessions.note_sso(tx, entry.pool, known.user.username, sso_id, use, flow.clock.now())
        if has_agreed:
            await consent.give_in(tx, valid, known.user, flow.clock.now_ms())
        elif await consent.is_missing_in(tx, entry, valid, known.user.sub):
            raise Refused(Reason.LOGIN_REQUIRED)
        await write(flow, tx, entry.pool, made)

    await flow.database.write(unit)
    return made.answer


async def answer_sign_in(
    flow: Flow, entry: PoolEntry, valid: Valid, user: User, *, amr: tuple[str, ...], former: str | None,
    origin: Origin = NOWHERE, holds_back: bool = False,
) -> SignedIn:  # fmt: skip
    """
    The answer for a user who has just signed in, with a new session in place of the *former* one.

    *holds_back*: the session alone; a page comes first that needs it, and answers then.

    Whoever is not the user that the app expects is signed in, and the app gets an error.  There is no answer yet where
    the user has to agree first.

    Refuses with USER_DISABLED a user who was disabled, deleted, signed out or given another password meanwhile.
    """
    tracked = sessions.begun(flow, entry.pool, origin, sessions.SSO, client_id=valid.client.id)
    seconds = browser.SESSION_SECONDS if tracked is None else await sessions.longest_seconds(flow, entry.pool)
    replaced = await logout.find_former(flow, entry, former)
    sid = replaced.sid if replaced is not None and replaced.sub == user.sub else None
    token, session = browser.mint_session(flow, user, amr, seconds=seconds, tracked=tracked, sid=sid)
    wrong = fault(entry, valid, user.sub, amr)
    made: Prepared | None = None
    if holds_back:
        made = None
    elif wrong is not None:
        made = Prepared(answer=refusal(flow, entry, told(valid, wrong)))
    elif not await consent.is_missing(flow, entry, valid, user.sub):
        made = await prepare(flow, entry, valid, user, session, origin)

    async def unit(tx: Tx) -> Answer | None:
        if not people.is_same(user, await sessions.hold_user(tx, entry.pool, user.username)):
            raise Refused(Reason.USER_DISABLED)
        if replaced is not None:
            await logout.replace_in(flow, tx, replaced, session)
        await grant_store.put_session(tx, session)
        if made is None or (wrong is None and await consent.is_missing_in(tx, entry, valid, user.sub)):
            return None
        await write(flow, tx, entry.pool, made)
        return made.answer

    return SignedIn(await flow.database.write(unit), token, seconds)
