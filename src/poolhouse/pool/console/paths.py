"""Addresses of the console: made here only, so that nothing foreign gets into one."""

from typing import Final
from urllib.parse import quote, urlencode

ROOT: Final = "/console"
POOLS: Final = "/console/pools"
SIGN_IN: Final = "/console/sign-in"
_LONGEST: Final = 2_000


def href(path: str, **query: str | list[str]) -> str:
    """*path* with what is not empty of *query*."""
    given = {name: value for name, value in query.items() if value}
    return f"{path}?{urlencode(given, doseq=True)}" if given else path


def of_pool(pool_id: str, *parts: str, **query: str | list[str]) -> str:
    """A page of a pool."""
    return href("/".join((POOLS, quote(pool_id, safe=""), *(quote(part, safe="") for part in parts))), **query)


def local(target: str) -> str:
    """
    *target* if it is a page of the console, else its front page.

    What browsers read as another host (``//``, a backslash, control characters that they drop) is none, and neither is
    a path that climbs out.
    """
    path = target.partition("?")[0]
    is_page = path == ROOT or path.startswith(ROOT + "/")
    is_plain = target.isascii() and target.isprintable() and not set(target) & set('\\ "<>') and "//" not in target
    climbs = ".." in path or "%2e" in path.lower()
    return target if is_page and is_plain and not climbs and len(target) <= _LONGEST else ROOT
