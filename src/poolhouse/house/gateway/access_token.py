"""
Access tokens that a provider has given out for an app (RFC 9068, RFC 7662): whether one is good, and for whom.

Checked are signature, issuer, audience, times and kind: an ID token, a logout token and a token for somebody else's
API are signed by the same key, and none of them opens an app.  A token that is bound to a key (``cnf``) is of no use as
a bearer token (RFC 9449 section 7.1).
"""

import math
from collections.abc import Mapping
from typing import Any

import msgspec

from poolhouse.house.gate import Resource
from poolhouse.house.gateway.judge import Rejection
from poolhouse.house.gateway.resource import audiences, is_at_provider
from poolhouse.house.gateway.table import Entry
from poolhouse.house.provider import OidcSettings
from poolhouse.house.rp.client import Wire
from poolhouse.house.rp.decode import NotJson, decode
from poolhouse.house.rp.failures import Failure, SignInFailed
from poolhouse.house.rp.id_token import SUBJECT_LIMIT, verify_jws
from poolhouse.house.rp.tokens import basic
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.jose import b64url_decode
from poolhouse.kit.outgoing import Unreachable

SKEW_SECONDS = 30
ASKED_AGAIN_SECONDS = 60
_ACCESS = frozenset({"at+jwt", "application/at+jwt"})
_PLAIN = frozenset({"", "jwt", "application/jwt"})
_OF_OTHERS = ("at_hash", "c_hash", "events")
_NOT_TO_BE_HAD = frozenset({Failure.KEYS_UNREACHABLE, Failure.KEYS_UNREADABLE})
WRONG = Rejection(401, "invalid_token", "The token was not given out by the provider of this app.")
KIND = Rejection(401, "invalid_token", "This is no access token.")
AUDIENCE = Rejection(401, "invalid_token", "The token was given out for something else.")
EXPIRED = Rejection(401, "invalid_token", "The token has expired.")
FUTURE = Rejection(401, "invalid_token", "The token is not good yet.")
BOUND = Rejection(401, "invalid_token", "The token is bound to a key, and cannot be sent as a bearer token.")
NOBODY = Rejection(401, "invalid_token", "The token does not say for whom it is.")
INACTIVE = Rejection(401, "invalid_token", "The provider says that the token is not active.")
UNREACHABLE = Rejection(503, "temporarily_unavailable", "The provider that has to be asked does not answer.")


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """A token whose every proof held."""

    issuer: str
    subject: str
    claims: Mapping[str, Any]
    scopes: frozenset[str]
    issued_at: Epoch | None
    expires_at: float
    was_asked: bool
    """Whether the provider was asked for it, which is not done every second."""


async def read_access(
    wire: Wire, entry: Entry, resource: Resource, settings: OidcSettings, token: str
) -> Access | Rejection:
    """Judge *token*: a JWT by the provider's keys, anything else by the provider itself, where it can be asked."""
    try:
        if token.count(".") == 2:
            return await _of_jwt(wire, entry, resource, settings, token)
        if resource.introspection_url and is_at_provider(resource.introspection_url, settings):
            return await _introspected(wire, entry, resource, settings, token)
    except SignInFailed as failed:
        return UNREACHABLE if failed.failure in _NOT_TO_BE_HAD else WRONG
    except Unreachable:
        return UNREACHABLE
    return WRONG


async def _of_jwt(
    wire: Wire, entry: Entry, resource: Resource, settings: OidcSettings, token: str
) -> Access | Rejection:
    claims, _ = await verify_jws(token, wire.keys, jwks_url=settings.jwks_url, algorithms=settings.algorithms)
    if claims.get("iss") != settings.issuer:
        return WRONG
    if not _is_access_token(_typ(token), claims, resource):
        return KIND
    return _judged(entry, resource, settings, claims, wire.clock.now(), was_asked=False)


