"""From what was pasted to the provider's own document: each issuer that it may stand for is asked."""

from urllib.parse import urlsplit

import msgspec

from poolhouse.house.rp.discovery import Metadata, NotDiscovered, discover, read_issuer
from poolhouse.house.rp.recognise import Recognised, cognito_domain, poolhouse_domain, recognise
from poolhouse.kit.outgoing import Http, Unreachable
from poolhouse.kit.urls import check_endpoint

FIND_SECONDS = 5.0
_SLASHES_OF_ORIGIN = 2


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The provider behind a text; without *metadata* only what the text itself tells."""

    recognised: Recognised
    metadata: Metadata | None = None
    problem: str = ""
    """Why there is no metadata: the end of a sentence about the Issuer field, or a whole one."""


async def look_up(http: Http, text: str) -> Found | None:
    """
    The first candidate that has a document of its own; ``None`` when *text* stands for nothing.

    A document that names another issuer is followed there once, and that issuer's own document then has to name
    exactly it: within an origin (a tenant by its domain, a pool by its own), and to another one only if that document
    in turn has its endpoints where we came from (a pool whose domain has a host of its own).
    """
    recognised = recognise(text)
    if recognised is None:
        return None
    problem = ""
    for candidate in recognised.candidates:
        if check_endpoint(candidate) is not None:
            continue
        try:
            return Found(recognised=recognised, metadata=await _discover(http, candidate))
        except NotDiscovered as wrong:
            # What the likeliest one lacks is what the person wants to hear of.
            problem = problem or str(wrong)
    if recognised.domain and await _is_domain(http, recognised.domain):
        has_host = recognised.domain.count("/") == _SLASHES_OF_ORIGIN
        recognised = (cognito_domain if has_host else poolhouse_domain)(recognised.domain)
    return Found(recognised=recognised, problem=recognised.missing or problem)


async def _discover(http: Http, candidate: str) -> Metadata:
    try:
        return await discover(http, candidate, seconds=FIND_SECONDS)
    except NotDiscovered:
        named = await read_issuer(http, candidate, seconds=FIND_SECONDS)
        if named == candidate or check_endpoint(named) is not None or "?" in named:
            # An issuer has no query (section 3): with one, strangers would choose what is asked of a host.
            raise
        if _origin(named) != _origin(candidate) and not await _has_endpoints_at(http, named, candidate):
            raise
        return await discover(http, named, seconds=FIND_SECONDS)


async def _has_endpoints_at(http: Http, issuer: str, address: str) -> bool:
    try:
        found = await discover(http, issuer, seconds=FIND_SECONDS)
    except NotDiscovered:
        return False
    return found.authorization_endpoint.startswith(f"{address.rstrip('/')}/")


async def _is_domain(http: Http, domain: str) -> bool:
    """Whether the endpoint that refuses everybody without a token answers as a user pool's domain does."""
    url = f"{domain}/oauth2/userInfo"
    if check_endpoint(url) is not None:
        return False
    try:
        answer = await http.get(url, accept="application/json", seconds=FIND_SECONDS)
    except Unreachable:
        return False
    return "x-amz-cognito-request-id" in answer.headers


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()
