"""
A sign-in between two requests: opened by its handle, carried on to the next step, in one transaction.

The handle is the API's Session, the SRP secret block and what a page keeps in its cookie: 48 random bytes in hex,
which every base64 decoder takes as well.  It is bound to pool, client, user and challenge, answered once, and dead
after AuthSessionValidity.  A spent one leaves a mark behind, so that a second answer is told apart from a wrong one.
"""

from collections.abc import Mapping
from typing import Final, NoReturn

import msgspec

from poolhouse.kit import seal
from poolhouse.kit.ambient import hex_token
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.pool.core.risk.rules import Protection, protection_of
from poolhouse.pool.flows import people
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.model.device import Device
from poolhouse.pool.model.message import Message
from poolhouse.pool.model.pool import Client, Pool
from poolhouse.pool.model.risk import Action, Judged, Seen
from poolhouse.pool.model.sign_in import Attempt, Done, Turn
from poolhouse.pool.model.user import User, Username
from poolhouse.pool.spec.errors import Reason, masked
from poolhouse.pool.store import attempts as store
from poolhouse.pool.store import users as user_store

_SPENT: Final = "spent"
HANDLE_BYTES: Final = 48


class Door(msgspec.Struct, frozen=True):
    """
    Where somebody signs in.

    ``hides``: an unknown and a disabled user are treated as a wrong password, in every respect.  It is the client's
    PreventUserExistenceErrors; the pages are open to anybody and always hide.  ``device`` is the known device that the
    request comes from.  ``metadata`` is the ClientMetadata of a RespondToAuthChallenge, for the triggers that may see
    it.  ``trail`` is set in a custom sign-in: what was asked and answered so far; each attempt of it remembers that.

    ``seen`` is what the request says about itself, ``judged`` how threat protection has judged the sign-in.
    ``recognised``: the browser has shown that it is one which the user has had remembered (``flows.browser_devices``).
    ``targets``: the levels that the sign-in is to reach (``core.step_up``).
    """

    entry: PoolEntry
    client: Client
    hosted: bool = False
    metadata: Mapping[str, str] | None = None
    trail: tuple[Turn, ...] | None = None
    device: Device | None = None
    seen: Seen = Seen()
    judged: Judged | None = None
    recognised: bool = False
    targets: tuple[int, ...] = ()

    @property
    def pool(self) -> Pool:
        return self.entry.pool

    @property
    def hides(self) -> bool:
        return self.hosted or self.client.settings.prevent_user_existence_errors == "ENABLED"

    @property
    def protection(self) -> Protection:
        """The mode and the rules of threat protection that hold here."""
        return protection_of(self.pool, self.entry.risks, self.client.id, custom=self.trail is not None)

    @property
    def risk(self) -> Action:
        return Action.NO_ACTION if self.judged is None else self.judged.action

    def refuse(self, reason: Reason) -> NoReturn:
        """Leave with *reason* as this client may see it; the pages have words of their own for each."""
        raise Refused(masked(reason) if self.hides and not self.hosted else reason)


