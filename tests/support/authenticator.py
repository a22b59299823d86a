"""An authenticator in software: what a browser would hand to the page, built by hand (WebAuthn level 3, section 6)."""

import base64
import hashlib
import json
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

PRESENT, VERIFIED, ELIGIBLE, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40


class Authenticator:
    """One key, ES256 or RS256 (or *algorithm* as it claims); *counts*: its counter goes on at each use."""

    def __init__(
        self, origin: str, *, rsa_key: bool = False, synced: bool = False, verifies: bool = True, counts: bool = True,
        rp: str | None = None, algorithm: int | None = None, identity: bytes | None = None,
    ) -> None:  # fmt: skip
        self.origin, self.verifies, self.synced, self.rp = origin, verifies, synced, rp
        self.algorithm = algorithm or (-257 if rsa_key else -7)
        self.key = rsa.generate_private_key(65537, 2048) if rsa_key else ec.generate_private_key(ec.SECP256R1())
        self.id = identity or hashlib.sha256(repr(self._public()).encode()).digest()
        self.count = 0
        self.counts = counts
        self.cross_origin = False
        self.handle: str | None = None

    def register(self, options: dict[str, Any]) -> dict[str, Any]:
        """RegistrationResponseJSON for PublicKeyCredentialCreationOptionsJSON."""
        self.rp = self.rp or options["rp"]["id"]
        self.handle = options["user"]["id"]
        attested = bytes(16) + len(self.id).to_bytes(2) + self.id + cbor2.dumps(self._public())
        data = self._data(ATTESTED) + attested
        response = {
            "clientDataJSON": text(self._client("webauthn.create", options["challenge"])),
            "attestationObject": text(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
            "transports": ["internal", "hybrid"],
        }
        return self._credential(response)

    def sign(self, options: dict[str, Any], **changes: Any) -> str:
        """AuthenticationResponseJSON for PublicKeyCredentialRequestOptionsJSON, as text."""
        client = self._client("webauthn.get", options["challenge"])
        data = self._data()
        signed = data + hashlib.sha256(client).digest()
        if isinstance(self.key, rsa.RSAPrivateKey):
            signature = self.key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
        else:
            signature = self.key.sign(signed, ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": text(client),
            "authenticatorData": text(data),
            "signature": text(signature),
            "userHandle": self.handle,
        }
        return json.dumps(self._credential(response | changes))

    def _credential(self, response: dict[str, Any]) -> dict[str, Any]:
        identity = text(self.id)
        return {"id": identity, "rawId": identity, "type": "public-key", "response": response,
                "authenticatorAttachment": "platform", "clientExtensionResults": {}}  # fmt: skip

    def _client(self, kind: str, challenge: str) -> bytes:
        client = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": self.cross_origin}
        return json.dumps(client).encode()

    def _data(self, extra: int = 0) -> bytes:
        flags = PRESENT | extra | (VERIFIED if self.verifies else 0) | (ELIGIBLE | BACKED_UP if self.synced else 0)
        self.count += self.counts
        return hashlib.sha256((self.rp or "").encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def _public(self) -> dict[int, Any]:
        numbers = self.key.public_key().public_numbers()
        if isinstance(numbers, rsa.RSAPublicNumbers):
            return {1: 3, 3: self.algorithm, -1: numbers.n.to_bytes(256), -2: numbers.e.to_bytes(3)}
        return {1: 2, 3: self.algorithm, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}


def text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
