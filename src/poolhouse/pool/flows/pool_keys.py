"""A pool's signing keys, opened: which one signs now, and all that verify."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from poolhouse.kit.jose import RS256, SigningKey, Verifier, jwk
from poolhouse.pool.core import key_schedule
from poolhouse.pool.core.key_schedule import Family
from poolhouse.pool.model.pool import SealedKey

ID: Final = "id"
ACCESS: Final = "access"


class Timed(msgspec.Struct, frozen=True):
    """A key and when it begins to sign."""

    active_ms: int
    key: SigningKey


class PoolKeys(msgspec.Struct, frozen=True, kw_only=True):
    """
    The keys of one pool as they were read.

    A successor is here long before it signs, so that every process changes over by its clock alone.
    """

    families: Mapping[Family, tuple[Timed, ...]]
    verifier: Verifier
    jwks: bytes

    def identity(self, alg: str, now_ms: int) -> SigningKey:
        """What signs ID tokens, and whatever else is for a client; ``KeyError`` where the pool has no such key."""
        return self._signing((ID, alg), now_ms)

    def access(self, now_ms: int) -> SigningKey:
        """What signs access tokens: by RS256, since resource servers are not asked what they understand."""
        return self._signing((ACCESS, RS256), now_ms)

    def _signing(self, family: Family, now_ms: int) -> SigningKey:
        timed = self.families[family]
        if len(timed) == 1:
            return timed[0].key
        return timed[key_schedule.signing([each.active_ms for each in timed], now_ms)].key


def assemble(rows: Sequence[tuple[SealedKey, SigningKey]]) -> PoolKeys:
    """The keys of a pool from its rows, opened."""
    opened = {sealed.kid: key for sealed, key in rows}
    ordered = key_schedule.in_order(sealed for sealed, _ in rows)
    families: dict[Family, tuple[Timed, ...]] = {}
    for sealed in sorted(ordered, key=lambda each: each.active_ms):
        family = key_schedule.family(sealed)
        families[family] = (*families.get(family, ()), Timed(sealed.active_ms, opened[sealed.kid]))
    public = [opened[sealed.kid].public for sealed in ordered]
    return PoolKeys(
        families=families,
        verifier=Verifier(public),
        jwks=msgspec.json.encode({"keys": [jwk(key) for key in public]}),
    )
