"""
What a provider of each type must be told, and what is known of it without asking (AWS API: CreateIdentityProvider).

A key that no provider of the type has is refused: it would do nothing.  What describe adds may be given too, since
tools send back what they were shown; of a social provider it then counts instead of what is known.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from poolhouse.pool.core.attributes.schema import Schema, by_name
from poolhouse.pool.core.refusal import Refusal, invalid_parameter

SAML: Final = "SAML"
OIDC: Final = "OIDC"
SECRETS: Final = ("client_secret", "private_key")
HIDDEN: Final = frozenset({"private_key"})
"""Secrets that describe does not show; the client secret of a provider is shown, as the service shows it."""
URLS: Final = ("oidc_issuer", "authorize_url", "token_url", "attributes_url", "jwks_uri", "MetadataURL")
DISCOVERED: Final = MappingProxyType(
    {
        "authorize_url": "authorization_endpoint",
        "token_url": "token_endpoint",
        "attributes_url": "userinfo_endpoint",
        "jwks_uri": "jwks_uri",
    }
)
"""What may be left to the issuer's discovery document, and its name there."""
COMPUTED: Final = ("SSORedirectBindingURI", "SLORedirectBindingURI", "ActiveEncryptionCertificate")
"""What describe reads from the metadata and from the pool; sent back, it is read anew."""
_CLIENT: Final = ("client_id", "client_secret", "authorize_scopes")
_VERSION: Final = re.compile(r"v[0-9]{1,3}\.[0-9]{1,2}")
_SWITCHES: Final = ("IDPInit", "IDPSignout", "EncryptedResponses", "attributes_url_add_attributes")


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """
    A type of provider.

    *added* is what describe shows beyond what was given; *subject* is the claim that tells users apart.
    """

    required: tuple[str, ...]
    optional: frozenset[str] = frozenset()
    added: Mapping[str, str] = MappingProxyType({})
    subject: str = ""

    @property
    def keys(self) -> frozenset[str]:
        return frozenset((*self.required, *self.optional, *self.added))


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        SAML: Kind(
            required=(),
            optional=frozenset({"MetadataURL", "MetadataFile", "RequestSigningAlgorithm", *_SWITCHES[:3], *COMPUTED}),
        ),
        OIDC: Kind(
            required=(*_CLIENT, "oidc_issuer", "attributes_request_method"),
            optional=frozenset(DISCOVERED),
            added={"attributes_url_add_attributes": "false"},
            subject="sub",
        ),
        "Google": Kind(
            required=_CLIENT,
            added={
                "attributes_url": "https://people.googleapis.com/v1/people/me?personFields=",
                "attributes_url_add_attributes": "true",
                "authorize_url": "https://accounts.google.com/o/oauth2/v2/auth",
                "oidc_issuer": "https://accounts.google.com",
                "token_request_method": "POST",
                "token_url": "https://www.googleapis.com/oauth2/v4/token",
            },
            subject="sub",
        ),
        "Facebook": Kind(
            required=_CLIENT,
            added={
                "api_version": "v17.0",
                "attributes_url": "https://graph.facebook.com/{api_version}/me?fields=",
                "attributes_url_add_attributes": "true",
                "authorize_url": "https://www.facebook.com/{api_version}/dialog/oauth",
                "token_request_method": "GET",
                "token_url": "https://graph.facebook.com/{api_version}/oauth/access_token",
            },
            subject="id",
        ),
        "LoginWithAmazon": Kind(
            required=_CLIENT,
            added={
                "attributes_url": "https://api.amazon.com/user/profile",
                "attributes_url_add_attributes": "false",
                "authorize_url": "https://www.amazon.com/ap/oa",
                "token_request_method": "POST",
                "token_url": "https://api.amazon.com/auth/o2/token",
            },
            subject="user_id",
        ),
        "SignInWithApple": Kind(
            required=("client_id", "team_id", "key_id", "private_key", "authorize_scopes"),
            added={
                "attributes_url_add_attributes": "false",
                "authorize_url": "https://appleid.apple.com/auth/authorize",
                "oidc_issuer": "https://appleid.apple.com",
                "token_request_method": "POST",
                "token_url": "https://appleid.apple.com/auth/token",
            },
            subject="sub",
        ),
    }
)
SOCIAL: Final = frozenset(KINDS) - {SAML, OIDC}
_METHODS: Final = {"attributes_request_method": ("GET", "POST"), "token_request_method": ("GET", "POST")}


def check_name(name: str, kind: str) -> Refusal | None:
    """
    COGNITO is the pool itself; a social provider has the name of its type, and nobody else has that.

    Compared without case: "Cognito" names the pool's own users where identities are linked.
    """
    if name.casefold() == "cognito":
        return invalid_parameter("The provider name COGNITO is reserved.")
    if kind in SOCIAL and name != kind:
        return invalid_parameter(f"The provider name must be {kind} for provider type {kind}.")
    if kind not in SOCIAL and name.casefold() in {each.casefold() for each in SOCIAL}:
        return invalid_parameter(f"The provider name {name} is reserved for the provider type of this name.")
    return None


