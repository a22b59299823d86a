"""
What a pool has written to people, to be read by its developer.

Messages hold codes and temporary passwords, so nobody but their addressees may read them where real people sign in:
only a development server opens them.
"""

import msgspec

from poolhouse.kit.seal import SealBroken
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.courier import open_content
from poolhouse.pool.flows.stationery import printed
from poolhouse.pool.model.message import Content, Message
from poolhouse.pool.store import outbox


class Opened(msgspec.Struct, frozen=True):
    """A message and what it says; None when the master key that sealed it is gone."""

    message: Message
    content: Content | None


async def list_opened(flow: Flow, pool_id: str, limit: int) -> list[Opened]:
    """The messages of a pool, newest first; none at all outside development."""
    if not flow.config.development:
        return []
    found = await flow.database.read(lambda tx: outbox.list_messages(tx, pool_id, limit))
    return [Opened(message, _open(flow, message)) for message in found]


async def page_of(flow: Flow, pool_id: str, message_id: str) -> str:
    """The HTML of a message for a browser; "" for one that is not there or has none, and outside development."""
    if not flow.config.development:
        return ""
    message = await flow.database.read(lambda tx: outbox.find_message(tx, message_id))
    content = _open(flow, message) if message is not None and message.pool_id == pool_id else None
    return "" if content is None else (await printed(flow, pool_id, content, embedded=True)).html or ""


def _open(flow: Flow, message: Message) -> Content | None:
    try:
        return open_content(flow, message)
    except SealBroken:
        return None
