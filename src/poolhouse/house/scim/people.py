"""``/Users`` (RFC 7643 section 4.1)."""

from typing import Any

import msgspec

from poolhouse.house.audit import Event
from poolhouse.house.guards import check_left
from poolhouse.house.model import Account
from poolhouse.house.people import SCIM, Group
from poolhouse.house.rp.person import email_key
from poolhouse.house.scim import patching
from poolhouse.house.scim.call import Call, whole_body, write
from poolhouse.house.scim.filters import exact_value, matches
from poolhouse.house.scim.query import Listing, project, wants
from poolhouse.house.scim.reading import show_one, show_page
from poolhouse.house.scim.replies import ScimError, bad, not_found, nothing, reply
from poolhouse.house.scim.resources import USER_NAMES, WantedUser, read_user, user_resource
from poolhouse.house.store import accounts, directory, leases, provisioning, sessions
from poolhouse.house.store.groups import groups_of_account
from poolhouse.kit.ambient import uuid4
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.edge import Reply

SCAN = 500


async def show_all(call: Call) -> Reply:
    """A page of those that fit the filter."""
    return await show_page(call, _fitting, _resource, sorted_by="userName")


async def show(call: Call, account_id: str) -> Reply:
    """One of them."""
    return await show_one(call, accounts.find_account, _resource, account_id)


async def add(call: Call) -> Reply:
    """A new account, without a password and without an identity; ``uniqueness`` when one is called so."""
    wanted = read_user(whole_body(call))
    account_id, now = uuid4(call.ctx.entropy), call.ctx.clock.now()

    async def unit(tx: Tx) -> dict[str, Any]:
        await _check_free(tx, wanted, account_id)
        await _check_external(tx, wanted, account_id)
        account = Account(
            id=account_id,
            username=wanted.username,
            email=wanted.email,
            is_email_holder=bool(wanted.email),
            name=wanted.name,
            is_admin=False,
            is_enabled=wanted.is_active,
            password_hash=None,
            created_at=now,
            signed_in_at=None,
            given_name=wanted.given_name,
            family_name=wanted.family_name,
            external_id=wanted.external_id,
            managed_by=SCIM,
            changed_at=now,
            disabled_by="" if wanted.is_active else SCIM,
        )
        await accounts.put_account(tx, account, email_key=email_key(wanted.email))
        await call.note(tx, Event.ACCOUNT_CREATED, account)
        return await _resource(tx, call, account)

    made = await call.ctx.db.write(unit)
    return reply(project(made, call.query), 201, (("location", made["meta"]["location"]),))


async def replace(call: Call, account_id: str) -> Reply:
    """PUT: what is not sent is empty afterwards."""
    wanted = read_user(whole_body(call))

    async def unit(tx: Tx) -> dict[str, Any]:
        return await _change(tx, call, await _find(tx, account_id), wanted)

    return reply(project(await write(call, unit), call.query))


async def patch(call: Call, account_id: str) -> Reply:
    """PATCH, all operations or none."""
    operations = patching.read(whole_body(call))

    async def unit(tx: Tx) -> dict[str, Any]:
        account = await _find(tx, account_id)
        before = user_resource(account, (), call.base)
        return await _change(tx, call, account, read_user(patching.apply(before, operations, USER_NAMES)))

    return reply(project(await write(call, unit), call.query))


async def remove(call: Call, account_id: str) -> Reply:
    """The account and its sessions; whoever signs in again is new here."""

    async def unit(tx: Tx) -> None:
        account = await _find(tx, account_id)
        _check_is_theirs(account)
        await sessions.delete_sessions_of(tx, account.id)
        await accounts.delete_account(tx, account.id)
        await check_left(tx, call.ctx.ring)
        await call.note(tx, Event.ACCOUNT_DELETED, account)

    await write(call, unit)
    return nothing()


async def _change(tx: Tx, call: Call, account: Account, wanted: WantedUser) -> dict[str, Any]:
    """Make the account what is wanted; out at once, in every browser, when it is not active any more."""
    now = call.ctx.clock.now()
    changed = msgspec.structs.replace(
        account,
        username=wanted.username,
        email=wanted.email,
        name=wanted.name,
        given_name=wanted.given_name,
        family_name=wanted.family_name,
        external_id=wanted.external_id,
    )
    if changed != account:
        _check_is_theirs(account)
        await _check_free(tx, wanted, account.id)
        if wanted.external_id != account.external_id:
            await _check_external(tx, wanted, account.id)
        is_same_address = email_key(wanted.email) == email_key(account.email)
        changed = msgspec.structs.replace(
            changed,
            managed_by=SCIM,
            changed_at=now,
            is_email_holder=bool(wanted.email),
            email_proof=account.email_proof if is_same_address else "",
        )
        await accounts.describe_account(tx, changed, email_key=email_key(wanted.email))
        await call.note(tx, Event.ACCOUNT_CHANGED, changed, _differences(account, changed))
    if wanted.is_active != account.is_enabled:
        changed = await _set_active(tx, call, changed, is_active=wanted.is_active)
    return await _resource(tx, call, changed)