def judge_details(kind: str, given: Mapping[str, str]) -> dict[str, str] | Refusal:
    """The details as they are kept, secrets included, before anything is fetched."""
    rules = KINDS[kind]
    unknown = sorted(given.keys() - rules.keys)
    if unknown:
        return invalid_parameter(f"{unknown[0]} is not a valid idp detail for {kind}")
    if any(not given.get(name) for name in rules.required):
        *names, last = rules.required
        return invalid_parameter(f"{', '.join(names)} and {last} are all required idp details")
    kept = {name: value for name, value in given.items() if name not in COMPUTED and value != ""}
    return _check_values(kept) or (_check_saml(kept) if kind == SAML else None) or _with_added(rules, kept)


def _with_added(rules: Kind, kept: dict[str, str]) -> dict[str, str]:
    added = {**rules.added, **kept}
    version = added.get("api_version", "")
    return {name: value.replace("{api_version}", version) for name, value in added.items()}


def _check_values(details: Mapping[str, str]) -> Refusal | None:
    for name in _SWITCHES:
        if details.get(name, "true") not in {"true", "false"}:
            return invalid_parameter(f"{name} must be true or false")
    for name, allowed in _METHODS.items():
        if details.get(name, allowed[0]) not in allowed:
            return invalid_parameter(f"{name} must be GET or POST")
    if "api_version" in details and not _VERSION.fullmatch(details["api_version"]):
        return invalid_parameter("api_version must have the form v17.0")
    if "oidc_issuer" in details and "openid" not in details["authorize_scopes"].split() and _is_open(details):
        return invalid_parameter("authorize_scopes must include openid")
    return None


def _is_open(details: Mapping[str, str]) -> bool:
    """Whether this is a provider of the OIDC type: the social ones know what they are asked for."""
    return "attributes_request_method" in details


def _check_saml(details: Mapping[str, str]) -> Refusal | None:
    sources = [name for name in ("MetadataURL", "MetadataFile") if name in details]
    if not sources:
        return invalid_parameter("At least one of the MetadataURL or MetadataFile should be provided.")
    if len(sources) > 1:
        return invalid_parameter("Only one of the MetadataURL or MetadataFile should be provided.")
    if details.get("RequestSigningAlgorithm", "rsa-sha256") != "rsa-sha256":
        return invalid_parameter("RequestSigningAlgorithm must be rsa-sha256")
    return None


def judge_mapping(kind: str, mapping: Mapping[str, str], schema: Schema) -> dict[str, str] | Refusal:
    """
    The mapping from attributes of the pool to claims of the provider.

    ``username`` is the provider's subject, for every type; it is shown where the service shows it.
    """
    known = by_name(schema)
    subject = KINDS[kind].subject
    for attribute, claim in mapping.items():
        if not claim or len(claim) > 2048 or not claim.isprintable():
            return invalid_parameter(f"The attribute mapping of {attribute} is not valid.")
        if attribute == "username":
            if claim != subject:
                wanted = f"must be mapped to {subject}" if subject else "cannot be mapped for SAML"
                return invalid_parameter(f"The attribute username {wanted}.")
        elif attribute == "sub" or attribute not in known:
            return invalid_parameter(f"Invalid attribute mapping: {attribute} is not an attribute of the user pool.")
    return {**mapping, "username": subject} if subject else dict(mapping)


def check_identifiers(identifiers: tuple[str, ...]) -> Refusal | None:
    if len(set(identifiers)) < len(identifiers):
        return invalid_parameter("The identifiers of an identity provider must be unique.")
    return None


def check_acr(kind: str, acr: Mapping[str, str]) -> Refusal | None:
    if acr and kind != OIDC:
        return invalid_parameter("AcrMapping is supported for identity providers of type OIDC only.")
    if len(set(acr.values())) < len(acr):
        return invalid_parameter("The values of AcrMapping must be unique.")
    return None


def missing_urls(details: Mapping[str, str]) -> tuple[str, ...]:
    """What the discovery document has to tell."""
    return tuple(name for name in DISCOVERED if not details.get(name))


def discovered(details: Mapping[str, str], document: Mapping[str, object]) -> dict[str, str] | Refusal:
    """The details with what was missing from the issuer's document, which must be about that very issuer."""
    if str(document.get("issuer", "")).rstrip("/") != details["oidc_issuer"].rstrip("/"):
        return invalid_parameter("The issuer of the well-known endpoint is not the oidc_issuer.")
    found = {}
    for name in missing_urls(details):
        value = document.get(DISCOVERED[name])
        if not isinstance(value, str) or not value:
            return invalid_parameter(f"The well-known endpoint has no {DISCOVERED[name]}; {name} is required.")
        found[name] = value
    return {**details, **found}
