"""Pictures of apps, as they were fetched when an administrator named their addresses."""

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.pool.model.openid import ClientLogo
from poolhouse.pool.store import tables as t
from poolhouse.pool.store.record import Record

_LOGO = Record(t.client_logos, ClientLogo)


async def find_logo(tx: ReadTx, client_id: str) -> ClientLogo | None:
    return await _LOGO.find(tx, client_id=client_id)


async def put_logo(tx: Tx, logo: ClientLogo) -> None:
    """A first one, or in place of the former."""
    if not await _LOGO.replace(tx, logo):
        await _LOGO.put(tx, logo)


async def drop_logo(tx: Tx, client_id: str) -> None:
    await _LOGO.drop(tx, client_id=client_id)
