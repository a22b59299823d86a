"""
What is open between clients and apps, each with what it lives with: requests under way, streams, websockets.

When a session ends or an app changes, everything here is judged anew, and what may not stay is ended: a download and
a stream of events as well as a websocket.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Protocol

import msgspec

from poolhouse.house.gateway.given import Given
from poolhouse.house.gateway.target import Target
from poolhouse.house.model import App
from poolhouse.kit.seal import digest


class Bound(msgspec.Struct, frozen=True, kw_only=True):
    """
    The app as it was when this began, the cookie or token that opened it, where its person is.

    *path* instead of those: it is open to everybody there.  *asked*: the method and what was asked for, where the token
    is bound to scopes.
    """

    app: App
    given: Given = Given()
    address: str = ""
    path: bytes = b""
    asked: tuple[bytes, Target] | None = None


class Open(Protocol):
    """Something that lasts."""

    def close(self) -> None:
        """The server goes away."""

    def revoke(self) -> None:
        """The session behind it is over, or may no longer open this app."""

    def was_used(self) -> bool:
        """Whether a person has done something in it since this was asked last."""


class Registry:
    """See the module."""

    __slots__ = ("open",)

    def __init__(self) -> None:
        self.open: dict[Open, Bound] = {}

    def close(self) -> None:
        for each in list(self.open):
            each.close()

    def count_by_cookie(self) -> Counter[bytes]:
        """How much is open by each cookie, known by its digest: requests under way, streams, websockets."""
        return Counter(digest(bound.given.cookie) for bound in self.open.values() if bound.given.cookie)

    async def judge(self, may_stay: Callable[[Bound, bool], Awaitable[bool]]) -> None:
        """
        End what may not stay; *may_stay* is asked once for all that are bound alike, and told whether one was used.

        An answer that takes a while is about those that were there when it was asked for; who came later was judged
        with what holds now.
        """
        alike: dict[tuple[object, ...], list[Open]] = {}
        for each, bound in self.open.items():
            alike.setdefault((id(bound.app), bound.given, bound.address, bound.path, bound.asked), []).append(each)
        for those in alike.values():
            left = [each for each in those if each in self.open]
            # All are asked: each forgets that it was used.
            was_used = sum(each.was_used() for each in left) > 0
            if left and not await may_stay(self.open[left[0]], was_used):
                for each in left:
                    if each in self.open:
                        each.revoke()
