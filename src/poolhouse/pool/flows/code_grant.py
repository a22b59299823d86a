"""
Redeeming an authorization code (RFC 6749 section 4.1.3, RFC 7636 section 4.6).

The code is spent in the transaction that writes what it was spent on: of any number of requests one is served, and a
replay finds the grant of the first and revokes it (RFC 6749 section 4.1.2).
"""

import hmac

import msgspec

from poolhouse.kit import seal
from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.core import pkce, possession
from poolhouse.pool.core.scopes import unreadable_scope
from poolhouse.pool.flows import issue, logout, refresh_tokens, sessions, targets, token_hook
from poolhouse.pool.flows.caller import ProvenClient
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.issue import Tokens
from poolhouse.pool.model.grant import AuthorizationCode
from poolhouse.pool.model.origin import NOWHERE, Origin
from poolhouse.pool.model.user import User
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.store import grants as grant_store
from poolhouse.pool.store import redeeming


class Redemption(msgspec.Struct, frozen=True, kw_only=True):
    """
    What the app shows; ``redirect_uri`` as it was in the authorization request, or absent as it was there.

    ``resources`` are what the first access token is for (RFC 8707 section 2.2), some of what was granted.
    """

    code: str
    redirect_uri: str | None
    code_verifier: str | None
    resources: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return "Redemption(***)"


async def redeem(flow: Flow, proven: ProvenClient, shown: Redemption, origin: Origin = NOWHERE) -> Tokens:
    """
    Tokens for a code.

    Refuses a code that is unknown, another client's, expired or used, a redirect URI or a verifier that differs, and
    a user who is gone or disabled.  Whoever shows a code and is refused has spent it: it cannot be tried again.
    """
    digest = seal.digest(shown.code)
    found = await flow.database.read(lambda tx: redeeming.find_code(tx, digest))
    if found is None:
        raise Refused(Reason.AUTHORIZATION_CODE_INVALID)
    code, user, groups = found
    reason = _objection(proven, shown, code, user, flow.clock.now())
    if reason is not None or user is None:
        await flow.database.write(lambda tx: _spend(tx, code))
        raise Refused(reason or Reason.AUTHORIZATION_CODE_INVALID)
    grant = issue.new_grant(
        flow, proven.client, user, scope=code.scope, hosted=True, auth_time=code.auth_time, amr=code.amr,
        nonce=code.nonce, resource=code.resource, grant_id=code.grant_id,
        tracked=sessions.begun(flow, proven.entry.pool, origin, sessions.TOKEN, sso_id=code.sso_id),
        terms=possession.with_binding(code.terms, proven.binding),
        sid=code.sid,
    )  # fmt: skip
    aimed = targets.narrowed(proven.entry, proven.client, grant, shown.resources)
    tokens = await issue.sign(flow, proven.entry, proven.client, user, groups, aimed, token_hook.HOSTED)
    refresh_token, record = refresh_tokens.mint(flow, grant, generation=0)

    async def unit(tx: Tx) -> bool:
        # Held, so that signing out everywhere either takes the code away first or finds the grant.
        is_enabled = await sessions.hold_enabled(tx, proven.entry.pool, code.username, code.sub)
        if not await _spend(tx, code) or not is_enabled:
            return False
        await sessions.admit(flow, tx, proven.entry.pool, grant)
        await grant_store.put_refresh_token(tx, record)
        return True

    if not await flow.database.write(unit):
        raise Refused(Reason.AUTHORIZATION_CODE_INVALID)
    return msgspec.structs.replace(tokens, refresh_token=refresh_token)


async def _spend(tx: Tx, code: AuthorizationCode) -> bool:
    """Spend the code; when it was spent before, this is a replay and what came of it is revoked."""
    if await grant_store.spend_code(tx, code.digest):
        return True
    given = await grant_store.find_grant(tx, code.grant_id)
    if given is not None:
        await logout.give_back(tx, given)
    return False


def _objection(
    proven: ProvenClient, shown: Redemption, code: AuthorizationCode, user: User | None, now: int
) -> Reason | None:
    """What speaks against it, each on its own: one alternative wrongly joined let any code in (CVE-2026-28513)."""
    redirect_uri = shown.redirect_uri or proven.client.settings.default_redirect_uri or ""
    faults = (
        (_is_foreign(code, proven), Reason.AUTHORIZATION_CODE_INVALID),
        (code.expires_at <= now, Reason.AUTHORIZATION_CODE_INVALID),
        (not _same(redirect_uri, code.redirect_uri), _mismatch(proven)),
        (not pkce.verify(code.code_challenge, shown.code_verifier), Reason.CODE_VERIFIER_WRONG),
        (not _holds_key(code, proven), Reason.AUTHORIZATION_CODE_INVALID),
        (_is_unreadable(proven, code.scope), Reason.SCOPE_UNREADABLE),
        (user is None, Reason.USER_NOT_FOUND),
        (user is not None and not user.enabled, Reason.USER_DISABLED),
    )
    return next((reason for is_fault, reason in faults if is_fault), None)


def _mismatch(proven: ProvenClient) -> Reason:
    """The service has an error of its own for it; RFC 6749 section 5.2 has ``invalid_grant``."""
    is_standard = proven.client.extended.dialect == "openid"
    return Reason.AUTHORIZATION_CODE_INVALID if is_standard else Reason.REDIRECT_URI_MISMATCH


def _is_unreadable(proven: ProvenClient, scope: str) -> bool:
    """In the openid dialect a claim that the client may not read is left out (OIDC Core section 5.4)."""
    return proven.client.extended.dialect == "cognito" and unreadable_scope(proven.client, scope)


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _holds_key(code: AuthorizationCode, proven: ProvenClient) -> bool:
    """Whether the key that the code was asked for by (``dpop_jkt``, RFC 9449 section 10) is the one that is shown."""
    wanted = possession.binding_of(code.terms).jkt
    return wanted is None or (proven.binding.jkt is not None and _same(wanted, proven.binding.jkt))


def _is_foreign(code: AuthorizationCode, proven: ProvenClient) -> bool:
    return code.client_id != proven.client.id or code.pool_id != proven.client.pool_id