class Memory(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    What a challenge remembers, sealed.

    ``srp``: client's and server's public values, the server's secret; ``name`` is what the user called himself.
    ``code``: digest of a code that was sent to ``value``, the user's ``contact`` ("email", "phone_number"); ``setup``:
    the contact is not the user's yet and becomes so with the right code; ``first``: the code is a first factor.
    ``passkey``: the challenge that an authenticator signs.
    ``totp``: secret of an authenticator app that is being set up, ``step`` the time step of its first code.
    ``trail``, ``private`` and ``note``: a custom sign-in's past, and what its trigger wants back with the answer.
    ``device`` is the key of the known device that signs in.
    ``password``: digest of the password's hash, once the password was proved: with another password it is over.
    ``judged``: how threat protection judged this sign-in.  ``targets`` as in ``Door``.
    """

    srp: tuple[bytes, bytes, bytes] | None = None
    name: str = ""
    code: bytes | None = None
    contact: str = ""
    value: str = ""
    setup: bool = False
    first: bool = False
    passkey: bytes | None = None
    totp: bytes | None = None
    step: int = 0
    device: str = ""
    password: bytes | None = None
    trail: tuple[Turn, ...] | None = None
    private: dict[str, str] = {}
    note: str | None = None
    judged: Judged | None = None
    targets: tuple[int, ...] = ()

    def __repr__(self) -> str:
        return "Memory(***)"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """
    One more thing is asked: ``challenge`` is the API's ChallengeName, ``parameters`` its ChallengeParameters.

    ``session`` is the handle to answer with, ``choices`` the first factors that the user may choose among;
    ``is_chosen``: the user has chosen this one, in a sign-in by choice.
    """

    challenge: str
    parameters: Mapping[str, str]
    session: str
    choices: tuple[str, ...] = ()
    is_chosen: bool = False

    def __repr__(self) -> str:
        return f"Asked({self.challenge})"


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """
    The user is in, by ``amr`` in the order of proof, from ``device``: tokens or a code are minted now.

    ``judged`` as in ``Door``: a custom sign-in may go on from here.  ``stepped``: a level was asked for.
    """

    user: User
    amr: tuple[str, ...]
    done: frozenset[Done] = frozenset()
    device: Device | None = None
    judged: Judged | None = None
    stepped: bool = False


Outcome = Asked | SignedIn


class Challenge(msgspec.Struct, frozen=True, kw_only=True):
    """A challenge that is ready to be written: with the message that carries its code, if it has one."""

    name: str
    parameters: Mapping[str, str]
    memory: Memory = Memory()
    message: Message | None = None
    choices: tuple[str, ...] = ()

    def asked(self, session: str) -> Asked:
        return Asked(challenge=self.name, parameters=self.parameters, session=session, choices=self.choices)


class Live(msgspec.Struct, frozen=True, kw_only=True):
    """An attempt that was opened: its user (None for a name that nobody has) and its memory."""

    attempt: Attempt
    user: User | None
    memory: Memory

    @property
    def done(self) -> frozenset[Done]:
        return frozenset(self.attempt.done)


def new_attempt(
    flow: Flow, door: Door, user: User | None, challenge: Challenge, done: frozenset[Done], *, unknown: str = "",
    seconds: int | None = None,
) -> tuple[str, Attempt]:  # fmt: skip
    """
    The handle and the record, to be put; *unknown* is what stands for the username where there is no user.

    It lives as long as the client's sessions, unless *seconds* says otherwise.
    """
    handle = hex_token(flow.entropy, HANDLE_BYTES)
    digest = seal.digest(handle)
    proved = None if user is None or Done.PASSWORD not in done else people.proof(user)
    device = "" if door.device is None else door.device.key
    memory = msgspec.structs.replace(
        challenge.memory, password=proved, trail=door.trail, device=device, judged=door.judged, targets=door.targets
    )
    sealed = flow.ring.seal(msgspec.msgpack.encode(memory), purpose="attempt", row=digest.hex())
    minutes = door.client.settings.auth_session_validity or 3
    return handle, Attempt(
        digest=digest,
        pool_id=door.pool.id,
        client_id=door.client.id,
        username=Username(unknown) if user is None else user.username,
        challenge=challenge.name,
        done=tuple(sorted(done)),
        known=user is not None,
        extra=sealed,
        expires_at=flow.clock.now() + (60 * minutes if seconds is None else seconds),
    )


async def load(flow: Flow, handle: str) -> tuple[Attempt, Memory]:
    """The living attempt of *handle*, whosever it is; a session that is unknown, spent or expired is refused."""

    async def read(tx: ReadTx) -> Attempt | None:
        return await store.find_attempt(tx, seal.digest(handle))

    attempt = await flow.database.read(read)
    if attempt is None:
        raise Refused(Reason.SESSION_INVALID)
    _check_living(attempt, flow.clock.now())
    return attempt, remembered(flow, attempt)


def remembered(flow: Flow, attempt: Attempt) -> Memory:
    """What the attempt remembers."""
    opened = flow.ring.open(attempt.extra or b"", purpose="attempt", row=attempt.digest.hex())
    return msgspec.msgpack.decode(opened, type=Memory)


async def open_attempt(flow: Flow, door: Door, *, challenge: str, handle: str, username: str | None) -> Live:
    """
    The attempt that *handle* stands for, if it is this client's, this challenge's and this user's.

    *username* may be any name of the user, as the service allows; a page gives None: there the handle is all.
    """
    attempt, memory = await load(flow, handle)
    return await bind(flow, door, attempt, memory, challenge=challenge, username=username)


async def bind(
    flow: Flow, door: Door, attempt: Attempt, memory: Memory, *, challenge: str, username: str | None
) -> Live:
    """A living attempt with its user, if it is this client's, this challenge's and this user's."""
    ours = attempt.pool_id == door.pool.id and attempt.client_id == door.client.id
    if not ours or attempt.challenge != challenge:
        raise Refused(Reason.SESSION_INVALID)

    async def read(tx: ReadTx) -> tuple[User | None, User | None]:
        stored = await user_store.find_by_username(tx, door.pool, attempt.username) if attempt.known else None
        if username is None or username == attempt.username:
            # The stored username comes before any other name that is spelled like it.
            return stored, stored
        return stored, await people.find(tx, door.pool, username)

    user, named = await flow.database.read(read)
    if attempt.known:
        if user is None or (username is not None and (named is None or named.username != user.username)):
            raise Refused(Reason.SESSION_INVALID)
    elif username is not None and door.pool.key_of(username) not in {
        door.pool.key_of(memory.name), door.pool.key_of(attempt.username)
    }:  # fmt: skip
        raise Refused(Reason.SESSION_INVALID)
    if user is not None:
        check_password_kept(memory, user)
    return Live(attempt=attempt, user=user, memory=memory)


def check_password_kept(memory: Memory, user: User) -> None:
    """Refuse where the password was replaced since it was proved: whoever knew the old one must not get on."""
    if memory.password is not None and memory.password != people.proof(user):
        raise Refused(Reason.SESSION_INVALID)


async def spend(tx: Tx, attempt: Attempt, now: int) -> None:
    """
    Take the attempt, to exactly one caller, and leave the mark of a spent one.

    Raises in the unit: what it wrote before is rolled back, and the mark of the winner stays.
    """
    taken = await store.take_attempt(tx, attempt.digest)
    if taken is None:
        # Whoever waited for the winner's row to go finds the winner's mark now, or nothing.
        marked = await store.find_attempt(tx, attempt.digest)
        raise Refused(Reason.SESSION_INVALID if marked is None else Reason.SESSION_USED)
    _check_living(taken, now)
    await store.put_attempt(tx, msgspec.structs.replace(taken, challenge=_SPENT, extra=None))


def _check_living(attempt: Attempt, now: int) -> None:
    if attempt.challenge == _SPENT:
        raise Refused(Reason.SESSION_USED)
    if now >= attempt.expires_at:
        raise Refused(Reason.SESSION_EXPIRED)
