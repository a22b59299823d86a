"""Whether a redirect URI is one of those that a client registered."""

import re
from collections.abc import Collection
from typing import Final

_LOOPBACK: Final = re.compile(r"(http://(?:127\.0\.0\.1|\[::1\]))(?::[0-9]{1,5})?(/[\x21-\x7e]*)")


def is_registered(wanted: str, registered: Collection[str], *, any_port: bool) -> bool:
    """
    Exact comparison of strings; with *any_port* a loopback address may have another port (RFC 8252 section 7.3).

    That exception is for addresses, never for the name ``localhost``, and for the port alone: everything else, path
    and query to the byte, must be as registered (CVE-2024-8883, CVE-2020-15233).
    """
    if "#" in wanted:
        return False
    if wanted in registered:
        return True
    portless = _portless(wanted) if any_port else None
    return portless is not None and any(_portless(each) == portless for each in registered)


def _portless(url: str) -> tuple[str, str] | None:
    match = _LOOPBACK.fullmatch(url)
    return None if match is None else (match[1], match[2])
