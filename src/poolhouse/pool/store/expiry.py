"""Deleting what has expired.  Validity is always checked at use; this only saves space, and keeps less of people."""

from sqlalchemy import bindparam, delete, exists, select

from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.db.statement import compile_statement
from poolhouse.pool.store import tables as t

_SHORT_LIVED = tuple(
    compile_statement(delete(table).where(table.c.expires_at <= bindparam("before")))
    for table in (
        t.attempts,
        t.sent_codes,
        t.browser_sessions,
        t.console_sessions,
        t.console_drafts,
        t.pushed_requests,
        t.device_codes,
        t.seen_once,
    )
)
_TELLING = tuple(
    compile_statement(delete(table).where(table.c.expires_at <= bindparam("before")))
    for table in (t.authorization_codes, t.refresh_tokens)
)
_GRANTS = compile_statement(
    delete(t.grants).where(
        t.grants.c.expires_at <= bindparam("before"),
        ~exists().where(t.refresh_tokens.c.grant_id == t.grants.c.id),
        # Its app is to hear of the end of a session that outlives it.
        ~exists().where(t.browser_sessions.c.sid == t.grants.c.sid),
    )
)
_SESSION_APPS = compile_statement(
    delete(t.session_apps).where(~exists().where(t.browser_sessions.c.sid == t.session_apps.c.sid))
)
# A guess locks several counters one after the other: a sweep that waited for one could hold another.
_QUIET_FAILURES = (
    select(t.failures.c.key)
    .where(t.failures.c.last_at <= bindparam("before"), t.failures.c.locked_until <= bindparam("before"))
    .with_for_update(skip_locked=True)
)
_FAILURES = compile_statement(delete(t.failures).where(t.failures.c.key.in_(_QUIET_FAILURES)))


async def sweep_short_lived(tx: Tx, before: int) -> None:
    """Sign-ins in progress, sent codes, sessions and drafts that ended by *before*."""
    for statement in _SHORT_LIVED:
        await tx.run(statement, before=before)
    await tx.run(_SESSION_APPS)


async def sweep_grants(tx: Tx, before: int) -> None:
    """Authorization codes and refresh tokens that ended by *before*, and grants without refresh token or session."""
    for statement in _TELLING:
        await tx.run(statement, before=before)
    await tx.run(_GRANTS, before=before)


async def sweep_failures(tx: Tx, before: int) -> None:
    """Counters whose last failure was, and whose wait ended, by *before*; one in use is left for the next time."""
    await tx.run(_FAILURES, before=before)
