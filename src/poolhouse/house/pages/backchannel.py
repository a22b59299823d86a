"""
``/login/oauth2/backchannel/{id}``: the provider says that somebody signed out there (Back-Channel Logout 1.0).

A good token ends the sessions at once, on every replica, with the websockets that they hold open.  It is good once.
However many good ones come, they are taken; an address with too many bad ones waits for the next minute.
"""

from poolhouse.house.audit import Event, write_unattended
from poolhouse.house.context import Context
from poolhouse.house.provider import Kind, Provider, find_provider, title
from poolhouse.house.rp.failures import SignInFailed
from poolhouse.house.rp.logout_token import Logout, NotALogout, read_logout
from poolhouse.house.store import accounts, provider_logouts
from poolhouse.house.visit import Visit
from poolhouse.kit import forms
from poolhouse.kit.address import customer_of, is_shared
from poolhouse.kit.db.protocol import Tx, UniqueViolation
from poolhouse.kit.edge import Reply
from poolhouse.kit.log import get_logger
from poolhouse.kit.seal import digest

_HEADERS = (("cache-control", "no-store"),)


async def take(ctx: Context, visit: Visit) -> Reply:
    """200 when the sessions are gone, 400 for a token that is not good (section 2.8), 429 after too many of them."""
    if ctx.bad_logouts.is_full(_knocker(ctx, visit)):
        return Reply(429, b"", (*_HEADERS, ("retry-after", "60")))
    return await _judge(ctx, visit)


async def _judge(ctx: Context, visit: Visit) -> Reply:
    provider = find_provider(ctx.live.document.providers, visit.raw.params["id"])
    if provider is None or provider.kind is Kind.GITHUB:
        return _refuse_stranger(ctx, visit, "unknown provider")
    try:
        token = forms.single(forms.body_text(visit.raw.body)).get("logout_token", "")
        logout = await read_logout(token, ctx.relying.wire.keys, provider.settings, ctx.clock.now())
    except forms.FormError:
        return _refuse_stranger(ctx, visit, "form")
    except NotALogout as wrong:
        return _refuse_stranger(ctx, visit, str(wrong))
    except SignInFailed as failed:
        # Its keys cannot be had now; the provider may send the token again.
        get_logger().warning("provider sign-out not judged", program="house", reason=failed.failure.value)
        return Reply(503, b"", (*_HEADERS, ("retry-after", "10")))
    try:
        await _act(ctx, provider, logout)
    except UniqueViolation:
        return _refuse(visit, "seen before")
    return Reply(200, b"", _HEADERS)


async def _act(ctx: Context, provider: Provider, logout: Logout) -> None:
    issuer = provider.settings.issuer
    seen = digest(f"{issuer}\n{logout.jti}")

    async def unit(tx: Tx) -> None:
        await provider_logouts.note_token(tx, seen, now=ctx.clock.now(), expires_at=logout.expires_at)
        ended = await provider_logouts.end_sessions(tx, issuer=issuer, subject=logout.subject, sid=logout.sid)
        for account_id in sorted(set(ended)):
            account = await accounts.find_account(tx, account_id)
            detail = f"signed out at the provider; sessions ended: {ended.count(account_id)}"
            await write_unattended(
                tx, ctx, Event.SESSIONS_ENDED, actor=title(provider), subject=account or "", detail=detail
            )

    await ctx.db.write(unit)


def _knocker(ctx: Context, visit: Visit) -> str:
    """
    Whose bad tokens are counted; "" where a proxy that nobody has named may stand in front of everybody.

    There a stranger's would keep the provider's good ones out.
    """
    return "" if not ctx.proxies and is_shared(visit.address) else customer_of(visit.address)


def _refuse_stranger(ctx: Context, visit: Visit, why: str) -> Reply:
    """Nothing has proved that it is the provider."""
    knocker = _knocker(ctx, visit)
    if knocker:
        ctx.bad_logouts.allows(knocker)
    return _refuse(visit, why)


def _refuse(visit: Visit, why: str) -> Reply:
    get_logger().warning("provider sign-out refused", program="house", reference=visit.reference, reason=why)
    body = b'{"error":"invalid_request"}'
    return Reply(400, body, (("content-type", "application/json"), *_HEADERS))
