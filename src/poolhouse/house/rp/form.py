"""
What the administrator types under Admin Settings > Authentication > OIDC, and when it may be saved.

Pasted values come with blanks around them, which once ended in a dead redirect; here they are taken off, and the
page says of which fields.  Every complaint stands beside its field and is a whole sentence.
"""

import re
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

import msgspec

from poolhouse.house.provider import OidcSettings
from poolhouse.house.rp import failures
from poolhouse.house.rp.discovery import Metadata, NotDiscovered, derive_issuer, discover
from poolhouse.house.rp.finding import look_up
from poolhouse.house.rp.logout import takes_form
from poolhouse.kit.ambient import Secret
from poolhouse.kit.outgoing import Http
from poolhouse.kit.urls import check_endpoint, split_url

DEFAULT_SCOPE = "openid email profile"
DEFAULT_USERNAME_ATTRIBUTE = "email"
VALUE_LIMIT = 2048
LEARN_SECONDS = 3.0

LABELS: Mapping[str, str] = MappingProxyType(
    {
        "client_id": failures.CLIENT_ID,
        "client_secret": failures.CLIENT_SECRET,
        "authorization_url": failures.AUTHORIZATION_URL,
        "token_url": failures.TOKEN_URL,
        "userinfo_url": failures.USERINFO_URL,
        "jwks_url": failures.JWKS_URL,
        "scope": failures.SCOPE,
        "username_attribute": failures.USERNAME_ATTRIBUTE,
        "issuer": failures.ISSUER,
        "secret_expires": failures.SECRET_EXPIRES,
    }
)
"""Field names of the form to the labels that the page prints."""

_URLS = ("authorization_url", "token_url", "userinfo_url", "jwks_url")
_MEANINGLESS = "Issuer is neither an address nor an id that is known; paste the provider's issuer."
BLANKS = " \t\r\n\f\v\u00a0\u200b\u2060\ufeff"
VISIBLE = re.compile(r"[\x20-\x7e]+")
_SCOPE_TOKEN = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")
_DAY = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")
_ATTRIBUTE = re.compile(r"[\x21-\x7e]{1,128}")


class OidcForm(msgspec.Struct, frozen=True, kw_only=True):
    """The entries as typed, blanks around them taken off."""

    client_id: str = ""
    client_secret: str = ""
    authorization_url: str = ""
    token_url: str = ""
    userinfo_url: str = ""
    jwks_url: str = ""
    scope: str = ""
    username_attribute: str = ""
    issuer: str = ""
    secret_expires: str = ""


Errors = dict[str, str]


def read_form(form: Mapping[str, str]) -> tuple[OidcForm, tuple[str, ...]]:
    """The entries, and the names of the fields that had blanks around their value."""
    stripped = {name: form.get(name, "").strip(BLANKS) for name in LABELS}
    trimmed = tuple(name for name in LABELS if stripped[name] and stripped[name] != form.get(name, ""))
    return OidcForm(**stripped), trimmed


def shown(settings: OidcSettings) -> OidcForm:
    """The form of saved settings: the secret stays here, and a derived issuer was not typed."""
    return OidcForm(
        client_id=settings.client_id,
        authorization_url=settings.authorization_url,
        token_url=settings.token_url,
        userinfo_url=settings.userinfo_url,
        jwks_url=settings.jwks_url,
        scope=settings.scope,
        username_attribute=settings.username_attribute,
        issuer="" if settings.is_issuer_derived else settings.issuer,
        secret_expires=settings.secret_expires,
    )


def check_form(entered: OidcForm, *, has_saved_secret: bool) -> Errors:
    """What is wrong, by field name; nothing when it can be saved."""
    errors: Errors = {}
    for name in LABELS:
        value: str = getattr(entered, name)
        if len(value) > VALUE_LIMIT:
            errors[name] = f"{LABELS[name]} is longer than {VALUE_LIMIT} characters."
    for name in ("client_id", "client_secret"):
        value = getattr(entered, name)
        if not value and not (name == "client_secret" and has_saved_secret):
            errors[name] = f"{LABELS[name]} is required."
        elif value and not VISIBLE.fullmatch(value):
            errors[name] = f"{LABELS[name]} holds a character that no provider issues; paste it again."
    for name in _URLS:
        value = getattr(entered, name)
        wrong = check_endpoint(value) if value else "is required; or fill in the Issuer and leave the four URLs empty."
        if wrong:
            errors.setdefault(name, f"{LABELS[name]} {wrong}")
    errors |= _check_words(entered)
    if entered.secret_expires and not _is_day(entered.secret_expires):
        errors |= {"secret_expires": "Give the last day as year, month and day, such as 2027-01-31; or leave it empty."}
    return errors | _check_issuer(entered)


