"""
What is served while there is no certificate: one that the house has signed itself.

Browsers warn of it, so it is good for one thing: to reach Admin Settings > Domain and TLS from a machine whose owner
knows what to expect.  All replicas serve the same one; its fingerprint is logged.
"""

import ipaddress
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from poolhouse.house.tls.pairs import Pair, is_address, read_pair
from poolhouse.kit.ambient import Epoch, Secret

DAYS = 90


def make_temporary(host: str, now: Epoch) -> Pair:
    """A pair for *host*, by nobody's authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Poolhouse, temporary")])
    plain = host.strip("[]")
    known = x509.IPAddress(ipaddress.ip_address(plain)) if is_address(host) else x509.DNSName(plain)
    begins = datetime.fromtimestamp(now, UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins - timedelta(hours=1))
        .not_valid_after(begins + timedelta(days=DAYS))
        .add_extension(x509.SubjectAlternativeName([known]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return read_pair(certificate.public_bytes(Encoding.PEM).decode(), Secret(pem))
