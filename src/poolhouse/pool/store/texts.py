"""The texts that pools have of their own."""

from sqlalchemy import bindparam

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement
from poolhouse.pool.model.texts import PageTexts
from poolhouse.pool.store import tables as t
from poolhouse.pool.store.pools import CHANGED
from poolhouse.pool.store.record import Record

_TEXTS = Record(t.page_texts, PageTexts)
_OF_POOL = compile_statement(_TEXTS.select(t.page_texts.c.pool_id == bindparam("pool_id")))


async def find_texts(tx: ReadTx, pool_id: str, language: str) -> PageTexts | None:
    return await _TEXTS.find(tx, pool_id=pool_id, language=language)


async def list_texts(tx: ReadTx, pool_id: str) -> list[PageTexts]:
    """Of all languages."""
    return await _TEXTS.all(tx, _OF_POOL, pool_id=pool_id)


async def put_texts(tx: Tx, texts: PageTexts) -> None:
    """In place of the former of that language; every process speaks so at once."""
    if not await _TEXTS.replace(tx, texts):
        await _TEXTS.put(tx, texts)
    tx.announce(CHANGED, texts.pool_id)
