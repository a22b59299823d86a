"""Pairwise subjects (``core.subjects``): the pool's salt, and the documents that say which apps are of one sector."""

from collections.abc import Iterable

from poolhouse.kit import unambiguous
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.outgoing import Unreachable
from poolhouse.pool.core.settings import sector
from poolhouse.pool.core.settings.openid import WrongSetting
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.directory import SALT
from poolhouse.pool.model.openid import OpenIdSettings
from poolhouse.pool.model.pool import PoolId, PoolSalt
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.store import pools as store

CALL_SECONDS = 5.0
SALT_BYTES = 32


async def provide(flow: Flow, pool_id: PoolId, settings: OpenIdSettings) -> None:
    """See to it that the pool has a salt before an app is told names that are made with it."""
    if settings.subject_type != "pairwise":
        return
    made = flow.ring.seal(flow.entropy.token(SALT_BYTES), purpose=SALT, row=pool_id)

    async def unit(tx: Tx) -> None:
        if await store.lock_pool(tx, pool_id) is None:
            raise Refused(Reason.POOL_NOT_FOUND, pool=pool_id)
        if await store.find_salt(tx, pool_id) is None:
            await store.put_salt(tx, PoolSalt(pool_id=pool_id, sealed=made))

    await flow.database.write(unit)


async def check(flow: Flow, settings: OpenIdSettings, callbacks: Iterable[str]) -> None:
    """
    Look at what ``sector_identifier_uri`` serves; raises ``WrongSetting``.

    Whoever owns its host says there which callback URLs are his: without that, an app could get the names that another
    owner's app knows its users by.  By the guarded client, which calls nothing inside and follows no redirect.
    """
    uri = settings.sector_identifier_uri
    if settings.subject_type != "pairwise" or uri is None:
        return
    try:
        answer = await flow.http.get(uri, accept="application/json", seconds=CALL_SECONDS)
    except Unreachable as wrong:
        raise WrongSetting(f"sector_identifier_uri cannot be fetched ({wrong.trouble})") from wrong
    if answer.status != 200:
        raise WrongSetting(f"sector_identifier_uri answers {answer.status}")
    try:
        document = unambiguous.read(answer.body)
    except (ValueError, RecursionError) as wrong:
        raise WrongSetting("sector_identifier_uri does not serve JSON") from wrong
    sector.check_document(document, callbacks)
