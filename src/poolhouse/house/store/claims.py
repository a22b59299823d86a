"""What a provider said last of an account: rules of apps go by it where there is no session, as with tokens."""

from sqlalchemy import Text, bindparam, select

from poolhouse.house.tables import account_claims as c
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement, upsert

_SAY = upsert(c, ["account_id"], ["claims", "issuer", "said_at"])
_SAID = compile_statement(select(c.c.claims, c.c.issuer).where(c.c.account_id == bindparam("account_id", type_=Text)))


async def put_claims(tx: Tx, account_id: str, *, claims: str, issuer: str, now: Epoch) -> None:
    """In place of what was said before (CVE-2021-41230: claims of the first sign-in were used for ever)."""
    await tx.run(_SAY, account_id=account_id, claims=claims, issuer=issuer, said_at=now)


async def find_claims(tx: ReadTx, account_id: str, issuer: str) -> str:
    """The claims of this issuer, as JSON; empty when it has not said anything, or another one was the last."""
    row = await tx.one(_SAID, account_id=account_id)
    return str(row[0]) if row and row[1] == issuer else ""
