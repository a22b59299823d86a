"""
The provider's signing keys (RFC 7517): fetched, cached, and fetched once more when a token names a key that is
not there, because providers rotate.  That second fetch is throttled, or anybody could make the house knock at the
provider with invented key ids.  Everything fails closed: an old set is never used because the new one is missing.
"""

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, RSAKey

from poolhouse.house.rp.decode import NotJson, decode
from poolhouse.house.rp.failures import Failure, SignInFailed
from poolhouse.kit.ambient import Clock, Epoch
from poolhouse.kit.jose import b64url_decode
from poolhouse.kit.outgoing import Http, Unreachable

SET_TTL_SECONDS = 600
FORCED_FETCH_SECONDS = 10
SETS_KEPT = 64
KEYS_READ = 64
RSA_BITS = 2048

KEY_TYPES: Mapping[str, tuple[str, str | None]] = MappingProxyType(
    {
        "RS256": ("RSA", None),
        "RS384": ("RSA", None),
        "RS512": ("RSA", None),
        "PS256": ("RSA", None),
        "PS384": ("RSA", None),
        "PS512": ("RSA", None),
        "ES256": ("EC", "P-256"),
        "ES384": ("EC", "P-384"),
        "ES512": ("EC", "P-521"),
    }
)
"""The algorithms this house can be told to accept, with the key each needs.  No ``none``, nothing symmetric."""

PublicKey = RSAKey | ECKey


class ProviderKey(msgspec.Struct, frozen=True):
    """One usable member of the set."""

    kid: str | None
    alg: str | None
    kty: str
    curve: str | None
    key: PublicKey


class _Cached(msgspec.Struct):
    keys: tuple[ProviderKey, ...] = ()
    fetched_at: Epoch = Epoch(0)
    forced_at: Epoch = Epoch(0)
    lock: asyncio.Lock = msgspec.field(default_factory=asyncio.Lock)


class KeySource:
    """JWK sets by URL."""

    def __init__(self, http: Http, clock: Clock) -> None:
        self._http = http
        self._clock = clock
        self._sets: dict[str, _Cached] = {}

    async def get_key(self, jwks_url: str, *, kid: str | None, algorithm: str) -> PublicKey:
        """
        The key that must have signed a token whose header says *kid* and *algorithm*.

        Without a ``kid`` the set must hold exactly one fitting key (OIDC Core section 10.1).
        """
        found = pick(await self._keys(jwks_url, force=False), kid=kid, algorithm=algorithm)
        if found is None:
            found = pick(await self._keys(jwks_url, force=True), kid=kid, algorithm=algorithm)
        if found is None:
            raise SignInFailed(Failure.KEY_UNKNOWN)
        return found

    async def check(self, jwks_url: str) -> Failure | None:
        """Whether a usable set is there now; for the check after saving."""
        try:
            await self._fetch(jwks_url)
        except SignInFailed as failed:
            return failed.failure
        return None

    def forget(self) -> None:
        """Fetch everything anew, because the settings have changed."""
        self._sets.clear()

    async def _keys(self, jwks_url: str, *, force: bool) -> tuple[ProviderKey, ...]:
        cached = self._sets.get(jwks_url)
        if cached is None:
            while len(self._sets) >= SETS_KEPT:
                del self._sets[next(iter(self._sets))]
            cached = self._sets[jwks_url] = _Cached()
        async with cached.lock:
            now = self._clock.now()
            if force and now - cached.forced_at < FORCED_FETCH_SECONDS:
                return cached.keys
            if force:
                cached.forced_at = now
            elif cached.keys and now - cached.fetched_at < SET_TTL_SECONDS:
                return cached.keys
            # Emptied first: when the fetch fails, nothing old is left to be trusted.
            cached.keys = ()
            cached.keys = await self._fetch(jwks_url)
            cached.fetched_at = now
            return cached.keys

    async def _fetch(self, jwks_url: str) -> tuple[ProviderKey, ...]:
        try:
            answer = await self._http.get(jwks_url, accept="application/jwk-set+json, application/json")
        except Unreachable as wrong:
            raise SignInFailed(Failure.KEYS_UNREACHABLE, wrong.trouble) from wrong
        if answer.status != 200:
            raise SignInFailed(Failure.KEYS_UNREACHABLE, f"status {answer.status}")
        keys = read_set(answer.body)
        if not keys:
            raise SignInFailed(Failure.KEYS_UNREADABLE)
        return keys


def pick(keys: tuple[ProviderKey, ...], *, kid: str | None, algorithm: str) -> PublicKey | None:
    """The one key that fits; two that fit are none, since nothing says which."""
    kty, curve = KEY_TYPES[algorithm]
    fitting = [
        k.key
        for k in keys
        if k.kty == kty and curve in {None, k.curve} and k.alg in {None, algorithm} and kid in {None, k.kid}
    ]
    return fitting[0] if len(fitting) == 1 else None


def read_set(body: bytes) -> tuple[ProviderKey, ...]:
    """The usable keys of a JWK set; members that are not understood are passed over (RFC 7517 section 5)."""
    try:
        document = decode(body)
    except NotJson:
        return ()
    members = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(members, list):
        return ()
    found = [_read_key(member) for member in members[:KEYS_READ] if isinstance(member, dict)]
    return tuple(key for key in found if key is not None)


def _read_key(member: dict[str, Any]) -> ProviderKey | None:
    # "d" would be a private key; a set that publishes one proves nothing by its signatures.
    if member.get("use", "sig") != "sig" or "d" in member or member.get("kty") not in ("RSA", "EC"):
        return None
    operations = member.get("key_ops")
    if operations is not None and (not isinstance(operations, list) or "verify" not in operations):
        return None
    try:
        if member["kty"] == "RSA" and len(b64url_decode(member["n"])) * 8 < RSA_BITS:
            return None
        key = JWKRegistry.import_key(dict(member))
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return None
    if not isinstance(key, RSAKey | ECKey):
        return None
    return ProviderKey(
        kid=_text(member.get("kid")),
        alg=_text(member.get("alg")),
        kty=member["kty"],
        curve=_text(member.get("crv")),
        key=key,
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
