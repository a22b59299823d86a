"""
What answers an authorization request: a code, or the tokens of the implicit grant; made first, then written.

Nothing is signed or read while a transaction is open.
"""

import msgspec

from poolhouse.kit import seal
from poolhouse.kit.ambient import uuid4, uuid7
from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.core import assurance, possession
from poolhouse.pool.core.authorization_request import Answer, Valid, an_answer
from poolhouse.pool.core.tokens import lifetime
from poolhouse.pool.flows import issue, pushed, sessions, token_hook
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.model.grant import AuthorizationCode, BrowserSession, Grant
from poolhouse.pool.model.openid import GrantTerms
from poolhouse.pool.model.origin import Origin
from poolhouse.pool.model.pool import Client, Pool
from poolhouse.pool.model.user import User
from poolhouse.pool.store import grants as grant_store

CODE_SECONDS = 300
BRIEF_CODE_SECONDS = 60
"""In the openid dialect, and for clients that are held to FAPI 2.0: whoever stole it comes late (RFC 9700 2.1.1)."""


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """What answers the app, not yet written: a code, or the grant of the tokens in *answer*; *pushed* is spent."""

    answer: Answer
    code: AuthorizationCode | None = None
    grant: Grant | None = None
    pushed: bytes | None = None


async def write(flow: Flow, tx: Tx, pool: Pool, made: Prepared) -> None:
    await pushed.spend(tx, made.pushed)
    if made.code is not None:
        await grant_store.put_code(tx, made.code)
    if made.grant is not None:
        await sessions.admit(flow, tx, pool, made.grant)


async def prepare(
    flow: Flow, entry: PoolEntry, valid: Valid, user: User, session: BrowserSession, origin: Origin
) -> Prepared:
    if valid.response_type == "token":
        return await _of_tokens(flow, entry, valid, user, session, origin)
    if valid.response_type == "none":
        # A device is to be let in (``flows.device_entry``): nobody is answered yet.
        return Prepared(answer=an_answer(valid.redirect_uri, valid.mode))
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
        grant_id=uuid7(flow.entropy, flow.clock.now_ms()),
        sso_id=None if session.tracked is None else session.tracked.id,
        terms=possession.with_key(_terms(valid, session), valid.jkt),
        sid=session.sid,
        expires_at=flow.clock.now() + _seconds(valid.client),
    )
    issuer = flow.config.issuer(entry.pool.id)
    answer = an_answer(valid.redirect_uri, valid.mode, code=text, state=valid.state, iss=issuer)
    return Prepared(answer=answer, code=code, pushed=valid.pushed)


def _seconds(client: Client) -> int:
    is_brief = client.extended.dialect == "openid" or client.extended.require_pushed_authorization_requests
    return BRIEF_CODE_SECONDS if is_brief else CODE_SECONDS


def _terms(valid: Valid, session: BrowserSession) -> GrantTerms | None:
    """What the tokens are to say beyond the service's claims: the class of the sign-in where anybody asks for it."""
    tells_class = valid.client.extended.dialect == "openid" or valid.acr
    acr = assurance.acr(session.amr, valid.acr) if tells_class else None
    several = valid.resources if len(valid.resources) > 1 else ()
    if not (acr or valid.claims or several):
        return None
    return GrantTerms(acr=acr, claims=valid.claims, resources=several)


async def _of_tokens(
    flow: Flow, entry: PoolEntry, valid: Valid, user: User, session: BrowserSession, origin: Origin
) -> Prepared:
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
    return Prepared(
        answer=answer,
        grant=msgspec.structs.replace(grant, expires_at=flow.clock.now() + longest),
        pushed=valid.pushed,
    )
