"""
Sessions that keep a refresh token: which are due, who is at it, and what came of it.

A session is claimed before its token is used.  Refresh tokens are often good once, and a provider that sees one
twice takes it for stolen and ends the sign-in; so neither two replicas nor two requests may use the same one.
"""

import msgspec
from sqlalchemy import BigInteger, LargeBinary, Text, and_, bindparam, or_, select, update

from poolhouse.house.store.sessions import CHANNEL
from poolhouse.house.tables import accounts as a
from poolhouse.house.tables import sessions as s
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement

_its_id = s.c.id_digest == bindparam("id_digest", type_=LargeBinary)
_is_free = or_(s.c.claimed_at.is_(None), s.c.claimed_at <= bindparam("stale", type_=BigInteger))
_is_ours = and_(_its_id, s.c.claimed_at == bindparam("ours", type_=BigInteger))

_DUE = compile_statement(
    select(s.c.id_digest)
    .join(a, a.c.id == s.c.account_id)
    .where(
        and_(
            s.c.renew_at <= bindparam("now", type_=BigInteger),
            s.c.expires_at > bindparam("now", type_=BigInteger),
            s.c.seen_at > bindparam("idle_before", type_=BigInteger),
            a.c.is_enabled,
            _is_free,
        )
    )
    .order_by(s.c.renew_at, s.c.id_digest)
    .limit(200)
)
_CLAIM = compile_statement(
    update(s)
    .where(and_(_its_id, s.c.sealed_refresh_token.is_not(None), _is_free))
    .values(claimed_at=bindparam("at", type_=BigInteger))
    .returning(
        s.c.id_digest,
        s.c.account_id,
        s.c.method,
        s.c.issuer,
        s.c.subject,
        s.c.sealed_refresh_token,
        s.c.claims,
        s.c.nonce_digest,
        s.c.sealed_id_token,
        s.c.userinfo_names,
    )
)
_KEEP_TOKEN = compile_statement(
    update(s).where(_is_ours).values(sealed_refresh_token=bindparam("sealed", type_=LargeBinary))
)
_SETTLE = compile_statement(
    update(s)
    .where(_is_ours)
    .values(
        claims=bindparam("new_claims", type_=Text),
        userinfo_names=bindparam("new_names", type_=Text),
        sealed_id_token=bindparam("id_token", type_=LargeBinary),
        renew_at=bindparam("next", type_=BigInteger),
        claimed_at=None,
    )
)
_LET_GO = compile_statement(
    update(s).where(_is_ours).values(renew_at=bindparam("next", type_=BigInteger), claimed_at=None)
)
_IS_CLAIMED = compile_statement(select(s.c.claimed_at).where(_its_id))


class Renewable(msgspec.Struct, frozen=True):
    """A session that is ours to renew; *userinfo_names* is JSON, empty where nobody knows."""

    key: bytes
    account_id: str
    method: str
    issuer: str
    subject: str
    sealed_refresh_token: bytes
    claims: str
    nonce_digest: bytes | None
    sealed_id_token: bytes | None
    userinfo_names: str


async def list_due(tx: ReadTx, *, now: Epoch, idle_seconds: int, stale: Epoch) -> list[bytes]:
    """Living sessions whose time has come and at which nobody is."""
    return [row[0] for row in await tx.all(_DUE, now=now, idle_before=now - idle_seconds, stale=stale)]


async def claim(tx: Tx, key: bytes, *, now: Epoch, stale: Epoch) -> Renewable | None:
    """The session, to one caller; another one may have it when the claim is older than *stale*."""
    row = await tx.one(_CLAIM, id_digest=key, at=now, stale=stale)
    return Renewable(*row) if row else None


async def keep_token(tx: Tx, key: bytes, *, ours: Epoch, sealed: bytes) -> None:
    """The next refresh token, as soon as it is known: the former one may be dead already."""
    await tx.run(_KEEP_TOKEN, id_digest=key, ours=ours, sealed=sealed)


async def settle(
    tx: Tx,
    key: bytes,
    *,
    ours: Epoch,
    claims: str,
    userinfo_names: str,
    sealed_id_token: bytes | None,
    renew_at: Epoch,
) -> bool:
    """Put what the provider says now in the place of what it said; whether the session is still there and ours."""
    tx.announce(CHANNEL, "")
    changed = await tx.run(
        _SETTLE,
        id_digest=key,
        ours=ours,
        new_claims=claims,
        new_names=userinfo_names,
        id_token=sealed_id_token,
        next=renew_at,
    )
    return changed == 1


async def let_go(tx: Tx, key: bytes, *, ours: Epoch, renew_at: Epoch) -> None:
    """Nothing came of it; try again at *renew_at*."""
    await tx.run(_LET_GO, id_digest=key, ours=ours, next=renew_at)


async def is_claimed(tx: ReadTx, key: bytes) -> bool:
    """Whether somebody is at it."""
    row = await tx.one(_IS_CLAIMED, id_digest=key)
    return row is not None and row[0] is not None
