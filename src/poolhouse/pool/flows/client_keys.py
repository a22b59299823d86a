"""Signatures of app clients: by the keys that they registered, or publish where they said."""

from collections.abc import Sequence
from typing import Any

from poolhouse.kit import certificates, jws
from poolhouse.kit.jose import InvalidToken
from poolhouse.kit.jwk import Jwk, UnusableKey, read_key, read_set
from poolhouse.pool.core.settings.openid import WrongSetting
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.model.openid import OpenIdSettings

SET_LIMIT = 32
NAME_LIMIT = 1_024


async def check_signature(flow: Flow, settings: OpenIdSettings, token: jws.Jws, algorithms: Sequence[str]) -> None:
    """Raises ``InvalidToken`` unless one of the client's keys signed, by one of *algorithms*."""
    fitting = jws.fitting(token, await keys_of(flow, settings), algorithms)
    if not fitting and settings.jwks_uri is not None:
        fitting = jws.fitting(token, await keys_of(flow, settings, anew=True), algorithms)
    if not fitting:
        raise InvalidToken("no such key")
    jws.verify(token, fitting)


async def keys_of(flow: Flow, settings: OpenIdSettings, *, anew: bool = False) -> tuple[Jwk, ...]:
    """The usable keys of a client."""
    if settings.jwks is not None:
        return read_set(settings.jwks)
    if settings.jwks_uri is None:
        return ()
    return await flow.client_keys.keys(flow.http, settings.jwks_uri, now=flow.clock.now(), anew=anew)


def check(settings: OpenIdSettings) -> None:
    """Raises ``WrongSetting`` for keys that could not be used, and a subject that is no distinguished name."""
    if settings.jwks is not None:
        _check_set(settings.jwks)
    if settings.tls_client_auth_subject_dn is not None and not _is_name(settings.tls_client_auth_subject_dn):
        raise WrongSetting("tls_client_auth_subject_dn is not a distinguished name (RFC 4514)")


def _is_name(text: str) -> bool:
    try:
        return len(text) <= NAME_LIMIT and len(list(certificates.name(text))) > 0
    except ValueError:
        return False


def _check_set(jwks: dict[str, Any]) -> None:
    """
    Raises ``WrongSetting`` for a registered key set with a key that could never be used.

    Unlike at a ``jwks_uri``, which may publish keys for others: who registers a key means it for us.
    """
    members = jwks.get("keys")
    if not isinstance(members, list) or not members or len(members) > SET_LIMIT:
        raise WrongSetting(f"jwks has from 1 to {SET_LIMIT} keys")
    named = []
    for member in members:
        if not isinstance(member, dict):
            raise WrongSetting("jwks holds something else than keys")
        try:
            key = read_key(member)
        except UnusableKey as wrong:
            raise WrongSetting(f"jwks: {wrong}") from wrong
        named.append((key.kid, key.algorithms))
    if len(set(named)) < len(named):
        raise WrongSetting("jwks: two keys cannot be told apart; give each a kid of its own")
