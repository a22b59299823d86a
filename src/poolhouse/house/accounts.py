"""
Who a person of the provider is in this house.

The key is (issuer, subject) and nothing else.  An e-mail address does not choose an account: an account with the same
address is connected by its signed-in owner, or by an administrator's rule that lets the provider speak for the domain,
and otherwise the sign-in is refused (CVE-2023-3128 is what happens without).  A disabled account stays disabled.
"""

import msgspec

from poolhouse.house.audit import Event, Trail
from poolhouse.house.claim_rules import apply_rules
from poolhouse.house.context import Context
from poolhouse.house.invitations import is_good, take_for
from poolhouse.house.model import Account, Identity
from poolhouse.house.newcomers import refuse_newcomer, speaks_for
from poolhouse.house.rp.failures import Failure
from poolhouse.house.rp.person import Person, email_key
from poolhouse.house.scim.arrival import find_awaited
from poolhouse.house.session import NewSession, write_session
from poolhouse.house.store import accounts, invitations, sessions
from poolhouse.house.taking_over import PROOF, find_taken, take_over
from poolhouse.house.visit import Visit
from poolhouse.kit.ambient import uuid4
from poolhouse.kit.db.protocol import Tx, UniqueViolation


class Entered(msgspec.Struct, frozen=True):
    """Who it is, and whether the account was only connected, its owner being signed in already."""

    account: Account
    is_connected_now: bool


