"""
What an app can check: a JWT for each session and app, signed with ES256 by a key that the house publishes.

Ours: ``aud`` is the app's public URL, so that no other app can use it; ``iss`` is the house; good for five minutes.
An app verifies signature, issuer, audience and expiry, and need not trust headers at all.
"""

from typing import Any

import msgspec

from poolhouse.house.store import entries
from poolhouse.kit.ambient import Clock, Entropy, Epoch, urlsafe
from poolhouse.kit.db.protocol import Database, ReadTx, Tx
from poolhouse.kit.jose import ES256, SigningKey, jwk, load_key, mint_key
from poolhouse.kit.seal import KeyRing

SECONDS = 300
_PURPOSE = "house assertion key"


class Signer(msgspec.Struct, frozen=True, kw_only=True):
    """The key in use, and all that are published."""

    key: SigningKey
    published: tuple[dict[str, str], ...]
    issuer: str
    clock: Clock
    entropy: Entropy

    def sign(self, *, audience: str, subject: str, about: dict[str, Any]) -> str:
        now: Epoch = self.clock.now()
        claims = {
            "iss": self.issuer,
            "aud": audience,
            "sub": subject,
            "iat": now,
            "exp": now + SECONDS,
            "jti": urlsafe(self.entropy, 12),
            **about,
        }
        return self.key.sign(claims, typ="house-assertion+jwt")


async def load_signer(db: Database, ring: KeyRing, clock: Clock, entropy: Entropy, issuer: str) -> Signer:
    """The house's keys; the first is made when there is none."""
    stored = await db.read(_keys)
    if not stored:
        made = mint_key(ES256)
        sealed = ring.seal(made.private_bytes(), purpose=_PURPOSE, row=made.kid)

        async def put(tx: Tx) -> None:
            await entries.put_key(tx, made.kid, sealed, clock.now())

        await db.write(put)
        stored = await db.read(_keys)
    keys = [load_key(ring.open(sealed, purpose=_PURPOSE, row=kid)) for kid, sealed in stored]
    return Signer(
        key=keys[0],
        published=tuple(jwk(key.public) for key in keys),
        issuer=issuer,
        clock=clock,
        entropy=entropy,
    )


async def _keys(tx: ReadTx) -> list[tuple[str, bytes]]:
    return await entries.list_keys(tx)
