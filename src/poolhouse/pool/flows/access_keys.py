"""
Access keys: how programs prove to the API that an administrator sent them.

A key has the least that its program needs (``KeyPolicy``).  A temporary one has a session token besides, as those of
AWS STS do, and ends by itself.
"""

from typing import Final

import msgspec

from poolhouse.kit import seal
from poolhouse.kit.ambient import Secret, letters, urlsafe
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.model.access_key import EVERYTHING, AccessKey, KeyPolicy
from poolhouse.pool.store import access_keys as store

SHORTEST_SECONDS: Final = 900
LONGEST_SECONDS: Final = 129_600
_NOTED_EVERY: Final = 60
_BASE32: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_BASE62: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_PURPOSE: Final = "access key"


class MintedKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key with its secrets, which are shown this once."""

    key: AccessKey
    secret: Secret
    session_token: Secret | None = None


class KnownKey(msgspec.Struct, frozen=True, kw_only=True):
    """What a signature is checked against."""

    secret: Secret
    token: bytes | None = None
    expires_at: int | None = None
    used_at: int | None = None
    policy: KeyPolicy = EVERYTHING


async def mint(
    flow: Flow, name: str, policy: KeyPolicy = EVERYTHING, *, lifetime_seconds: int | None = None
) -> MintedKey:
    """
    A key and its secret, which is kept sealed, since signatures need it; with *lifetime_seconds* a temporary one.

    ``ValueError`` for a lifetime that AWS STS would not give: less than 15 minutes, more than 36 hours.
    """
    is_temporary = lifetime_seconds is not None
    if lifetime_seconds is not None and not SHORTEST_SECONDS <= lifetime_seconds <= LONGEST_SECONDS:
        raise ValueError(f"A temporary key lives {SHORTEST_SECONDS} to {LONGEST_SECONDS} seconds.")
    key_id = ("ASIA" if is_temporary else "AKIA") + letters(flow.entropy, 16, _BASE32)
    secret = letters(flow.entropy, 40, _BASE62)
    token = urlsafe(flow.entropy, 48) if is_temporary else None
    key = AccessKey(
        id=key_id,
        name=name,
        sealed=flow.ring.seal(secret.encode(), purpose=_PURPOSE, row=key_id),
        created_ms=flow.clock.now_ms(),
        operations=policy.operations,
        pools=policy.pools,
        token=None if token is None else seal.digest(token),
        expires_at=None if lifetime_seconds is None else flow.clock.now() + lifetime_seconds,
    )
    await flow.database.write(lambda tx: store.put(tx, key))
    return MintedKey(key=key, secret=Secret(secret), session_token=None if token is None else Secret(token))


async def find(flow: Flow, key_id: str) -> KnownKey | None:
    """What a signature is checked against; read for every one, so that a deleted key stops at once."""
    key = await flow.database.read(lambda tx: store.find(tx, key_id))
    if key is None:
        return None
    secret = Secret(flow.ring.open(key.sealed, purpose=_PURPOSE, row=key.id).decode())
    return KnownKey(secret=secret, token=key.token, expires_at=key.expires_at, used_at=key.used_at, policy=key.policy)


async def note_use(flow: Flow, key_id: str, used_at: int | None) -> None:
    """A signature with the key was right; written once a minute at most, so that it costs no commit a request."""
    now = flow.clock.now()
    if used_at is None or now >= used_at + _NOTED_EVERY:
        await flow.database.write(lambda tx: store.touch(tx, key_id, now))


async def list_all(flow: Flow) -> list[AccessKey]:
    return await flow.database.read(store.list_all)


async def drop(flow: Flow, key_id: str) -> bool:
    """Whether there was such a key."""
    return await flow.database.write(lambda tx: store.drop(tx, key_id))
