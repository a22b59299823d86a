"""The issuer's documents: discovery (OIDC Discovery section 3, RFC 8414) and the key set (RFC 7517)."""

from typing import get_args

import msgspec

from poolhouse.kit.edge import Raw, Reply
from poolhouse.pool.core.assurance import CLASSES
from poolhouse.pool.core.proof_algorithms import ASYMMETRIC, CERTIFICATE_METHODS, SYMMETRIC
from poolhouse.pool.core.scopes import OPENID_SCOPES
from poolhouse.pool.core.settings import dcr
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.flows.site import Site, domain_url
from poolhouse.pool.flows.speaking import offer_of
from poolhouse.pool.model.config import ServerConfig
from poolhouse.pool.model.openid import SigningAlg

PATH = "/.well-known/openid-configuration"
_CLAIMS = (
    "sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "acr", "amr", "sid", "jti", "origin_jti",
    "event_id", "token_use", "cognito:username", "cognito:groups", "name", "given_name", "family_name", "middle_name",
    "nickname", "preferred_username", "profile", "picture", "website", "gender", "birthdate", "zoneinfo", "locale",
    "address", "updated_at", "email", "email_verified", "phone_number", "phone_number_verified",
)  # fmt: skip
_CLIENT_PROOFS = ["client_secret_basic", "client_secret_post", "none", "client_secret_jwt", "private_key_jwt"]
_ASSERTION_ALGORITHMS = [*ASYMMETRIC, *SYMMETRIC]
_BESIDES = {
    # The last two are of the openid dialect.
    "scopes_supported": ["openid", "email", "phone", "profile", *OPENID_SCOPES],
    "response_modes_supported": ["query", "fragment", "form_post"],
    "grant_types_supported": [
        "authorization_code",
        "implicit",
        "refresh_token",
        "client_credentials",
        "urn:ietf:params:oauth:grant-type:device_code",
        "urn:ietf:params:oauth:grant-type:token-exchange",
    ],
    "claims_supported": _CLAIMS,
    "code_challenge_methods_supported": ["S256"],
    "token_endpoint_auth_methods_supported": _CLIENT_PROOFS,
    "token_endpoint_auth_signing_alg_values_supported": _ASSERTION_ALGORITHMS,
    "revocation_endpoint_auth_methods_supported": _CLIENT_PROOFS,
    "revocation_endpoint_auth_signing_alg_values_supported": _ASSERTION_ALGORITHMS,
    "introspection_endpoint_auth_methods_supported": [each for each in _CLIENT_PROOFS if each != "none"],
    "introspection_endpoint_auth_signing_alg_values_supported": _ASSERTION_ALGORITHMS,
    "prompt_values_supported": ["none", "login", "select_account", "consent"],
    "acr_values_supported": list(CLASSES),
    "id_token_signing_alg_values_supported": list(get_args(SigningAlg)),
    "userinfo_signing_alg_values_supported": list(get_args(SigningAlg)),
    "claim_types_supported": ["normal"],
    "display_values_supported": ["page"],
    "authorization_response_iss_parameter_supported": True,
    "backchannel_logout_supported": True,
    "backchannel_logout_session_supported": True,
    "frontchannel_logout_supported": True,
    "frontchannel_logout_session_supported": True,
    "claims_parameter_supported": True,
    "request_parameter_supported": True,
    "request_uri_parameter_supported": False,
}
"""What we do and the service's document does not say."""


async def answer(flow: Flow, site: Site, _raw: Raw) -> Reply:
    """
    The issuer's document at the pool's domain, for programs that set up a relying party.

    DEVIATION: the service has none at a domain, so that whoever has only its address must go and find the pool's id.
    No client can take the domain for the issuer by it: it names the issuer (OIDC Discovery section 4.3).
    """
    return Reply(200, discovery(flow.config, site.entry), (("content-type", "application/json"),))


def key_set(_config: ServerConfig, entry: PoolEntry) -> bytes:
    """The public keys of ID and access tokens."""
    return entry.keys.jwks


def discovery(config: ServerConfig, entry: PoolEntry) -> bytes:
    """
    What standard clients need to find and use the endpoints: one document, at the places of both specifications.

    A pool without a domain has no endpoints but its keys.  DEVIATION: the service leaves out PKCE, ``none`` and most
    optional members, although it supports what they name; clients go by them. Strict mode leaves them out.
    """
    issuer = config.issuer(entry.pool.id)
    url = domain_url(config, entry)
    endpoints = {} if url is None else _endpoints(url) | ({} if config.strict else _more_endpoints(url))
    if url is not None and dcr.is_on(entry.pool.settings):
        endpoints["registration_endpoint"] = f"{url}/oauth2/register"
    return msgspec.json.encode(
        {
            **endpoints,
            "issuer": issuer,
            "jwks_uri": f"{issuer}/.well-known/jwks.json",
            "response_types_supported": ["code", "token"],
            "subject_types_supported": ["public"] if config.strict else ["public", "pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "email", "phone", "profile"],
            "token_endpoint_auth_methods_supported": _CLIENT_PROOFS[:2],
            **({} if config.strict else _BESIDES | _proofs(config) | _apps(entry) | _languages(entry)),
        }
    )


def _languages(entry: PoolEntry) -> dict[str, list[str]]:
    return {"ui_locales_supported": sorted(offer_of(entry).tags)}


def _apps(entry: PoolEntry) -> dict[str, bool]:
    return {"client_id_metadata_document_supported": True} if dcr.is_open(entry.pool.settings) else {}


def _endpoints(url: str) -> dict[str, str]:
    return {
        "authorization_endpoint": f"{url}/oauth2/authorize",
        "token_endpoint": f"{url}/oauth2/token",
        "userinfo_endpoint": f"{url}/oauth2/userInfo",
        "revocation_endpoint": f"{url}/oauth2/revoke",
        "end_session_endpoint": f"{url}/logout",
    }


def _proofs(config: ServerConfig) -> dict[str, object]:
    """How clients prove what they hold; by a certificate where a proxy tells it (RFC 8705 sections 2, 3.3)."""
    keys: dict[str, object] = {
        "dpop_signing_alg_values_supported": ASYMMETRIC,
        "request_object_signing_alg_values_supported": ASYMMETRIC,
        "require_pushed_authorization_requests": False,
    }
    if not config.client_certificate_header:
        return keys
    methods = CERTIFICATE_METHODS if config.client_certificate_verified else CERTIFICATE_METHODS[1:]
    proofs = [*_CLIENT_PROOFS, *methods]
    confidential = [each for each in proofs if each != "none"]
    return {
        **keys,
        "token_endpoint_auth_methods_supported": proofs,
        "revocation_endpoint_auth_methods_supported": proofs,
        "introspection_endpoint_auth_methods_supported": confidential,
        "tls_client_certificate_bound_access_tokens": True,
    }


def _more_endpoints(url: str) -> dict[str, str]:
    """Those that the service does not have."""
    return {
        "pushed_authorization_request_endpoint": f"{url}/oauth2/par",
        "introspection_endpoint": f"{url}/oauth2/introspect",
        "device_authorization_endpoint": f"{url}/oauth2/device_authorization",
    }
