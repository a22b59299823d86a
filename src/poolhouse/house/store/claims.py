"""What a provider says of a sign-in between two sign-ins."""

from sqlalchemy import Text, and_, bindparam, update

from poolhouse.house.tables import identities as i
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.db.statement import compile_statement

_SAY = compile_statement(
    update(i)
    .where(and_(i.c.issuer == bindparam("its_issuer", type_=Text), i.c.subject == bindparam("its_subject", type_=Text)))
    .values(claims=bindparam("its_claims", type_=Text))
)


async def put_claims(tx: Tx, *, issuer: str, subject: str, claims: str) -> None:
    """In place of what was said before (CVE-2021-41230: claims of the first sign-in were used for ever)."""
    await tx.run(_SAY, its_issuer=issuer, its_subject=subject, its_claims=claims)
