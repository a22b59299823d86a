"""
Claims of ID and access tokens, from (pool, client, user, groups, grant, now).

The one place that knows which claim goes into which token (Cognito reference: token contents).  Signing is elsewhere.
"""

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from poolhouse.pool.core import assurance, claims_request, identities, step_up, subjects, targets
from poolhouse.pool.model.grant import Grant
from poolhouse.pool.model.pool import Client, Group
from poolhouse.pool.model.user import User

ADMIN_SCOPE = "aws.cognito.signin.user.admin"
HOUR = 3600
_UNIT = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86_400}
_BOOLEAN = ("email_verified", "phone_number_verified")
_PROFILE = (
    "name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture",
    "website", "gender", "birthdate", "zoneinfo", "locale", "address", "updated_at",
)  # fmt: skip
_OTHER_NAMES = frozenset({"username", "cognito:username", "device_key", identities.ATTRIBUTE})
"""Claims besides ``sub`` by which apps could tell that two of their users are one."""
_ADDRESS = frozenset({"formatted", "street_address", "locality", "region", "postal_code", "country"})
_SCOPE_CLAIMS = {
    "email": ("email", "email_verified"),
    "phone": ("phone_number", "phone_number_verified"),
    "profile": _PROFILE,
}


def lifetime(client: Client, token: str) -> int:
    """Seconds that a token of this client lives; *token* is "access", "id" or "refresh"."""
    settings = client.settings
    units = settings.token_validity_units
    if token == "access":  # noqa: S105 (a kind)
        value, unit = settings.access_token_validity, units and units.access_token
    elif token == "id":  # noqa: S105
        value, unit = settings.id_token_validity, units and units.id_token
    else:
        value, unit = settings.refresh_token_validity, (units and units.refresh_token) or "days"
    if not value:
        return 30 * 86_400 if token == "refresh" else HOUR  # noqa: S105
    return value * _UNIT[unit or "hours"]


def readable(client: Client, attributes: dict[str, str]) -> dict[str, str]:
    """
    The attributes that this client may read.

    Without a list a client reads the standard ones, not custom ones; ``dev:`` attributes are never for clients.
    ``identities`` is no attribute of the schema, so that no list can have it: every client reads it.
    """
    listed = client.settings.read_attributes
    allowed = None if listed is None else {*listed, identities.ATTRIBUTE}
    return {
        name: value
        for name, value in attributes.items()
        if not name.startswith("dev:") and (name in allowed if allowed is not None else ":" not in name)
    }


def claims_by_scope(
    scope: str, attributes: dict[str, str], *, hosted: bool, requested: Collection[str] = (), openid: bool = False
) -> dict[str, str]:
    """
    The readable attributes that *scope* opens, and those *requested* by name.

    Through the API, and with ``openid`` alone, that is all of them; ``profile`` brings the custom ones.  In the
    *openid* dialect ``openid`` alone opens none, and the address has a scope of its own (OIDC Core section 5.4).
    """
    names, with_custom = _opened(scope, openid)
    if not hosted or not (names or openid):
        return attributes
    return {
        name: value
        for name, value in attributes.items()
        if name in names or name in requested or (with_custom and name.startswith("custom:"))
    }


@lru_cache(maxsize=1024)
def _opened(scope: str, openid: bool) -> tuple[frozenset[str], bool]:
    """The attributes that *scope* opens by name, and whether it opens custom ones."""
    scopes = set(scope.split())
    names = {name for each in scopes & set(_SCOPE_CLAIMS) for name in _SCOPE_CLAIMS[each]}
    if openid and ("address" in names) != ("address" in scopes):
        names ^= {"address"}
    return frozenset(names), "profile" in scopes


def user_info(client: Client, user: User, grant: Grant, scope: str, salt: bytes = b"") -> dict[str, Any]:
    """
    The claims of UserInfo (OIDC Core section 5.3.2): ``sub``, and what *scope* and the sign-in's request open.

    In the service's dialect all are strings and ``username`` is among them.
    """
    openid = client.extended.dialect == "openid"
    requested = claims_request.names(_requested(client, grant), "userinfo")
    own = readable(client, user.attributes)
    if not openid and set(_SCOPE_CLAIMS).isdisjoint(scope.split()):
        # All that there is, but no more than at the sign-in: an exchange for fewer scopes must not open more.
        scope = grant.scope
    opened = claims_by_scope(scope, own, hosted=True, requested=requested, openid=openid)
    if not openid:
        return {"sub": user.sub, **opened, "username": user.username}
    told = subjects.name_for(client, user.sub, salt)
    hidden = {"sub", *(_OTHER_NAMES if subjects.is_pairwise(client) else ())}
    return {"sub": told, **{name: _typed(name, value) for name, value in opened.items() if name not in hidden}}


def _requested(client: Client, grant: Grant) -> dict[str, dict[str, Any]] | None:
    """What the client asked for by name; a token that was exchanged is of a sign-in at which another client asked."""
    return None if grant.terms is None or grant.client_id != client.id else grant.terms.claims


def _of_identity(client: Client, user: User, grant: Grant) -> dict[str, Any]:
    """
    The attributes in an ID token.

    In the openid dialect those of scopes are at UserInfo, where an access token opens them (OIDC Core section 5.4):
    only what was requested by name is here.
    """
    requested = claims_request.names(_requested(client, grant), "id_token")
    own = readable(client, user.attributes)
    if grant.hosted and client.extended.dialect == "openid":
        opened = {name: value for name, value in own.items() if name in requested}
    else:
        opened = claims_by_scope(grant.scope, own, hosted=grant.hosted, requested=requested)
    return {name: _typed(name, value) for name, value in opened.items()}


