"""Identity providers for tests: details that each type is given, SAML metadata, and a site that serves documents."""

import base64
import datetime as dt
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache

import msgspec
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from poolhouse.kit.outgoing import Http
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import Directory

ISSUER = "https://login.example"
CLIENT = {"client_id": "app", "client_secret": "provider-secret", "authorize_scopes": "openid email"}
URLS = {
    "authorize_url": f"{ISSUER}/authorize",
    "token_url": f"{ISSUER}/token",
    "attributes_url": f"{ISSUER}/userinfo",
    "jwks_uri": f"{ISSUER}/jwks",
}
OIDC = {**CLIENT, "oidc_issuer": ISSUER, "attributes_request_method": "GET", **URLS}


@cache
def certificate() -> str:
    """A signing certificate as metadata has it: Base64 of DER."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp")])
    since = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
        .not_valid_before(since).not_valid_after(since + dt.timedelta(days=3650)).sign(key, hashes.SHA256())
    )  # fmt: skip
    return base64.b64encode(made.public_bytes(serialization.Encoding.DER)).decode()


@cache
def apple_key() -> str:
    return (
        ec.generate_private_key(ec.SECP256R1())
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode()
    )


def a_role(**changes: str) -> str:
    parts = {
        "protocol": "urn:oasis:names:tc:SAML:2.0:protocol",
        "keys": f"<md:KeyDescriptor use='signing'><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate()}"
        "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>",
        "binding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect",
        "location": "https://idp.example/sso",
        **changes,
    }
    return (
        f"<md:IDPSSODescriptor protocolSupportEnumeration='{parts['protocol']}'>{parts['keys']}"
        f"<md:SingleLogoutService Binding='{parts['binding']}' Location='https://idp.example/slo'/>"
        f"<md:SingleSignOnService Binding='{parts['binding']}' Location='{parts['location']}'/></md:IDPSSODescriptor>"
    )


def saml_metadata(role: str | None = None, *, before: str = "", entity: str = "https://idp.example") -> str:
    return (
        f"<?xml version='1.0' encoding='UTF-8'?>{before}<md:EntityDescriptor"
        " xmlns:md='urn:oasis:names:tc:SAML:2.0:metadata' xmlns:ds='http://www.w3.org/2000/09/xmldsig#'"
        f" entityID='{entity}'>{a_role() if role is None else role}</md:EntityDescriptor>"
    )


def on_loopback(flow: Flow) -> Flow:
    """The same program at http://localhost, which may therefore call this machine."""
    return msgspec.structs.replace(
        flow,
        http=Http(allow_loopback=True, allow_private=False),
        directory=Directory(flow.database, flow.ring),
        config=msgspec.structs.replace(flow.config, base_url="http://localhost:8400"),
    )


@asynccontextmanager
async def a_site(pages: dict[str, Callable[[], web.Response]]) -> AsyncIterator[str]:
    """A web site on this machine; each page is made anew for each request."""

    async def serve(request: web.Request) -> web.Response:
        page = pages.get(request.path)
        return web.Response(status=404) if page is None else page()

    app = web.Application()
    app.router.add_get("/{path:.*}", serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
