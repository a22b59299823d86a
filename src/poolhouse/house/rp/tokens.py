"""The token endpoint (RFC 6749 sections 4.1.3 and 6): a code or a refresh token in, tokens out; and revocation."""

import base64
from collections.abc import Mapping
from urllib.parse import quote_plus

import msgspec

from poolhouse.house.provider import OidcSettings
from poolhouse.house.rp.decode import NotJson, decode
from poolhouse.house.rp.failures import Failure, SignInFailed
from poolhouse.kit.log import get_logger
from poolhouse.kit.outgoing import Answer, Http, Unreachable

TOKEN_LIMIT = 65_536
YEAR_SECONDS = 366 * 86400


class Tokens(msgspec.Struct, frozen=True):
    """What is used of the answer."""

    id_token: str | None
    access_token: str
    refresh_token: str | None
    seconds: int | None


class _Granted(msgspec.Struct, frozen=True):
    access_token: str
    token_type: str
    id_token: str | None = None
    refresh_token: str | None = None
    expires_in: float | str | None = None


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
    return await _ask(http, settings, fields)


async def refresh(http: Http, settings: OidcSettings, *, token: str) -> Tokens:
    """Spend the refresh token (RFC 6749 section 6); the answer may hold the next one, and an ID token or none."""
    return await _ask(http, settings, {"grant_type": "refresh_token", "refresh_token": token})


async def _ask(http: Http, settings: OidcSettings, fields: dict[str, str]) -> Tokens:
    """
    A code that was sent is never sent again, but for a client that was not let in.

    While secrets are changed the former one is tried then: the code was not looked at (RFC 6749 section 5.2).
    """
    try:
        return await _try(http, settings, fields)
    except SignInFailed as failed:
        if failed.failure is not Failure.SECRET_REFUSED or settings.former_secret is None:
            raise
    former = msgspec.structs.replace(settings, client_secret=settings.former_secret)
    granted = await _try(http, former, fields)
    get_logger().warning("the former client secret was used", program="house", issuer=settings.issuer)
    return granted


async def _try(http: Http, settings: OidcSettings, fields: Mapping[str, str]) -> Tokens:
    try:
        answer = await _send(http, settings, settings.token_url, fields)
    except Unreachable as wrong:
        raise SignInFailed(Failure.TOKEN_UNREACHABLE, wrong.trouble) from wrong
    return _read(answer)


async def revoke(http: Http, settings: OidcSettings, *, token: str) -> bool:
    """Give the refresh token back (RFC 7009 section 2); whether the provider took it."""
    fields = {"token": token, "token_type_hint": "refresh_token"}
    try:
        answer = await _send(http, settings, settings.revocation_url, fields)
    except Unreachable:
        return False
    return answer.status == 200


async def _send(http: Http, settings: OidcSettings, url: str, fields: Mapping[str, str]) -> Answer:
    """With the proof of who asks, in the way that the provider takes."""
    authorization: str | None = None
    if settings.token_auth == "client_secret_post":  # noqa: S105 - a method's name
        proof = {"client_id": settings.client_id, "client_secret": settings.client_secret.reveal()}
        fields = {**fields, **proof}
    else:
        authorization = basic(settings.client_id, settings.client_secret.reveal())
    return await http.post_form(url, fields, authorization=authorization)


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
    sizes = (len(token) for token in (granted.access_token, granted.refresh_token or ""))
    if granted.token_type.lower() != "bearer" or max(sizes) > TOKEN_LIMIT:
        raise SignInFailed(Failure.TOKEN_UNREADABLE, "token type or size")
    return Tokens(granted.id_token, granted.access_token, granted.refresh_token, _seconds(granted.expires_in))


def _seconds(stated: float | str | None) -> int | None:
    """Some providers write the number as text; what is no sensible number is as good as nothing."""
    try:
        seconds = float(stated) if stated is not None else 0.0
    except ValueError:
        return None
    return int(seconds) if 0 < seconds < YEAR_SECONDS else None


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
