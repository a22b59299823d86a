"""
A certificate chain and its key.

What a server could not use, or its clients would not accept, is refused with a sentence that says what to mend.
"""

import contextlib
import ipaddress
import itertools
import ssl
import warnings
from collections.abc import Iterable
from datetime import datetime

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from poolhouse.kit.ambient import Epoch, Secret

PEM_LIMIT = 49_152


class BadPair(ValueError):
    """Why a certificate cannot be used, as a sentence; *field* is where it stands: chain or key."""

    def __init__(self, why: str, field: str = "chain") -> None:
        super().__init__(why)
        self.field = field


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate that fits its key; *names* are hosts, ``*.`` in front stands for one label."""

    chain: str
    key: Secret
    names: tuple[str, ...]
    issuer: str
    not_before: Epoch
    not_after: Epoch
    fingerprint: str

    def covers(self, host: str) -> bool:
        """Whether a client that asks for *host* accepts its names (RFC 6125 section 6.4)."""
        return host in self.names or "*." + host.partition(".")[2] in self.names

    def is_valid(self, now: Epoch) -> bool:
        return self.not_before <= now < self.not_after


def read_pair(chain: str, key: Secret) -> Pair:
    """The pair; ``BadPair`` unless the key fits, the chain is in order and the certificate is one for servers."""
    certificates = _certificates(chain)
    private = _private(key)
    leaf = certificates[0]
    if _public(private) != _public(leaf):
        if any(_public(private) == _public(each) for each in certificates[1:]):
            raise BadPair("The chain is in the wrong order: the certificate of this key comes first.")
        raise BadPair("The key does not belong to this certificate.", "key")
    for each, above in itertools.pairwise(certificates):
        if not _is_issued_by(each, above):
            raise BadPair(f"The chain is broken: {_called(each)} was not issued by {_called(above)}, which follows it.")
    _check_use(leaf)
    return Pair(
        chain="".join(each.public_bytes(Encoding.PEM).decode() for each in certificates),
        key=key,
        names=_names(leaf),
        issuer=_name(leaf.issuer),
        not_before=_epoch(leaf.not_valid_before_utc),
        not_after=_epoch(leaf.not_valid_after_utc),
        fingerprint=leaf.fingerprint(SHA256()).hex(),
    )


def check_time(pair: Pair, now: Epoch) -> None:
    """``BadPair`` outside its time."""
    if now >= pair.not_after:
        raise BadPair(
            f"The certificate has expired, on {datetime.fromtimestamp(pair.not_after).astimezone():%Y-%m-%d}."
        )
    if now < pair.not_before:
        raise BadPair("The certificate is not valid yet. Is the clock of this machine right?")


def check_complete(pair: Pair, authorities: str) -> None:
    """
    ``BadPair`` for a certificate that comes alone although nobody knows its issuer.

    Browsers that have seen the missing one elsewhere would accept it, and others would not.
    """
    leaf, *rest = x509.load_pem_x509_certificates(pair.chain.encode())
    if rest or leaf.issuer == leaf.subject:
        return
    if not any(_is_issued_by(leaf, root) for root in _known(authorities)):
        raise BadPair(
            f"The chain is not complete: the certificate of {_name(leaf.issuer)}, which has issued this one, is"
            " missing. Paste the full chain (fullchain.pem)."
        )


def read_authorities(pem: str) -> tuple[str, ...]:
    """The names of the authorities in *pem*; ``BadPair`` for anything that is none."""
    found = _certificates(pem)
    for each in found:
        try:
            is_authority = each.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        except x509.ExtensionNotFound:
            is_authority = each.issuer == each.subject
        except ValueError as wrong:
            raise BadPair("A certificate cannot be read.") from wrong
        if not is_authority:
            raise BadPair(f"{_called(each)} is the certificate of a server, not of an authority.")
    try:
        ssl.create_default_context(cadata=pem)
    except (ssl.SSLError, ValueError) as wrong:
        raise BadPair("A certificate cannot be used.") from wrong
    return tuple(_called(each) for each in found)


def _certificates(pem: str) -> list[x509.Certificate]:
    if len(pem) > PEM_LIMIT:
        raise BadPair("That is too long for a certificate chain.")
    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except (ValueError, x509.InvalidVersion) as wrong:
        raise BadPair(
            "No certificate can be read. It is text in PEM, from -----BEGIN CERTIFICATE----- to"
            " -----END CERTIFICATE-----."
        ) from wrong


def _private(key: Secret) -> PrivateKeyTypes:
    try:
        return load_pem_private_key(key.reveal().encode(), None)
    except TypeError as wrong:
        raise BadPair("The key is protected by a password; paste it without one.", "key") from wrong
    except Exception as wrong:  # what a damaged key raises depends on where it is damaged
        raise BadPair(
            "No key can be read. It is text in PEM that begins with -----BEGIN PRIVATE KEY-----.", "key"
        ) from wrong


def _public(of: PrivateKeyTypes | x509.Certificate) -> bytes:
    return of.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _check_use(leaf: x509.Certificate) -> None:
    try:
        use = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return
    except ValueError as wrong:
        raise BadPair("The certificate cannot be read.") from wrong
    if ExtendedKeyUsageOID.SERVER_AUTH not in use and ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE not in use:
        raise BadPair("The certificate is not one for servers.")


def _names(leaf: x509.Certificate) -> tuple[str, ...]:
    try:
        found = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        found = None
    except ValueError as wrong:
        raise BadPair("The certificate cannot be read.") from wrong
    names = [name.lower() for name in found.get_values_for_type(x509.DNSName)] if found else []
    names += [str(each) for each in found.get_values_for_type(x509.IPAddress)] if found else []
    if not names:
        raise BadPair("The certificate names no host (subject alternative names).")
    return tuple(dict.fromkeys(names))


def _known(authorities: str) -> Iterable[x509.Certificate]:
    """Roots that clients or the house know; the system's are read where they are in one file."""
    if authorities:
        yield from x509.load_pem_x509_certificates(authorities.encode())
    for der in ssl.create_default_context().get_ca_certs(binary_form=True):
        # Some old roots are such as nobody would make today, which is said of each.
        with warnings.catch_warnings(), contextlib.suppress(ValueError):
            warnings.simplefilter("ignore")
            yield x509.load_der_x509_certificate(der)


def _called(certificate: x509.Certificate) -> str:
    return _name(certificate.subject)


def _name(name: x509.Name) -> str:
    for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME, NameOID.ORGANIZATION_NAME):
        found = name.get_attributes_for_oid(oid)
        if found:
            return str(found[0].value)
    return name.rfc4514_string() or "a certificate without a name"


def _epoch(moment: datetime) -> Epoch:
    return Epoch(int(moment.timestamp()))


def is_address(host: str) -> bool:
    """Whether *host* is an IP address: clients that open one ask for no name."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
