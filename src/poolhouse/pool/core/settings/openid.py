"""
The extended settings of an app client: which of them fit together.

A setting that the server does not act on yet is refused: one that is shown and does nothing is a trap.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from poolhouse.pool.core import assurance, targets
from poolhouse.pool.core.proof_algorithms import (
    ASSERTION_METHODS,
    of_assertions,
    of_request_objects,
)
from poolhouse.pool.core.settings import fapi
from poolhouse.pool.model.openid import NOTHING_EXTRA, OpenIdSettings
from poolhouse.pool.spec.shapes import UserPoolClientType

LENGTH: Final = 2048
_PROOFS: Final = frozenset({
    "token_endpoint_auth_method", "token_endpoint_auth_signing_alg", "jwks", "jwks_uri",
    "tls_client_auth_subject_dn", "tls_client_certificate_bound_access_tokens", "dpop_bound_access_tokens",
    "require_pushed_authorization_requests", "require_signed_request_object", "request_object_signing_alg",
})  # fmt: skip
_URLS: Final = (
    "jwks_uri", "sector_identifier_uri", "backchannel_logout_uri", "frontchannel_logout_uri", "client_uri", "logo_uri",
    "policy_uri", "tos_uri",
)  # fmt: skip
_WORKS: Final = frozenset({
    "backchannel_logout_uri", "backchannel_logout_session_required", "backchannel_logout_at_expiry",
    "frontchannel_logout_uri", "frontchannel_logout_session_required",
    "subject_type", "sector_identifier_uri", "sector_identifier",
    "dialect", "profile", "require_dpop_nonce", "access_token_signed_response_alg", "access_token_typ",
    "withheld_scopes", "require_pkce", "default_max_age", "require_auth_time", "default_acr_values",
    "id_token_signed_response_alg", "userinfo_signed_response_alg",
    "extra_grants", "resources",
    "third_party",
    "client_uri", "logo_uri", "policy_uri", "tos_uri",
})  # fmt: skip
_NOT_YET: Final = tuple(name for name in OpenIdSettings.__struct_fields__ if name not in _WORKS | _PROOFS)
_ORIGIN: Final = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?(?:[/?]|$)")
_HOST: Final = re.compile(r"[a-z0-9.:-]{1,253}")
_SCOPE: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,513}")
_AGE: Final = 10**9
_ACRS: Final = 10
_RESOURCES: Final = 100


class WrongSetting(Exception):
    """A setting that cannot be; the message says which and why."""


def offered() -> tuple[str, ...]:
    """The settings that act, in the order of the struct: what an administrator is shown and may set."""
    return tuple(name for name in OpenIdSettings.__struct_fields__ if name not in _NOT_YET)


def works(name: str) -> bool:
    """Whether the server acts on the setting."""
    return name not in _NOT_YET


def read(given: Mapping[str, Any]) -> OpenIdSettings:
    """The settings of a JSON object; raises ``WrongSetting``."""
    try:
        settings = msgspec.convert(given, OpenIdSettings)
    except msgspec.ValidationError as wrong:
        raise WrongSetting(str(wrong)) from wrong
    check(settings)
    return settings


def check(settings: OpenIdSettings) -> None:
    """Raises ``WrongSetting`` for the first rule that *settings* break."""
    for name in _NOT_YET:
        if getattr(settings, name) != getattr(NOTHING_EXTRA, name):
            raise WrongSetting(f"{name} is not supported yet")
    if settings.default_max_age is not None and not 0 <= settings.default_max_age < _AGE:
        raise WrongSetting("default_max_age is not a number of seconds")
    if len(settings.default_acr_values) > _ACRS or not set(settings.default_acr_values) <= set(assurance.CLASSES):
        raise WrongSetting(f"default_acr_values may have {', '.join(assurance.CLASSES)}")
    named = settings.resources
    if len(named) > _RESOURCES or len(set(named)) < len(named) or not all(map(targets.is_uri, named)):
        raise WrongSetting("resources has something that is no absolute URI, one twice, or too many")
    if len(settings.withheld_scopes) > _RESOURCES or not all(map(_SCOPE.fullmatch, settings.withheld_scopes)):
        raise WrongSetting("withheld_scopes has something that is no scope, or too many")
    for name in _URLS:
        url = getattr(settings, name)
        if url is not None and not _is_web(url):
            raise WrongSetting(f"{name} is not an https URL")
    if settings.jwks is not None and settings.jwks_uri is not None:
        raise WrongSetting("jwks and jwks_uri exclude each other")
    _check_proofs(settings)
    _check_logout(settings)
    _check_tokens(settings)


def _check_proofs(settings: OpenIdSettings) -> None:
    """How the client proves itself, and by what."""
    method, has_keys = settings.token_endpoint_auth_method, settings.jwks is not None or settings.jwks_uri is not None
    if method == "private_key_jwt" and not has_keys:
        raise WrongSetting("private_key_jwt needs jwks or jwks_uri")
    if method == "self_signed_tls_client_auth" and not has_keys:
        raise WrongSetting("self_signed_tls_client_auth needs jwks or jwks_uri, with x5c")
    if (method == "tls_client_auth") != (settings.tls_client_auth_subject_dn is not None):
        raise WrongSetting("tls_client_auth and tls_client_auth_subject_dn go together")
    if settings.token_endpoint_auth_signing_alg is not None and (
        method not in ASSERTION_METHODS or not of_assertions(settings)
    ):
        raise WrongSetting("token_endpoint_auth_signing_alg does not fit the method")
    signs = settings.require_signed_request_object or settings.request_object_signing_alg is not None
    if signs and not has_keys:
        raise WrongSetting("request objects need jwks or jwks_uri")
    if not of_request_objects(settings):
        raise WrongSetting("request_object_signing_alg is not supported")


def _check_tokens(settings: OpenIdSettings) -> None:
    """RFC 9068 is for those who read the standards; a profile is for all settings or for none."""
    if settings.access_token_typ is not None and settings.dialect != "openid":
        raise WrongSetting("access_token_typ is of the dialect openid")
    _check_subjects(settings)
    if settings.profile == "fapi2":
        _check_fapi(settings)


def _check_subjects(settings: OpenIdSettings) -> None:
    """OIDC Core section 8; which sector it is, callback URLs and documents say (``settings.sector``)."""
    if settings.subject_type == "pairwise" and settings.dialect != "openid":
        raise WrongSetting("subject_type pairwise is of the dialect openid")
    uri = settings.sector_identifier_uri
    if uri is not None and settings.subject_type != "pairwise":
        raise WrongSetting("sector_identifier_uri is for the subject_type pairwise")
    if uri is not None and not uri.startswith("https://"):
        raise WrongSetting("sector_identifier_uri is not an https URL")
    if settings.sector_identifier is not None and not _HOST.fullmatch(settings.sector_identifier):
        raise WrongSetting("sector_identifier is not the name of a host")


def _check_fapi(settings: OpenIdSettings) -> None:
    what = fapi.missing(settings)
    if what is not None:
        raise WrongSetting(f"profile fapi2 needs {what}")


def check_client(settings: OpenIdSettings, client: UserPoolClientType) -> None:
    """Whether the profile goes with the service's own settings of the app client; raises ``WrongSetting``."""
    what = None if settings.profile is None else fapi.contradiction(client)
    if what is not None:
        raise WrongSetting(f"profile fapi2 needs {what}")


