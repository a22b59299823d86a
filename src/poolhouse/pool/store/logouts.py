"""What is known of browser sessions when they end: who came through them, and whom to tell."""

from collections.abc import Iterable

from sqlalchemy import bindparam, delete, exists, false, func, or_, select, update

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement, upsert
from poolhouse.pool.model.grant import BrowserSession, Grant, SessionApp
from poolhouse.pool.model.openid import LogoutDelivery
from poolhouse.pool.store import tables as t
from poolhouse.pool.store.record import LIMIT, Record

QUEUED = "logouts"
"""The channel that wakes the delivery."""

_GRANT = Record(t.grants, Grant)
_SESSION = Record(t.browser_sessions, BrowserSession)
_APP = Record(t.session_apps, SessionApp)
_DELIVERY = Record(t.logout_deliveries, LogoutDelivery)
_NONE = "null"
"""How a document that is absent is stored."""

_OF_SESSION = compile_statement(
    _GRANT.select(
        t.grants.c.pool_id == bindparam("pool_id"),
        t.grants.c.username == bindparam("username"),
        t.grants.c.sid == bindparam("sid"),
    )
)
_SESSIONS = compile_statement(
    _SESSION.select(
        t.browser_sessions.c.pool_id == bindparam("pool_id"), t.browser_sessions.c.username == bindparam("username")
    )
)
_OF_USER = compile_statement(
    select(t.grants.c.client_id, t.grants.c.sid)
    .distinct()
    .join(t.clients, t.clients.c.id == t.grants.c.client_id)
    .where(
        t.grants.c.pool_id == bindparam("pool_id"),
        t.grants.c.username == bindparam("username"),
        t.clients.c.openid != _NONE,
    )
)
_NOTE_APP = upsert(t.session_apps, ("pool_id", "sid", "client_id"), ())
_APPS_BY_SID = compile_statement(
    _APP.select(t.session_apps.c.pool_id == bindparam("pool_id"), t.session_apps.c.sid == bindparam("sid"))
)
_APPS_OF_USER = compile_statement(
    _APP.select(t.session_apps.c.pool_id == bindparam("pool_id"), t.session_apps.c.username == bindparam("username"))
)
_DROP_APPS_BY_SID = compile_statement(
    delete(t.session_apps).where(
        t.session_apps.c.pool_id == bindparam("pool_id"), t.session_apps.c.sid == bindparam("sid")
    )
)
_DROP_APPS_OF_USER = compile_statement(
    delete(t.session_apps).where(
        t.session_apps.c.pool_id == bindparam("pool_id"), t.session_apps.c.username == bindparam("username")
    )
)
_WITH_SID = compile_statement(
    select(t.browser_sessions.c.sid)
    .where(t.browser_sessions.c.pool_id == bindparam("pool_id"), t.browser_sessions.c.sid == bindparam("sid"))
    .limit(1)
)
# A setting that is off is not in the document (``OpenIdSettings``, omit_defaults).
_TOLD_OF_EXPIRY = t.clients.c.openid.contains('"backchannel_logout_at_expiry"', autoescape=True)
_EXPIRED = compile_statement(
    _SESSION.select(
        t.browser_sessions.c.expires_at <= bindparam("before"),
        or_(*(
            exists().where(
                each.c.pool_id == t.browser_sessions.c.pool_id,
                each.c.username == t.browser_sessions.c.username,
                each.c.sid == t.browser_sessions.c.sid,
                t.clients.c.id == each.c.client_id,
                _TOLD_OF_EXPIRY,
            )
            for each in (t.grants, t.session_apps)
        )),
    )
    .order_by(t.browser_sessions.c.expires_at)
    .limit(LIMIT)
)  # fmt: skip
_DROP_CODES = compile_statement(
    delete(t.authorization_codes).where(
        t.authorization_codes.c.pool_id == bindparam("pool_id"),
        t.authorization_codes.c.username == bindparam("username"),
        t.authorization_codes.c.sid == bindparam("sid"),
        # Those that were redeemed tell a replay from an unknown code.
        t.authorization_codes.c.spent == false(),
    )
)
_PLACE = func.row_number().over(
    partition_by=t.logout_deliveries.c.client_id, order_by=(t.logout_deliveries.c.next_try_at, t.logout_deliveries.c.id)
)
_DUE = compile_statement(
    _DELIVERY.select(t.logout_deliveries.c.next_try_at <= bindparam("now"))
    .order_by(_PLACE, t.logout_deliveries.c.next_try_at, t.logout_deliveries.c.id)
    .limit(LIMIT)
)
_POSTPONE = compile_statement(
    update(t.logout_deliveries)
    .where(
        t.logout_deliveries.c.client_id == bindparam("of_client"),
        t.logout_deliveries.c.next_try_at < bindparam("until"),
    )
    .values(next_try_at=bindparam("until"))
)
_CLAIM = compile_statement(
    update(t.logout_deliveries)
    .where(t.logout_deliveries.c.id == bindparam("key"), t.logout_deliveries.c.tries == bindparam("seen_tries"))
    .values(tries=t.logout_deliveries.c.tries + 1, next_try_at=bindparam("next_at"))
)
_OLD = compile_statement(delete(t.logout_deliveries).where(t.logout_deliveries.c.created_ms < bindparam("before_ms")))


