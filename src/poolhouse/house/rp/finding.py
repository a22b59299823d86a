"""From what was pasted to the provider's own document: each issuer that it may stand for is asked."""

from urllib.parse import urlsplit

import msgspec

from poolhouse.house.rp.discovery import Metadata, NotDiscovered, discover, read_issuer
from poolhouse.house.rp.recognise import Recognised, recognise
from poolhouse.kit.outgoing import Http
from poolhouse.kit.urls import check_endpoint

FIND_SECONDS = 5.0


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The provider behind a text; without *metadata* only what the text itself tells."""

    recognised: Recognised
    metadata: Metadata | None = None
    problem: str = ""
    """Why there is no metadata: the end of a sentence about the Issuer field, or a whole one."""


async def look_up(http: Http, text: str) -> Found | None:
    """
    The first candidate that has a document of its own; ``None`` when *text* stands for nothing.

    A document that names another issuer of the same origin (a tenant by its domain, a pool by its own) is followed
    there once, and that issuer's own document then has to name exactly it.
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
    return Found(recognised=recognised, problem=problem or recognised.missing)


async def _discover(http: Http, candidate: str) -> Metadata:
    try:
        return await discover(http, candidate, seconds=FIND_SECONDS)
    except NotDiscovered:
        named = await read_issuer(http, candidate, seconds=FIND_SECONDS)
        if named == candidate or check_endpoint(named) is not None or _origin(named) != _origin(candidate):
            raise
        return await discover(http, named, seconds=FIND_SECONDS)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()
