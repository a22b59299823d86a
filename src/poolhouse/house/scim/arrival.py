"""
The first sign-in of somebody whom a directory has added before.

Only where an administrator has said that this provider and this directory are one, and only by an id that the
directory gave: an e-mail address chooses nobody (CVE-2023-3128).
"""

from collections.abc import Mapping
from typing import Any

from poolhouse.house.model import Account
from poolhouse.house.people import SCIM
from poolhouse.house.scim.settings import Provisioning
from poolhouse.house.store import accounts, directory
from poolhouse.kit.db.protocol import ReadTx


async def find_awaited(
    tx: ReadTx, rules: Provisioning, *, provider: str, subject: str, claims: Mapping[str, Any]
) -> Account | None:
    """The account that waits for this *subject* of *provider*: made by SCIM, without a password or an identity."""
    if not rules.is_enabled or not rules.provider or rules.provider != provider:
        return None
    value = subject if rules.claim == "sub" else claims.get(rules.claim)
    found = await directory.find_account_external(tx, value) if isinstance(value, str) else None
    if found is None or found.managed_by != SCIM or found.password_hash is not None or found.is_admin:
        return None
    return None if await accounts.list_identities(tx, found.id) else found
