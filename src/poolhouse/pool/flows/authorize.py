"""
The authorization request: judged, and answered with a code (or tokens) once somebody has signed in.

An answer is written in one transaction that looks again at what it relies on: the session still lives, the user is
still enabled.
"""

import hmac

import msgspec

from poolhouse.kit import forms, seal
from poolhouse.kit.ambient import uuid4
from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.core import assurance, claims_request
from poolhouse.pool.core import authorize as core
from poolhouse.pool.core.authorization_request import (
    Answer,
    Asked,
    BadClient,
    BadRequest,
    Valid,
    Verdict,
    an_answer,
)
from poolhouse.pool.core.sessions import REUSE_MINUTES, reuse_seconds
from poolhouse.pool.core.tokens import lifetime
from poolhouse.pool.flows import browser, hints, issue, logout, people, sessions, token_hook
from poolhouse.pool.flows.browser import Recognised
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.model.grant import AuthorizationCode, BrowserSession, Grant
from poolhouse.pool.model.openid import GrantTerms
from poolhouse.pool.model.origin import NOWHERE, Origin
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.model.user import User
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.store import grants as grant_store
from poolhouse.pool.store import sessions as session_store

CODE_SECONDS = 300
REQUEST_LIMIT = 16_384
"""Bytes of a request's parameters: they travel in URLs, and a scope of a megabyte is only work (CVE-2026-4634)."""


class SignedIn(msgspec.Struct, frozen=True):
    """What the app is sent, and the handle of the browser's new session."""

    answer: Answer
    session_token: str
    session_seconds: int = browser.SESSION_SECONDS

    def __repr__(self) -> str:
        return "SignedIn(***)"


async def judge(flow: Flow, entry: PoolEntry, form: str) -> Verdict:
    """The verdict on the parameters of an authorization request, as they stand in a query or a form."""
    if len(form) > REQUEST_LIMIT:
        return BadClient("invalid_request")
    try:
        given = forms.multi(form)
    except forms.FormError:
        return BadClient("invalid_request")
    values = {name: found[0] for name, found in given.items() if found[0]}
    client = await flow.directory.find_client(values.get("client_id", ""))
    of_pool = client is not None and client.client.pool_id == entry.pool.id
    return core.check(
        Asked(
            values=values,
            repeated=frozenset(name for name, found in given.items() if len(found) > 1),
            client=client.client if client is not None and of_pool else None,
            is_custom_scope=entry.has_scope,
            resources=tuple(filter(None, given.get("resource", ()))),
            resource_servers=frozenset(each.identifier for each in entry.resource_servers),
            providers=frozenset(each.name for each in entry.providers),
            is_public=client is not None and not client.is_confidential,
            is_unknown_app=client is not None and client.is_unknown_app,
            hinted=_hinted(flow, entry, values.get("id_token_hint")),
            strict=flow.config.strict,
            provider_of={identifier: each.name for each in entry.providers for identifier in each.identifiers},
        )
    )


def _hinted(flow: Flow, entry: PoolEntry, hint: str | None) -> str | None:
    """The user of the ID token that an app shows, however old; empty when it is none of this pool's."""
    if hint is None:
        return None
    claims = hints.read(flow, entry, hint)
    return "" if claims is None else str(claims.get("sub", ""))


def is_enough(entry: PoolEntry, valid: Valid, session: BrowserSession, now: int) -> bool:
    """
    Whether the session spares the user the sign-in page (OIDC Core section 3.1.2.1: prompt, max_age).

    Never for an app that anybody may have registered: a link to it would be enough to learn who follows it.  Any other
    goes on with it silently for as long as it says (AWS API: SSOSession.MaxValidityMinutes).
    """
    if now - session.auth_time >= reuse_seconds(entry.pool, valid.client):
        return False
    if valid.is_unknown_app or valid.prompt & {"login", "select_account"} or valid.max_age == 0:
        return False
    if _fault(valid, session.sub, session.amr) is not None:
        return False
    return valid.max_age is None or now - session.auth_time <= valid.max_age


def _fault(valid: Valid, sub: str, amr: tuple[str, ...]) -> str | None:
    """
    The error of a sign-in that is not the one that was asked for.

    Somebody else's (OIDC Core section 3.1.2.2), or of a class that is not enough (OpenID Connect Core Error Code
    unmet_authentication_requirements).
    """
    if valid.subject is not None and not hmac.compare_digest(valid.subject.encode(), sub.encode()):
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
    flow: Flow, entry: PoolEntry, valid: Valid, known: Recognised, origin: Origin = NOWHERE
) -> Answer:
    """
    The answer for a browser that is signed in already.

    Refuses with LOGIN_REQUIRED when the session has ended meanwhile.
    """
    made = await _prepare(flow, entry, valid, known.user, known.session, origin)
    use = sessions.begun(flow, entry.pool, origin, sessions.SSO)

    async def unit(tx: Tx) -> None:
        await sessions.hold_user(tx, entry.pool, known.user.username)
        if await browser.recognise(tx, entry, known.session.digest, flow.clock.now()) is None:
            raise Refused(Reason.LOGIN_REQUIRED)
        if use is not None and known.session.tracked is not None:
            sso_id = known.session.tracked.id
            await sessions.note_sso(tx, entry.pool, known.user.username, sso_id, use, flow.clock.now())
        await _write(tx, entry.pool, made, flow.clock.now())

    await flow.database.write(unit)
    return made.answer


