"""The keeper of certificates and the round that renews them, for a house that ends TLS; the others load neither."""

from typing import TYPE_CHECKING

from poolhouse.house.config import HouseSettings, read_origin
from poolhouse.house.live import Live
from poolhouse.kit.ambient import Clock
from poolhouse.kit.db.protocol import Database
from poolhouse.kit.seal import KeyRing

if TYPE_CHECKING:
    from poolhouse.house.context import Context
    from poolhouse.house.tls.contexts import Certificates
    from poolhouse.house.tls.keeper import Keeper

RENEWAL_SECONDS = 15.0


async def open_keeper(
    certificates: "Certificates | None", settings: HouseSettings, live: Live, db: Database, ring: KeyRing, clock: Clock
) -> "Keeper | None":
    """Started, for *certificates*, or None without any; ``SettingError`` for files that cannot be used."""
    if certificates is None:
        return None
    from poolhouse.house.tls.keeper import Keeper  # noqa: PLC0415 - see the module

    origin = read_origin(settings.base_url)
    keeper = Keeper(certificates, settings.tls_files, live=live, db=db, ring=ring, clock=clock, origin=origin)
    await keeper.start()
    return keeper


async def renew(ctx: "Context") -> None:
    """See ``orders.renew``."""
    if ctx.keeper is not None:
        from poolhouse.house.tls import orders  # noqa: PLC0415 - see the module

        await orders.renew(ctx)
