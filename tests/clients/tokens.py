"""Tokens as a client reads them: verified by joserfc with keys found by discovery, or only opened."""

import base64
import json
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet


def unverified(token: str) -> dict[str, Any]:
    """The claims alone."""
    middle = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    return claims


def discovered(issuer: str) -> dict[str, Any]:
    """The discovery document of an issuer that says its own name (OIDC Discovery section 4.3)."""
    document: dict[str, Any] = httpx.get(f"{issuer}/.well-known/openid-configuration").raise_for_status().json()
    assert issuer == document["issuer"]
    return document


def verified(issuer: str, token: str, **expected: str) -> dict[str, Any]:
    """The claims, once signature, times, issuer and *expected* claims hold."""
    keys = KeySet.import_key_set(httpx.get(discovered(issuer)["jwks_uri"]).raise_for_status().json())
    opened = jwt.decode(token, keys, algorithms=["RS256"])
    rules: dict[str, Any] = {name: {"essential": True, "value": value} for name, value in expected.items()}
    jwt.JWTClaimsRegistry(iss={"essential": True, "value": issuer}, exp={"essential": True}, **rules).validate(
        opened.claims
    )
    return opened.claims
