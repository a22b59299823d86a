"""What the gateway tells an app of a request: where it came from, what was asked for, and who it is."""

from poolhouse.house.gateway.assertion import Signer
from poolhouse.house.gateway.forwarding import PASSED
from poolhouse.house.gateway.seen import Seen, tell
from poolhouse.house.gateway.table import Entry
from poolhouse.house.gateway.target import Target


def told(
    entry: Entry, target: Target, seen: Seen | None, signer: Signer, *, address: str, passed: bytes
) -> tuple[bytes, bytes]:
    """The path and query as the app gets them, and the lines that are the gateway's alone."""
    path = target.path
    if entry.replacement is not None:
        path = entry.replacement + path[len(entry.prefix) :]
    where = address.encode("ascii")
    who = b"" if seen is None else tell(entry, seen, signer).lines
    added = b"x-forwarded-for: %s\r\n%sx-real-ip: %s\r\n%s: %s\r\n%s"
    return path + target.query, added % (where, entry.told_always, where, PASSED, passed, who)