async def list_of_session(tx: ReadTx, pool_id: str, username: str, sid: str) -> list[Grant]:
    """The grants that came through a browser session of the user."""
    return await _GRANT.all(tx, _OF_SESSION, pool_id=pool_id, username=username, sid=sid)


async def list_sessions(tx: ReadTx, pool_id: str, username: str) -> list[BrowserSession]:
    """The browsers at which a user is signed in, or was."""
    return await _SESSION.all(tx, _SESSIONS, pool_id=pool_id, username=username)


async def list_of_user(tx: ReadTx, pool_id: str, username: str) -> list[tuple[str, str | None]]:
    """Client and ``sid`` of a user's grants, at clients that have extended settings."""
    rows = await tx.all(_OF_USER, pool_id=pool_id, username=username)
    return [(str(client_id), None if sid is None else str(sid)) for client_id, sid in rows]


async def note_app(tx: Tx, app: SessionApp) -> None:
    """The app took part in a session that has not ended; it is known already, or is from now on."""
    if await tx.one(_WITH_SID, pool_id=app.pool_id, sid=app.sid) is not None:
        await tx.run(_NOTE_APP, **_APP.params(app))


async def list_apps_by_sid(tx: ReadTx, pool_id: str, sid: str) -> list[SessionApp]:
    """The apps without a grant that took part in a browser session."""
    return await _APP.all(tx, _APPS_BY_SID, pool_id=pool_id, sid=sid)


async def take_apps_of(tx: Tx, pool_id: str, username: str) -> list[SessionApp]:
    """The same of all sessions of a user; they are not to be told again."""
    found = await _APP.all(tx, _APPS_OF_USER, pool_id=pool_id, username=username)
    if found:
        await tx.run(_DROP_APPS_OF_USER, pool_id=pool_id, username=username)
    return found


async def drop_apps_by_sid(tx: Tx, pool_id: str, sid: str) -> None:
    await tx.run(_DROP_APPS_BY_SID, pool_id=pool_id, sid=sid)


async def list_expired(tx: ReadTx, before: int, limit: int) -> list[BrowserSession]:
    """Sessions that ended by themselves by *before*, in which an app took part that wants to hear of that."""
    return await _SESSION.all(tx, _EXPIRED, before=before, limit=limit)


async def drop_codes_of(tx: Tx, pool_id: str, username: str, sid: str) -> None:
    """Codes that came through a browser session and wait to be redeemed."""
    await tx.run(_DROP_CODES, pool_id=pool_id, username=username, sid=sid)


async def put_delivery(tx: Tx, delivery: LogoutDelivery) -> None:
    tx.announce(QUEUED, delivery.id)
    await _DELIVERY.put(tx, delivery)


async def list_due(tx: ReadTx, now: int, limit: int) -> list[LogoutDelivery]:
    """Of each app the oldest first, so that one with many takes no other's turn."""
    return await _DELIVERY.all(tx, _DUE, now=now, limit=limit)


async def claim(tx: Tx, delivery: LogoutDelivery, next_at: int) -> bool:
    """Reserve one try until *next_at*; False when another process was quicker."""
    return await tx.run(_CLAIM, key=delivery.id, seen_tries=delivery.tries, next_at=next_at) > 0


async def postpone(tx: Tx, client_ids: Iterable[str], until: int) -> None:
    """Leave apps that cannot be reached alone until then."""
    for each in client_ids:
        await tx.run(_POSTPONE, of_client=each, until=until)


async def end(tx: Tx, delivery_id: str) -> None:
    """Delivered, or given up."""
    await _DELIVERY.drop(tx, id=delivery_id)


async def sweep_deliveries(tx: Tx, before_ms: int) -> None:
    await tx.run(_OLD, before_ms=before_ms)
