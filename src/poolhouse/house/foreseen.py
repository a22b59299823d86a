"""What a sign-in would come to, told without doing it: the account, the groups, the apps."""

from collections.abc import Mapping
from typing import Any

import msgspec

from poolhouse.house.accounts import find_taken
from poolhouse.house.context import Context
from poolhouse.house.gateway.judge import Outcome, of_person
from poolhouse.house.gateway.seen import read_seen
from poolhouse.house.gateway.table import entry_of
from poolhouse.house.model import Account, App, Session
from poolhouse.house.rp.failures import SignInFailed
from poolhouse.house.rp.person import Person, email_key, read_person
from poolhouse.house.session import kept_claims
from poolhouse.house.store import accounts, apps
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx


class Foreseen(msgspec.Struct, frozen=True, kw_only=True):
    """``account`` is whose it is; a refusal is a sentence, and then nothing else is foreseen."""

    username: str = ""
    account: str = ""
    refusal: str = ""
    groups: tuple[str, ...] = ()
    apps: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()


async def foresee(
    ctx: Context, claims: Mapping[str, Any], *, issuer: str, username_attribute: str, address: str
) -> Foreseen:
    """For the person behind *claims*, if they signed in now from *address*."""
    try:
        person = read_person(dict(claims), issuer=issuer, username_attribute=username_attribute)
    except SignInFailed:
        return Foreseen(refusal=f"The provider says nothing usable under {username_attribute}. Choose another claim.")

    async def unit(tx: ReadTx) -> tuple[Foreseen, Account | None, list[App]]:
        said, account = await _account(tx, ctx, person)
        return said, account, await apps.list_apps(tx)

    said, account, listed = await ctx.db.read(unit)
    if account is None:
        return said
    session = _imagined(account, person, claims, ctx.clock.now())
    seen = read_seen(session, until=0.0)
    opened: list[str] = []
    closed: list[str] = []
    for app in listed:
        if app.gate is None and not app.is_broken:
            opened.append(app.name)
            continue
        verdict = of_person(entry_of(app, ctx.origin), seen, address=address, now=ctx.clock.now())
        (opened if verdict.outcome is Outcome.OPEN else closed).append(app.name)
    return msgspec.structs.replace(said, groups=seen.groups, apps=tuple(opened), closed=tuple(closed))


async def _account(tx: ReadTx, ctx: Context, person: Person) -> tuple[Foreseen, Account | None]:
    identity = await accounts.find_identity(tx, person.issuer, person.subject)
    if identity is not None:
        account = await accounts.find_account(tx, identity.account_id)
        if account is None or not account.is_enabled:
            return Foreseen(username=person.username, refusal="Their account here is disabled."), None
        right = ", an administrator" if account.is_admin else ""
        return Foreseen(username=person.username, account=f"{account.username}{right}: signed in before"), account
    taken = await find_taken(tx, person, "")
    if taken:
        refusal = (
            f"An account with the address {taken} exists here and is not connected to this sign-in. Its owner signs in "
            "as before, opens Your account, and presses Connect."
        )
        return Foreseen(username=person.username, refusal=refusal), None
    account = Account(
        id="",
        username=person.username,
        email=person.email,
        is_email_holder=bool(email_key(person.email)) and person.is_email_verified,
        name=person.name,
        is_admin=False,
        is_enabled=True,
        password_hash=None,
        created_at=ctx.clock.now(),
        signed_in_at=None,
        email_proof="",
        changed_at=ctx.clock.now(),
    )
    return Foreseen(username=person.username, account=f"{person.username}: a new account would be made"), account


def _imagined(account: Account, person: Person, claims: Mapping[str, Any], now: Epoch) -> Session:
    """What a session of that sign-in would hold; it is never stored."""
    return Session(
        key=b"",
        account=account,
        method="",
        issuer=person.issuer,
        subject=person.subject,
        claims=kept_claims(claims),
        sealed_id_token=None,
        created_at=now,
        seen_at=now,
        expires_at=now,
    )
