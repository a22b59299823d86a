"""
The administrators of the pool server: their accounts and console sessions.

Failures are counted three times: for the account from one address, which is the strict count; for the account from
anywhere, far wider, or a stranger could keep every administrator out; and for the address with any account.  An
unknown account costs the same work as a wrong password and gets the same answer.
"""

import msgspec

from poolhouse.kit import seal
from poolhouse.kit.address import customer_of
from poolhouse.kit.ambient import Secret, urlsafe
from poolhouse.kit.cpu import Busy
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.passwords import DECOY_HASH, hash_password, verify_password
from poolhouse.kit.settings import SettingError
from poolhouse.pool.core.throttle import FREE_FAILURES, Counter, after_failure, check_lockout, taken_back
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.store import admins as store
from poolhouse.pool.store import attempts

SESSION_SECONDS = 12 * 3600
IDLE_SECONDS = 2 * 3600
PASSWORD_LENGTH = 12
FREE_OF_ACCOUNT = 20 * FREE_FAILURES
FREE_OF_ADDRESS = 10 * FREE_FAILURES


class WeakPassword(SettingError):
    """An administrator's password has at least ``PASSWORD_LENGTH`` characters."""


def folded(email: str) -> str:
    """The account's key: one account however the address is typed."""
    return email.strip().casefold()


async def ensure_first(flow: Flow, email: str, password: Secret) -> bool:
    """
    Make the first administrator if there is none; whether it was made.

    Set-up never opens again once an administrator exists (CVE-2023-46249).
    """

    async def count(tx: ReadTx) -> int:
        return await store.count_administrators(tx)

    if await flow.database.read(count):
        return False
    await set_password(flow, email, password)
    return True


async def set_password(flow: Flow, email: str, password: Secret) -> None:
    """Make the administrator or give it a new password; its console sessions end."""
    if len(password.reveal()) < PASSWORD_LENGTH:
        raise WeakPassword(f"an administrator's password has at least {PASSWORD_LENGTH} characters")
    hashed = await flow.cpu.run(hash_password, password.reveal())
    account = store.Administrator(email=folded(email), password_hash=hashed, created_ms=flow.clock.now_ms())
    await flow.database.write(lambda tx: store.set_administrator(tx, account))


class _Brake(msgspec.Struct, frozen=True):
    """One count of failures, and how many of them cost nothing."""

    key: str
    free: int


async def sign_in(flow: Flow, email: str, password: Secret, peer: str) -> str:
    """
    The handle of a new console session; one refusal for every kind of wrong.

    The failure is counted before the password is looked at and taken back when it was right: so that many guesses at
    once cannot all pass the check that only one of them would pass alone (CVE-2024-1722).
    """
    key = folded(email)
    brakes = _brakes(flow, key, peer)
    account = await _reserve(flow, key, brakes)
    hashed = account.password_hash if account else DECOY_HASH
    try:
        right = await flow.cpu.run(verify_password, hashed, password.reveal())
    except Busy:
        await flow.database.write(lambda tx: _take_back(tx, brakes, flow.clock.now()))
        raise
    if account is None or not right:
        raise Refused(Reason.WRONG_PASSWORD)
    return await _start_session(flow, account, brakes)


def _brakes(flow: Flow, key: str, peer: str) -> tuple[_Brake, ...]:
    """
    The pair's first; every sign-in locks them in this order, so that none waits for another in a circle.

    The account goes by a keyed hash: people type passwords into the wrong field.
    """
    who = flow.ring.mac(key.encode(), purpose="counter of an administrator").hex()
    where = customer_of(peer)
    return (
        _Brake(f"console/pair/{who}/{where}", FREE_FAILURES),
        _Brake(f"console/account/{who}", FREE_OF_ACCOUNT),
        _Brake(f"console/address/{where}", FREE_OF_ADDRESS),
    )


