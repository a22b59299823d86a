"""
Those at whom people sign in: any number of providers, each under an id of its own.

The id is part of the paths ``/oauth2/authorization/{id}`` and ``/login/oauth2/code/{id}`` and of every record of a
sign-in, so that the answer of one can never be taken for that of another (RFC 9700 section 4.4.2.2).
"""

import re
from collections.abc import Iterable, Mapping
from enum import Enum
from types import MappingProxyType

import msgspec

from poolhouse.kit.ambient import Epoch, Secret

FIRST = "oidc"
"""The id of the provider of Admin Settings > Authentication > OIDC."""

FORM = "form"
"""What stands in the place of a provider's id for sign-in with e-mail and password."""

EMERGENCY = "emergency"
"""The same for a link of the command line."""

RESERVED = frozenset({FORM, EMERGENCY, "new"})
"""Ids that mean something else already."""

_ID = re.compile(r"[a-z][a-z0-9\-]{0,31}")

DEFAULT_LABEL = "SIGN IN WITH OIDC SSO"


class Kind(Enum):
    """What a provider speaks."""

    OIDC = "oidc"
    GOOGLE = "google"
    GITHUB = "github"


class OidcSettings(msgspec.Struct, frozen=True, kw_only=True):
    """
    What the administrator entered, and what the provider's own document added.

    The first ten are the form.  ``issuer`` is never empty here: typed, or derived when it was saved
    (``is_issuer_derived``).  The rest was learned from the discovery document, when there was one.
    """

    client_id: str
    client_secret: Secret
    authorization_url: str
    token_url: str
    userinfo_url: str
    jwks_url: str
    scope: str = "openid email profile"
    username_attribute: str = "email"
    issuer: str
    is_issuer_derived: bool = False
    algorithms: tuple[str, ...] = ("RS256",)
    token_auth: str = "client_secret_basic"  # noqa: S105 - a method's name
    end_session_url: str = ""
    is_end_session_posted: bool = True
    """Whether the provider takes a form there; not all do, though the standard says so."""
    revocation_url: str = ""
    is_iss_parameter_promised: bool = False
    former_secret: Secret | None = None
    """The one before, which is tried where the provider does not accept the new one yet."""
    former_secret_until: Epoch | None = None
    """When it is forgotten, if the new one works by then."""
    secret_expires: str = ""
    """The last day of the client secret, ``YYYY-MM-DD``; ``""`` when it is not known to end."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """
    How the provider is asked, beyond what it needs.

    ``is_form_post``: it answers by a form instead of an address (OAuth 2.0 Form Post Response Mode).  ``prompt`` and
    ``max_age`` are those of OIDC Core section 3.1.2.1.  ``parameters`` are added to the request.  ``hosted_domain`` is
    the organisation whose accounts alone come in (Google's claim ``hd``).  ``is_renewed``: sessions keep a refresh
    token and hear of changes, also where no scope ``offline_access`` asks for one (Cognito has no such scope).
    ``keeps_missing``: a claim that a renewed ID token leaves out stays as it was; else it is gone.
    """

    is_form_post: bool = False
    prompt: str = ""
    max_age: int | None = None
    parameters: tuple[tuple[str, str], ...] = ()
    hosted_domain: str = ""
    is_renewed: bool = False
    keeps_missing: bool = False


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """
    One way to sign in that is not the form.

    ``label`` stands on its button.  ``domains`` are the e-mail domains whose people belong here.  No two providers of
    a document have the same issuer: who signs in is known by issuer and subject, and one of the two could name any
    subject of the other.
    """

    id: str
    kind: Kind = Kind.OIDC
    label: str = DEFAULT_LABEL
    is_enabled: bool = True
    settings: OidcSettings
    domains: tuple[str, ...] = ()
    options: Options = Options()


Providers = tuple[Provider, ...]


def find_provider(providers: Iterable[Provider], provider_id: str) -> Provider | None:
    """The provider of that id, enabled or not."""
    return next((each for each in providers if each.id == provider_id), None)


def is_provider_id(text: str) -> bool:
    """Whether *text* may be the id of a provider, and so a part of paths."""
    return _ID.fullmatch(text) is not None and text not in RESERVED


def rival(providers: Iterable[Provider], provider: Provider) -> Provider | None:
    """Another provider of the same issuer."""
    same = (each for each in providers if each.id != provider.id)
    return find_issuer(same, provider.settings.issuer)


def find_enabled(providers: Iterable[Provider], provider_id: str) -> Provider | None:
    """The provider of that id, if people may sign in with it now."""
    found = find_provider(providers, provider_id)
    return found if found is not None and found.is_enabled else None


def enabled(providers: Iterable[Provider]) -> Providers:
    """Those that people may sign in with now, in the order of their buttons."""
    return tuple(each for each in providers if each.is_enabled)


def find_issuer(providers: Iterable[Provider], issuer: str) -> Provider | None:
    """The provider whose word on the subjects of *issuer* counts, enabled or not."""
    return next((each for each in providers if each.settings.issuer == issuer), None)


def home_of(providers: Iterable[Provider], domain: str) -> Provider | None:
    """The enabled provider whose people have addresses of *domain*, given in its one spelling."""
    return next((each for each in enabled(providers) if domain and domain in each.domains), None)


def put_provider(providers: Providers, provider: Provider) -> Providers:
    """*provider* in the place of the one with its id; a new one at the end, the first one in front."""
    if find_provider(providers, provider.id) is not None:
        return tuple(provider if each.id == provider.id else each for each in providers)
    return (provider, *providers) if provider.id == FIRST else (*providers, provider)


def remove_provider(providers: Providers, provider_id: str) -> Providers:
    """All but the one of that id."""
    return tuple(each for each in providers if each.id != provider_id)


def is_renewed(provider: Provider) -> bool:
    """Whether sessions of the provider keep a refresh token."""
    return provider.options.is_renewed or "offline_access" in provider.settings.scope.split()


_KINDS: Mapping[Kind, str] = MappingProxyType({Kind.OIDC: "OIDC", Kind.GOOGLE: "Google", Kind.GITHUB: "GitHub"})


def title(provider: Provider) -> str:
    """What administrators call it: its kind, and its id where that says more."""
    kind = _KINDS[provider.kind]
    return kind if provider.id == provider.kind.value else f"{kind} ({provider.id})"


def method_title(providers: Iterable[Provider], method: str) -> str:
    """What pages call the way in which a session was opened: by the form, or by the provider of that id."""
    if method == FORM:
        return "Form login"
    if method == EMERGENCY:
        return "Emergency link"
    provider = find_provider(providers, method)
    return title(provider) if provider is not None else method


def issuer_title(providers: Iterable[Provider], issuer: str) -> str:
    """What pages call the sign-ins of *issuer*, whose provider may be gone."""
    provider = find_issuer(providers, issuer)
    return title(provider) if provider is not None else "OIDC"
