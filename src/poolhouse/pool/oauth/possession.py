"""
What a caller shows to hold: a DPoP key (RFC 9449), a TLS certificate (RFC 8705).

Tokens are bound to it where the client asked for that, by a setting or by sending a proof.
"""

import msgspec

from poolhouse.kit.certificates import Certificate
from poolhouse.kit.edge import HeaderPair, Raw
from poolhouse.pool.core.dpop import Call
from poolhouse.pool.core.proof_algorithms import ASYMMETRIC, asymmetric
from poolhouse.pool.flows import client_certificate, dpop, dpop_nonce
from poolhouse.pool.flows.caller import ProvenClient
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.dpop import Proof
from poolhouse.pool.flows.site import Site
from poolhouse.pool.model.binding import Binding
from poolhouse.pool.oauth.answers import Problem
from poolhouse.pool.spec.errors import Reason


async def bind(flow: Flow, site: Site, raw: Raw, proven: ProvenClient) -> ProvenClient:
    """
    The client with the keys that what it gets is bound to.

    Refuses a proof that does not hold, and a client that is to show one and does not.
    """
    settings = proven.client.extended
    proof = proof_of(flow, site, raw, algorithms=asymmetric(settings))
    if proof is None and settings.dpop_bound_access_tokens:
        raise Refused(Reason.BINDING_MISSING, why="This app client has to send a DPoP proof.")
    shown = certificate(flow, raw) if settings.tls_client_certificate_bound_access_tokens else None
    if shown is None and settings.tls_client_certificate_bound_access_tokens:
        raise Refused(Reason.BINDING_MISSING, why="This app client has to show its TLS certificate.")
    if proof is not None:
        check_nonce(flow, site, proof, required=settings.require_dpop_nonce)
        await dpop.remember(flow, proof)
    if proof is None and shown is None:
        return proven
    binding = Binding(jkt=None if proof is None else proof.jkt, x5t=None if shown is None else shown.thumbprint)
    return msgspec.structs.replace(proven, binding=binding)


def proof_of(
    flow: Flow, site: Site, raw: Raw, *, token: str | None = None, algorithms: tuple[str, ...] = ASYMMETRIC
) -> Proof | None:
    """The DPoP proof of a request, for the access *token* that it comes with; None without one."""
    shown = [value for name, value in raw.headers if name == b"dpop"]
    if not shown:
        return None
    if len(shown) > 1:
        raise Refused(Reason.DPOP_PROOF_WRONG, why="There is more than one DPoP header.")
    path = raw.path[raw.path.rindex("/oauth2/") :]
    call = Call(method=raw.method, url=site.url + path, token_hash=None if token is None else dpop.token_hash(token))
    return dpop.read(flow, shown[0].decode("latin-1"), call, algorithms)


def check_nonce(flow: Flow, site: Site, proof: Proof, *, required: bool, scheme: str = "") -> None:
    """
    Refuses a proof without the nonce that it must have, or with one that is not good, and tells the one to use.

    At a resource the answer is 401 with a challenge in the *scheme* (RFC 9449 sections 8 and 9).
    """
    pool_id = site.entry.pool.id
    if proof.nonce is None and not required:
        return
    if proof.nonce is not None and dpop_nonce.is_good(flow, pool_id, proof.nonce):
        return
    why = "The DPoP proof needs the nonce of this answer."
    headers: tuple[HeaderPair, ...] = nonce_headers(flow, site)
    if scheme:
        headers = (*headers, ("www-authenticate", f'{scheme} error="use_dpop_nonce", error_description="{why}"'))
    raise Problem("use_dpop_nonce", why, status=401 if scheme else 400, headers=headers)


def nonce_headers(flow: Flow, site: Site, *, required: bool = True) -> tuple[HeaderPair, ...]:
    """The nonce for the proofs to come: every answer to a client that needs one has it (section 8.2)."""
    return (("dpop-nonce", dpop_nonce.current(flow, site.entry.pool.id)),) if required else ()


def certificate(flow: Flow, raw: Raw) -> Certificate | None:
    """
    The certificate that the proxy has seen; None without one.

    Refused where it is told twice: behind a proxy that adds its own the first would be the caller's.
    """
    name = flow.config.client_certificate_header
    header = raw.header(name) if name else ""
    if header and sum(each == name.lower().encode("latin-1") for each, _ in raw.headers) > 1:
        raise Refused(Reason.CLIENT_CERTIFICATE_WRONG, why="it is told twice")
    return client_certificate.read(header) if header else None


def is_verified(flow: Flow, raw: Raw) -> bool:
    """Whether the proxy says that it verified the certificate."""
    name, _, value = flow.config.client_certificate_verified.partition("=")
    return bool(name) and raw.header(name) == value
