"""
An app client that proves itself by its TLS certificate (RFC 8705).

TLS ends at a proxy of the operator, which tells the certificate in a header.  The header counts when the server was
told its name; the program takes it away from requests that come from anywhere else (``app``).
"""

import hmac

from poolhouse.kit import certificates
from poolhouse.kit.certificates import Certificate
from poolhouse.pool.flows import client_keys
from poolhouse.pool.flows.caller import ProvenClient
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.spec.errors import Reason


def read(header: str) -> Certificate:
    """Refuses with CLIENT_CERTIFICATE_WRONG what is no certificate."""
    try:
        return certificates.read(header)
    except certificates.UnreadableCertificate as wrong:
        raise _refused("the certificate cannot be read") from wrong


async def prove(
    flow: Flow, entry: PoolEntry, found: ClientEntry, shown: Certificate | None, *, is_verified: bool
) -> ProvenClient:
    """
    The client whose certificate it is.

    *is_verified*: the proxy says that the certificate chains to an authority it trusts, which a subject's name needs
    to mean anything (section 2.1). A self-signed one is compared with those that the client registered (section 2.2).
    """
    if shown is None:
        raise _refused("there is no client certificate")
    if not shown.not_before <= flow.clock.now() <= shown.not_after:
        raise _refused("the certificate has expired, or is not valid yet")
    settings = found.client.extended
    if settings.token_endpoint_auth_method == "tls_client_auth":  # noqa: S105 (a method)
        wanted = settings.tls_client_auth_subject_dn
        if not is_verified or wanted is None or certificates.name(wanted) != shown.subject:
            raise _refused("the certificate is not verified, or of another subject")
        return ProvenClient(entry, found.client, confidential=True)
    if not await _is_registered(flow, found, shown):
        raise _refused("the certificate is not one of the client's")
    return ProvenClient(entry, found.client, confidential=True)


async def _is_registered(flow: Flow, found: ClientEntry, shown: Certificate) -> bool:
    for anew in (False, True):
        keys = await client_keys.keys_of(flow, found.client.extended, anew=anew)
        if any(hmac.compare_digest(each, shown.thumbprint) for key in keys for each in key.certificates):
            return True
    return False


def _refused(why: str) -> Refused:
    return Refused(Reason.CLIENT_CERTIFICATE_WRONG, why=why)
