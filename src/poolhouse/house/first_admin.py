"""The first administrator: made when the database has no account at all."""

from poolhouse.house.context import Context
from poolhouse.house.model import Account
from poolhouse.house.rp.person import email_key
from poolhouse.house.store import accounts
from poolhouse.kit.ambient import Secret, urlsafe, uuid4
from poolhouse.kit.db.protocol import ReadTx, Tx, UniqueViolation
from poolhouse.kit.passwords import hash_password
from poolhouse.kit.settings import SettingError


async def make_first_admin(ctx: Context) -> Secret | None:
    """
    The administrator of an empty database, and the password if it was made up here.

    Several processes may start on one empty database: only the one that made the account knows its password.
    """

    async def is_empty(tx: ReadTx) -> bool:
        return not await accounts.has_accounts(tx)

    if not await ctx.db.read(is_empty):
        return None
    made_up = None if ctx.settings.admin_password else Secret(urlsafe(ctx.entropy, 15))
    password = ctx.settings.admin_password or made_up
    key = email_key(ctx.settings.admin_email)
    if password is None or not key:
        raise SettingError("admin_email: an e-mail address")
    admin = Account(
        id=uuid4(ctx.entropy),
        username=ctx.settings.admin_email,
        email=ctx.settings.admin_email,
        is_email_holder=True,
        name="",
        is_admin=True,
        is_enabled=True,
        password_hash=await ctx.cpu.run(hash_password, password.reveal()),
        created_at=ctx.clock.now(),
        signed_in_at=None,
    )

    async def unit(tx: Tx) -> bool:
        if await accounts.has_accounts(tx):
            return False
        # The address has one holder, so of two processes that see an empty table one fails here.
        await accounts.claim_email(tx, key, admin.id)
        await accounts.put_account(tx, admin, email_key=key)
        return True

    try:
        return made_up if await ctx.db.write(unit) else None
    except UniqueViolation:
        return None
