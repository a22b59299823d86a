"""The API key of a SCIM client: made by an administrator, shown once, kept as a digest."""

import re

import msgspec

from poolhouse.house.context import Context
from poolhouse.house.store import provisioning
from poolhouse.house.store.provisioning import Key
from poolhouse.kit.ambient import Secret, letters, uuid4
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.seal import digest

PREFIX = "scim_"
KEYS_LIMIT = 2
"""Two, so that a key can be changed without an hour in which none works."""
TOUCH_SECONDS = 60
_LETTERS = 40
_SHOWN = 9
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SHAPE = re.compile(rf"scim_[0-9A-Za-z]{{{_LETTERS}}}")


class NewKey(msgspec.Struct, frozen=True):
    """Shown once; nobody can ask for the secret again."""

    key: Key
    secret: Secret


def mint(ctx: Context, *, by: str) -> NewKey:
    """A key that nobody can guess; not stored yet."""
    secret = PREFIX + letters(ctx.entropy, _LETTERS, _ALPHABET)
    key = Key(id=uuid4(ctx.entropy), start=secret[:_SHOWN], created_at=ctx.clock.now(), created_by=by)
    return NewKey(key, Secret(secret))


async def put(tx: Tx, new: NewKey) -> bool:
    """Store it, unless there are as many as there may be."""
    if len(await provisioning.list_keys(tx)) >= KEYS_LIMIT:
        return False
    await provisioning.put_key(tx, new.key, digest(new.secret.reveal()))
    return True


async def find(ctx: Context, authorization: str, address: str) -> Key | None:
    """The key of an ``Authorization`` header (RFC 6750 section 2.1); once a minute it is noted that it was used."""
    scheme, _, secret = authorization.partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer" or not _SHAPE.fullmatch(secret):
        return None
    key_digest = digest(secret)
    # Found by the digest of a secret that nobody can guess: there is nothing to compare, so nothing to time.
    found = await ctx.db.read(lambda tx: provisioning.find_key(tx, key_digest))
    now = ctx.clock.now()
    if found is not None and (found.used_at is None or now - found.used_at >= TOUCH_SECONDS):
        key_id = found.id
        await ctx.db.write(lambda tx: provisioning.use_key(tx, key_id, now=now, address=address))
    return found
