"""
What a provider says of the people who are signed in, heard again while they are.

Claims that stay as they were at the first sign-in let people keep what was taken from them (CVE-2021-41230).  A session
with a refresh token asks again before what it was granted runs out: in the background, or because its owner wants
to (``refresh_access``).  Name and address follow too, as at a sign-in.  A provider that refuses the token, or says
something of somebody else, ends the session; one that cannot be reached does not.
"""

import asyncio
from enum import Enum
from typing import TYPE_CHECKING

import msgspec

from poolhouse.house.audit import Event, UnattendedTrail, write_unattended
from poolhouse.house.claim_rules import apply_rules
from poolhouse.house.context import Context
from poolhouse.house.model import Account, Session
from poolhouse.house.provider import Kind, Provider, find_enabled, title
from poolhouse.house.refresh_token import next_renewal, open_refresh_token, seal_refresh_token
from poolhouse.house.session import kept_claims, kept_names, seal_id_token
from poolhouse.house.store import accounts, renewals
from poolhouse.house.store.claims import put_claims
from poolhouse.house.store.renewals import Renewable
from poolhouse.house.store.sessions import delete_session, delete_sessions_of
from poolhouse.house.taking_over import take_over
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx, Tx, UniqueViolation
from poolhouse.kit.log import get_logger

if TYPE_CHECKING:
    from poolhouse.house.rp.failures import Failure
    from poolhouse.house.rp.person import Person
    from poolhouse.house.rp.renewal import Fresh

ROUND_SECONDS = 15.0
AT_ONCE = 8
CLAIM_SECONDS = 60
AGAIN_SECONDS = 300
WAIT_SECONDS = 5.0


class Outcome(Enum):
    """What came of asking again."""

    RENEWED = "renewed"
    ENDED = "ended"
    AWAY = "away"
    """The provider gave no answer that counts; everything stays as it was."""
    IMPOSSIBLE = "impossible"
    """There is no refresh token: only a new sign-in brings news."""


async def renew_due(ctx: Context) -> None:
    """The background task: every session whose time has come."""
    now = ctx.clock.now()

    async def unit(tx: ReadTx) -> list[bytes]:
        return await renewals.list_due(tx, now=now, idle_seconds=ctx.idle_seconds, stale=Epoch(now - CLAIM_SECONDS))

    gate = asyncio.Semaphore(AT_ONCE)

    async def one(key: bytes) -> None:
        async with gate:
            await _renew(ctx, key)

    await asyncio.gather(*(one(key) for key in await ctx.db.read(unit)))


async def refresh_access(ctx: Context, session: Session) -> Outcome:
    """
    "Refresh my access": ask the provider now what it says of the owner of *session*.

    When somebody is at it already, this waits for what comes of that.
    """
    outcome = await _renew(ctx, session.key)
    if outcome is not Outcome.IMPOSSIBLE:
        return outcome

    async def unit(tx: ReadTx) -> bool:
        return await renewals.is_claimed(tx, session.key)

    waited = 0.0
    is_somebody_at_it = await ctx.db.read(unit)
    while is_somebody_at_it and waited < WAIT_SECONDS:
        await asyncio.sleep(0.1)
        waited += 0.1
        if not await ctx.db.read(unit):
            return Outcome.RENEWED
    return Outcome.AWAY if is_somebody_at_it else Outcome.IMPOSSIBLE


async def _renew(ctx: Context, key: bytes) -> Outcome:
    now = ctx.clock.now()
    claimed = await ctx.db.write(lambda tx: renewals.claim(tx, key, now=now, stale=Epoch(now - CLAIM_SECONDS)))
    if claimed is None:
        return Outcome.IMPOSSIBLE
    provider = find_enabled(ctx.live.document.providers, claimed.method)
    if provider is None or provider.settings.issuer != claimed.issuer or provider.kind is Kind.GITHUB:
        return await _let_go(ctx, claimed, now)
    token = open_refresh_token(ctx.ring, claimed.sealed_refresh_token, key)
    if token is None:
        return await _let_go(ctx, claimed, now)
    return await _ask(ctx, provider, claimed, token, now)


