"""
What an app can check: a JWT for each session and app, signed with ES256 by a key that the house publishes.

Ours: ``aud`` is the app's public URL, so that no other app can use it; ``iss`` is the house; good for five minutes.
An app verifies signature, issuer, audience and expiry, and need not trust headers at all.

A new key is published a day before it signs, so that whoever keeps the set of keys has seen it; the former one stays
published until its last assertion is over.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from poolhouse.house.store import assertion_keys
from poolhouse.house.store.assertion_keys import StoredKey
from poolhouse.kit.ambient import Clock, Entropy, Epoch, urlsafe
from poolhouse.kit.db.protocol import Database, Tx
from poolhouse.kit.jose import ES256, SigningKey, jwk, load_key, mint_key
from poolhouse.kit.seal import KeyRing

SECONDS = 300
RETIRED_SECONDS = SECONDS + 300
"""After another key has begun to sign: the last assertion, and clocks that differ."""
_PURPOSE = "house assertion key"


class Signer(msgspec.Struct, frozen=True, kw_only=True):
    """The keys, with when each begins to sign, the last first; and all that are published."""

    keys: tuple[tuple[Epoch, SigningKey], ...]
    published: tuple[dict[str, str], ...]
    issuer: str
    clock: Clock
    entropy: Entropy

    def sign(self, *, audience: str, subject: str, about: dict[str, Any]) -> str:
        now: Epoch = self.clock.now()
        claims = {
            **about,
            "iss": self.issuer,
            "aud": audience,
            "sub": subject,
            "iat": now,
            "exp": now + SECONDS,
            "jti": urlsafe(self.entropy, 12),
        }
        return self.key_at(now).sign(claims, typ="house-assertion+jwt")

    def key_at(self, now: Epoch) -> SigningKey:
        """The one that signs now; should a clock have gone back, the oldest."""
        return next((key for begins, key in self.keys if begins <= now), self.keys[-1][1])


async def load_signer(db: Database, ring: KeyRing, clock: Clock, entropy: Entropy, issuer: str) -> Signer:
    """The house's keys; the first is made when there is none."""
    stored = await db.read(assertion_keys.list_keys)
    if not stored:
        first = new_key(ring, now=clock.now(), signs_from=clock.now())

        async def put(tx: Tx) -> None:
            await assertion_keys.put_key(tx, first)

        await db.write(put)
        stored = await db.read(assertion_keys.list_keys)
    over = {each.kid for each in retired(stored, clock.now())}
    keys = [
        (each.signs_from, load_key(ring.open(each.sealed, purpose=_PURPOSE, row=each.kid)))
        for each in stored
        if each.kid not in over
    ]
    return Signer(
        keys=tuple(keys),
        published=tuple(jwk(key.public) for _, key in keys),
        issuer=issuer,
        clock=clock,
        entropy=entropy,
    )


def new_key(ring: KeyRing, *, now: Epoch, signs_from: Epoch) -> StoredKey:
    """A fresh one, sealed; nothing is stored yet."""
    made = mint_key(ES256)
    return StoredKey(made.kid, ring.seal(made.private_bytes(), purpose=_PURPOSE, row=made.kid), now, signs_from)


def retired(stored: Sequence[StoredKey], now: Epoch) -> list[StoredKey]:
    """The keys whose last assertion is over; *stored* begins with the one that signs last."""
    for at, each in enumerate(stored):
        if each.signs_from <= now - RETIRED_SECONDS:
            return list(stored[at + 1 :])
    return []
