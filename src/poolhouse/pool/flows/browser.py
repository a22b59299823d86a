"""
What a browser holds for a pool's domain: the session of one who has signed in, and the thread of one who is about to.

The session cookie is a handle whose digest is stored.  The thread (which step of signing in comes next, for whom) is
sealed into a cookie of its own, so that nothing of it is in a URL, can be read, or can be changed; the attempt that it
continues is in the store, where it is taken once.
"""

import msgspec

from poolhouse.kit import seal
from poolhouse.kit.ambient import urlsafe, uuid4
from poolhouse.kit.db.protocol import ReadTx
from poolhouse.kit.jose import b64url, b64url_decode
from poolhouse.kit.seal import SealBroken
from poolhouse.pool.core.sessions import tracking
from poolhouse.pool.core.sign_in import next_step
from poolhouse.pool.flows import people
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.flows.facts import facts
from poolhouse.pool.model.grant import BrowserSession
from poolhouse.pool.model.session import Tracked
from poolhouse.pool.model.sign_in import Done, Signed
from poolhouse.pool.model.user import User
from poolhouse.pool.store import grants as grant_store
from poolhouse.pool.store import users as user_store
from poolhouse.pool.store.users import State

SESSION_COOKIE = "poolhouse-session"
THREAD_COOKIE = "poolhouse-thread"
SESSION_SECONDS = 3600
THREAD_SECONDS = 900
_PURPOSE = "page thread"


class Recognised(msgspec.Struct, frozen=True):
    """A living session and its user."""

    session: BrowserSession
    user: User


class Thread(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    Where a person stands between two pages.

    ``step`` is the challenge that is to be answered, or what the pages themselves ask for (``CONFIRM``, ``RESET``).
    ``username`` is what was typed; ``session`` is the handle of the attempt; ``parameters`` are the challenge's.
    """

    step: str
    client_id: str
    username: str
    session: str = ""
    parameters: dict[str, str] = {}
    expires_at: int = 0


_encode = msgspec.json.Encoder().encode
_decoder = msgspec.json.Decoder(Thread)


async def find_session(flow: Flow, entry: PoolEntry, token: str | None) -> Recognised | None:
    """
    Who this browser is signed in as.

    The user must be the same person (``sub``: a name may be given again) with the same password, and signing in must
    ask for nothing more than the session stands for: a second factor that has become required since is asked for.
    """
    if not token:
        return None

    async def read(tx: ReadTx) -> Recognised | None:
        return await recognise(tx, entry, seal.digest(token), flow.clock.now())

    return await flow.database.read(read)


async def recognise(tx: ReadTx, entry: PoolEntry, digest: bytes, now: int) -> Recognised | None:
    """The same within a transaction, for the write that relies on it."""
    session = await grant_store.find_session(tx, digest)
    if session is None or session.pool_id != entry.pool.id or _is_over(entry, session, now):
        return None
    user = await user_store.find_by_sub(tx, entry.pool.id, session.sub)
    if user is None or user.username != session.username or people.proof(user) != session.password:
        return None
    proved = _proved(session.amr)
    # At which of the pool's relying parties a passkey was shown makes no difference now.
    party = next(iter(user.credentials.passkeys), None)
    known = facts(entry.pool, user, proved, now, relying_party=party, recognised=Done.DEVICE in proved)
    step = next_step(known)
    return Recognised(session, user) if isinstance(step, Signed) else None


async def lives(tx: ReadTx, entry: PoolEntry, known: Recognised, state: State | None, now: int) -> bool:
    """
    Whether *known* would be recognised still; *state* is what the transaction holds of the user.

    A user whom nobody has written since is not judged again: only the session may have ended.
    """
    if state is None or (state.sub, state.version) != (known.user.sub, known.user.version):
        return await recognise(tx, entry, known.session.digest, now) is not None
    return not _is_over(entry, known.session, now) and await grant_store.has_session(tx, known.session.digest)


def _is_over(entry: PoolEntry, session: BrowserSession, now: int) -> bool:
    is_brief = not tracking(entry.pool).enabled
    return session.expires_at <= now or (is_brief and now >= session.auth_time + SESSION_SECONDS)


def _proved(amr: tuple[str, ...]) -> frozenset[Done]:
    """What a session stands for: a code is a second factor beside a password, and without one the first."""
    proved = {Done(name) for name in amr}
    if Done.PASSWORD in proved:
        return frozenset(proved)
    firsts = {Done.SMS: Done.FIRST_SMS, Done.EMAIL: Done.FIRST_EMAIL}
    return frozenset({firsts.get(each, each) for each in proved} | {Done.CHOICE})


def mint_session(
    flow: Flow, user: User, amr: tuple[str, ...], *, seconds: int = SESSION_SECONDS, tracked: Tracked | None = None,
    sid: str | None = None,
) -> tuple[str, BrowserSession]:  # fmt: skip
    """
    A handle for the cookie, and its record to be written: new at each sign-in, so that none can be planted.

    *sid* goes on where the same user signs in again: to apps that is the same session.
    """
    now = flow.clock.now()
    token = urlsafe(flow.entropy, 32)
    session = BrowserSession(
        digest=seal.digest(token),
        pool_id=user.pool_id,
        username=user.username,
        sub=user.sub,
        password=people.proof(user),
        auth_time=now,
        amr=amr,
        tracked=tracked,
        sid=sid or uuid4(flow.entropy),
        expires_at=now + seconds,
    )
    return token, session


def seal_thread(flow: Flow, entry: PoolEntry, thread: Thread) -> str:
    """The thread as a cookie's value."""
    dated = msgspec.structs.replace(thread, expires_at=flow.clock.now() + THREAD_SECONDS)
    return b64url(flow.ring.seal(_encode(dated), purpose=_PURPOSE, row=entry.pool.id)).decode("ascii")


def open_thread(flow: Flow, entry: PoolEntry, value: str | None) -> Thread | None:
    """The thread that this domain's pool sealed, if it is not too old."""
    if not value:
        return None
    try:
        thread = _decoder.decode(flow.ring.open(b64url_decode(value), purpose=_PURPOSE, row=entry.pool.id))
    except (ValueError, SealBroken, msgspec.MsgspecError):
        return None
    return thread if thread.expires_at > flow.clock.now() else None
