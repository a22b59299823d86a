"""What the gateway tells an app of a request: where it came from, what was asked for, and who it is."""

from poolhouse.house.gateway.assertion import Signer
from poolhouse.house.gateway.forwarding import PASSED
from poolhouse.house.gateway.head import Header
from poolhouse.house.gateway.seen import Seen, identity
from poolhouse.house.gateway.table import Entry
from poolhouse.house.gateway.target import Target


def told(
    entry: Entry, target: Target, seen: Seen | None, signer: Signer, *, address: str, scheme: str, passed: bytes
) -> tuple[bytes, list[Header]]:
    """The path and query as the app gets them, and the headers that are the gateway's alone."""
    path = target.path
    added: list[Header] = [
        (b"x-forwarded-for", address.encode("ascii")),
        (b"x-forwarded-host", entry.host.encode("ascii")),
        (b"x-forwarded-proto", scheme.encode("ascii")),
        (b"x-real-ip", address.encode("ascii")),
        (PASSED, passed),
    ]
    if entry.replacement is not None:
        path = entry.replacement + path[len(entry.prefix) :]
        if entry.prefix != b"/":
            added.append((b"x-forwarded-prefix", entry.prefix[:-1]))
    if seen is not None:
        added += identity(entry, seen, signer)
    return path + target.query, added
