"""
The pool as a SAML service provider: its keys, and a self-signed certificate for each.

Made at first need, outside any transaction; of two processes that make one at once, the one that writes first wins
and the other takes what was written.
"""

import base64
import datetime as dt
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from poolhouse.kit.db.protocol import Tx, UniqueViolation
from poolhouse.kit.jose import mint_key
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.model.pool import Pool, PoolId
from poolhouse.pool.model.provider import SamlCertificate
from poolhouse.pool.store import providers as store

SIGNING: Final = "signing"
ENCRYPTION: Final = "encryption"
_YEAR_MS: Final = 365 * 86_400_000
_YEARS: Final = 10


async def signing(flow: Flow, pool: Pool) -> SamlCertificate:
    """AWS API: GetSigningCertificate. Valid for ten years; each year a new one is issued, and the old stays valid."""
    held = await flow.database.read(lambda tx: store.newest_certificate(tx, pool.id, SIGNING))
    if held is not None and flow.clock.now_ms() - held.created_ms < _YEAR_MS:
        return held
    return await _issue(flow, pool, SIGNING, 0 if held is None else held.generation + 1)


async def encryption(flow: Flow, pool: Pool) -> SamlCertificate:
    """The key that providers encrypt assertions with; never renewed, since a provider holds the one it was given."""
    held = await flow.database.read(lambda tx: store.newest_certificate(tx, pool.id, ENCRYPTION))
    return held or await _issue(flow, pool, ENCRYPTION, 0)


async def _issue(flow: Flow, pool: Pool, use: str, generation: int) -> SamlCertificate:
    now_ms = flow.clock.now_ms()
    serial = int.from_bytes(flow.entropy.token(19)) + 1
    private, certificate = await flow.cpu.run(_make, pool.id, serial, now_ms // 1000)
    made = SamlCertificate(
        pool_id=pool.id,
        use=use,
        generation=generation,
        created_ms=now_ms,
        sealed=flow.ring.seal(private, purpose="saml key", row=f"{pool.id}/{use}/{generation}"),
        certificate=certificate,
    )

    async def unit(tx: Tx) -> None:
        await store.put_certificate(tx, made)

    try:
        await flow.database.write(unit)
    except UniqueViolation:
        won = await flow.database.read(lambda tx: store.newest_certificate(tx, pool.id, use))
        if won is None:
            raise
        return won
    return made


def _make(pool_id: PoolId, serial: int, now: int) -> tuple[bytes, str]:
    """A key as PKCS #8 and its certificate as the body of a PEM file."""
    der = mint_key().private_bytes()
    private = serialization.load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(private, rsa.RSAPrivateKey):
        raise TypeError("not an RSA key")
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, pool_id)])
    since = dt.datetime.fromtimestamp(now, dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(serial)
        .not_valid_before(since)
        .not_valid_after(since + dt.timedelta(days=365 * _YEARS + 2))
        .sign(private, hashes.SHA256())
    )
    return der, base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode("ascii")
