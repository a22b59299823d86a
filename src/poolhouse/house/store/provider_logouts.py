"""What a provider's logout token does: it is noted that it was seen, and its sessions end."""

from sqlalchemy import BigInteger, Text, and_, bindparam, delete, insert

from poolhouse.house.store.sessions import CHANNEL
from poolhouse.house.tables import logout_tokens as l
from poolhouse.house.tables import sessions as s
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.db.statement import compile_statement

_its_issuer = s.c.issuer == bindparam("issuer", type_=Text)
_its_subject = s.c.subject == bindparam("subject", type_=Text)
_its_sid = s.c.sid == bindparam("sid", type_=Text)

_NOTE = compile_statement(insert(l))
_DELETE_DEAD = compile_statement(delete(l).where(l.c.expires_at <= bindparam("now", type_=BigInteger)))
_END_SUBJECT = compile_statement(delete(s).where(and_(_its_issuer, _its_subject)).returning(s.c.account_id))
_END_SID = compile_statement(delete(s).where(and_(_its_issuer, _its_sid)).returning(s.c.account_id))
_END_BOTH = compile_statement(delete(s).where(and_(_its_issuer, _its_sid, _its_subject)).returning(s.c.account_id))


async def note_token(tx: Tx, token_digest: bytes, *, now: Epoch, expires_at: Epoch) -> None:
    """That the token was seen: ``UniqueViolation`` the second time."""
    await tx.run(_DELETE_DEAD, now=now)
    await tx.run(_NOTE, token_digest=token_digest, expires_at=expires_at)


async def end_sessions(tx: Tx, *, issuer: str, subject: str, sid: str) -> list[str]:
    """
    End what *sid* names, or without one every session of *subject*; the accounts that were signed in.

    With both the session must be the subject's.
    """
    tx.announce(CHANNEL, "")
    if sid and subject:
        rows = await tx.all(_END_BOTH, issuer=issuer, subject=subject, sid=sid)
    elif sid:
        rows = await tx.all(_END_SID, issuer=issuer, sid=sid)
    else:
        rows = await tx.all(_END_SUBJECT, issuer=issuer, subject=subject)
    return [row[0] for row in rows]
