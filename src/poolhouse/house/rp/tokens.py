"""The token endpoint (RFC 6749 section 4.1.3): a code in, an ID token and an access token out."""

import base64
from urllib.parse import quote_plus

import msgspec

from poolhouse.house.provider import OidcSettings
from poolhouse.house.rp.decode import NotJson, decode
from poolhouse.house.rp.failures import Failure, SignInFailed
from poolhouse.kit.outgoing import Answer, Http, Unreachable

TOKEN_LIMIT = 65_536


class Tokens(msgspec.Struct, frozen=True):
    """What is used of the answer; a refresh token is not asked for and not kept."""

    id_token: str
    access_token: str


class _Granted(msgspec.Struct, frozen=True):
    access_token: str
    token_type: str
    id_token: str | None = None


class _Refused(msgspec.Struct, frozen=True):
    error: str


async def redeem(http: Http, settings: OidcSettings, *, code: str, verifier: str, redirect_url: str) -> Tokens:
    """Spend the code.  It is never tried twice: a code that was sent once is gone, whatever came back."""
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_url,
        "code_verifier": verifier,
    }
    authorization: str | None = None
    if settings.token_auth == "client_secret_post":  # noqa: S105 - a method's name
        fields |= {"client_id": settings.client_id, "client_secret": settings.client_secret.reveal()}
    else:
        authorization = basic(settings.client_id, settings.client_secret.reveal())
    try:
        answer = await http.post_form(settings.token_url, fields, authorization=authorization)
    except Unreachable as wrong:
        raise SignInFailed(Failure.TOKEN_UNREACHABLE, wrong.trouble) from wrong
    return _read(answer)


def basic(client_id: str, secret: str) -> str:
    """RFC 6749 section 2.3.1: both halves are form-encoded first, so a ``:`` or ``%`` in them survives."""
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def _read(answer: Answer) -> Tokens:
    if answer.status in {404, 405, 410} or 300 <= answer.status < 400:
        raise SignInFailed(Failure.TOKEN_NOT_FOUND, f"status {answer.status}")
    if answer.status >= 500:
        raise SignInFailed(Failure.PROVIDER_FAILED, f"token endpoint, status {answer.status}")
    if answer.status != 200:
        raise SignInFailed(_refusal(answer), f"status {answer.status}")
    try:
        granted = decode(answer.body, _Granted)
    except NotJson as wrong:
        raise SignInFailed(Failure.TOKEN_UNREADABLE) from wrong
    if granted.id_token is None:
        raise SignInFailed(Failure.NO_ID_TOKEN)
    if granted.token_type.lower() != "bearer" or len(granted.access_token) > TOKEN_LIMIT:
        raise SignInFailed(Failure.TOKEN_UNREADABLE, "token type or size")
    return Tokens(granted.id_token, granted.access_token)


def _refusal(answer: Answer) -> Failure:
    try:
        error = decode(answer.body, _Refused).error
    except NotJson:
        return Failure.SECRET_REFUSED if answer.status == 401 else Failure.TOKEN_UNREADABLE
    match error:
        case "invalid_client":
            return Failure.SECRET_REFUSED
        case "invalid_grant":
            return Failure.CODE_REFUSED
        case "unauthorized_client" | "unsupported_grant_type":
            return Failure.CLIENT_NOT_ALLOWED
        case "invalid_scope":
            return Failure.SCOPE_REFUSED
        case _:
            return Failure.TOKEN_UNREADABLE