async def answer_sign_in(
    flow: Flow, entry: PoolEntry, valid: Valid, user: User, *, amr: tuple[str, ...], former: str | None,
    origin: Origin = NOWHERE,
) -> SignedIn:  # fmt: skip
    """
    The answer for a user who has just signed in, with a new session in place of the *former* one.

    Whoever is not the user that the app expects is signed in, and the app gets an error.

    Refuses with USER_DISABLED a user who was disabled, deleted, signed out or given another password meanwhile.
    """
    tracked = sessions.begun(flow, entry.pool, origin, sessions.SSO, client_id=valid.client.id)
    seconds = browser.SESSION_SECONDS if tracked is None else await _longest(flow, entry.pool)
    replaced = await logout.find_former(flow, entry, former)
    sid = replaced.sid if replaced is not None and replaced.sub == user.sub else None
    token, session = browser.mint_session(flow, user, amr, seconds=seconds, tracked=tracked, sid=sid)
    fault = _fault(valid, user.sub, amr)
    if fault is None:
        made = await _prepare(flow, entry, valid, user, session, origin)
    else:
        made = _Prepared(answer=refusal(flow, entry, told(valid, fault)))

    async def unit(tx: Tx) -> None:
        if not people.is_same(user, await sessions.hold_user(tx, entry.pool, user.username)):
            raise Refused(Reason.USER_DISABLED)
        if replaced is not None:
            await logout.replace_in(flow, tx, replaced, session)
        await grant_store.put_session(tx, session)
        await _write(tx, entry.pool, made, flow.clock.now())

    await flow.database.write(unit)
    return SignedIn(made.answer, token, seconds)


async def _longest(flow: Flow, pool: Pool) -> int:
    """How long the browser's session may be of use to any client of the pool."""
    return 60 * await flow.database.read(lambda tx: session_store.longest_reuse(tx, pool.id, REUSE_MINUTES))


class _Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """What answers the app, not yet written: a code, or the grant of the tokens in *answer*."""

    answer: Answer
    code: AuthorizationCode | None = None
    grant: Grant | None = None


async def _write(tx: Tx, pool: Pool, made: _Prepared, now: int) -> None:
    if made.code is not None:
        await grant_store.put_code(tx, made.code)
    if made.grant is not None:
        await sessions.admit(tx, pool, made.grant, now)


async def _prepare(
    flow: Flow, entry: PoolEntry, valid: Valid, user: User, session: BrowserSession, origin: Origin
) -> _Prepared:
    if valid.response_type == "token":
        return await _prepare_tokens(flow, entry, valid, user, session, origin)
    if valid.response_type == "none":
        # A device is to be let in (``flows.device_entry``): nobody is answered yet.
        return _Prepared(answer=an_answer(valid.redirect_uri, valid.mode))
    text = uuid4(flow.entropy)
    code = AuthorizationCode(
        digest=seal.digest(text),
        pool_id=entry.pool.id,
        client_id=valid.client.id,
        username=user.username,
        sub=user.sub,
        redirect_uri=valid.redirect_uri,
        scope=valid.scope,
        nonce=valid.nonce,
        code_challenge=valid.code_challenge,
        resource=valid.resources[0] if len(valid.resources) == 1 else None,
        auth_time=session.auth_time,
        amr=session.amr,
        grant_id=uuid4(flow.entropy),
        sso_id=None if session.tracked is None else session.tracked.id,
        terms=_terms(valid, session),
        sid=session.sid,
        expires_at=flow.clock.now() + CODE_SECONDS,
    )
    issuer = flow.config.issuer(entry.pool.id)
    return _Prepared(
        answer=an_answer(valid.redirect_uri, valid.mode, code=text, state=valid.state, iss=issuer), code=code
    )


def _terms(valid: Valid, session: BrowserSession) -> GrantTerms | None:
    """What the tokens are to say beyond the service's claims: the class of the sign-in where anybody asks for it."""
    tells_class = valid.client.extended.dialect == "openid" or valid.acr
    acr = assurance.acr(session.amr, valid.acr) if tells_class else None
    several = valid.resources if len(valid.resources) > 1 else ()
    if not (acr or valid.claims or several):
        return None
    return GrantTerms(acr=acr, claims=valid.claims, resources=several)


async def _prepare_tokens(
    flow: Flow, entry: PoolEntry, valid: Valid, user: User, session: BrowserSession, origin: Origin
) -> _Prepared:
    """
    The implicit grant (RFC 6749 section 4.2), for clients that were given it: never a refresh token.

    The tokens die with the session of the page that got them, so the grant lives no longer than they do.
    """
    sso_id = None if session.tracked is None else session.tracked.id
    grant = issue.new_grant(
        flow, valid.client, user, scope=valid.scope, hosted=True, auth_time=session.auth_time, amr=session.amr,
        nonce=valid.nonce, resource=valid.resources[0] if len(valid.resources) == 1 else None,
        tracked=sessions.begun(flow, entry.pool, origin, sessions.TOKEN, sso_id=sso_id),
        terms=_terms(valid, session), sid=session.sid,
    )  # fmt: skip
    tokens = await issue.again(flow, entry, valid.client, user, grant, token_hook.HOSTED)
    longest = max(lifetime(valid.client, "access"), lifetime(valid.client, "id"))
    answer = an_answer(
        valid.redirect_uri,
        valid.mode,
        id_token=tokens.id_token,
        access_token=tokens.access_token,
        token_type="bearer",  # noqa: S106
        expires_in=str(tokens.expires_in),
        state=valid.state,
        iss=flow.config.issuer(entry.pool.id),
    )
    return _Prepared(
        answer=answer,
        grant=msgspec.structs.replace(grant, expires_at=flow.clock.now() + longest),
    )