class Coming(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in whose person is proved and whose account is not yet known; *account_id* is for a new one."""

    ctx: Context
    visit: Visit
    person: Person
    new: NewSession
    way: str
    account_id: str
    link_account_id: str | None

    @property
    def provider(self) -> str:
        return self.new.method

    @property
    def by(self) -> str:
        """For the audit log."""
        return f"{self.way}, {self.person.issuer}"

    @property
    def trail(self) -> Trail:
        return Trail(self.ctx, self.visit)

    @property
    def is_verified(self) -> bool:
        return bool(self.person.email) and self.person.is_email_verified


async def enter(
    ctx: Context, visit: Visit, person: Person, new: NewSession, *, way: str, link_account_id: str | None
) -> Entered | Failure:
    """Find, connect or make the account, and open the session; all or nothing.  *way* is for the audit log."""
    coming = Coming(
        ctx=ctx,
        visit=visit,
        person=person,
        new=new,
        way=way,
        account_id=uuid4(ctx.entropy),
        link_account_id=link_account_id,
    )

    async def unit(tx: Tx) -> Entered | Failure:
        outcome = await _settle(tx, coming)
        if isinstance(outcome, Entered):
            await _equip(tx, coming, outcome)
            await accounts.mark_sign_in(tx, outcome.account.id, ctx.clock.now())
            await write_session(tx, ctx, visit, new, outcome.account.id)
            await coming.trail.write(tx, Event.SIGNED_IN, actor=outcome.account, detail=coming.by)
        return outcome

    try:
        return await ctx.db.write(unit)
    except UniqueViolation:
        # The same person signed in twice at the same moment, both for the first time: the other one made the account.
        return await ctx.db.write(unit)


async def _equip(tx: Tx, coming: Coming, entered: Entered) -> None:
    """What an invitation and the rules on claims give; whoever has more or fewer powers has to sign in anew."""
    ctx, account = coming.ctx, entered.account
    key = email_key(coming.person.email) if coming.is_verified and not entered.is_connected_now else ""
    has_roles = await take_for(tx, ctx, coming.trail, account, key)
    is_changed = await apply_rules(
        tx,
        coming.trail,
        ctx.live.document,
        account,
        provider=coming.provider,
        claims=msgspec.json.decode(coming.new.claims) if coming.new.claims else {},
        now=ctx.clock.now(),
    )
    if has_roles or is_changed:
        await sessions.delete_sessions_of(tx, account.id)


async def _settle(tx: Tx, coming: Coming) -> Entered | Failure:
    identity = await accounts.find_identity(tx, coming.person.issuer, coming.person.subject)
    if identity is not None:
        return await _return(tx, coming, identity)
    if coming.link_account_id is not None:
        return await _connect(tx, coming, coming.link_account_id)
    awaited = await find_awaited(
        tx,
        coming.ctx.live.document.provisioning,
        provider=coming.provider,
        subject=coming.person.subject,
        claims=msgspec.json.decode(coming.new.claims) if coming.new.claims else {},
    )
    if awaited is not None:
        return await _receive(tx, coming, awaited)
    return await _create(tx, coming)


async def _return(tx: Tx, coming: Coming, identity: Identity) -> Entered | Failure:
    if coming.link_account_id not in {None, identity.account_id}:
        return Failure.IDENTITY_TAKEN
    account = await accounts.find_account(tx, identity.account_id)
    if account is None or not account.is_enabled:
        return Failure.ACCOUNT_DISABLED
    await accounts.mark_identity(
        tx,
        identity.issuer,
        identity.subject,
        coming.ctx.clock.now(),
        provider=coming.provider,
        claims=coming.new.claims,
    )
    account = await take_over(tx, coming.trail, account, coming.person)
    return Entered(account, is_connected_now=False)


async def _connect(tx: Tx, coming: Coming, link_account_id: str) -> Entered | Failure:
    """Only the browser in which the owner is signed in, at the start and still now, can connect an account."""
    session = coming.visit.session
    if session is None or session.account.id != link_account_id:
        return Failure.LINK_OUTDATED
    account = await accounts.find_account(tx, link_account_id)
    if account is None or not account.is_enabled:
        return Failure.ACCOUNT_DISABLED
    await accounts.put_identity(tx, _identity(coming, account.id))
    await coming.trail.write(tx, Event.ACCOUNT_CONNECTED, subject=account, detail=coming.by)
    return Entered(account, is_connected_now=True)


async def _receive(tx: Tx, coming: Coming, awaited: Account) -> Entered | Failure:
    """Whom a directory has added before: the account is as the directory says, and stays disabled if it is."""
    if not awaited.is_enabled:
        return Failure.ACCOUNT_DISABLED
    await accounts.put_identity(tx, _identity(coming, awaited.id))
    await coming.trail.write(tx, Event.ACCOUNT_CONNECTED, actor=awaited, subject=awaited, detail=f"{coming.by}, SCIM")
    return Entered(awaited, is_connected_now=False)


async def _create(tx: Tx, coming: Coming) -> Entered | Failure:
    person, now = coming.person, coming.ctx.clock.now()
    key = email_key(person.email)
    verified_key = key if coming.is_verified else ""
    if await find_taken(tx, person, coming.account_id):
        return await _connect_by_authority(tx, coming, verified_key) or Failure.EMAIL_TAKEN
    refusal = await _refuse_newcomer(tx, coming, verified_key)
    if refusal is not None:
        return refusal
    account = Account(
        id=coming.account_id,
        username=person.username,
        email=person.email,
        is_email_holder=coming.is_verified,
        name=person.name,
        is_admin=False,
        is_enabled=True,
        password_hash=None,
        created_at=now,
        signed_in_at=None,
        email_proof=PROOF if coming.is_verified else "",
        changed_at=now,
    )
    await accounts.put_account(tx, account, email_key=key)
    await accounts.put_identity(tx, _identity(coming, account.id))
    await coming.trail.write(tx, Event.ACCOUNT_CREATED, actor=account, subject=account)
    return Entered(account, is_connected_now=False)


async def _refuse_newcomer(tx: Tx, coming: Coming, verified_key: str) -> Failure | None:
    ctx = coming.ctx
    invitation = await invitations.find_invitation_of(tx, verified_key, ctx.clock.now()) if verified_key else None
    return refuse_newcomer(
        ctx.live.document.people,
        coming.provider,
        verified_domain=verified_key.rpartition("@")[2],
        is_invited=invitation is not None and await is_good(tx, invitation),
        is_administrators=bool(verified_key) and verified_key == email_key(ctx.settings.admin_email),
    )


async def _connect_by_authority(tx: Tx, coming: Coming, verified_key: str) -> Entered | None:
    """
    Connect the account that holds the address, where an administrator's rule lets this provider speak for the domain.

    Both sides must have proved the address: the provider now, the account before (otherwise somebody could have made
    it ahead of its owner).  Not where the account has another subject of this issuer (an address is given to somebody
    else when its owner leaves), and never an administrator's.
    """
    if not speaks_for(coming.ctx.live.document.people, coming.provider, verified_key.rpartition("@")[2]):
        return None
    holder = await accounts.find_email_holder(tx, verified_key)
    if holder is None or not holder.is_enabled or not holder.email_proof or holder.is_admin:
        return None
    if any(each.issuer == coming.person.issuer for each in await accounts.list_identities(tx, holder.id)):
        return None
    await accounts.put_identity(tx, _identity(coming, holder.id))
    detail = f"{coming.by}, the authority for {verified_key.rpartition('@')[2]}"
    await coming.trail.write(tx, Event.ACCOUNT_CONNECTED, actor=holder, subject=holder, detail=detail)
    return Entered(holder, is_connected_now=False)


def _identity(coming: Coming, account_id: str) -> Identity:
    now = coming.ctx.clock.now()
    return Identity(
        issuer=coming.person.issuer,
        subject=coming.person.subject,
        account_id=account_id,
        created_at=now,
        signed_in_at=now,
        provider=coming.provider,
        claims=coming.new.claims,
    )