def _is_day(text: str) -> bool:
    try:
        return bool(_DAY.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _check_words(entered: OidcForm) -> Errors:
    errors: Errors = {}
    scopes = entered.scope.split()
    if scopes and "openid" not in scopes:
        errors["scope"] = "Scope must hold openid: without it the provider says nothing about who signs in."
    if any(not _SCOPE_TOKEN.fullmatch(scope) for scope in scopes):
        errors["scope"] = "Scope is a list of words with blanks between them, such as openid email profile."
    if entered.username_attribute and not _ATTRIBUTE.fullmatch(entered.username_attribute):
        errors["username_attribute"] = "Username Attribute is the name of one claim, such as email or sub."
    return errors


def _check_issuer(entered: OidcForm) -> Errors:
    if not entered.issuer:
        if entered.jwks_url and not derive_issuer(entered.jwks_url):
            return {
                "issuer": "Issuer is required, since this JWK Set URL does not end with /.well-known/jwks.json "
                "and so does not tell it."
            }
        return {}
    wrong = check_endpoint(entered.issuer)
    if wrong is None and "?" in entered.issuer:
        wrong = "must not have a query (the part after ?)."
    return {"issuer": f"Issuer {wrong}"} if wrong else {}


async def fill(http: Http, entered: OidcForm, *, overwrite: bool) -> tuple[OidcForm, Errors]:
    """
    The form with its issuer and its four URLs from what was typed as the issuer, which may be an address of a console
    or the id of a pool; all of the URLs for the button, the empty ones on saving.

    What the provider's document does not name stays as it was.
    """
    typed = entered.issuer or derive_issuer(entered.jwks_url)
    if not typed:
        return entered, {"issuer": "Issuer is empty; enter it first."}
    found = await look_up(http, typed)
    if found is None:
        return entered, _check_issuer(msgspec.structs.replace(entered, issuer=typed)) or {"issuer": _MEANINGLESS}
    taken = dict(found.recognised.endpoints)
    if found.recognised.client_id and not entered.client_id:
        taken["client_id"] = found.recognised.client_id
    if found.metadata is None:
        whole = found.problem if found.problem[:1].isupper() else f"Issuer {found.problem}"
        return _take(entered, taken, overwrite=overwrite), {"issuer": whole}
    taken |= {
        "authorization_url": found.metadata.authorization_endpoint,
        "token_url": found.metadata.token_endpoint,
        "userinfo_url": found.metadata.userinfo_endpoint,
        "jwks_url": found.metadata.jwks_uri,
    }
    filled = _take(entered, taken, overwrite=overwrite)
    return msgspec.structs.replace(filled, issuer=found.metadata.issuer if entered.issuer else ""), {}


def _take(entered: OidcForm, offered: Mapping[str, str], *, overwrite: bool) -> OidcForm:
    taken = {name: value for name, value in offered.items() if value and (overwrite or not getattr(entered, name))}
    return msgspec.structs.replace(entered, **taken)


def needs_filling(entered: OidcForm) -> bool:
    """Whether the issuer was given so that it fills the URLs."""
    if not entered.issuer:
        return False
    return split_url(entered.issuer) is None or not all(getattr(entered, name) for name in _URLS)


async def settle(http: Http, entered: OidcForm, saved: OidcSettings | None) -> OidcSettings:
    """
    The settings of a form that ``check_form`` found good.

    The provider's document is asked once more for what the form has no field for (signing algorithms, client
    authentication, sign-out, RFC 9207); a provider without one, or one that is away, gets the standard's defaults.
    """
    issuer = entered.issuer or derive_issuer(entered.jwks_url)
    secret = Secret(entered.client_secret) if entered.client_secret else None
    if secret is None:
        if saved is None:
            raise ValueError("a secret was required and is missing")
        secret = saved.client_secret
    settings = OidcSettings(
        client_id=entered.client_id,
        client_secret=secret,
        authorization_url=entered.authorization_url,
        token_url=entered.token_url,
        userinfo_url=entered.userinfo_url,
        jwks_url=entered.jwks_url,
        scope=" ".join(entered.scope.split()) or DEFAULT_SCOPE,
        username_attribute=entered.username_attribute or DEFAULT_USERNAME_ATTRIBUTE,
        issuer=issuer,
        is_issuer_derived=not entered.issuer,
        secret_expires=entered.secret_expires,
    )
    try:
        found = await discover(http, issuer, seconds=LEARN_SECONDS)
    except NotDiscovered:
        return settings
    learned = _learn(settings, found)
    return msgspec.structs.replace(learned, is_end_session_posted=await takes_form(http, learned.end_session_url))


def _learn(settings: OidcSettings, found: Metadata) -> OidcSettings:
    return msgspec.structs.replace(
        settings,
        algorithms=found.algorithms,
        token_auth=found.token_auth,
        end_session_url=found.end_session_endpoint,
        revocation_url=found.revocation_endpoint,
        is_iss_parameter_promised=found.authorization_response_iss_parameter_supported,
    )