def _check_logout(settings: OpenIdSettings) -> None:
    """A session is named where its end is told; an origin goes into a header, so it has nothing odd in it."""
    for channel in ("backchannel_logout", "frontchannel_logout"):
        if getattr(settings, f"{channel}_session_required") and getattr(settings, f"{channel}_uri") is None:
            raise WrongSetting(f"{channel}_session_required needs {channel}_uri")
    if settings.backchannel_logout_at_expiry and settings.backchannel_logout_uri is None:
        raise WrongSetting("backchannel_logout_at_expiry needs backchannel_logout_uri")
    framed = settings.frontchannel_logout_uri
    if framed is not None and not _ORIGIN.match(framed):
        raise WrongSetting("frontchannel_logout_uri is not an https URL")


def check_secret(settings: OpenIdSettings, *, has_secret: bool) -> None:
    """Whoever proves itself by a secret has one; raises ``WrongSetting``."""
    method = settings.token_endpoint_auth_method
    if method is not None and method.startswith("client_secret") and not has_secret:
        raise WrongSetting(f"{method} needs a client secret, which this app client does not have")


def check_origin(settings: OpenIdSettings, callbacks: Iterable[str]) -> None:
    """
    Pages of ours show frames of an app's own origin only (Front-Channel Logout section 2).

    Raises ``WrongSetting`` where ``frontchannel_logout_uri`` is at the origin of none of *callbacks*.
    """
    framed = settings.frontchannel_logout_uri
    if framed is not None and _origin(framed) not in {_origin(each) for each in callbacks}:
        raise WrongSetting("frontchannel_logout_uri has the origin of none of the callback URLs")


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()


def _is_web(url: str) -> bool:
    """https, or http on this machine; no fragment, no user."""
    try:
        parts = urlsplit(url)
        host, user, _ = parts.hostname, parts.username, parts.port
    except ValueError:
        return False
    is_near = parts.scheme == "http" and host in {"localhost", "127.0.0.1", "::1"}
    is_clean = url.isascii() and url.isprintable() and " " not in url and "\\" not in url and len(url) <= LENGTH
    return is_clean and bool(host) and user is None and "#" not in url and (parts.scheme == "https" or is_near)
