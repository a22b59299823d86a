"""Who wants to hear of which announcements in this process."""

import asyncio
from collections.abc import Iterable

from poolhouse.kit.db.protocol import REFRESH, Subscriber

Announcement = tuple[str, str]
"""A channel and a payload."""


class Subscribers:
    """Callbacks by channel. One that raises is reported to the event loop and keeps nobody else from hearing."""

    def __init__(self) -> None:
        self._by_channel: dict[str, list[Subscriber]] = {}

    def add(self, channel: str, callback: Subscriber) -> None:
        """Call *callback* for *channel* from now on."""
        self._by_channel.setdefault(channel, []).append(callback)

    def deliver(self, announcements: Iterable[Announcement]) -> None:
        """Call whoever subscribed."""
        for channel, payload in announcements:
            for callback in self._by_channel.get(channel, ()):
                _call(callback, payload)

    def refresh(self) -> None:
        """Tell everyone that anything may have changed."""
        self.deliver([(channel, REFRESH) for channel in self._by_channel])


def _call(callback: Subscriber, payload: str) -> None:
    try:
        callback(payload)
    except Exception as error:  # noqa: BLE001 - as the event loop treats its own callbacks
        asyncio.get_running_loop().call_exception_handler({"message": "a subscriber failed", "exception": error})
