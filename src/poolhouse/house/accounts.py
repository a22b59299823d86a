"""
Who a person of the provider is in this house.

The key is (issuer, subject) and nothing else.  An e-mail address never chooses an account: an account with the same
address is either connected by its signed-in owner, or the sign-in is refused (CVE-2023-3128 is what happens
otherwise).  A disabled account stays disabled.
"""

import msgspec

from poolhouse.house.audit import Event, Trail
from poolhouse.house.context import Context
from poolhouse.house.model import Account, Identity
from poolhouse.house.rp.failures import Failure
from poolhouse.house.rp.person import Person, email_key
from poolhouse.house.session import NewSession, write_session
from poolhouse.house.store import accounts
from poolhouse.house.visit import Visit
from poolhouse.kit.ambient import uuid4
from poolhouse.kit.db.protocol import Tx, UniqueViolation


class Entered(msgspec.Struct, frozen=True):
    """Who it is, and whether the account was only connected, its owner being signed in already."""

    account: Account
    is_connected_now: bool


async def enter(
    ctx: Context, visit: Visit, person: Person, new: NewSession, *, way: str, link_account_id: str | None
) -> Entered | Failure:
    """Find, connect or make the account, and open the session; all or nothing.  *way* is for the audit log."""
    account_id = uuid4(ctx.entropy)
    by = f"{way}, {person.issuer}"

    async def unit(tx: Tx) -> Entered | Failure:
        outcome = await _settle(tx, ctx, visit, person, by, account_id=account_id, link_account_id=link_account_id)
        if isinstance(outcome, Entered):
            await accounts.mark_sign_in(tx, outcome.account.id, ctx.clock.now())
            await write_session(tx, ctx, visit, new, outcome.account.id)
            trail = Trail(ctx, visit)
            await trail.write(tx, Event.SIGNED_IN, actor=outcome.account, detail=by)
        return outcome

    try:
        return await ctx.db.write(unit)
    except UniqueViolation:
        # The same person signed in twice at the same moment, both for the first time: the other one made the account.
        return await ctx.db.write(unit)


async def _settle(
    tx: Tx, ctx: Context, visit: Visit, person: Person, by: str, *, account_id: str, link_account_id: str | None
) -> Entered | Failure:
    identity = await accounts.find_identity(tx, person.issuer, person.subject)
    if identity is not None:
        return await _return(tx, ctx, visit, person, identity, link_account_id)
    if link_account_id is not None:
        return await _connect(tx, ctx, visit, person, by, link_account_id)
    return await _create(tx, ctx, visit, person, account_id)


async def _return(
    tx: Tx, ctx: Context, visit: Visit, person: Person, identity: Identity, link_account_id: str | None
) -> Entered | Failure:
    if link_account_id not in {None, identity.account_id}:
        return Failure.IDENTITY_TAKEN
    account = await accounts.find_account(tx, identity.account_id)
    if account is None or not account.is_enabled:
        return Failure.ACCOUNT_DISABLED
    await accounts.mark_identity(tx, person.issuer, person.subject, ctx.clock.now())
    if account.password_hash is None:
        account = await _take_over(tx, Trail(ctx, visit), account, person)
    return Entered(account, is_connected_now=False)


async def _take_over(tx: Tx, trail: Trail, account: Account, person: Person) -> Account:
    """
    Show what the provider says now; only for accounts that come by the provider alone.

    An account with a password keeps its address: it is what its owner types into the form.  And an account that
    would be called by somebody else's address keeps its former user name and address, so that nobody takes it for
    theirs; its owner still comes in, being known by issuer and subject.
    """
    taken = await _find_taken(tx, person, account.id)
    if taken:
        detail = f"the provider says {taken}, which belongs to another account"
        await trail.write(tx, Event.EMAIL_KEPT, actor=account, subject=account, detail=detail, is_refusal=True)
        described = msgspec.structs.replace(account, name=person.name)
    else:
        described = msgspec.structs.replace(
            account,
            username=person.username,
            email=person.email,
            name=person.name,
            is_email_holder=bool(person.email) and person.is_email_verified,
        )
    await accounts.describe_account(tx, described, email_key=email_key(described.email))
    return described


async def _connect(
    tx: Tx, ctx: Context, visit: Visit, person: Person, by: str, link_account_id: str
) -> Entered | Failure:
    """Only the browser in which the owner is signed in, at the start and still now, can connect an account."""
    if visit.session is None or visit.session.account.id != link_account_id:
        return Failure.LINK_OUTDATED
    account = await accounts.find_account(tx, link_account_id)
    if account is None or not account.is_enabled:
        return Failure.ACCOUNT_DISABLED
    await accounts.put_identity(tx, _identity(ctx, person, account.id))
    trail = Trail(ctx, visit)
    await trail.write(tx, Event.ACCOUNT_CONNECTED, subject=account, detail=by)
    return Entered(account, is_connected_now=True)


async def _create(tx: Tx, ctx: Context, visit: Visit, person: Person, account_id: str) -> Entered | Failure:
    key = email_key(person.email)
    if await _find_taken(tx, person, account_id):
        return Failure.EMAIL_TAKEN
    account = Account(
        id=account_id,
        username=person.username,
        email=person.email,
        is_email_holder=bool(key) and person.is_email_verified,
        name=person.name,
        is_admin=False,
        is_enabled=True,
        password_hash=None,
        created_at=ctx.clock.now(),
        signed_in_at=None,
    )
    await accounts.put_account(tx, account, email_key=key)
    await accounts.put_identity(tx, _identity(ctx, person, account_id))
    trail = Trail(ctx, visit)
    await trail.write(tx, Event.ACCOUNT_CREATED, actor=account, subject=account)
    return Entered(account, is_connected_now=False)


async def _find_taken(tx: Tx, person: Person, account_id: str) -> str:
    """
    What of the person's user name and e-mail is the address of an account other than *account_id*; ``""`` if nothing.

    A verified e-mail yields only to its holder; anything else also to an account that merely shows it.
    """
    for shown in (person.email, person.username):
        key = email_key(shown)
        if not key:
            continue
        holder = await accounts.find_email_holder(tx, key)
        if holder is not None and holder.id != account_id:
            return shown
        is_proved = person.is_email_verified and key == email_key(person.email)
        if not is_proved and await accounts.has_namesake(tx, key, but=account_id):
            return shown
    return ""


def _identity(ctx: Context, person: Person, account_id: str) -> Identity:
    now = ctx.clock.now()
    return Identity(
        issuer=person.issuer,
        subject=person.subject,
        account_id=account_id,
        created_at=now,
        signed_in_at=now,
    )
