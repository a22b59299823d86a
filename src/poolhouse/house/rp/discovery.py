"""
The provider's metadata (OpenID Connect Discovery section 4).

The document must come from the issuer's own address without redirects and must name exactly the issuer that was
asked (section 4.3); its URLs must pass the same rules as typed ones.
"""

import msgspec

from poolhouse.house.rp.decode import NotJson, decode
from poolhouse.house.rp.keys import KEY_TYPES
from poolhouse.kit.outgoing import TIMEOUT_SECONDS, Http, Unreachable
from poolhouse.kit.urls import check_endpoint

_SUFFIX = "/.well-known/openid-configuration"
_JWKS_SUFFIX = "/.well-known/jwks.json"


class Metadata(msgspec.Struct, frozen=True, kw_only=True):
    """The members that the house uses."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    end_session_endpoint: str = ""
    revocation_endpoint: str = ""
    id_token_signing_alg_values_supported: tuple[str, ...] = ()
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False
    scopes_supported: tuple[str, ...] = ()

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The allow-list for ID tokens: what is announced and safe; RS256 when nothing of it is."""
        return tuple(a for a in self.id_token_signing_alg_values_supported if a in KEY_TYPES) or ("RS256",)

    @property
    def token_auth(self) -> str:
        """``client_secret_basic`` unless the provider announces only ``client_secret_post``."""
        announced = self.token_endpoint_auth_methods_supported
        if "client_secret_post" in announced and "client_secret_basic" not in announced:
            return "client_secret_post"
        return "client_secret_basic"


class NotDiscovered(Exception):
    """No usable document; the message is a sentence about the Issuer field."""


def derive_issuer(jwks_url: str) -> str:
    """The issuer whose keys live at *jwks_url*, as Cognito lays them out; ``""`` when the URL does not tell."""
    return jwks_url.removesuffix(_JWKS_SUFFIX) if jwks_url.endswith(_JWKS_SUFFIX) else ""


async def discover(http: Http, issuer: str, *, seconds: float = TIMEOUT_SECONDS) -> Metadata:
    """Fetch and check the document of *issuer*."""
    metadata = await _fetch(http, issuer, seconds)
    if metadata.issuer != issuer:
        raise NotDiscovered(
            "is called otherwise in the provider's own document; copy it exactly, final slash included."
        )
    _check_urls(metadata)
    return metadata


async def read_issuer(http: Http, address: str, *, seconds: float = TIMEOUT_SECONDS) -> str:
    """What the document at *address* calls its issuer; to be asked about next, not to be believed."""
    return (await _fetch(http, address, seconds)).issuer


async def _fetch(http: Http, address: str, seconds: float) -> Metadata:
    try:
        answer = await http.get(address.rstrip("/") + _SUFFIX, accept="application/json", seconds=seconds)
    except Unreachable as wrong:
        raise NotDiscovered(_UNREACHABLE.get(wrong.trouble, _NO_ANSWER)) from wrong
    if answer.status != 200:
        raise NotDiscovered("has no OpenID configuration at /.well-known/openid-configuration.")
    try:
        return decode(answer.body, Metadata)
    except NotJson as wrong:
        raise NotDiscovered("answers with something else than an OpenID configuration.") from wrong


_NO_ANSWER = "cannot be reached from this house."
_UNREACHABLE = {
    "address": "leads to a private address, which this house may not call.",
    "certificate": "has a certificate that this house does not trust. If it is yours, add its authority under"
    " Domain and TLS > Private CA.",
    "time": "does not answer in time.",
    "name": "has a host name that does not exist.",
}


def _check_urls(metadata: Metadata) -> None:
    required = (metadata.authorization_endpoint, metadata.token_endpoint, metadata.jwks_uri)
    offered = (metadata.userinfo_endpoint, metadata.end_session_endpoint, metadata.revocation_endpoint)
    optional = tuple(url for url in offered if url)
    if any(check_endpoint(url) for url in (*required, *optional)):
        raise NotDiscovered("has a document with a URL that this house does not call.")
