"""The outbox of an installation, opened beside the running server as `poolhouse admin` does."""

import asyncio
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
    found: list[Any] = []

    async def look(flow: Flow) -> None:
        async def read(tx: ReadTx) -> list[Message]:
            return await outbox.list_messages(tx, pool_id, 100)

        messages = [each for each in await flow.database.read(read) if each.destination == address]
        found.append(open_content(flow, messages[0]).code)

    asyncio.run(administration.with_flow(administration.where(place.log.parent / "kept", None, None), look))
    known.add(found[0])
    return str(found[0])