async def _set_active(tx: Tx, call: Call, account: Account, *, is_active: bool) -> Account:
    if is_active and account.disabled_by != SCIM:
        raise bad("an administrator has disabled this account, and only an administrator enables it", "mutability")
    by = "" if is_active else SCIM
    await accounts.set_enabled(tx, account.id, is_enabled=is_active, by=by)
    if not is_active:
        await sessions.delete_sessions_of(tx, account.id)
        await check_left(tx, call.ctx.ring)
    await call.note(tx, Event.ACCOUNT_ENABLED if is_active else Event.ACCOUNT_DISABLED, account)
    return msgspec.structs.replace(account, is_enabled=is_active, disabled_by=by)


def _check_is_theirs(account: Account) -> None:
    """Who signs in with a password of their own is not the directory's, nor is an instance administrator."""
    if account.password_hash is not None:
        raise bad("this account signs in with a password of its own; only its owner and administrators change it",
                  "mutability")  # fmt: skip
    if account.is_admin:
        raise bad("this account is an administrator's; only administrators change it", "mutability")


async def _check_free(tx: Tx, wanted: WantedUser, account_id: str) -> None:
    """
    One account for each userName, whatever its case, and one holder for each address.

    One such unit at a time: a directory that asks a second time before the first answer would be given two accounts.
    """
    await leases.hold(tx, "user names")
    namesake = await directory.find_account_named(tx, wanted.username)
    if namesake is not None and namesake.id != account_id:
        raise ScimError(409, "another account has this userName", "uniqueness")
    for shown in {wanted.email, wanted.username}:
        holder = await accounts.find_email_holder(tx, email_key(shown)) if email_key(shown) else None
        if holder is not None and holder.id != account_id:
            raise ScimError(409, "another account has this e-mail address", "uniqueness")


async def _check_external(tx: Tx, wanted: WantedUser, account_id: str) -> None:
    """
    One account for each externalId: who signs in for the first time is given the account that has theirs.

    There is one client (its two keys are for changing them), so the whole house is its domain (RFC 7643 section 3.1).
    """
    namesake = await directory.find_account_external(tx, wanted.external_id)
    if namesake is not None and namesake.id != account_id:
        raise ScimError(409, "another account has this externalId", "uniqueness")


async def _fitting(tx: ReadTx, call: Call, listing: Listing) -> tuple[int, list[Account]]:
    """How many fit, and those of the page; a filter that an index answers is not a scan."""
    if listing.node is None:
        return await provisioning.count_accounts(tx), await provisioning.accounts_from(tx, listing.skip, listing.count)
    named = exact_value(listing.node)
    if named is not None and named[0] in {"id", "username", "externalid"}:
        find = {
            "id": accounts.find_account,
            "username": directory.find_account_named,
            "externalid": directory.find_account_external,
        }[named[0]]
        found = await find(tx, named[1])
        page = [found] if found is not None else []
        return len(page), page[listing.skip :][: listing.count]
    total, kept, skip = 0, list[Account](), 0
    while some := await provisioning.accounts_from(tx, skip, SCAN):
        skip += len(some)
        for each in some:
            if not matches(listing.node, await _resource(tx, call, each)):
                continue
            if listing.skip <= total < listing.skip + listing.count:
                kept.append(each)
            total += 1
    return total, kept


async def _resource(tx: ReadTx, call: Call, account: Account) -> dict[str, Any]:
    groups: dict[str, Group] = {}
    if wants("groups", call.query):
        groups = {each.group.id: each.group for each in await groups_of_account(tx, account.id)}
    return user_resource(account, list(groups.values()), call.base)


async def _find(tx: ReadTx, account_id: str) -> Account:
    account = await accounts.find_account(tx, account_id)
    if account is None:
        raise not_found()
    return account


def _differences(before: Account, after: Account) -> str:
    names = ("username", "email", "name", "given_name", "family_name", "external_id")
    return ", ".join(name for name in names if getattr(before, name) != getattr(after, name))
