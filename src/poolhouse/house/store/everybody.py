"""What policies can ask of everybody who has an account: groups, claims, and where they were last."""

from typing import Any

import msgspec
from sqlalchemy import BigInteger, bindparam, select

from poolhouse.house.model import Account
from poolhouse.house.store.accounts import ACCOUNTS, read_account
from poolhouse.house.tables import accounts as a
from poolhouse.house.tables import groups as g
from poolhouse.house.tables import identities as i
from poolhouse.house.tables import memberships as m
from poolhouse.house.tables import sessions as s
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx
from poolhouse.kit.db.statement import compile_statement

MOST = 5000
_ACCOUNTS = compile_statement(ACCOUNTS.where(a.c.is_enabled).order_by(a.c.username, a.c.id).limit(MOST + 1))
_GROUPS = compile_statement(
    select(m.c.account_id, g.c.name).select_from(m.join(g, g.c.id == m.c.group_id)).distinct().order_by(g.c.name)
)
_SAID = compile_statement(select(i.c.account_id, i.c.claims).order_by(i.c.signed_in_at))
_SESSIONS = compile_statement(
    select(s.c.account_id, s.c.claims, s.c.address)
    .where(s.c.expires_at > bindparam("now", type_=BigInteger))
    .order_by(s.c.created_at)
)


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """
    One person.  *claims* are of the newest open session, else of the last sign-in; *address* is where that session
    was opened, "" without one.
    """

    account: Account
    groups: tuple[str, ...] = ()
    claims: dict[str, Any] = {}
    address: str = ""


async def everybody(tx: ReadTx, *, now: Epoch) -> tuple[list[Known], bool]:
    """Enabled accounts by user name, and whether there are more than ``MOST``."""
    rows = await tx.all(_ACCOUNTS)
    groups: dict[str, list[str]] = {}
    for account_id, name in await tx.all(_GROUPS):
        groups.setdefault(account_id, []).append(name)
    said: dict[str, tuple[str, str]] = {}
    for account_id, claims in await tx.all(_SAID):
        if claims:
            said[account_id] = (claims, "")
    for account_id, claims, address in await tx.all(_SESSIONS, now=now):
        said[account_id] = (claims, address)
    found = []
    for row in rows[:MOST]:
        account = read_account(row)
        text, address = said.get(account.id, ("", ""))
        found.append(
            Known(
                account=account,
                groups=tuple(groups.get(account.id, ())),
                claims=msgspec.json.decode(text) if text else {},
                address=address,
            )
        )
    return found, len(rows) > MOST
