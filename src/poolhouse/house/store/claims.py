"""What a provider said last of an account: rules of apps go by it where there is no session, as with tokens."""

from poolhouse.house.tables import account_claims as c
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.db.statement import upsert

_SAY = upsert(c, ["account_id"], ["claims", "issuer", "said_at"])


async def put_claims(tx: Tx, account_id: str, *, claims: str, issuer: str, now: Epoch) -> None:
    """In place of what was said before (CVE-2021-41230: claims of the first sign-in were used for ever)."""
    await tx.run(_SAY, account_id=account_id, claims=claims, issuer=issuer, said_at=now)