async def _reserve(flow: Flow, key: str, brakes: tuple[_Brake, ...]) -> store.Administrator | None:
    """The account, with a failure counted in advance; a refusal counts nothing, since it rolls the unit back."""
    now = flow.clock.now()

    async def unit(tx: Tx) -> store.Administrator | None:
        for brake in brakes:
            state = Counter(*await attempts.lock_failures(tx, brake.key))
            if check_lockout(state, now) is not None:
                raise Refused(Reason.LOCKED_OUT)
            after = after_failure(state, now, brake.free)
            await attempts.put_failures(tx, brake.key, after.count, after.last_at, after.until)
        return await store.find_administrator(tx, key)

    return await flow.database.write(unit)


async def _take_back(tx: Tx, brakes: tuple[_Brake, ...], now: int) -> None:
    for brake in brakes:
        after = taken_back(Counter(*await attempts.lock_failures(tx, brake.key)), now)
        await attempts.put_failures(tx, brake.key, after.count, after.last_at, after.until)


async def _start_session(flow: Flow, account: store.Administrator, brakes: tuple[_Brake, ...]) -> str:
    """The pair's failures are forgotten; of the wider counts only this sign-in's own, since the rest is of others."""
    handle, now = urlsafe(flow.entropy, 32), flow.clock.now()
    session = store.ConsoleSession(
        digest=seal.digest(handle), email=account.email, created_at=now, seen_at=now, expires_at=now + SESSION_SECONDS
    )

    async def unit(tx: Tx) -> None:
        current = await store.find_administrator(tx, account.email)
        if current is None or current.password_hash != account.password_hash:
            raise Refused(Reason.WRONG_PASSWORD)
        await attempts.drop_failures(tx, brakes[0].key)
        await _take_back(tx, brakes[1:], now)
        await store.put_console_session(tx, session)

    await flow.database.write(unit)
    return handle


async def find_session(flow: Flow, handle: str) -> store.ConsoleSession | None:
    """The living session of this handle; its idle time starts again."""
    digest, now = seal.digest(handle), flow.clock.now()
    session = await flow.database.read(lambda tx: store.find_console_session(tx, digest))
    if session is None or now >= session.expires_at or now >= session.seen_at + IDLE_SECONDS:
        return None
    if now - session.seen_at > 60:
        await flow.database.write(lambda tx: store.touch_console_session(tx, digest, now))
    return session


async def end_session(flow: Flow, handle: str) -> None:
    await flow.database.write(lambda tx: store.drop_console_session(tx, seal.digest(handle)))


async def save_draft(flow: Flow, session: store.ConsoleSession, draft_id: str, text: bytes) -> None:
    """Keep a form that takes several pages; a draft of another administrator is never overwritten."""
    sealed = flow.ring.seal(text, purpose="draft", row=draft_id)
    expires = flow.clock.now() + SESSION_SECONDS
    draft = store.Draft(id=draft_id, email=session.email, sealed=sealed, expires_at=expires)

    async def unit(tx: Tx) -> None:
        found = await store.find_draft(tx, draft_id)
        if found is None or found.email == session.email:
            await store.put_draft(tx, draft)

    await flow.database.write(unit)


async def find_draft(flow: Flow, session: store.ConsoleSession, draft_id: str) -> bytes | None:
    """The draft's text, to the administrator who began it."""
    draft = await flow.database.read(lambda tx: store.find_draft(tx, draft_id))
    if draft is None or draft.email != session.email or draft.expires_at <= flow.clock.now():
        return None
    return flow.ring.open(draft.sealed, purpose="draft", row=draft.id)


async def take_draft(flow: Flow, session: store.ConsoleSession, draft_id: str) -> bytes | None:
    """The draft's text, once: a form that is sent twice at the same moment is acted on once."""
    now = flow.clock.now()

    async def unit(tx: Tx) -> store.Draft | None:
        draft = await store.find_draft(tx, draft_id)
        if draft is None or draft.email != session.email or draft.expires_at <= now:
            return None
        return draft if await store.drop_draft(tx, draft_id) else None

    taken = await flow.database.write(unit)
    return None if taken is None else flow.ring.open(taken.sealed, purpose="draft", row=taken.id)
