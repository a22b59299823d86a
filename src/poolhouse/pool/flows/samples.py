"""Messages with sample values: what a pool writes on each occasion, to look at and to send to oneself."""

from typing import Final

from poolhouse.pool.flows import messages
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.flows.reader import Reader
from poolhouse.pool.flows.stationery import printed
from poolhouse.pool.model.message import Content
from poolhouse.pool.store import outbox

CODE: Final = "123456"
USERNAME: Final = "ana@example.com"
LINK: Final = "https://example.com/confirmUser?client_id=example&user_name=ana%40example.com&confirmation_code=123456"
#: What can be looked at: kind of message, and whether it is by link.
OCCASIONS: Final = {
    "sign-up": (messages.SIGN_UP, False),
    "sign-up-link": (messages.SIGN_UP, True),
    "attribute": (messages.VERIFY_ATTRIBUTE, False),
    "forgot-password": (messages.FORGOT_PASSWORD, False),
    "invitation": (messages.INVITATION, False),
    "authentication": (messages.AUTHENTICATION, False),
}


def sample(flow: Flow, entry: PoolEntry, occasion: str, tag: str) -> Content:
    """The e-mail of one of ``OCCASIONS`` for somebody who reads the language *tag*."""
    kind, by_link = OCCASIONS[occasion]
    return messages.written(
        flow, entry.pool, kind=kind, medium="EMAIL", username=USERNAME, code=CODE,
        reader=Reader(entry=entry, locale=tag), link=LINK if by_link else None,
    )  # fmt: skip


async def page_of(flow: Flow, entry: PoolEntry, content: Content) -> str:
    """Its HTML, for a browser."""
    return (await printed(flow, entry.pool.id, content, embedded=True)).html or ""


async def send(flow: Flow, entry: PoolEntry, content: Content, occasion: str, address: str) -> None:
    """Have it delivered to *address*; refuses where there is no mail server."""
    messages.check_can_send(flow, "EMAIL")
    kind, _ = OCCASIONS[occasion]
    message = messages.sealed(flow, entry.pool, content, kind=kind, medium="EMAIL", destination=address)
    await flow.database.write(lambda tx: outbox.put_message(tx, message))
