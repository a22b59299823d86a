"""
Sign-in with e-mail and password, and the brakes on guessing.

A failure is counted before the password is looked at and taken back when it was right, so guesses sent all at once
gain nothing.  Unknown addresses are counted and take the same time as known ones; no answer tells them apart.
"""

import msgspec

from poolhouse.house.audit import Event, Trail
from poolhouse.house.brakes import Brakes, brakes_for, remaining_seconds
from poolhouse.house.context import Context
from poolhouse.house.model import Account, FormLogin
from poolhouse.house.provider import FORM
from poolhouse.house.rp.person import email_key
from poolhouse.house.session import mint_session, write_session
from poolhouse.house.store import accounts, documents, pending, sessions
from poolhouse.house.visit import Visit
from poolhouse.kit.cpu import Busy
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.passwords import DECOY_HASH, hash_password, needs_rehash, verify_password

PASSWORD_LIMIT = 256


class SignedIn(msgspec.Struct, frozen=True):
    """The id for the cookie."""

    session_id: str


class Held(msgspec.Struct, frozen=True):
    """Too many failures; nothing was looked at."""

    seconds: int


class Wrong(msgspec.Struct, frozen=True):
    """Wrong, without a word about what."""


async def sign_in(ctx: Context, visit: Visit, *, email: str, password: str) -> SignedIn | Held | Wrong:
    """Check the password and open a session."""
    rules = ctx.live.document.form_login
    key = email_key(email.strip())
    brakes = brakes_for(rules, key or email.strip(), visit.address, has_proxies=bool(ctx.proxies))
    held = await _charge(ctx, rules, brakes)
    if held is not None:
        return held
    account = await _find_account(ctx, key)
    known_hash = account.password_hash if account else None
    try:
        is_right = await ctx.cpu.run(verify_password, known_hash or DECOY_HASH, password[: PASSWORD_LIMIT + 1])
    except Busy:
        await _refund(ctx, brakes)
        raise
    if account is None or known_hash is None or not is_right or len(password) > PASSWORD_LIMIT:
        await _write_failure(ctx, visit, typed=email, reason="wrong e-mail or password")
        return Wrong()
    if not account.is_enabled:
        await _write_failure(ctx, visit, typed=email, reason="account disabled")
        return Wrong()
    fresh = await ctx.cpu.run(hash_password, password) if needs_rehash(known_hash) else None
    return await _open(ctx, visit, account, known_hash, fresh, brakes)


async def _open(
    ctx: Context,
    visit: Visit,
    account: Account,
    known_hash: str,
    fresh: str | None,
    brakes: Brakes,
) -> SignedIn | Wrong:
    new = mint_session(ctx, method=FORM)
    trail = Trail(ctx, visit)

    async def unit(tx: Tx) -> bool:
        # While the hash was being made, here or on another replica, form login may have been turned off.
        if not (await documents.newest_document(tx, ctx.ring)).form_login.is_enabled:
            return False
        now_there = await accounts.find_account(tx, account.id)
        if now_there is None or not now_there.is_enabled or now_there.password_hash != known_hash:
            return False
        if fresh is not None:
            await accounts.replace_password(tx, account.id, old_hash=known_hash, new_hash=fresh)
        await _release(tx, brakes)
        await accounts.mark_sign_in(tx, account.id, ctx.clock.now())
        await write_session(tx, ctx, visit, new, account.id)
        await trail.write(tx, Event.SIGNED_IN, actor=account, detail="form login")
        return True

    return SignedIn(new.id) if await ctx.db.write(unit) else Wrong()


async def change_password(ctx: Context, visit: Visit, account: Account, *, old: str, new: str) -> Held | Wrong | None:
    """Replace the password of the signed-in *account*; ``None`` when it is done.  Other browsers are signed out."""
    rules = ctx.live.document.form_login
    brakes = brakes_for(rules, account.id, visit.address, has_proxies=bool(ctx.proxies))
    held = await _charge(ctx, rules, brakes)
    if held is not None:
        return held
    old_hash = account.password_hash or DECOY_HASH
    trail = Trail(ctx, visit)
    if not await ctx.cpu.run(verify_password, old_hash, old[: PASSWORD_LIMIT + 1]):

        async def failed(tx: Tx) -> None:
            await trail.write(tx, Event.PASSWORD_CHANGE_FAILED, detail="wrong password", is_refusal=True)

        await ctx.db.write(failed)
        return Wrong()
    new_hash = await ctx.cpu.run(hash_password, new)

    async def unit(tx: Tx) -> bool:
        if not await accounts.replace_password(tx, account.id, old_hash=old_hash, new_hash=new_hash):
            return False
        await _release(tx, brakes)
        if visit.session is not None:
            await sessions.delete_other_sessions(tx, account.id, visit.session.key)
        await trail.write(tx, Event.PASSWORD_CHANGED)
        return True

    return None if await ctx.db.write(unit) else Wrong()


async def _charge(ctx: Context, rules: FormLogin, brakes: Brakes) -> Held | None:
    async def unit(tx: Tx) -> Held | None:
        now = ctx.clock.now()
        counted = await pending.find_brakes(tx, brakes.keys)
        waits = [remaining_seconds(rules, brake, counted.get(brake.key), now) for brake in brakes.all]
        if max(waits) > 0:
            return Held(max(waits))
        await pending.count_failure(tx, brakes.keys, now)
        return None

    return await ctx.db.write(unit)


async def _release(tx: Tx, brakes: Brakes) -> None:
    """After a right password: the name starts anew, and the address, which others may share, is back where it was."""
    await pending.release_brakes(tx, [brakes.pair.key, brakes.name.key])
    if brakes.address is not None:
        await pending.refund_failure(tx, brakes.address.key)


async def _refund(ctx: Context, brakes: Brakes) -> None:
    async def unit(tx: Tx) -> None:
        for key in brakes.keys:
            await pending.refund_failure(tx, key)

    await ctx.db.write(unit)


async def _find_account(ctx: Context, key: str) -> Account | None:
    async def unit(tx: ReadTx) -> Account | None:
        return await accounts.find_email_holder(tx, key)

    return await ctx.db.read(unit) if key else None


async def _write_failure(ctx: Context, visit: Visit, *, typed: str, reason: str) -> None:
    """What was typed is kept only when it is an address: people type passwords into the wrong field."""
    trail = Trail(ctx, visit)
    actor = typed.strip() if email_key(typed.strip()) else "(not an e-mail address)"

    async def unit(tx: Tx) -> None:
        await trail.write(tx, Event.SIGN_IN_FAILED, actor=actor, detail=f"form login: {reason}", is_refusal=True)

    await ctx.db.write(unit)
