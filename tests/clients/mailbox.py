"""The outbox of an installation, opened beside the running server as `poolhouse admin` does."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from poolhouse.cli import administration
from poolhouse.kit.db.protocol import ReadTx
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.courier import open_content
from poolhouse.pool.model.message import Message
from poolhouse.pool.store import outbox
from tests.clients.known import Known
from tests.journey.installation import Installation


def last_code(place: Installation, known: Known, pool_id: str, address: str) -> str:
    """The code in the newest message to *address*."""
    # In a thread: in browser tests Playwright's loop runs in this one.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, _newest(place, known, pool_id, address)).result()


async def newest_code(place: Installation, known: Known, pool_id: str) -> str:
    """The code in the newest message of a pool."""
    return await _newest(place, known, pool_id, None)


async def _newest(place: Installation, known: Known, pool_id: str, address: str | None) -> str:
    found: list[Any] = []

    async def look(flow: Flow) -> None:
        async def read(tx: ReadTx) -> list[Message]:
            return await outbox.list_messages(tx, pool_id, 100)

        messages = [each for each in await flow.database.read(read) if address in {None, each.destination}]
        found.append(open_content(flow, messages[0]).code)

    await administration.with_flow(administration.where(place.log.parent / "kept", None, None), look)
    known.add(found[0])
    return str(found[0])