async def _introspected(
    wire: Wire, entry: Entry, resource: Resource, settings: OidcSettings, token: str
) -> Access | Rejection:
    """RFC 7662, with the client of the house at the provider."""
    fields = {"token": token, "token_type_hint": "access_token"}
    authorization: str | None = None
    if settings.token_auth == "client_secret_post":  # noqa: S105 - a method's name
        fields |= {"client_id": settings.client_id, "client_secret": settings.client_secret.reveal()}
    else:
        authorization = basic(settings.client_id, settings.client_secret.reveal())
    answer = await wire.http.post_form(resource.introspection_url, fields, authorization=authorization)
    if answer.status != 200:
        return UNREACHABLE
    try:
        said = decode(answer.body, dict[str, Any])
    except NotJson:
        return UNREACHABLE
    if said.get("active") is not True:
        return INACTIVE
    if said.get("iss", settings.issuer) != settings.issuer:
        return WRONG
    if said.get("token_use") not in (None, "access", "access_token"):
        return KIND
    return _judged(entry, resource, settings, said, wire.clock.now(), was_asked=True)


def _judged(
    entry: Entry,
    resource: Resource,
    settings: OidcSettings,
    claims: Mapping[str, Any],
    now: Epoch,
    *,
    was_asked: bool,
) -> Access | Rejection:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_LIMIT or not subject.isprintable():
        return NOBODY
    if "cnf" in claims:
        return BOUND
    if not _is_meant(entry, resource, claims):
        return AUDIENCE
    # An answer about a token that is active may leave its end out (RFC 7662 section 2.2); a JWT may not.
    expires = _number(claims.get("exp", now + ASKED_AGAIN_SECONDS if was_asked else None))
    if expires is None or expires <= now - SKEW_SECONDS:
        return EXPIRED
    issued = _number(claims.get("iat"))
    if not _has_begun(claims, now):
        return FUTURE
    return Access(
        issuer=settings.issuer,
        subject=subject,
        claims=claims,
        scopes=_scopes(claims),
        issued_at=Epoch(int(issued)) if issued is not None else None,
        expires_at=expires + SKEW_SECONDS,
        was_asked=was_asked,
    )


def _has_begun(claims: Mapping[str, Any], now: Epoch) -> bool:
    begins = [_number(claims[name]) for name in ("nbf", "iat") if name in claims]
    return all(each is not None and each <= now + SKEW_SECONDS for each in begins)


def _is_access_token(typ: str, claims: Mapping[str, Any], resource: Resource) -> bool:
    """
    RFC 9068 section 4 where the provider keeps to it; else what tells the others apart.

    Cognito says ``token_use``, Keycloak the claim ``typ``; ``at_hash`` and ``c_hash`` are in ID tokens only, ``events``
    in logout tokens.  A ``nonce`` is in every ID token of this house's sign-ins: Entra's have nothing else that tells
    them apart, and the same audience.  What says of itself that it is an access token may have one (Keycloak).
    """
    if typ not in _ACCESS and (resource.demands_typ or typ not in _PLAIN):
        return False
    use, kind = claims.get("token_use"), claims.get("typ")
    if use not in (None, "access") or kind not in (None, "Bearer", "DPoP"):
        return False
    if any(name in claims for name in _OF_OTHERS):
        return False
    return "nonce" not in claims or typ in _ACCESS or use is not None or kind is not None


def _is_meant(entry: Entry, resource: Resource, claims: Mapping[str, Any]) -> bool:
    """RFC 8707: the audience is this app.  A token without one is good by its client, where clients are listed."""
    client = next((claims[name] for name in ("client_id", "azp", "cid") if name in claims), None)
    if resource.client_ids and client not in resource.client_ids:
        return False
    found = claims.get("aud")
    if found is None:
        return bool(resource.client_ids)
    listed = [found] if isinstance(found, str) else found
    if not isinstance(listed, list):
        return False
    accepted = audiences(entry)
    return any(isinstance(each, str) and each.rstrip("/") in accepted for each in listed)


def _scopes(claims: Mapping[str, Any]) -> frozenset[str]:
    """``scope`` (RFC 9068 section 2.2.3), or ``scp`` as Entra and Okta have it; text or a list."""
    found = claims.get("scope", claims.get("scp", ""))
    words = found.split() if isinstance(found, str) else found
    return frozenset(each for each in words if isinstance(each, str)) if isinstance(words, list) else frozenset()


def _typ(token: str) -> str:
    """Of the header, which the signature covers."""
    header = decode(b64url_decode(token.partition(".")[0]), dict[str, Any])
    typ = header.get("typ", "")
    return typ.lower() if isinstance(typ, str) else "?"


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
