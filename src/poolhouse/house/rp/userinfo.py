"""The UserInfo endpoint (OIDC Core section 5.3), asked only after the ID token has been found good."""

from typing import Any

from poolhouse.house.provider import OidcSettings
from poolhouse.house.rp.decode import NotJson, decode
from poolhouse.house.rp.failures import Failure, SignInFailed
from poolhouse.house.rp.id_token import Claims, check_audience, verify_jws
from poolhouse.house.rp.keys import KeySource
from poolhouse.kit.outgoing import Answer, Http, Unreachable

_PROTOCOL_CLAIMS = frozenset(
    {
        "iss",
        "sub",
        "aud",
        "azp",
        "exp",
        "iat",
        "nbf",
        "nonce",
        "at_hash",
        "c_hash",
        "auth_time",
        "acr",
        "amr",
        "sid",
        "jti",
    }
)


async def ask(http: Http, keys: KeySource, settings: OidcSettings, *, access_token: str, subject: str) -> Claims:
    """The claims about *subject*; an answer about anybody else is refused (OIDC Core section 5.3.2)."""
    try:
        answer = await http.get(settings.userinfo_url, accept="application/json, application/jwt", bearer=access_token)
    except Unreachable as wrong:
        raise SignInFailed(Failure.USERINFO_UNREACHABLE, wrong.trouble) from wrong
    _check_status(answer.status)
    match answer.media_type:
        case "application/json":
            claims = _plain(answer)
        case "application/jwt":
            claims = await _signed(answer, keys, settings)
        case _:
            raise SignInFailed(Failure.USERINFO_UNREADABLE, "content type")
    if claims.get("sub") != subject:
        raise SignInFailed(Failure.USERINFO_OTHER_SUBJECT)
    return claims


def names(userinfo: Claims) -> frozenset[str]:
    """What UserInfo has said of the person."""
    return frozenset(userinfo.keys() - _PROTOCOL_CLAIMS)


def merge(id_token: Claims, userinfo: Claims) -> dict[str, Any]:
    """
    What is known of the person: UserInfo is fresher, but has no say about the protocol's own claims.

    What the ID token says of an address being verified, it does not say of another one that UserInfo has.

    Cognito's UserInfo answers ``"true"`` where a boolean belongs; both become true, anything else false.
    """
    merged = {**id_token, **{name: value for name, value in userinfo.items() if name not in _PROTOCOL_CLAIMS}}
    for of, name in (("email", "email_verified"), ("phone_number", "phone_number_verified")):
        if name not in userinfo and merged.get(of) != id_token.get(of):
            merged.pop(name, None)
        if name in merged:
            merged[name] = merged[name] is True or merged[name] == "true"
    return merged


def _check_status(status: int) -> None:
    if status in {404, 405, 410} or 300 <= status < 400:
        raise SignInFailed(Failure.USERINFO_NOT_FOUND, f"status {status}")
    if status >= 500:
        raise SignInFailed(Failure.PROVIDER_FAILED, f"UserInfo endpoint, status {status}")
    if status != 200:
        raise SignInFailed(Failure.USERINFO_REFUSED, f"status {status}")


def _plain(answer: Answer) -> Claims:
    try:
        claims = decode(answer.body)
    except NotJson as wrong:
        raise SignInFailed(Failure.USERINFO_UNREADABLE) from wrong
    if not isinstance(claims, dict):
        raise SignInFailed(Failure.USERINFO_UNREADABLE)
    return claims


async def _signed(answer: Answer, keys: KeySource, settings: OidcSettings) -> Claims:
    """A signed answer must be the issuer's, for this client, when it says whose it is (OIDC Core section 5.3.2)."""
    try:
        token = answer.body.decode("ascii").strip()
    except UnicodeDecodeError as wrong:
        raise SignInFailed(Failure.USERINFO_UNREADABLE) from wrong
    claims, _algorithm = await verify_jws(token, keys, jwks_url=settings.jwks_url, algorithms=settings.algorithms)
    if claims.get("iss", settings.issuer) != settings.issuer:
        raise SignInFailed(Failure.USERINFO_UNREADABLE, "issuer")
    if "aud" in claims and check_audience(claims, settings.client_id) is not None:
        raise SignInFailed(Failure.USERINFO_UNREADABLE, "audience")
    return claims
