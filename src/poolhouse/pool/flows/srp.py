"""
USER_SRP_AUTH: a password is proved without being sent (SRP-6a, ``core.srp``).

The secret block that the client echoes is the attempt's handle, so an answer needs no Session.  A name that nobody
has, and a user without a password, get a decoy: the same salt each time, a proof that cannot succeed, the same work.
"""

from collections.abc import Mapping
from functools import partial

from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.core import srp as core
from poolhouse.pool.core.attributes.usernames import is_opaque
from poolhouse.pool.core.refusal import Refusal
from poolhouse.pool.flows import credentials, device_proof
from poolhouse.pool.flows.attempt import Asked, Challenge, Door, Live, Memory, Outcome, new_attempt, spend
from poolhouse.pool.flows.context import Flow, stop
from poolhouse.pool.flows.gate import find_user, pass_password, required
from poolhouse.pool.flows.steps import proceed
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.model.sign_in import Attempt, Done
from poolhouse.pool.model.user import User
from poolhouse.pool.store import attempts as store

CHALLENGE = "PASSWORD_VERIFIER"


async def begin(
    flow: Flow, door: Door, *, username: str, srp_a: str, device_key: str | None = None,
    done: frozenset[Done] = frozenset(),
) -> Asked:  # fmt: skip
    """
    Step one: SRP_B and salt for the client's SRP_A; *done* is what the sign-in has so far.

    An unknown device is not told yet: clients forget one only when it is the proof that is answered so.
    """
    user = await find_user(flow, door, username)
    door = await device_proof.remember(flow, door, user, device_key)
    return await exchange(flow, door, user, username=username, srp_a=srp_a, done=done)


async def exchange(
    flow: Flow, door: Door, user: User | None, *, username: str, srp_a: str, done: frozenset[Done] = frozenset(),
    spends: Attempt | None = None,
) -> Asked:  # fmt: skip
    """The same for a user who was found already, or for the decoy of *username*; *spends* is the step before."""
    user_id, salt, verifier = _held(flow, door.pool, user, username)
    exchange = core.challenge(verifier, srp_a, flow.entropy.token(core.SECRET_BYTES))
    if isinstance(exchange, Refusal):
        stop(exchange)
    memory = Memory(srp=(exchange.client_public, exchange.server_public, exchange.secret), name=username)
    challenge = Challenge(name=CHALLENGE, parameters={}, memory=memory)
    handle, attempt = new_attempt(flow, door, user, challenge, done, unknown=user_id)
    now = flow.clock.now()

    async def unit(tx: Tx) -> None:
        if spends is not None:
            await spend(tx, spends, now)
        await store.put_attempt(tx, attempt)

    await flow.database.write(unit)
    return Asked(
        challenge=CHALLENGE,
        parameters={
            "SALT": salt.hex(),
            "SRP_B": exchange.srp_b,
            "SECRET_BLOCK": handle,
            "USERNAME": user_id,
            "USER_ID_FOR_SRP": user_id,
        },
        session=handle,
        is_chosen=Done.CHOICE in done,
    )


async def answer(flow: Flow, door: Door, live: Live, responses: Mapping[str, str]) -> Outcome:
    """
    Step two: the proof.

    The exchange is spent whatever the verdict, so that each costs a guesser a new one, and in the transaction that
    judges it: of many answers at once all are computed, and one counts.
    """
    signature = required(responses, "PASSWORD_CLAIM_SIGNATURE")
    block = required(responses, "PASSWORD_CLAIM_SECRET_BLOCK")
    timestamp = required(responses, "TIMESTAMP")
    name = live.memory.name
    user_id, _, verifier = _held(flow, door.pool, live.user, name)
    right = await flow.cpu.run(
        core.verify,
        core.Challenge(*(live.memory.srp or (b"", b"", b""))),
        verifier=verifier,
        pool_name=door.pool.srp_name,
        username=user_id,
        secret_block=block,
        timestamp=timestamp,
        signature=signature,
    )
    right = right and _has_password(live.user)
    door, user = await pass_password(flow, door, live.user, name, right=right, spends=live.attempt)
    return await proceed(flow, door, user, live.done | {Done.PASSWORD})


def user_id(flow: Flow, pool: Pool, user: User | None, name: str) -> str:
    """The stored username, or what stands for it where nobody has this name: the same each time."""
    return _held(flow, pool, user, name)[0]


def _has_password(user: User | None) -> bool:
    return user is not None and user.credentials.srp_verifier is not None


def _held(flow: Flow, pool: Pool, user: User | None, name: str) -> tuple[str, bytes, bytes]:
    """USER_ID_FOR_SRP, salt and verifier of a user, or of the decoy in his place."""
    if user is not None:
        salt, verifier = user.credentials.srp_salt, credentials.open_verifier(flow, user)
        if salt is not None and verifier is not None:
            return user.username, salt, verifier
    mac = partial(flow.ring.mac, purpose="srp decoy")
    decoy = core.decoy(mac, pool_id=pool.id, username=pool.key_of(name), opaque_id=is_opaque(pool, name))
    # A user without a password is no secret to himself, only his decoy's proof must fail.
    return (decoy.user_id if user is None else user.username), decoy.salt, decoy.verifier
