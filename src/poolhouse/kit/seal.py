"""
Secrets at rest: AES-256-GCM under a key derived from a master key.

A sealed value is ``key id (4) | nonce (12) | ciphertext and tag``.  The purpose chooses the derived
key and the row is associated data, so a value copied to another row or another column does not open.
"""

import hashlib
import hmac
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from poolhouse.kit.ambient import Entropy

MASTER_KEY_BYTES = 32
_KEY_ID = 4
_NONCE = 12


class SealBroken(Exception):
    """The value was not sealed by this key ring for this purpose and row, or was changed since."""


class KeyRing:
    """
    The master keys, newest first: the first seals, all of them open.

    Rotation: put the new key first, re-seal at leisure, drop the old one.
    """

    def __init__(self, masters: Sequence[bytes], entropy: Entropy) -> None:
        if not masters or any(len(m) != MASTER_KEY_BYTES for m in masters):
            msg = f"a master key has {MASTER_KEY_BYTES} bytes"
            raise ValueError(msg)
        self._masters = {hashlib.sha256(b"key-id" + m).digest()[:_KEY_ID]: m for m in masters}
        self._newest = next(iter(self._masters))
        self._entropy = entropy
        self._derived: dict[tuple[bytes, str], bytes] = {}
        self._ciphers: dict[tuple[bytes, str], AESGCM] = {}

    def seal(self, plaintext: bytes, *, purpose: str, row: str) -> bytes:
        """Encrypt for one purpose ("client secret") and one row ("pool/client")."""
        nonce = self._entropy.token(_NONCE)
        return self._newest + nonce + self._cipher(self._newest, purpose).encrypt(nonce, plaintext, row.encode())

    def open(self, sealed: bytes, *, purpose: str, row: str) -> bytes:
        """Decrypt; ``SealBroken`` for anything else than what ``seal`` made for the same purpose and row."""
        key_id, nonce, rest = (
            sealed[:_KEY_ID],
            sealed[_KEY_ID : _KEY_ID + _NONCE],
            sealed[_KEY_ID + _NONCE :],
        )
        if key_id not in self._masters or len(nonce) != _NONCE:
            raise SealBroken
        try:
            return self._cipher(key_id, purpose).decrypt(nonce, rest, row.encode())
        except InvalidTag as wrong:
            raise SealBroken from wrong

    def mac(self, message: bytes, *, purpose: str) -> bytes:
        """
        HMAC-SHA256 under a key of its own purpose.

        Keyed by the oldest master key, so that rotation does not change answers that must stay the same,
        such as the decoy of an unknown user; a master key may be dropped only when nothing rests on it.
        """
        oldest = next(reversed(self._masters))
        return hmac.digest(self._key(oldest, "mac:" + purpose), message, "sha256")

    def _cipher(self, key_id: bytes, purpose: str) -> AESGCM:
        """Kept, as setting one up takes longer than sealing; purposes are a handful of words of our own."""
        found = self._ciphers.get((key_id, purpose))
        if found is None:
            found = self._ciphers[key_id, purpose] = AESGCM(self._key(key_id, purpose))
        return found

    def _key(self, key_id: bytes, purpose: str) -> bytes:
        found = self._derived.get((key_id, purpose))
        if found is None:
            hkdf = HKDF(algorithm=SHA256(), length=32, salt=b"poolhouse seal 1", info=purpose.encode())
            found = self._derived[key_id, purpose] = hkdf.derive(self._masters[key_id])
        return found


def digest(token: str) -> bytes:
    """SHA-256 of a random token: how codes, sessions and refresh tokens are stored."""
    return hashlib.sha256(token.encode()).digest()
