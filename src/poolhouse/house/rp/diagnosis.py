"""
Settings under examination, field by field, before anything is saved: what each of the provider's addresses answers.

Nobody signs in.  The token endpoint is sent a code that nobody issued (``invalid_client``: it does not know this
secret, ``invalid_grant``: it does), UserInfo a token that nobody issued, and the authorization endpoint the very
request that a browser would bring, without cookies and with ``prompt=none``.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from enum import Enum
from types import MappingProxyType

import msgspec

from poolhouse.house.provider import Kind, OidcSettings, Provider
from poolhouse.house.rp import failures, github, tokens
from poolhouse.house.rp.client import Wire
from poolhouse.house.rp.consistency import disagreements
from poolhouse.house.rp.discovery import Metadata, NotDiscovered, derive_issuer, discover, read_issuer
from poolhouse.house.rp.explained import EXPLAINED
from poolhouse.house.rp.failures import Failure, SignInFailed
from poolhouse.house.rp.id_token import SKEW_SECONDS
from poolhouse.house.rp.keys import KEY_TYPES, read_set
from poolhouse.house.rp.probe import judge
from poolhouse.house.rp.request import probe_request
from poolhouse.kit.ambient import Entropy, urlsafe
from poolhouse.kit.outgoing import Answer, Distrust, Trouble, Unreachable

CHECK_SECONDS = 6.0
CLOCK = "Clock"
_ABSENT = frozenset({404, 405, 410})


class Verdict(Enum):
    """What became of one check."""

    GOOD = "good"
    WARNING = "warning"
    WRONG = "wrong"
    UNKNOWN = "unknown"


class Line(msgspec.Struct, frozen=True):
    """One line of the report: the field of the form, the verdict, what was found and what to do."""

    field: str
    verdict: Verdict
    sentence: str
    advice: str = ""


Report = tuple[Line, ...]

_TROUBLE: Mapping[Trouble, str] = MappingProxyType(
    {
        "name": "There is no host of this name. Look for a slip of the pen in it.",
        "address": "The host has a private address, which this house may not call; allow_private_addresses allows it.",
        "connection": "The host does not take the connection. Check the port, and whether a firewall is between.",
        "certificate": "Its certificate cannot be trusted.",
        "time": "It does not answer in time. A firewall may be between, or the host is down.",
        "size": "Its answer is too long to be what it should be.",
        "protocol": "What answers there does not speak HTTP as it should.",
    }
)
_DISTRUST: Mapping[Distrust, str] = MappingProxyType(
    {
        "expired": "Its certificate has expired.",
        "not yet valid": "Its certificate is not valid yet; check this machine's clock, too.",
        "self-signed": "Its certificate is signed by itself. If it is yours, add it under Domain and TLS > Private CA.",
        "unknown authority": "Its certificate is of an authority that this house does not know; if that is your own, "
        "add it under Domain and TLS > Private CA. The server may also leave out a certificate in between.",
        "another name": "Its certificate is for another name than the one in this address.",
        "other": "Its certificate cannot be trusted.",
    }
)


def is_passed(report: Report) -> bool:
    """Whether nothing is wrong; a warning is no fault."""
    return all(line.verdict is not Verdict.WRONG for line in report)


async def diagnose(wire: Wire, provider: Provider, *, redirect_url: str, entropy: Entropy) -> Report:
    """One line or more for each field, in the order in which a sign-in meets them."""
    settings = provider.settings
    alone = msgspec.structs.replace(settings, former_secret=None)
    if provider.kind is Kind.GITHUB:
        return (
            *await _check_authorization(wire, provider, redirect_url, entropy),
            *await _check_github(wire, alone, redirect_url, entropy),
        )
    found, at_authorization, at_token, at_keys, at_userinfo = await asyncio.gather(
        _check_issuer(wire, settings),
        _check_authorization(wire, provider, redirect_url, entropy),
        _check_token(wire, alone, redirect_url, entropy),
        _check_keys(wire, settings),
        _check_userinfo(wire, settings, entropy),
    )
    metadata, issuer_lines = found
    named = dict(disagreements(settings, metadata))
    lines = (*issuer_lines, *at_authorization, *at_token, *at_keys, *at_userinfo, *_check_scope(settings, metadata))
    remarks = (Line(field, Verdict.WARNING, sentence) for field, sentence in named.items())
    wrong = {line.field for line in lines if line.verdict is Verdict.WRONG}
    # Where something is wrong, what the document says is the advice and no line of its own.
    advised = (_advise(line, named) for line in lines)
    return (*advised, *(line for line in remarks if line.field not in wrong))


def _advise(line: Line, named: Mapping[str, str]) -> Line:
    if line.verdict is not Verdict.WRONG or line.field not in named:
        return line
    return msgspec.structs.replace(line, advice=f"{line.advice} {named[line.field]}".strip())


async def _check_issuer(wire: Wire, settings: OidcSettings) -> tuple[Metadata | None, Report]:
    try:
        metadata = await discover(wire.http, settings.issuer, seconds=CHECK_SECONDS)
    except NotDiscovered as wrong:
        return None, (await _explain_issuer(wire, settings, str(wrong)),)
    return metadata, (Line(failures.ISSUER, Verdict.GOOD, "Its document is there and names exactly this issuer."),)


async def _explain_issuer(wire: Wire, settings: OidcSettings, problem: str) -> Line:
    """A document under another name is a fault; none at all is one only where the issuer was typed."""
    try:
        named = await read_issuer(wire.http, settings.issuer, seconds=CHECK_SECONDS)
    except NotDiscovered:
        if settings.is_issuer_derived:
            unsaid = "No document of the provider's own; the URLs are taken as typed."
            return Line(failures.ISSUER, Verdict.UNKNOWN, unsaid)
        return await _explain_by_keys(wire, settings, problem)
    if named.rstrip("/") == settings.issuer.rstrip("/"):
        slash = "with" if named.endswith("/") else "without"
        return Line(
            failures.ISSUER, Verdict.WRONG, f"The provider writes it {slash} a final slash.", f"Set it to {named}"
        )
    if named == settings.issuer:
        return Line(failures.ISSUER, Verdict.WARNING, f"It {problem}")
    said = f"The provider's own document says {_short(named)}."
    return Line(failures.ISSUER, Verdict.WRONG, said, "Copy it exactly.")


async def _explain_by_keys(wire: Wire, settings: OidcSettings, problem: str) -> Line:
    """There is no document; the place of the keys may tell whose they are, and ID tokens will name that one."""
    keeper = derive_issuer(settings.jwks_url)
    with contextlib.suppress(NotDiscovered):
        if keeper != settings.issuer and keeper == await read_issuer(wire.http, keeper, seconds=CHECK_SECONDS):
            found, advice = (
                f"It {problem} The keys are those of another one.",
                f"Set it to {keeper}, or leave it empty.",
            )
            return Line(failures.ISSUER, Verdict.WRONG, found, advice)
    return Line(failures.ISSUER, Verdict.WARNING, f"It {problem}", "Sign-in can work without; check it all the same.")


async def _check_authorization(wire: Wire, provider: Provider, redirect_url: str, entropy: Entropy) -> Report:
    request = probe_request(provider, redirect_url=redirect_url, entropy=entropy)
    field = failures.AUTHORIZATION_URL
    try:
        answer = await wire.http.get(request, accept="text/html", seconds=CHECK_SECONDS)
    except Unreachable as wrong:
        if wrong.trouble == "size":
            # A sign-in page may well be longer than what the house reads of an answer.
            return (Line(field, Verdict.GOOD, "A page answers."),)
        return (_unreachable(field, wrong),)
    failure = judge(answer, authorization_url=provider.settings.authorization_url, redirect_url=redirect_url)
    if failure is None:
        return _accepted(answer, redirect_url)
    explained = EXPLAINED[failure]
    line = Line(explained.field or field, Verdict.WRONG, explained.sentence, explained.advice)
    reached = Line(field, Verdict.GOOD, "The provider answers here.")
    return (line,) if line.field == field else (reached, line)


def _accepted(answer: Answer, redirect_url: str) -> Report:
    reached = Line(failures.AUTHORIZATION_URL, Verdict.GOOD, "The provider answers here.")
    if answer.location.partition("?")[0] == redirect_url:
        known = "The provider knows this client, and sends people back to this address."
        return reached, Line(failures.CLIENT_ID, Verdict.GOOD, known), Line(failures.REDIRECT_URL, Verdict.GOOD, known)
    unsaid = "The provider shows its sign-in before it says anything; the sign-in below will tell."
    return reached, Line(failures.REDIRECT_URL, Verdict.UNKNOWN, unsaid)


async def _check_token(wire: Wire, settings: OidcSettings, redirect_url: str, entropy: Entropy) -> Report:
    field = failures.TOKEN_URL
    code, verifier = urlsafe(entropy, 32), urlsafe(entropy, 32)
    try:
        await tokens.redeem(wire.http, settings, code=code, verifier=verifier, redirect_url=redirect_url)
    except SignInFailed as failed:
        if isinstance(failed.__cause__, Unreachable):
            return (_unreachable(field, failed.__cause__),)
        return _of_bogus_code(failed.failure)
    return (
        Line(field, Verdict.WRONG, "It gave tokens for a code that nobody issued.", "This is no provider to trust."),
    )


async def _check_github(wire: Wire, settings: OidcSettings, redirect_url: str, entropy: Entropy) -> Report:
    code = urlsafe(entropy, 32)
    failure = await github.check(wire.http, settings, code=code, redirect_url=redirect_url)
    return _of_bogus_code(failure or Failure.CODE_REFUSED)


def _of_bogus_code(failure: Failure) -> Report:
    """What it means that a code which nobody issued was refused so."""
    field = failures.TOKEN_URL
    if failure is Failure.CODE_REFUSED:
        return (
            Line(field, Verdict.GOOD, "The token endpoint answers as it should."),
            Line(failures.CLIENT_SECRET, Verdict.GOOD, "The provider accepts it."),
        )
    explained = EXPLAINED[failure]
    line = Line(explained.field or field, Verdict.WRONG, explained.sentence, explained.advice)
    reached = Line(field, Verdict.GOOD, "The token endpoint answers.")
    return (line,) if line.field == field else (reached, line)


async def _check_keys(wire: Wire, settings: OidcSettings) -> Report:
    field = failures.JWKS_URL
    try:
        answer = await wire.http.get(settings.jwks_url, accept="application/json", seconds=CHECK_SECONDS)
    except Unreachable as wrong:
        return (_unreachable(field, wrong),)
    clock = _check_clock(wire, answer)
    if answer.status != 200:
        explained = EXPLAINED[Failure.KEYS_UNREACHABLE]
        return Line(field, Verdict.WRONG, f"It answers with status {answer.status}.", explained.advice), *clock
    keys = read_set(answer.body)
    if not keys:
        explained = EXPLAINED[Failure.KEYS_UNREADABLE]
        return Line(field, Verdict.WRONG, explained.sentence, explained.advice), *clock
    algorithms = ", ".join(settings.algorithms)
    fitting = [
        key for key in keys
        if any(
            KEY_TYPES[each][0] == key.kty and KEY_TYPES[each][1] in {None, key.curve} and key.alg in {None, each}
            for each in settings.algorithms
            if each in KEY_TYPES
        )
    ]  # fmt: skip
    if not fitting:
        sentence = f"None of its {len(keys)} keys is for {algorithms}, which is what this house accepts here."
        return Line(field, Verdict.WRONG, sentence, EXPLAINED[Failure.ALGORITHM_REFUSED].advice), *clock
    count = f"{len(fitting)} key{'s' if len(fitting) != 1 else ''}"
    return Line(field, Verdict.GOOD, f"It has {count} for {algorithms}."), *clock


def _check_clock(wire: Wire, answer: Answer) -> Report:
    """ID tokens are refused when the two clocks are more than a minute apart."""
    try:
        theirs = parsedate_to_datetime(answer.date).timestamp()
    except (ValueError, TypeError):
        return ()
    apart = round(abs(theirs - wire.clock.now()))
    if apart <= SKEW_SECONDS // 2:
        return (Line(CLOCK, Verdict.GOOD, "This machine and the provider agree on the time."),)
    verdict = Verdict.WRONG if apart > SKEW_SECONDS else Verdict.WARNING
    sentence = f"This machine and the provider are {apart} seconds apart; more than {SKEW_SECONDS} and sign-ins fail."
    return (Line(CLOCK, verdict, sentence, "Have this machine take its time from the network (NTP)."),)


async def _check_userinfo(wire: Wire, settings: OidcSettings, entropy: Entropy) -> Report:
    field, bearer = failures.USERINFO_URL, urlsafe(entropy, 32)
    try:
        answer = await wire.http.get(
            settings.userinfo_url, accept="application/json", bearer=bearer, seconds=CHECK_SECONDS
        )
    except Unreachable as wrong:
        return (_unreachable(field, wrong),)
    failure = None
    if answer.status in _ABSENT or 300 <= answer.status < 400:
        failure = Failure.USERINFO_NOT_FOUND
    elif answer.status == 200:
        failure = Failure.USERINFO_UNREADABLE
    if failure is not None:
        return (Line(field, Verdict.WRONG, EXPLAINED[failure].sentence, EXPLAINED[failure].advice),)
    return (Line(field, Verdict.GOOD, "It answers, and asks for a token of its own."),)


def _check_scope(settings: OidcSettings, metadata: Metadata | None) -> Report:
    if metadata is None or not metadata.scopes_supported:
        return ()
    unknown = [scope for scope in settings.scope.split() if scope not in metadata.scopes_supported]
    if not unknown:
        return (Line(failures.SCOPE, Verdict.GOOD, "The provider offers all of it."),)
    # A provider need not list every scope (OpenID Connect Discovery section 3).
    return (Line(failures.SCOPE, Verdict.WARNING, f"The provider does not list {', '.join(unknown)}."),)


def _unreachable(field: str, wrong: Unreachable) -> Line:
    sentence = _DISTRUST[wrong.distrust] if wrong.distrust else _TROUBLE[wrong.trouble]
    return Line(field, Verdict.WRONG, sentence)


def _short(text: str) -> str:
    """Of a stranger: short, and without what could be more than text."""
    return "".join(c for c in text[:200] if c.isprintable())
