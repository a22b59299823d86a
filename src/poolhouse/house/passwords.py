"""
Sign-in with e-mail and password, and the brakes on guessing.

A failure is counted before the password is looked at and taken back when it was right, so guesses sent all at once
gain nothing.  Unknown addresses are counted and take the same time as known ones; no answer tells them apart.
"""

import hashlib
import ipaddress

import msgspec

from poolhouse.house.audit import Event, Trail
from poolhouse.house.context import Context
from poolhouse.house.model import Account, FormLogin
from poolhouse.house.rp.person import email_key
from poolhouse.house.session import mint_session, write_session
from poolhouse.house.store import accounts, pending, sessions
from poolhouse.house.visit import Visit
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.cpu import Busy
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.passwords import DECOY_HASH, hash_password, needs_rehash, verify_password

FIRST_WAIT_SECONDS = 30
PASSWORD_LIMIT = 256
METHOD = "form"


class SignedIn(msgspec.Struct, frozen=True):
    """The id for the cookie."""

    session_id: str


class Held(msgspec.Struct, frozen=True):
    """Too many failures; nothing was looked at."""

    seconds: int


class Wrong(msgspec.Struct, frozen=True):
    """Wrong, without a word about what."""


class Brake(msgspec.Struct, frozen=True):
    """One count of failures, and how many of them cost nothing."""

    key: str
    free: int


def brakes_for(rules: FormLogin, name: str, address: str) -> tuple[Brake, Brake, Brake]:
    """
    Three counts: this name from this address, this name from anywhere, this address with any name.

    The first is the one that people meet.  The second is far wider, or anybody could lock an administrator out.
    """
    who = hashlib.sha256(name.encode()).hexdigest()[:32]
    where = _network(address)
    return (
        Brake(f"pair {who} {where}", rules.free_attempts),
        Brake(f"name {who}", rules.free_attempts * 20),
        Brake(f"address {where}", rules.free_attempts * 10),
    )


def wait_seconds(rules: FormLogin, brake: Brake, failures: int) -> int:
    """Nothing at first, then 30 s, doubled by every further failure, up to the longest wait."""
    if failures < brake.free:
        return 0
    doublings = min(failures - brake.free, 16)
    return min(FIRST_WAIT_SECONDS << doublings, rules.longest_wait_minutes * 60)


async def sign_in(ctx: Context, visit: Visit, *, email: str, password: str) -> SignedIn | Held | Wrong:
    """Check the password and open a session."""
    rules = ctx.live.document.form_login
    key = email_key(email.strip())
    brakes = brakes_for(rules, key or email.strip(), visit.address)
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
    brakes: tuple[Brake, Brake, Brake],
) -> SignedIn | Wrong:
    new = mint_session(ctx, method=METHOD)
    trail = Trail(ctx, visit)

    async def unit(tx: Tx) -> bool:
        now_there = await accounts.find_account(tx, account.id)
        if now_there is None or not now_there.is_enabled or now_there.password_hash != known_hash:
            return False
        if fresh is not None:
            await accounts.replace_password(tx, account.id, old_hash=known_hash, new_hash=fresh)
        await pending.release_brakes(tx, [brakes[0].key, brakes[1].key])
        await pending.refund_failure(tx, brakes[2].key)
        await accounts.mark_sign_in(tx, account.id, ctx.clock.now())
        await write_session(tx, ctx, visit, new, account.id)
        await trail.write(tx, Event.SIGNED_IN, actor=account.username, detail="form login")
        return True

    return SignedIn(new.id) if await ctx.db.write(unit) else Wrong()


async def change_password(ctx: Context, visit: Visit, account: Account, *, old: str, new: str) -> Held | Wrong | None:
    """Replace the password of the signed-in *account*; ``None`` when it is done.  Other browsers are signed out."""
    rules = ctx.live.document.form_login
    brakes = brakes_for(rules, account.id, visit.address)
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
        await pending.release_brakes(tx, [brakes[0].key, brakes[1].key])
        await pending.refund_failure(tx, brakes[2].key)
        if visit.session is not None:
            await sessions.delete_other_sessions(tx, account.id, visit.session.key)
        await trail.write(tx, Event.PASSWORD_CHANGED)
        return True

    return None if await ctx.db.write(unit) else Wrong()


async def _charge(ctx: Context, rules: FormLogin, brakes: tuple[Brake, Brake, Brake]) -> Held | None:
    keys = [brake.key for brake in brakes]

    async def unit(tx: Tx) -> Held | None:
        now = ctx.clock.now()
        counted = await pending.find_brakes(tx, keys)
        waits = [_remaining(rules, brake, counted.get(brake.key), now) for brake in brakes]
        if max(waits) > 0:
            return Held(max(waits))
        await pending.count_failure(tx, keys, now)
        return None

    return await ctx.db.write(unit)


def _remaining(rules: FormLogin, brake: Brake, counted: tuple[int, Epoch] | None, now: Epoch) -> int:
    if counted is None:
        return 0
    failures, failed_at = counted
    return failed_at + wait_seconds(rules, brake, failures) - now


async def _refund(ctx: Context, brakes: tuple[Brake, Brake, Brake]) -> None:
    async def unit(tx: Tx) -> None:
        for brake in brakes:
            await pending.refund_failure(tx, brake.key)

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


def _network(address: str) -> str:
    """An IPv6 customer has a whole /64, so that is what is counted."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
