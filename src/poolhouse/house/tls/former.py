"""
Former addresses of the house: whoever comes by one is sent to the same page at the present one.

So a provider that still knows only the former Redirect URL brings people back all the same, and so do bookmarks.
"""

from poolhouse.house.context import Context
from poolhouse.house.gateway.front import Begin, Front
from poolhouse.house.gateway.head import Head
from poolhouse.kit.edge import Reply


def onward(ctx: Context, begin: Begin) -> Begin:
    """*begin* for all requests but those to a former address."""
    former = {_spelled(url.partition("://")[2]) for url in ctx.settings.former_base_urls}
    if not former:
        return begin

    def look(front: Front, head: Head) -> None:
        if _spelled(head.host) not in former:
            begin(front, head)
            return
        target = head.target.decode("ascii") if head.target.startswith(b"/") else "/"
        # Not for ever, since a move may be taken back, and by the same method: it is the same house.
        front.reply(Reply(307, b"", (("location", ctx.origin.at(target)), ("cache-control", "no-store"))))

    return look


def _spelled(host: str) -> str:
    """Without a default port: what a former address spoke does not matter."""
    return host.removesuffix(":443").removesuffix(":80")
