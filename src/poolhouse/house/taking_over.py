"""What an account shows of what its provider says: user name, address, name."""

import msgspec

from poolhouse.house.audit import Event, Trail
from poolhouse.house.model import Account
from poolhouse.house.people import SCIM
from poolhouse.house.rp.person import Person, email_key
from poolhouse.house.store import accounts
from poolhouse.kit.db.protocol import ReadTx, Tx

PROOF = "provider"
"""How an address was proved that a provider says is verified."""


async def take_over(tx: Tx, trail: Trail, account: Account, person: Person) -> Account:
    """
    Show what the provider says now; only for accounts that come by the provider alone.

    An account with a password keeps its address: it is what its owner types into the form.  One that a directory
    keeps is as the directory says.  And an account that would be called by somebody else's address keeps its former
    user name and address, so that nobody takes it for theirs; its owner still comes in, being known by issuer and
    subject.
    """
    if account.password_hash is not None or account.managed_by == SCIM:
        return account
    taken = await find_taken(tx, person, account.id)
    if taken:
        detail = f"the provider says {taken}, which belongs to another account"
        await trail.write(tx, Event.EMAIL_KEPT, actor=account, subject=account, detail=detail, is_refusal=True)
        described = msgspec.structs.replace(account, name=person.name)
    else:
        is_verified = bool(person.email) and person.is_email_verified
        described = msgspec.structs.replace(
            account,
            username=person.username,
            email=person.email,
            name=person.name,
            is_email_holder=is_verified,
            email_proof=PROOF if is_verified else "",
        )
    await accounts.describe_account(tx, described, email_key=email_key(described.email))
    return described


async def find_taken(tx: ReadTx, person: Person, account_id: str) -> str:
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
