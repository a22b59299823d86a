"""
Whether a browser that is sent away would arrive anywhere: asked of the provider before the browser leaves.

A wrong host, path or client would strand a person on a page that is not ours and names nothing.  So the house sends
the very request first, without cookies and with ``prompt=none`` (OIDC Core section 3.1.2.1): a provider that knows
the client and its redirect URL answers ``login_required`` or shows its sign-in page.  When the house sees the
provider otherwise than browsers do (a split network), the person may go on in spite of the finding.
"""

import asyncio
import re
from urllib.parse import parse_qs, urlsplit

import msgspec

from poolhouse.house.provider import OidcSettings
from poolhouse.house.rp.failures import Failure, of_error
from poolhouse.kit.ambient import Clock, Epoch
from poolhouse.kit.outgoing import Answer, Http, Unreachable

PROBE_SECONDS = 3.0
GOOD_FOR_SECONDS = 60
BAD_FOR_SECONDS = 5
_FINDINGS = {Failure.SCOPE_REFUSED, Failure.CLIENT_NOT_ALLOWED}


class _Finding(msgspec.Struct, frozen=True):
    settings: OidcSettings
    failure: Failure | None
    until: Epoch


class Probe:
    """
    Remembers the last finding for a moment, so that a rush of sign-ins asks once.

    Each provider has its own, known by its redirect URL; one that is slow holds up nobody else's.
    """

    def __init__(self, http: Http, clock: Clock) -> None:
        self._http = http
        self._clock = clock
        self._findings: dict[str, _Finding] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def check(self, settings: OidcSettings, *, request_url: str, redirect_url: str) -> Failure | None:
        """The failure that a browser would meet at *request_url*, an authorization request with ``prompt=none``."""
        async with self._locks.setdefault(redirect_url, asyncio.Lock()):
            now = self._clock.now()
            last = self._findings.get(redirect_url)
            if last is not None and last.settings == settings and now < last.until:
                return last.failure
            failure = await self._ask(request_url, settings, redirect_url)
            kept = BAD_FOR_SECONDS if failure else GOOD_FOR_SECONDS
            self._findings[redirect_url] = _Finding(settings, failure, Epoch(now + kept))
            return failure

    def forget(self) -> None:
        """Ask again next time."""
        self._findings.clear()

    async def _ask(self, request_url: str, settings: OidcSettings, redirect_url: str) -> Failure | None:
        try:
            answer = await self._http.get(request_url, accept="text/html", seconds=PROBE_SECONDS)
        except Unreachable as wrong:
            # A sign-in page may well be longer than what the house reads of an answer.
            return None if wrong.trouble == "size" else Failure.AUTHORIZATION_UNREACHABLE
        return judge(answer, authorization_url=settings.authorization_url, redirect_url=redirect_url)


def judge(answer: Answer, *, authorization_url: str, redirect_url: str) -> Failure | None:
    """What the provider's answer says; in doubt nothing, since the real sign-in will tell."""
    if answer.status in {404, 405, 410}:
        return Failure.AUTHORIZATION_NOT_FOUND
    if answer.status >= 500:
        return Failure.PROVIDER_FAILED
    if not 300 <= answer.status < 400:
        return _read_page(answer)
    target = answer.location
    if target.partition("?")[0] == redirect_url:
        failure = of_error(_error(target))
        return failure if failure in _FINDINGS else None
    return _judge_error_page(target, authorization_url)


_REDIRECT_WORDS = re.compile(
    rb"aadsts50011|redirect_uri_mismatch|redirect_mismatch|callback url mismatch|invalid parameter: redirect_uri"
    rb"|redirect_uri.{0,40}(?:parameter )?must be a|(?:invalid|unregistered|mismatch\w*).{0,30}redirect.?ur[il]"
    rb"|redirect.?ur[il].{0,60}(?:not valid|invalid|not registered|not allowed|mismatch|not match)"
)
_CLIENT_WORDS = re.compile(rb"aadsts700016|aadsts90002|unknown client|client not found|invalid[_ ]client")


def _read_page(answer: Answer) -> Failure | None:
    """
    What a page says that is shown instead of a sign-in: the words of Entra, Google, Keycloak, Auth0, Okta.

    Only 400 and its like are taken for a refusal in any words; a page with status 200 must name Entra's own numbers,
    since a sign-in page may hold any text.
    """
    page = answer.body.lower()
    if answer.status == 200:
        if b"aadsts" not in page:
            return None
        return Failure.REDIRECT_NOT_REGISTERED if b"aadsts50011" in page else _client_or_none(page)
    if answer.status not in {400, 401, 403, 422}:
        return None
    if _REDIRECT_WORDS.search(page):
        return Failure.REDIRECT_NOT_REGISTERED
    return Failure.CLIENT_UNKNOWN if answer.status == 400 else _client_or_none(page)


def _client_or_none(page: bytes) -> Failure | None:
    return Failure.CLIENT_UNKNOWN if _CLIENT_WORDS.search(page) else None


def _judge_error_page(target: str, authorization_url: str) -> Failure | None:
    """Cognito shows its refusals at ``/error?error=...`` of the domain."""
    there = urlsplit(target)
    if there.netloc not in {"", urlsplit(authorization_url).netloc} or not there.path.endswith("/error"):
        return None
    return Failure.REDIRECT_NOT_REGISTERED if "redirect" in _error(target) else Failure.CLIENT_UNKNOWN


def _error(url: str) -> str:
    return parse_qs(urlsplit(url).query).get("error", [""])[0]
