"""People who may come in once.  Of a link's token there is only the digest; taking an invitation deletes it."""

from typing import Any

import msgspec
from sqlalchemy import BigInteger, LargeBinary, Text, and_, bindparam, delete, insert, select, update

from poolhouse.house.people import Invitation
from poolhouse.house.tables import invitations as i
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement

_columns = (
    i.c.id, i.c.email, i.c.email_key, i.c.group_ids, i.c.roles, i.c.invited_by, i.c.inviter_name, i.c.is_mailed,
    i.c.created_at, i.c.expires_at,
)  # fmt: skip
_its_id = i.c.id == bindparam("invitation_id", type_=Text)
_its_token = i.c.token_digest == bindparam("token_digest", type_=LargeBinary)
_its_email = i.c.email_key == bindparam("email_key", type_=Text)
_is_open = i.c.expires_at > bindparam("now", type_=BigInteger)

_PUT = compile_statement(insert(i))
_RENEW = compile_statement(
    update(i)
    .where(_its_id)
    .values(
        token_digest=bindparam("new_digest", type_=LargeBinary),
        is_mailed=bindparam("new_is_mailed", type_=i.c.is_mailed.type),
        expires_at=bindparam("new_expires_at", type_=BigInteger),
    )
)
_ALL = compile_statement(select(*_columns).order_by(i.c.created_at.desc(), i.c.id))
_FIND = compile_statement(select(*_columns).where(_its_id))
_BY_TOKEN = compile_statement(select(*_columns).where(and_(_its_token, _is_open)))
_BY_EMAIL = compile_statement(select(*_columns).where(and_(_its_email, _is_open)))
_TAKE_BY_TOKEN = compile_statement(delete(i).where(and_(_its_token, _is_open)).returning(*_columns))
_TAKE_BY_EMAIL = compile_statement(delete(i).where(and_(_its_email, _is_open)).returning(*_columns))
_DELETE = compile_statement(delete(i).where(_its_id))
_DELETE_FOR = compile_statement(delete(i).where(_its_email))


async def put_invitation(tx: Tx, invitation: Invitation, *, token_digest: bytes) -> None:
    """Store it in the place of one that the address may have had."""
    await tx.run(_DELETE_FOR, email_key=invitation.email_key)
    fields = msgspec.structs.asdict(invitation)
    fields |= {name: msgspec.json.encode(fields[name]).decode() for name in ("group_ids", "roles")}
    await tx.run(_PUT, token_digest=token_digest, **fields)


async def renew_invitation(
    tx: Tx, invitation_id: str, *, token_digest: bytes, is_mailed: bool, expires_at: Epoch
) -> bool:
    """Another link; the former one is worth nothing from now on."""
    renewed = await tx.run(
        _RENEW,
        invitation_id=invitation_id,
        new_digest=token_digest,
        new_is_mailed=is_mailed,
        new_expires_at=expires_at,
    )
    return renewed == 1


async def list_invitations(tx: ReadTx) -> list[Invitation]:
    """All that were not accepted, those that are over included, the newest first."""
    return [_read(row) for row in await tx.all(_ALL)]


async def find_invitation(tx: ReadTx, invitation_id: str) -> Invitation | None:
    row = await tx.one(_FIND, invitation_id=invitation_id)
    return _read(row) if row else None


async def find_invitation_by_token(tx: ReadTx, token_digest: bytes, now: Epoch) -> Invitation | None:
    """To be shown; looking spends nothing, since mail programs look ahead."""
    row = await tx.one(_BY_TOKEN, token_digest=token_digest, now=now)
    return _read(row) if row else None


async def find_invitation_of(tx: ReadTx, email_key: str, now: Epoch) -> Invitation | None:
    row = await tx.one(_BY_EMAIL, email_key=email_key, now=now)
    return _read(row) if row else None


async def take_invitation_by_token(tx: Tx, token_digest: bytes, now: Epoch) -> Invitation | None:
    """To exactly one caller: it is gone afterwards."""
    row = await tx.one(_TAKE_BY_TOKEN, token_digest=token_digest, now=now)
    return _read(row) if row else None


async def take_invitation_of(tx: Tx, email_key: str, now: Epoch) -> Invitation | None:
    """The invitation of an address that has just been proved, to exactly one caller."""
    row = await tx.one(_TAKE_BY_EMAIL, email_key=email_key, now=now)
    return _read(row) if row else None


async def delete_invitation(tx: Tx, invitation_id: str) -> bool:
    return await tx.run(_DELETE, invitation_id=invitation_id) == 1


def _read(row: tuple[Any, ...]) -> Invitation:
    return Invitation(
        id=row[0],
        email=row[1],
        email_key=row[2],
        group_ids=msgspec.json.decode(row[3], type=tuple[str, ...]),
        roles=msgspec.json.decode(row[4], type=tuple[str, ...]),
        invited_by=row[5],
        inviter_name=row[6],
        is_mailed=row[7],
        created_at=row[8],
        expires_at=row[9],
    )
