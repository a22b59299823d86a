"""Whom a provider's access token stands for in this house: an account, where there is one, or the subject itself."""

import asyncio
from typing import Any

import msgspec

from poolhouse.house.context import Context
from poolhouse.house.gateway.judge import Rejection
from poolhouse.house.gateway.resource import resource_of
from poolhouse.house.gateway.seen import REMEMBERED_SECONDS, Seen, read_seen
from poolhouse.house.gateway.table import Entry
from poolhouse.house.model import Account, Session
from poolhouse.house.provider import find_enabled
from poolhouse.house.session import kept_claims
from poolhouse.house.store import accounts
from poolhouse.house.store.standing import standing_of
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx

METHOD = "access token"
_OF_A_SIGN_IN = frozenset({"auth_time", "amr", "acr"})
ASKED_SECONDS = 10.0
"""How long an answer of the provider itself counts, which is a call over the network."""
NO_PROVIDER = Rejection(401, "invalid_token", "This app takes no access tokens now.")
DISABLED = Rejection(401, "invalid_token", "The account that the token belongs to may not be used.")
NO_ACCOUNT = Rejection(403, "access_denied", "Whoever the token stands for has no account in this house.")


async def find_subject(ctx: Context, entry: Entry, token: str) -> Seen | Rejection:
    """Judge the token, then look for the account of issuer and subject, which are its key and nothing else is."""
    resource = resource_of(entry)
    provider = find_enabled(ctx.live.document.providers, resource.provider) if resource else None
    if resource is None or provider is None:
        return NO_PROVIDER
    from poolhouse.house.gateway.access_token import read_access  # noqa: PLC0415 - joserfc, at the first token

    access = await read_access(ctx.relying.wire, entry, resource, provider.settings, token)
    if isinstance(access, Rejection):
        return access
    account, said, groups = await _account_of(ctx, access.issuer, access.subject)
    if account is not None and not account.is_enabled:
        return DISABLED
    if account is None and resource.needs_account:
        return NO_ACCOUNT
    # What the token says is newer than what was said at the last sign-in.
    fresh = kept_claims(access.claims)
    both = {**msgspec.json.decode(without_sign_in(said) or "{}"), **msgspec.json.decode(fresh or "{}")}
    now = ctx.clock.now()
    session = Session(
        key=b"access " + access.issuer.encode() + b" " + access.subject.encode(),
        account=account or _stranger(access.issuer, access.subject, now),
        method=METHOD,
        issuer=access.issuer,
        subject=access.subject,
        claims=msgspec.json.encode(both).decode(),
        sealed_id_token=None,
        created_at=access.issued_at or now,
        seen_at=now,
        expires_at=Epoch(int(access.expires_at)),
        groups=groups,
    )
    seconds = min(ASKED_SECONDS if access.was_asked else REMEMBERED_SECONDS, access.expires_at - now)
    seen = read_seen(session, until=asyncio.get_running_loop().time() + seconds)
    seen.scopes = access.scopes
    return seen


def without_sign_in(claims: str) -> str:
    """The *claims* of a person, without those of the sign-in at which they were said: this is another one."""
    if not claims:
        return ""
    found: dict[str, Any] = msgspec.json.decode(claims)
    return msgspec.json.encode({name: value for name, value in found.items() if name not in _OF_A_SIGN_IN}).decode()


async def _account_of(ctx: Context, issuer: str, subject: str) -> tuple[Account | None, str, tuple[str, ...]]:
    """The account, what the provider said of it last, and its groups in the house."""

    async def unit(tx: ReadTx) -> tuple[Account | None, str, tuple[str, ...]]:
        identity = await accounts.find_identity(tx, issuer, subject)
        if identity is None:
            return None, "", ()
        groups, _ = await standing_of(tx, identity.account_id)
        return await accounts.find_account(tx, identity.account_id), identity.claims, groups

    return await ctx.db.read(unit)


def _stranger(issuer: str, subject: str, now: Epoch) -> Account:
    """Somebody whom only the provider knows: an id that no account has, and no name that could be another's."""
    name = f"{issuer}|{subject}"
    return Account(
        id=name,
        username=name,
        email="",
        is_email_holder=False,
        name="",
        is_admin=False,
        is_enabled=True,
        password_hash=None,
        created_at=now,
        signed_in_at=None,
    )
