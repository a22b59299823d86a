"""
The journey of a sign-in: ``depart`` sends the browser to the provider, ``arrive`` makes a person of its answer.

Between the two there is one ``PendingLogin`` on the server.  Whoever calls ``arrive`` has taken it out of the store
already: a state is spent before the code is redeemed, so a repeated answer finds nothing (RFC 9700 section 4.7).
"""

import hmac
from typing import Any

import msgspec

from poolhouse.house.model import PendingLogin
from poolhouse.house.provider import Kind, OidcSettings, Provider, is_renewed
from poolhouse.house.rp import github, tokens, userinfo
from poolhouse.house.rp.failures import Failure, SignInFailed, of_error
from poolhouse.house.rp.id_token import Claims, Expected, check_claims, verify_jws
from poolhouse.house.rp.keys import KeySource
from poolhouse.house.rp.person import Person, read_person
from poolhouse.house.rp.request import RANDOM_BYTES, authorization_request
from poolhouse.kit import forms
from poolhouse.kit.ambient import Clock, Entropy, Epoch, urlsafe
from poolhouse.kit.outgoing import Http
from poolhouse.kit.seal import KeyRing, SealBroken, digest

PENDING_SECONDS = 600
_VERIFIER_PURPOSE = "house pkce verifier"


class Departure(msgspec.Struct, frozen=True, kw_only=True):
    """Where the browser goes, and what is remembered under the digest of ``state``."""

    url: str
    state: str
    pending: PendingLogin


class Callback(msgspec.Struct, frozen=True, kw_only=True):
    """The provider's answer in the browser's URL; nothing of it is trusted."""

    state: str
    code: str
    error: str
    issuer: str | None
    is_posted: bool = False
    """Whether it came by form, not in the address."""


class Proved(msgspec.Struct, frozen=True, kw_only=True):
    """Claims that are the provider's, whether or not they make a person here."""

    claims: dict[str, Any]
    id_token: str | None = None
    refresh_token: str | None = None
    seconds: int | None = None
    userinfo_names: frozenset[str] = frozenset()


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """A person whose every proof held."""

    person: Person
    claims: dict[str, Any]
    id_token: str | None
    refresh_token: str | None = None
    seconds: int | None = None
    """For how long what was granted is good, if the provider said so."""
    userinfo_names: frozenset[str] = frozenset()
    """Which of the claims UserInfo has said."""


class Wire(msgspec.Struct, frozen=True, kw_only=True):
    """What the relying party needs to speak with its provider and to judge the answers."""

    http: Http
    keys: KeySource
    ring: KeyRing
    clock: Clock


def depart(
    provider: Provider,
    *,
    settings_version: int,
    redirect_url: str,
    return_to: str,
    link_account_id: str | None,
    purpose: str = "",
    login_hint: str = "",
    prompt: str | None = None,
    now: Epoch,
    entropy: Entropy,
    ring: KeyRing,
) -> Departure:
    """
    Draw state, nonce and PKCE verifier (256 bits each) and compose the authorization request.

    *provider* need not be one that is saved: whoever takes the answer must find it again, by the version or otherwise.
    """
    state, nonce, verifier = (urlsafe(entropy, RANDOM_BYTES) for _ in range(3))
    pending = PendingLogin(
        provider=provider.id,
        settings_version=settings_version,
        nonce_digest=digest(nonce),
        sealed_verifier=ring.seal(verifier.encode(), purpose=_VERIFIER_PURPOSE, row=digest(state).hex()),
        return_to=return_to,
        link_account_id=link_account_id,
        created_at=now,
        expires_at=Epoch(now + PENDING_SECONDS),
        purpose=purpose,
    )
    url = authorization_request(
        provider,
        redirect_url=redirect_url,
        state=state,
        nonce=nonce,
        verifier=verifier,
        prompt=prompt,
        login_hint=login_hint,
    )
    return Departure(url=url, state=state, pending=pending)


