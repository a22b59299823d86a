"""
What app clients prove themselves with: keys, signed assertions, certificates.

Signed by joserfc, which the server does not verify with: two readings of the RFCs have to agree.
"""

import base64
import datetime as dt
import hashlib
import warnings
from functools import cache
from itertools import count
from typing import Any

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jws
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, Key, KeyParameters, OctKey, OKPKey, RSAKey

from poolhouse.pool.flows import client_extension
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from tests.support.builders import the_client
from tests.support.web import BASE, DOMAIN, a_web_client

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TOKEN_URL = f"{BASE}/domains/{DOMAIN}/oauth2/token"
USER_INFO_URL = f"{BASE}/domains/{DOMAIN}/oauth2/userInfo"
_numbers = count(1)


def a_key(alg: str = "ES256", name: str = "one") -> Key:
    """A private key for *alg*; the same one for the same *name*."""
    return _made(alg, name)


@cache
def _made(alg: str, name: str) -> Key:
    kid: KeyParameters = {"kid": f"{alg} {name}"}
    if alg in {"RS256", "PS256"}:
        return RSAKey.generate_key(2048, kid)
    return OKPKey.generate_key("Ed25519", kid) if alg == "EdDSA" else ECKey.generate_key("P-256", kid)


def public(key: Key, **members: Any) -> dict[str, Any]:
    return {**key.as_dict(private=False), **members}


def signed(key: Key, alg: str, claims: dict[str, Any], **header: Any) -> str:
    """A compact JWS; members of *header* that are None are left out."""
    named = {"alg": alg, "kid": key.as_dict().get("kid"), **header}
    protected = {name: value for name, value in named.items() if value is not None}
    registry = jws.JWSRegistry(algorithms=[alg], strict_check_header=False)
    with warnings.catch_warnings():
        # A name that RFC 9864 replaces, and that clients go on using.
        warnings.simplefilter("ignore", SecurityWarning)
        return jws.serialize_compact(protected, msgspec.json.encode(claims), key, registry=registry)


def unsigned(claims: dict[str, Any], **header: Any) -> str:
    parts = [base64.urlsafe_b64encode(msgspec.json.encode(each)).rstrip(b"=").decode() for each in (
        {"alg": "none", **header}, claims)]  # fmt: skip
    return ".".join([*parts, ""])


def of_secret(secret: str) -> Key:
    return OctKey.import_key(secret)


def unique() -> str:
    return f"id-{next(_numbers)}"


def assertion_claims(flow: Flow, client: ClientEntry, **changes: Any) -> dict[str, Any]:
    """The claims of an assertion that holds; *changes* of None take one away."""
    now = flow.clock.now()
    own = client.client.id
    claims = {
        "iss": own, "sub": own, "aud": flow.config.issuer(client.client.pool_id), "jti": unique(), "iat": now,
        "exp": now + 60,
    }  # fmt: skip
    return {name: value for name, value in (claims | changes).items() if value is not None}


def assertion(flow: Flow, client: ClientEntry, key: Key | None = None, alg: str = "ES256", **changes: Any) -> str:
    return signed(key or a_key(alg), alg, assertion_claims(flow, client, **changes))


def shown(assertion: str, **more: str) -> dict[str, str]:
    """As a form shows it."""
    return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion, **more}


async def extend(flow: Flow, client: ClientEntry, **changes: Any) -> ClientEntry:
    """The client with other extended settings."""
    await client_extension.change(flow, client.client.pool_id, client.client.id, changes)
    flow.directory._forget(client.client.pool_id)  # On PostgreSQL the announcement comes over another connection.
    return await the_client(flow, client.client.id)


async def a_key_client(
    flow: Flow, pool: PoolEntry, *keys: Key, settings: dict[str, Any] | None = None, **extended: Any
) -> ClientEntry:
    """A client without a secret, with private_key_jwt by *keys* (by one for ES256 where none is named)."""
    client = await a_web_client(flow, pool, secret=False, **(settings or {}))
    jwks = {"keys": [public(key) for key in keys or (a_key(),)]}
    return await extend(flow, client, **({"token_endpoint_auth_method": "private_key_jwt", "jwks": jwks} | extended))


def sha256(text: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text).digest()).rstrip(b"=").decode()


def proof(
    flow: Flow, key: Key | None = None, alg: str = "ES256", *, url: str = TOKEN_URL, method: str = "POST",
    token: str | None = None, header: dict[str, Any] | None = None, **changes: Any,
) -> dict[str, str]:  # fmt: skip
    """The DPoP header of a request, for an access *token* where it comes with one; *changes* of None leave out."""
    holder = key or a_key(alg, "dpop")
    claims = {"htm": method, "htu": url, "jti": unique(), "iat": flow.clock.now()}
    claims |= {} if token is None else {"ath": sha256(token.encode())}
    given = {name: value for name, value in (claims | changes).items() if value is not None}
    own = {"typ": "dpop+jwt", "jwk": public(holder), "kid": None} | (header or {})
    return {"dpop": signed(holder, alg, given, **own)}


def thumbprint(key: Key) -> str:
    return key.thumbprint()


def a_certificate(subject: str = "CN=app,O=Example", *, name: str = "one", days: int = 3650) -> x509.Certificate:
    """A self-signed certificate."""
    return _certificate(subject, name, days)


@cache
def _certificate(subject: str, name: str, days: int) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    own = x509.Name.from_rfc4514_string(subject)
    since = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    return (
        x509.CertificateBuilder().subject_name(own).issuer_name(own).public_key(key.public_key()).serial_number(7)
        .not_valid_before(since).not_valid_after(since + dt.timedelta(days=days)).sign(key, hashes.SHA256())
    )  # fmt: skip


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def certified(certificate: x509.Certificate) -> dict[str, Any]:
    """The certificate as a member of the client's key set."""
    key = ECKey.import_key(
        certificate.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    return {**key.as_dict(private=False), "x5c": [base64.b64encode(der(certificate)).decode()]}
