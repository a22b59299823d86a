"""
Codes that are sent and come back: one live code a user and purpose, kept as a keyed digest.

Where the pool hides who exists, a code is also "sent" to a name that nobody has: its record has the name's keyed hash
in the place of a username and the digest of nothing.  From there on both cases take the same path, so that guesses,
limits and expiry cannot tell them apart.
"""

from functools import partial
from typing import Final

import msgspec

from poolhouse.kit.ambient import digits
from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.core import one_time
from poolhouse.pool.core.masking import mask, simulated_destination
from poolhouse.pool.core.refusal import Refusal, refused
from poolhouse.pool.flows import messages
from poolhouse.pool.flows.context import Flow, Refused, stop
from poolhouse.pool.flows.reader import Reader
from poolhouse.pool.model.message import Message
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.model.user import CodePurpose, SentCode, User, Username
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.store import attempts as store
from poolhouse.pool.store import outbox

MEDIUM: Final = {"email": "EMAIL", "phone_number": "SMS"}


class Delivery(msgspec.Struct, frozen=True):
    """CodeDeliveryDetails: where a code went, masked."""

    attribute: str
    medium: str
    destination: str


class Prepared(msgspec.Struct, frozen=True):
    """A code that is ready to be stored and sent, in one transaction; a decoy has no message."""

    record: SentCode
    message: Message | None
    delivery: Delivery


def prepare(
    flow: Flow, pool: Pool, user: User, *, purpose: CodePurpose, kind: str, attribute: str, value: str,
    reader: Reader, code: str | None = None, link: str | None = None,
) -> Prepared:  # fmt: skip
    """
    A code to *value*, which is or is to become the user's *attribute*; *code* where a link holds it already.

    What the code proves is that the user receives what is sent to *value*: it is kept beside the digest.
    """
    code = code or digits(flow.entropy, one_time.DIGITS)
    medium = MEDIUM[attribute]
    message = messages.compose(
        flow, pool, kind=kind, medium=medium, destination=value, username=user.username, code=code, reader=reader,
        link=link,
    )  # fmt: skip
    record = SentCode(
        pool_id=pool.id,
        username=user.username,
        purpose=purpose,
        digest=_digest(flow, pool, user.username, purpose, code),
        attribute=attribute,
        pending_value=value,
        expires_at=flow.clock.now() + one_time.VALID_SECONDS[purpose],
    )
    return Prepared(record, message, Delivery(attribute, medium, mask(medium, value)))


def prepare_decoy(flow: Flow, pool: Pool, name: str, *, purpose: CodePurpose, attribute: str) -> Prepared:
    """The code that a name without an account is told of; refused where a real one would be."""
    medium = MEDIUM[attribute]
    messages.check_no_trigger(pool, medium)
    messages.check_can_send(flow, medium)
    record = SentCode(
        pool_id=pool.id,
        username=decoy_username(flow, pool, name),
        purpose=purpose,
        digest=flow.entropy.token(32),
        attribute=attribute,
        expires_at=flow.clock.now() + one_time.VALID_SECONDS[purpose],
    )
    mac = partial(flow.ring.mac, purpose="simulated destination")
    shown = simulated_destination(mac, medium=medium, username=pool.key_of(name))
    return Prepared(record, None, Delivery(attribute, medium, shown))


def decoy_username(flow: Flow, pool: Pool, name: str) -> Username:
    """What stands in a record for a name that nobody has; no user can be called so, for nobody else has the key."""
    mac = flow.ring.mac(f"{pool.id}/{pool.key_of(name)}".encode(), purpose="decoy of a code")
    return Username(f"?{mac.hex()}")


async def put(tx: Tx, prepared: Prepared) -> None:
    """Store the code, which replaces the one before it, and queue its message."""
    await store.put_sent_code(tx, prepared.record)
    if prepared.message is not None:
        await outbox.put_message(tx, prepared.message)


async def check(flow: Flow, pool: Pool, username: str, purpose: CodePurpose, code: str) -> SentCode:
    """
    The record of the code, if *code* is it; a wrong one is counted against it.

    It stays until ``take``: what follows may take time, such as hashing a password, or be refused for another cause.
    """
    digest = _digest(flow, pool, username, purpose, code)
    now = flow.clock.now()

    async def unit(tx: Tx) -> SentCode | Refusal:
        sent = await store.lock_sent_code(tx, pool.id, username, purpose)
        refusal = one_time.check_code(sent, digest=digest, now=now)
        if refusal is not None and refusal.reason is Reason.CODE_MISMATCH:
            await store.count_code_failure(tx, pool.id, username, purpose)
        if refusal is None and sent is not None:
            return sent
        return refusal or refused(Reason.CODE_EXPIRED)

    found = await flow.database.write(unit)
    if isinstance(found, Refusal):
        stop(found)
    return found


async def take(tx: Tx, sent: SentCode, now: int) -> None:
    """Spend a code that was checked, to exactly one caller; raises in the unit, which is rolled back as a whole."""
    taken = await store.take_matching_code(tx, sent.pool_id, sent.username, sent.purpose, sent.digest, now)
    if taken is None:
        raise Refused(Reason.CODE_EXPIRED)


def _digest(flow: Flow, pool: Pool, username: str, purpose: CodePurpose, code: str) -> bytes:
    mac = partial(flow.ring.mac, purpose="one-time code")
    return one_time.code_digest(mac, purpose=purpose.value, pool_id=pool.id, username=username, code=code)
