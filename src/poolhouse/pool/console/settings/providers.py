"""Identity providers: the form of each type, to a request and back. Details have their own names after ``d_``."""

from collections.abc import Mapping
from typing import Any, Final

from poolhouse.pool.console.form import Form, Problems, of
from poolhouse.pool.console.settings.pairs import rows

TYPES: Final = (
    ("Facebook", "Facebook"),
    ("Google", "Google"),
    ("LoginWithAmazon", "Login with Amazon"),
    ("SignInWithApple", "Sign in with Apple"),
    ("SAML", "SAML"),
    ("OIDC", "OpenID Connect (OIDC)"),
)
MAPPING: Final = ("map_attribute", "map_claim")
SECRETS: Final = ("client_secret", "private_key")
_CLIENT: Final = (
    ("client_id", "Client ID"),
    ("client_secret", "Client secret"),
    ("authorize_scopes", "Authorized scopes"),
)
# Details in the order of the form; a kind of its own where a line of text is not what it is.
DETAILS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "Facebook": (*_CLIENT, ("api_version", "API version")),
    "Google": _CLIENT,
    "LoginWithAmazon": _CLIENT,
    "SignInWithApple": (
        ("client_id", "Services ID"),
        ("team_id", "Team ID"),
        ("key_id", "Key ID"),
        ("private_key", "Private key"),
        ("authorize_scopes", "Authorized scopes"),
    ),
    "SAML": (("MetadataURL", "Metadata document endpoint URL"), ("MetadataFile", "Metadata document")),
    "OIDC": (
        *_CLIENT,
        ("attributes_request_method", "Attribute request method"),
        ("oidc_issuer", "Issuer URL"),
        ("authorize_url", "Authorization endpoint"),
        ("token_url", "Token endpoint"),
        ("attributes_url", "UserInfo endpoint"),
        ("jwks_uri", "Jwks_uri endpoint"),
    ),
}
SWITCHES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "SAML": (
        ("IDPSignout", "Add sign-out flow"),
        ("IDPInit", "Accept IdP-initiated SAML assertions"),
        ("EncryptedResponses", "Require encrypted SAML assertions from this provider"),
        ("RequestSigningAlgorithm", "Sign SAML requests to this provider"),
    )
}
AREAS: Final = frozenset({"MetadataFile", "private_key"})
METHODS: Final = (("GET", "GET"), ("POST", "POST"))
_OPTIONAL: Final = frozenset(
    {"api_version", "MetadataURL", "MetadataFile", "authorize_url", "token_url", "attributes_url", "jwks_uri"}
)
_SCOPES: Final = {
    "Facebook": "public_profile, email",
    "Google": "profile email openid",
    "LoginWithAmazon": "profile",
    "SignInWithApple": "email name",
    "OIDC": "openid profile email",
}


def is_social(kind: str) -> bool:
    """Whether the name is that of the type."""
    return kind not in {"SAML", "OIDC"}


def new(kind: str) -> Form:
    return of(
        name=kind if is_social(kind) else "", d_authorize_scopes=_SCOPES.get(kind), d_attributes_request_method="GET"
    )


def check(form: Form, kind: str, *, is_new: bool) -> Problems:
    problems: Problems = {}
    if is_new and not is_social(kind) and not form.text("name"):
        problems["name"] = "Enter a name for the provider."
    for name, _ in DETAILS[kind]:
        is_kept = name in SECRETS and not is_new
        if name not in _OPTIONAL and not is_kept and not form.text(f"d_{name}"):
            problems[f"d_{name}"] = "Fill this in."
    if kind == "SAML" and bool(form.text("d_MetadataURL")) == bool(form.text("d_MetadataFile")):
        problems["d_MetadataURL"] = "Enter the URL of the metadata document, or paste the document: one of both."
    for number, (attribute, claim) in enumerate(rows(form, *MAPPING)):
        if not attribute or not claim:
            problems[f"map:{number}"] = "A mapping has an attribute of the user pool and one of the provider."
    return problems


def body(form: Form, kind: str, known: Mapping[str, str]) -> dict[str, Any]:
    """*known*: the details of the provider as it is, whose secret stays where none is entered."""
    details = {}
    for name, _ in DETAILS[kind]:
        raw = form.verbatim(f"d_{name}").strip() if name in AREAS else form.text(f"d_{name}")
        value = raw or (known.get(name, "") if name in SECRETS else "")
        if value:
            details[name] = value
    for name, _ in SWITCHES.get(kind, ()):
        on = form.has(f"d_{name}")
        if name == "RequestSigningAlgorithm":
            details |= {name: "rsa-sha256"} if on else {}
        else:
            details[name] = "true" if on else "false"
    return {
        "ProviderDetails": details,
        "AttributeMapping": dict(rows(form, *MAPPING)),
        "IdpIdentifiers": list(form.every("identifiers")),
    }


def filled(provider: Mapping[str, Any]) -> Form:
    """Secrets are not filled in: what is not on a page cannot be read from it."""
    kind, details = provider["ProviderType"], provider["ProviderDetails"]
    mapping = {k: v for k, v in (provider.get("AttributeMapping") or {}).items() if k != "username"}
    fields: dict[str, Any] = {f"d_{name}": details.get(name) for name, _ in DETAILS[kind] if name not in SECRETS}
    fields |= {f"d_{name}": details.get(name) not in {None, "false"} for name, _ in SWITCHES.get(kind, ())}
    return of(
        **fields,
        map_attribute=list(mapping),
        map_claim=list(mapping.values()),
        identifiers=provider.get("IdpIdentifiers") or [],
    )


def facts(provider: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is shown of a provider besides its mapping."""
    kind, details = provider["ProviderType"], provider["ProviderDetails"]
    shown = [(label, details.get(name, "")) for name, label in DETAILS[kind] if name not in {*SECRETS, "MetadataFile"}]
    if kind == "SAML":
        shown += [
            ("Sign-in endpoint", details.get("SSORedirectBindingURI", "")),
            ("Sign-out endpoint", details.get("SLORedirectBindingURI", "")),
            *((label, "Yes" if details.get(name) not in {None, "false"} else "No") for name, label in SWITCHES[kind]),
        ]
    return [*shown, ("Identifiers", ", ".join(provider.get("IdpIdentifiers") or []))]
