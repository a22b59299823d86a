"""
What an app applies for when it registers itself: judged, and what it points to looked at.

``flows.registration`` keeps what comes of it.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.log import get_logger
from poolhouse.pool.core import registration as core
from poolhouse.pool.core.refusal import Refusal
from poolhouse.pool.core.settings import openid, sector
from poolhouse.pool.core.settings.dcr import Terms
from poolhouse.pool.core.throttle import Counter, count_use
from poolhouse.pool.flows import client_keys, keys, sectors
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.model.openid import OpenIdSettings
from poolhouse.pool.store import attempts as attempt_store

FETCHES: Final = 20
"""Documents that one address, or one app, makes us fetch in an hour."""


class TooMany(Exception):
    """More registrations than are allowed now."""


async def judged(
    flow: Flow, entry: PoolEntry, metadata: Mapping[str, Any], terms: Terms, ours: OpenIdSettings, who: str
) -> core.Application:
    """
    The application, its keys looked at as well: only public ones, and good enough; and our own that it needs.

    *who* asks, for a limit on what we fetch for them.
    """
    wanted = core.judge(metadata, terms, ours)
    try:
        client_keys.check(wanted.extended)
        openid.check_origin(wanted.extended, wanted.redirect_uris)
        extended = sector.settled(wanted.extended, wanted.redirect_uris)
    except openid.WrongSetting as wrong:
        raise core.Rejected("invalid_client_metadata", str(wrong)) from wrong
    await _check_sector(flow, entry, extended, wanted.redirect_uris, who)
    for alg in {extended.id_token_signed_response_alg, extended.userinfo_signed_response_alg} - {None}:
        await keys.provide(flow, entry.pool.id, str(alg))
    await sectors.provide(flow, entry.pool.id, extended)
    return msgspec.structs.replace(wanted, extended=extended)


async def _check_sector(
    flow: Flow, entry: PoolEntry, extended: OpenIdSettings, redirect_uris: tuple[str, ...], who: str
) -> None:
    """Strangers make us fetch so much and no more, and are not told what became of it."""
    if extended.sector_identifier_uri is None:
        return
    key, now = f"sector:{entry.pool.id}:{who}", flow.clock.now()
    await flow.database.write(lambda tx: count(tx, key, FETCHES, now))
    try:
        await sectors.check(flow, extended, redirect_uris)
    except openid.WrongSetting as wrong:
        get_logger().info("sector of an app refused", url=extended.sector_identifier_uri, reason=str(wrong))
        description = "sector_identifier_uri serves no list that has all redirect_uris"
        raise core.Rejected("invalid_client_metadata", description) from wrong


async def count(tx: Tx, key: str, limit: int, now: int) -> None:
    counted = count_use(Counter(*await attempt_store.lock_failures(tx, key)), limit=limit, now=now)
    if isinstance(counted, Refusal):
        raise TooMany
    await attempt_store.put_failures(tx, key, counted.count, counted.last_at, counted.until)
