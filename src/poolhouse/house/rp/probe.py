"""
Whether a browser that is sent away would arrive anywhere: asked of the provider before the browser leaves.

A wrong host, path or client would strand a person on a page that is not ours and names nothing.  So the house sends
the very request first, without cookies and with ``prompt=none`` (OIDC Core section 3.1.2.1): a provider that knows
the client and its redirect URL answers ``login_required`` or shows its sign-in page.  When the house sees the
provider otherwise than browsers do (a split network), the person may go on in spite of the finding.
"""

import asyncio
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
    if answer.status == 400:
        return Failure.CLIENT_UNKNOWN
    if not 300 <= answer.status < 400:
        return None
    target = answer.location
    if target.partition("?")[0] == redirect_url:
        failure = of_error(_error(target))
        return failure if failure in _FINDINGS else None
    return _judge_error_page(target, authorization_url)


def _judge_error_page(target: str, authorization_url: str) -> Failure | None:
    """Cognito shows its refusals at ``/error?error=...`` of the domain."""
    there = urlsplit(target)
    if there.netloc not in {"", urlsplit(authorization_url).netloc} or not there.path.endswith("/error"):
        return None
    return Failure.REDIRECT_NOT_REGISTERED if "redirect" in _error(target) else Failure.CLIENT_UNKNOWN


def _error(url: str) -> str:
    return parse_qs(urlsplit(url).query).get("error", [""])[0]
