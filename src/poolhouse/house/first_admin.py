"""
The first administrator, made when the database has no account at all; and the way back in for whoever has the
machine but no longer a way to sign in.
"""

import msgspec

from poolhouse.house.audit import COMMAND_LINE, Event, write_unattended
from poolhouse.house.context import Context
from poolhouse.house.model import Account, Document
from poolhouse.house.rp.person import email_key
from poolhouse.house.store import accounts, sessions
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


async def rescue(ctx: Context, email: str, password: Secret) -> None:
    """
    Make *email* an enabled administrator with *password*, and turn form login on.

    For the command line of the machine itself; it is in the audit log.  The account that holds the address is used,
    with its sessions ended, or a new one is made.
    """
    key = email_key(email)
    if not key:
        raise SettingError(f"{email!r} is not an e-mail address")
    password_hash = await ctx.cpu.run(hash_password, password.reveal())
    account = Account(
        id=uuid4(ctx.entropy),
        username=email,
        email=email,
        is_email_holder=True,
        name="",
        is_admin=True,
        is_enabled=True,
        password_hash=password_hash,
        created_at=ctx.clock.now(),
        signed_in_at=None,
    )

    async def change(tx: Tx, document: Document) -> Document:
        holder = await accounts.find_email_holder(tx, key)
        if holder is None:
            await accounts.put_account(tx, account, email_key=key)
        else:
            await accounts.set_password(tx, holder.id, password_hash)
            await accounts.set_admin(tx, holder.id, is_admin=True)
            await accounts.set_enabled(tx, holder.id, is_enabled=True)
            await sessions.delete_sessions_of(tx, holder.id)
        await write_unattended(
            tx,
            ctx,
            Event.ACCOUNT_RESCUED,
            actor=COMMAND_LINE,
            subject=holder or account,
            detail="password set, form login on",
        )
        form_login = msgspec.structs.replace(document.form_login, is_enabled=True)
        return msgspec.structs.replace(document, form_login=form_login)

    await ctx.live.change(change, by=COMMAND_LINE)