def read_callback(query: str) -> Callback:
    """The parameters of the answer; a repeated one makes the whole unreadable (RFC 6749 section 3.1)."""
    try:
        found = forms.single(query)
    except forms.FormError as wrong:
        raise SignInFailed(Failure.DUPLICATE_PARAMETER) from wrong
    return Callback(
        state=found.get("state", ""),
        code=found.get("code", ""),
        error=found.get("error", ""),
        issuer=found.get("iss"),
    )


async def arrive(
    wire: Wire,
    provider: Provider,
    pending: PendingLogin,
    callback: Callback,
    *,
    redirect_url: str,
) -> Arrival:
    """The person, or ``SignInFailed``."""
    proved = await prove(wire, provider, pending, callback, redirect_url=redirect_url)
    settings = provider.settings
    return Arrival(
        person=read_person(proved.claims, issuer=settings.issuer, username_attribute=settings.username_attribute),
        claims=proved.claims,
        id_token=proved.id_token,
        refresh_token=proved.refresh_token,
        seconds=proved.seconds,
        userinfo_names=proved.userinfo_names,
    )


async def prove(
    wire: Wire,
    provider: Provider,
    pending: PendingLogin,
    callback: Callback,
    *,
    redirect_url: str,
) -> Proved:
    """
    What the provider says of whoever came back, or ``SignInFailed``.

    The order matters: the issuer parameter before the code leaves the house (RFC 9207), the ID token before
    UserInfo is asked (a token that is not good must not be followed by another call).
    """
    settings = provider.settings
    _check_issuer_parameter(settings, callback)
    if callback.error:
        raise SignInFailed(of_error(callback.error))
    if not callback.code:
        raise SignInFailed(Failure.NO_CODE)
    row = digest(callback.state).hex()
    try:
        verifier = wire.ring.open(pending.sealed_verifier, purpose=_VERIFIER_PURPOSE, row=row).decode()
    except SealBroken as wrong:
        raise SignInFailed(Failure.NO_PENDING_LOGIN, "sealed under a key that is gone") from wrong
    if provider.kind is Kind.GITHUB:
        found = await github.ask(wire.http, settings, code=callback.code, verifier=verifier, redirect_url=redirect_url)
        return Proved(claims=found)
    granted = await tokens.redeem(wire.http, settings, code=callback.code, verifier=verifier, redirect_url=redirect_url)
    if granted.id_token is None:
        raise SignInFailed(Failure.NO_ID_TOKEN)
    claims = await accept(wire, provider, granted.id_token, granted.access_token, nonce_digest=pending.nonce_digest)
    about = await userinfo.ask(wire.http, wire.keys, settings, access_token=granted.access_token, subject=claims["sub"])
    return Proved(
        claims=userinfo.merge(claims, about),
        id_token=granted.id_token,
        refresh_token=granted.refresh_token if is_renewed(provider) else None,
        seconds=granted.seconds,
        userinfo_names=userinfo.names(about),
    )


async def accept(
    wire: Wire, provider: Provider, id_token: str, access_token: str, *, nonce_digest: bytes | None
) -> Claims:
    """The claims of an ID token that is good; without a *nonce_digest* it is one that came with a refresh."""
    settings = provider.settings
    claims, algorithm = await verify_jws(
        id_token, wire.keys, jwks_url=settings.jwks_url, algorithms=settings.algorithms
    )
    expected = Expected(
        issuer=settings.issuer,
        is_issuer_derived=settings.is_issuer_derived,
        client_id=settings.client_id,
        nonce_digest=nonce_digest,
        access_token=access_token,
        max_age=provider.options.max_age if nonce_digest is not None else None,
        hosted_domain=provider.options.hosted_domain,
    )
    failure = check_claims(claims, algorithm, expected, wire.clock.now())
    if failure is not None:
        raise SignInFailed(failure)
    return claims


def _check_issuer_parameter(settings: OidcSettings, callback: Callback) -> None:
    """RFC 9207 section 2.4: what was promised must be there; what is there must be right, promised or not."""
    if callback.issuer is None:
        if settings.is_iss_parameter_promised:
            raise SignInFailed(Failure.FOREIGN_ISSUER, "missing")
        return
    if not hmac.compare_digest(callback.issuer.encode(), settings.issuer.encode()):
        raise SignInFailed(Failure.FOREIGN_ISSUER)