async def _ask(ctx: Context, provider: Provider, claimed: Renewable, token: str, ours: Epoch) -> Outcome:
    # aiohttp and joserfc, see context.Relying.
    from poolhouse.house.rp import renewal as at_provider  # noqa: PLC0415
    from poolhouse.house.rp.failures import SignInFailed  # noqa: PLC0415

    async def keep(following: str) -> None:
        sealed = seal_refresh_token(ctx.ring, following, claimed.key)
        await ctx.db.write(lambda tx: renewals.keep_token(tx, claimed.key, ours=ours, sealed=sealed))

    said = msgspec.json.decode(claimed.claims) if claimed.claims else {}
    sign_in = at_provider.SignIn(
        subject=claimed.subject,
        claims=said,
        auth_time=said.get("auth_time"),
        nonce_digest=claimed.nonce_digest,
        userinfo_names=frozenset(msgspec.json.decode(claimed.userinfo_names) if claimed.userinfo_names else ()),
    )
    try:
        fresh = await at_provider.renew(ctx.relying.wire, provider, token=token, sign_in=sign_in, keep=keep)
    except SignInFailed as failed:
        if failed.failure in at_provider.PASSING:
            return await _let_go(ctx, claimed, ours, failed.failure)
        return await _end(ctx, provider, claimed, failed.failure)
    return await _settle(ctx, provider, claimed, ours, fresh)


async def _settle(ctx: Context, provider: Provider, claimed: Renewable, ours: Epoch, fresh: "Fresh") -> Outcome:
    claims, sealed_id_token = kept_claims(fresh.claims), claimed.sealed_id_token
    names = kept_names(fresh.userinfo_names, claims)
    if sealed_id_token is not None and fresh.id_token is not None:
        sealed_id_token = seal_id_token(ctx.ring, fresh.id_token, claimed.key)
    person = _news(provider, claimed, claims)

    async def unit(tx: Tx) -> bool:
        renew_at = next_renewal(ctx.clock.now(), fresh.seconds)
        is_ours = await renewals.settle(
            tx,
            claimed.key,
            ours=ours,
            claims=claims,
            userinfo_names=names,
            sealed_id_token=sealed_id_token,
            renew_at=renew_at,
        )
        if not is_ours:
            return False
        await put_claims(tx, issuer=claimed.issuer, subject=claimed.subject, claims=claims)
        account = await accounts.find_account(tx, claimed.account_id)
        if account is None:
            return False
        if person is not None:
            account = await take_over(tx, UnattendedTrail(ctx, title(provider)), account, person)
        return not await _apply_rules(tx, ctx, provider, account, claims)

    try:
        is_kept = await ctx.db.write(unit)
    except UniqueViolation:
        # Somebody else has come to hold the address at the same moment: now it is seen.
        is_kept = await ctx.db.write(unit)
    return Outcome.RENEWED if is_kept else Outcome.ENDED


def _news(provider: Provider, claimed: Renewable, claims: str) -> "Person | None":
    """Who the provider says it is, where that is another answer than the one before and one that can be shown."""
    before, now = (_person(provider, claimed, each) for each in (claimed.claims, claims))
    return now if now != before else None


def _person(provider: Provider, claimed: Renewable, claims: str) -> "Person | None":
    from poolhouse.house.rp.failures import SignInFailed  # noqa: PLC0415 - as above
    from poolhouse.house.rp.person import read_person  # noqa: PLC0415

    said = {**(msgspec.json.decode(claims) if claims else {}), "sub": claimed.subject}
    attribute = provider.settings.username_attribute
    try:
        return read_person(said, issuer=claimed.issuer, username_attribute=attribute)
    except SignInFailed:
        return None


async def _apply_rules(tx: Tx, ctx: Context, provider: Provider, account: Account, claims: str) -> bool:
    """Groups and roles by the rules on claims; with other powers than before one has to sign in anew."""
    is_changed = await apply_rules(
        tx,
        UnattendedTrail(ctx, title(provider)),
        ctx.live.document,
        account,
        provider=provider.id,
        claims=msgspec.json.decode(claims) if claims else {},
        now=ctx.clock.now(),
    )
    if is_changed:
        await delete_sessions_of(tx, account.id)
    return is_changed


async def _let_go(ctx: Context, claimed: Renewable, ours: Epoch, failure: "Failure | None" = None) -> Outcome:
    if failure is not None:
        get_logger().warning(
            "claims not renewed", program="house", provider=claimed.method, issuer=claimed.issuer, reason=failure.value
        )
    again = Epoch(ctx.clock.now() + AGAIN_SECONDS)
    await ctx.db.write(lambda tx: renewals.let_go(tx, claimed.key, ours=ours, renew_at=again))
    return Outcome.AWAY


async def _end(ctx: Context, provider: Provider, claimed: Renewable, failure: "Failure") -> Outcome:
    get_logger().warning("session ended by its provider", program="house", provider=provider.id, reason=failure.value)

    async def unit(tx: Tx) -> None:
        await delete_session(tx, claimed.key)
        account = await accounts.find_account(tx, claimed.account_id)
        detail = f"the provider no longer lets the session go on: {failure.value}"
        await write_unattended(
            tx, ctx, Event.SESSIONS_ENDED, actor=title(provider), subject=account or "", detail=detail
        )

    await ctx.db.write(unit)
    return Outcome.ENDED
