"""CSS and logo of the classic hosted pages, for one app client or for all without their own."""

from typing import Final

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.pool.core import classic_css
from poolhouse.pool.core.branding import image_kind
from poolhouse.pool.flows import clients
from poolhouse.pool.flows.context import Flow, stop
from poolhouse.pool.model.branding import ALL, Customization
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.spec.errors import invalid_parameter
from poolhouse.pool.store import branding as store
from poolhouse.pool.store import pools as pool_store

_IMAGE: Final = 100 * 1024


async def find(flow: Flow, pool: Pool, client_id: str | None) -> Customization | None:
    """AWS API: GetUICustomization. The client's own, else the one of all clients."""

    async def read(tx: ReadTx) -> Customization | None:
        await _check_target(tx, pool, client_id)
        own = await store.find_customization(tx, pool.id, client_id) if client_id else None
        return own or await store.find_customization(tx, pool.id, ALL)

    return await flow.database.read(read, snapshot=True)


async def put(
    flow: Flow, pool: Pool, client_id: str | None, *, css: str | None, image: bytes | None
) -> Customization | None:
    """
    AWS API: SetUICustomization. CSS and logo are set together: what is not sent is gone.

    With neither, the customization itself is gone, and the client has that of all clients again.
    """
    refusal = classic_css.check(css) if css else None
    if refusal is not None:
        stop(refusal)
    if image and (len(image) > _IMAGE or image_kind(image) is None):
        raise invalid_parameter(f"The image must be a PNG or a JPEG file of at most {_IMAGE // 1024} KB.")
    now_ms = flow.clock.now_ms()
    target = client_id or ALL

    async def unit(tx: Tx) -> Customization | None:
        await _check_target(tx, pool, client_id)
        if not await pool_store.list_domains(tx, pool.id):
            raise invalid_parameter("There has to be an existing domain associated with this user pool")
        if not css and not image:
            await store.drop_customization(tx, pool.id, target)
            return None
        before = await store.find_customization(tx, pool.id, target)
        made = Customization(
            pool_id=pool.id,
            client_id=target,
            created_ms=before.created_ms if before else now_ms,
            modified_ms=now_ms,
            css=css or None,
            image=image or None,
        )
        await store.put_customization(tx, made)
        return made

    return await flow.database.write(unit)


async def _check_target(tx: ReadTx, pool: Pool, client_id: str | None) -> None:
    if client_id not in {None, ALL}:
        await clients.get_in(tx, pool.id, str(client_id))
