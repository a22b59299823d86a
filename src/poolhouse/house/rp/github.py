"""
GitHub: OAuth 2.0 without OpenID Connect, so it is asked who it is that has signed in.

What it says is brought into the shape of claims.  The subject is the number of the account, which stays when a login
name is given up and taken by somebody else.  Of the addresses only the primary one counts, and only when GitHub has
verified it: the one on the profile is whatever its owner wrote there.
"""

from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from poolhouse.house.provider import OidcSettings
from poolhouse.house.rp.decode import NotJson, decode
from poolhouse.house.rp.failures import Failure, SignInFailed
from poolhouse.kit.ambient import Secret
from poolhouse.kit.outgoing import Answer, Http, Unreachable

HOME = "https://github.com"
SCOPE = "read:user user:email"
_JSON = "application/vnd.github+json"
T = TypeVar("T")


class _Answered(msgspec.Struct, frozen=True):
    """The token endpoint answers 200 to everything, errors included."""

    access_token: str = ""
    token_type: str = "bearer"  # noqa: S105 - a type's name
    error: str = ""


class _User(msgspec.Struct, frozen=True):
    id: int
    login: str
    name: str | None = None


class _Email(msgspec.Struct, frozen=True):
    email: str
    primary: bool = False
    verified: bool = False


def github_settings(*, client_id: str, client_secret: Secret, base: str = HOME) -> OidcSettings:
    """The endpoints of github.com, or of a GitHub Enterprise Server at *base*, which is the issuer as well."""
    base = base.rstrip("/")
    # https://docs.github.com/en/enterprise-server/rest: the API of a server stands below its own host.
    api = "https://api.github.com" if urlsplit(base).netloc == urlsplit(HOME).netloc else f"{base}/api/v3"
    return OidcSettings(
        client_id=client_id,
        client_secret=client_secret,
        authorization_url=f"{base}/login/oauth/authorize",
        token_url=f"{base}/login/oauth/access_token",
        userinfo_url=f"{api}/user",
        jwks_url="",
        scope=SCOPE,
        username_attribute="preferred_username",
        issuer=base,
    )


async def ask(http: Http, settings: OidcSettings, *, code: str, verifier: str, redirect_url: str) -> dict[str, Any]:
    """Spend the code and ask who it is; the access token is used for that alone and is not kept."""
    token = await _redeem(http, settings, code=code, verifier=verifier, redirect_url=redirect_url)
    user = await _get(http, settings.userinfo_url, token, _User)
    claims: dict[str, Any] = {"sub": str(user.id), "preferred_username": user.login}
    if user.name:
        claims["name"] = user.name
    address = _verified_primary(await _get(http, f"{settings.userinfo_url}/emails", token, list[_Email]))
    if address:
        claims |= {"email": address, "email_verified": True}
    return claims


async def check(http: Http, settings: OidcSettings, *, code: str, redirect_url: str) -> Failure | None:
    """What GitHub says to a code that nobody issued: that it is a bad one, if it knows this client and its secret."""
    try:
        await _redeem(http, settings, code=code, verifier=code, redirect_url=redirect_url)
    except SignInFailed as failed:
        return None if failed.failure is Failure.CODE_REFUSED else failed.failure
    return Failure.TOKEN_UNREADABLE


async def _redeem(http: Http, settings: OidcSettings, *, code: str, verifier: str, redirect_url: str) -> str:
    fields = {
        "client_id": settings.client_id,
        "client_secret": settings.client_secret.reveal(),
        "code": code,
        "redirect_uri": redirect_url,
        "code_verifier": verifier,
    }
    try:
        answer = await http.post_form(settings.token_url, fields, authorization=None)
    except Unreachable as wrong:
        raise SignInFailed(Failure.TOKEN_UNREACHABLE, wrong.trouble) from wrong
    if answer.status == 404 or 300 <= answer.status < 400:
        raise SignInFailed(Failure.TOKEN_NOT_FOUND, f"status {answer.status}")
    if answer.status >= 500:
        raise SignInFailed(Failure.PROVIDER_FAILED, f"token endpoint, status {answer.status}")
    said = _read(answer, _Answered, Failure.TOKEN_UNREADABLE)
    match said.error:
        case "":
            pass
        case "incorrect_client_credentials" | "invalid_client":
            raise SignInFailed(Failure.SECRET_REFUSED)
        case "redirect_uri_mismatch":
            raise SignInFailed(Failure.REDIRECT_NOT_REGISTERED)
        case _:
            raise SignInFailed(Failure.CODE_REFUSED)
    if not said.access_token or said.token_type.lower() != "bearer":
        raise SignInFailed(Failure.TOKEN_UNREADABLE)
    return said.access_token


async def _get(http: Http, url: str, token: str, shape: type[T]) -> T:
    try:
        answer = await http.get(url, accept=_JSON, bearer=token)
    except Unreachable as wrong:
        raise SignInFailed(Failure.USERINFO_UNREACHABLE, wrong.trouble) from wrong
    if answer.status != 200:
        raise SignInFailed(Failure.USERINFO_REFUSED, f"status {answer.status}")
    return _read(answer, shape, Failure.USERINFO_UNREADABLE)


def _read(answer: Answer, shape: type[T], failure: Failure) -> T:
    try:
        return decode(answer.body, shape)
    except NotJson as wrong:
        raise SignInFailed(failure) from wrong


def _verified_primary(addresses: list[_Email]) -> str:
    return next((each.email for each in addresses if each.primary and each.verified), "")
