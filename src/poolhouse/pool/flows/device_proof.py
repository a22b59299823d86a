"""
A remembered device proves itself: DEVICE_SRP_AUTH, then DEVICE_PASSWORD_VERIFIER (developer guide, "Working with
user devices").

The exchange is that of a password's, between other names: the device's group key stands for the pool, its key for the
user, and the password is a secret that the device made and nobody else has seen.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.pool.core import srp as core
from poolhouse.pool.core.refusal import Refusal
from poolhouse.pool.core.sign_in import DEVICE_ASK
from poolhouse.pool.flows import people
from poolhouse.pool.flows.attempt import Asked, Challenge, Door, Live, Memory, Outcome, bind, remembered, spend
from poolhouse.pool.flows.context import Flow, Refused, stop
from poolhouse.pool.flows.gate import fail_factor, pass_factor, required
from poolhouse.pool.flows.steps import ask, proceed
from poolhouse.pool.model.device import Device
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.model.sign_in import Attempt, Done
from poolhouse.pool.model.user import User
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.store import attempts as attempt_store
from poolhouse.pool.store import devices as store

VERIFY: Final = "DEVICE_PASSWORD_VERIFIER"


async def known(flow: Flow, user: User | None, key: str | None) -> Device | None:
    """
    The user's device *key*; None where no key was sent.

    An unknown one is refused, for a name that nobody has as well: clients drop a key that is answered so, and send
    the same answer again.
    """
    if not key:
        return None
    found = None if user is None else await find(flow, user, key)
    if found is None:
        raise Refused(Reason.DEVICE_NOT_FOUND)
    return found


async def find(flow: Flow, user: User, key: str) -> Device | None:
    return await flow.database.read(lambda tx: store.find_device(tx, user.pool_id, user.username, key))


async def remember(flow: Flow, door: Door, user: User | None, key: str | None) -> Door:
    """The door with the device that begins a sign-in, for the steps to come; an unknown one is not told yet."""
    if user is None or not key:
        return door
    return msgspec.structs.replace(door, device=await find(flow, user, key))


async def arrived(flow: Flow, door: Door, live: Live, sent: str | None) -> Door:
    """The door with the device that answers: the one that is named now, else the one that began the sign-in."""
    device = await known(flow, live.user, sent)
    if device is None and live.user is not None and live.memory.device:
        device = await find(flow, live.user, live.memory.device)
    return msgspec.structs.replace(door, device=device)


async def open_waiting(flow: Flow, door: Door, *, username: str, key: str) -> Live:
    """
    The sign-in that waits for this device's proof, for clients that answer DEVICE_SRP_AUTH without its Session.

    Some do (pycognito), as the service lets them.  The proof itself is as hard without the Session as with it.
    """

    async def read(tx: ReadTx) -> list[Attempt]:
        user = await people.find(tx, door.pool, username)
        if user is None:
            return []
        return await attempt_store.list_waiting(tx, door.pool.id, user.username, door.client.id, DEVICE_ASK)

    now = flow.clock.now()
    for attempt in await flow.database.read(read):
        memory = remembered(flow, attempt)
        if attempt.expires_at > now and memory.device == key:
            return await bind(flow, door, attempt, memory, challenge=DEVICE_ASK, username=username)
    raise Refused(Reason.SESSION_INVALID)


async def answer_ask(flow: Flow, door: Door, live: Live, responses: Mapping[str, str]) -> Asked:
    """DEVICE_SRP_AUTH: the device's SRP_A is answered with its salt and SRP_B."""
    required(responses, "DEVICE_KEY")
    srp_a = required(responses, "SRP_A")
    user, device, verifier = _proving(flow, door, live)
    exchange = await flow.cpu.run(core.challenge, verifier, srp_a, flow.entropy.token(core.SECRET_BYTES))
    if isinstance(exchange, Refusal):
        stop(exchange)
    challenge = Challenge(
        name=VERIFY,
        parameters={
            "DEVICE_KEY": device.key,
            "SALT": (device.salt or b"").hex(),
            "SRP_B": exchange.srp_b,
            "USERNAME": user.username,
        },
        memory=Memory(srp=(exchange.client_public, exchange.server_public, exchange.secret)),
    )
    asked = await ask(flow, door, user, challenge, live.done, live.attempt)
    return msgspec.structs.replace(asked, parameters={**asked.parameters, "SECRET_BLOCK": asked.session})


async def answer_proof(flow: Flow, door: Door, live: Live, responses: Mapping[str, str]) -> Outcome:
    """DEVICE_PASSWORD_VERIFIER: the proof.  The exchange is spent whatever the verdict, and a wrong one counts."""
    signature = required(responses, "PASSWORD_CLAIM_SIGNATURE")
    block = required(responses, "PASSWORD_CLAIM_SECRET_BLOCK")
    timestamp = required(responses, "TIMESTAMP")
    user, device, verifier = _proving(flow, door, live)
    now = flow.clock.now()

    async def take(tx: Tx) -> None:
        await spend(tx, live.attempt, now)

    await flow.database.write(take)
    right = await flow.cpu.run(
        core.verify,
        core.Challenge(*(live.memory.srp or (b"", b"", b""))),
        verifier=verifier,
        pool_name=device.group_key,
        username=device.key,
        secret_block=block,
        timestamp=timestamp,
        signature=signature,
    )
    if not right or live.memory.device != device.key:
        await fail_factor(flow, door, user, Reason.WRONG_PASSWORD)
    await pass_factor(flow, door, user)
    return await proceed(flow, door, user, live.done | {Done.DEVICE})


def seal_verifier(flow: Flow, device: Device, verifier: bytes) -> bytes:
    return flow.ring.seal(verifier, purpose="device verifier", row=_row(device))


def is_tracked(pool: Pool) -> bool:
    """Whether the pool tracks devices: any member of DeviceConfiguration switches that on."""
    return pool.settings.device_configuration is not None


def _proving(flow: Flow, door: Door, live: Live) -> tuple[User, Device, bytes]:
    """The user, the device and its verifier; it may have been forgotten, or not be remembered any more."""
    user, device = live.user, door.device
    if user is None or device is None or device.verifier is None or not device.proves_itself:
        raise Refused(Reason.DEVICE_NOT_FOUND)
    return user, device, flow.ring.open(device.verifier, purpose="device verifier", row=_row(device))


def _row(device: Device) -> str:
    return f"{device.pool_id}/{device.username}/{device.key}"