def id_claims(
    *,
    issuer: str,
    client: Client,
    user: User,
    groups: Sequence[Group],
    grant: Grant,
    now: int,
    jti: str,
    salt: bytes = b"",
) -> dict[str, Any]:
    """
    Claims of the ID token; ``at_hash`` is added by the signer when the pages issue it.

    *salt* is the pool's, for a client whose subjects are pairwise: that is told no other name of the user either.
    """
    claims = _of_identity(client, user, grant)
    claims |= {
        "sub": subjects.name_for(client, user.sub, salt),
        "iss": issuer,
        "aud": client.id,
        "token_use": "id",
        "cognito:username": user.username,
        "auth_time": grant.auth_time,
        "iat": now,
        "exp": now + lifetime(client, "id"),
        "jti": jti,
    }
    claims |= _session_claims(client, grant)
    if groups:
        claims |= group_claims(groups, roles=True)
    if grant.sid is not None and client.extended.knows_sessions:
        claims["sid"] = subjects.session_for(client, grant.sid, salt)
    if grant.nonce is not None:
        claims["nonce"] = grant.nonce
    claims |= _assurance(grant)
    if subjects.is_pairwise(client):
        return {name: value for name, value in claims.items() if name not in _OTHER_NAMES}
    linked = user.attributes.get(identities.ATTRIBUTE)
    return {**claims, identities.ATTRIBUTE: identities.claim(linked)} if linked else claims


def access_claims(
    *,
    issuer: str,
    client: Client,
    user: User,
    groups: Sequence[Group],
    grant: Grant,
    now: int,
    jti: str,
    salt: bytes = b"",
) -> dict[str, Any]:
    """Claims of the access token of a user; *salt* as for an ID token, whose subject it has (RFC 9068 section 2.2)."""
    claims: dict[str, Any] = {
        "sub": subjects.name_for(client, user.sub, salt),
        "iss": issuer,
        "client_id": client.id,
        "token_use": "access",
        "scope": grant.scope,
        "username": user.username,
        "auth_time": grant.auth_time,
        "iat": now,
        "exp": now + lifetime(client, "access"),
        "jti": jti,
    }
    claims |= _session_claims(client, grant)
    if groups:
        claims |= group_claims(groups, roles=False)
    if grant.device_key is not None:
        claims["device_key"] = grant.device_key
    if grant.hosted:
        claims["version"] = 2
    if grant.terms is not None and grant.terms.stepped:
        claims |= _assurance(grant)
    aims = targets.of(grant)
    if aims:
        claims["aud"] = targets.audience(aims)
    if subjects.is_pairwise(client):
        return {name: value for name, value in claims.items() if name not in _OTHER_NAMES}
    return claims


def _assurance(grant: Grant) -> dict[str, Any]:
    """How the user has signed in, where anybody asked: by the service's levels, else by the standards' classes."""
    terms = grant.terms
    if terms is None or terms.acr is None:
        return {}
    return {"acr": terms.acr, "amr": step_up.amr(grant.amr) if terms.stepped else assurance.amr(grant.amr)}


def machine_claims(
    *, issuer: str, client: Client, scope: str, now: int, jti: str, aims: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Claims of an access token by client credentials (RFC 6749 section 4.4): the subject is the client."""
    claims: dict[str, Any] = {
        "sub": client.id,
        "iss": issuer,
        "client_id": client.id,
        "token_use": "access",
        "scope": scope,
        "auth_time": now,
        "iat": now,
        "exp": now + lifetime(client, "access"),
        "jti": jti,
        "version": 2,
    }
    if aims:
        claims["aud"] = targets.audience(aims)
    return claims


def group_claims(groups: Sequence[Group], *, roles: bool) -> dict[str, Any]:
    """
    ``cognito:groups`` by precedence, and for the ID token roles and the preferred one.

    The preferred role is that of the lowest precedence; a tie of different roles has none.  No precedence ranks last.
    """
    if not groups:
        return {}
    ranked = sorted(groups, key=lambda g: (g.precedence is None, g.precedence or 0, g.name))
    claims: dict[str, Any] = {"cognito:groups": [g.name for g in ranked]}
    with_role = [g for g in ranked if g.role_arn]
    if roles and with_role:
        claims["cognito:roles"] = list(dict.fromkeys(g.role_arn for g in with_role))
        best = {g.role_arn for g in with_role if g.precedence == with_role[0].precedence}
        if len(best) == 1:
            claims["cognito:preferred_role"] = with_role[0].role_arn
    return claims


def _session_claims(client: Client, grant: Grant) -> dict[str, Any]:
    """``origin_jti`` exists where token revocation is on; ``event_id`` always, since the grant is found by it."""
    if client.settings.enable_token_revocation is False:
        return {"event_id": grant.event_id}
    return {"origin_jti": grant.id, "event_id": grant.event_id}


def _typed(name: str, value: str) -> Any:
    if name in _BOOLEAN:
        return value == "true"
    if name == "updated_at" and value.isdigit():
        return int(value)
    if name == "address":
        return _address(value)
    return value


def _address(value: str) -> dict[str, Any]:
    """OIDC Core section 5.1.1: the object that was stored as its text, else the text as it is to be printed."""
    try:
        found = msgspec.json.decode(value, type=dict[str, str])
    except (msgspec.MsgspecError, ValueError, RecursionError):
        found = {}
    return {name: text for name, text in found.items() if name in _ADDRESS} or {"formatted": value}
