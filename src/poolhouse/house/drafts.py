"""
Settings that are being tried before they are saved.

A draft is one administrator's, for half an hour, and sealed as a whole: it holds a client secret, and afterwards what
the provider said of a person.  So is a secret that was typed and is not tried yet.  Nothing of it is in force, and a
sign-in with it opens no session and makes no account.
"""

from typing import Any

import msgspec

from poolhouse.house.context import Context
from poolhouse.house.provider import Provider
from poolhouse.house.store import drafts
from poolhouse.kit.ambient import Epoch, urlsafe
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.seal import SealBroken

DRAFT_SECONDS = 1800
FRESH_SECONDS = 1800
_ID_BYTES = 18
_PURPOSE = "house draft"
_TYPED_PURPOSE = "house typed secret"
_UNSHOWN = frozenset({"nonce", "at_hash", "c_hash", "s_hash", "jti", "sid", "origin_jti", "event_id"})


class Finding(msgspec.Struct, frozen=True):
    """One line of the report, as it is kept: field, verdict, what was found, what to do."""

    field: str
    verdict: str
    sentence: str
    advice: str = ""


class Came(msgspec.Struct, frozen=True, kw_only=True):
    """What the last sign-in with the draft brought: claims, or the word for what went wrong."""

    at: Epoch
    failure: str = ""
    claims: dict[str, Any] = {}


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """Settings under trial, with the version of the settings that the form was opened with."""

    provider: Provider
    opened: str
    report: tuple[Finding, ...] = ()
    came: Came | None = None
    trimmed: tuple[str, ...] = ()

    @property
    def is_faultless(self) -> bool:
        """Whether the report names no fault; warnings are none."""
        return all(finding.verdict != "wrong" for finding in self.report)

    @property
    def is_doubtful(self) -> bool:
        """Whether something in the report should be looked at."""
        return any(finding.verdict == "warning" for finding in self.report)

    def has_passed(self, now: Epoch) -> bool:
        """Whether somebody has come back with these very settings a moment ago."""
        return self.came is not None and not self.came.failure and now - self.came.at < FRESH_SECONDS


async def put(ctx: Context, draft: Draft, *, account_id: str) -> str:
    """Keep a draft; its id, which only says which one it is."""
    draft_id = urlsafe(ctx.entropy, _ID_BYTES)
    await _store(ctx, draft_id, _seal(ctx, draft_id, draft), account_id)
    return draft_id


async def _store(ctx: Context, draft_id: str, sealed: bytes, account_id: str) -> None:
    now = ctx.clock.now()

    async def unit(tx: Tx) -> None:
        await drafts.put_draft(
            tx,
            draft_id=draft_id,
            account_id=account_id,
            sealed=sealed,
            now=now,
            expires_at=Epoch(now + DRAFT_SECONDS),
        )

    await ctx.db.write(unit)


async def put_typed(ctx: Context, secret: str, *, account_id: str, provider_id: str) -> str:
    """Keep a client secret that was typed for a provider, for as long as a draft; its id is no way to read it."""
    typed_id = urlsafe(ctx.entropy, _ID_BYTES)
    sealed = ctx.ring.seal(secret.encode(), purpose=_TYPED_PURPOSE, row=f"{typed_id} {provider_id}")
    await _store(ctx, typed_id, sealed, account_id)
    return typed_id


async def find_typed(ctx: Context, typed_id: str, *, account_id: str, provider_id: str) -> str:
    """The secret, if it is this administrator's, was typed for this provider and is not over; else ""."""

    async def unit(tx: ReadTx) -> bytes | None:
        return await drafts.find_draft(tx, draft_id=typed_id, account_id=account_id, now=ctx.clock.now())

    sealed = await ctx.db.read(unit)
    if sealed is None:
        return ""
    try:
        return ctx.ring.open(sealed, purpose=_TYPED_PURPOSE, row=f"{typed_id} {provider_id}").decode()
    except SealBroken:
        return ""


async def find(ctx: Context, draft_id: str, *, account_id: str) -> Draft | None:
    """The draft, if it is this administrator's and not over."""

    async def unit(tx: ReadTx) -> bytes | None:
        return await drafts.find_draft(tx, draft_id=draft_id, account_id=account_id, now=ctx.clock.now())

    return _open(ctx, draft_id, await ctx.db.read(unit))


async def change(ctx: Context, draft_id: str, draft: Draft, *, account_id: str) -> bool:
    """Whether it was still there to be changed."""
    sealed = _seal(ctx, draft_id, draft)

    async def unit(tx: Tx) -> bool:
        return await drafts.change_draft(
            tx, draft_id=draft_id, account_id=account_id, sealed=sealed, now=ctx.clock.now()
        )

    return await ctx.db.write(unit)


async def take(tx: Tx, ctx: Context, draft_id: str, *, account_id: str) -> Draft | None:
    """The draft, which is gone afterwards; within the unit that saves it."""
    return _open(
        ctx, draft_id, await drafts.take_draft(tx, draft_id=draft_id, account_id=account_id, now=ctx.clock.now())
    )


async def sweep(ctx: Context) -> None:
    """What is over has secrets in it, and should be in no backup."""
    await ctx.db.write(lambda tx: drafts.sweep_drafts(tx, now=ctx.clock.now()))


def shown_claims(claims: dict[str, Any]) -> dict[str, Any]:
    """What an administrator may see of a person: all but what belongs to one token."""
    return {name: value for name, value in claims.items() if name not in _UNSHOWN}


def _seal(ctx: Context, draft_id: str, draft: Draft) -> bytes:
    return ctx.ring.seal(msgspec.json.encode(draft), purpose=_PURPOSE, row=draft_id)


def _open(ctx: Context, draft_id: str, sealed: bytes | None) -> Draft | None:
    if sealed is None:
        return None
    try:
        return msgspec.json.decode(ctx.ring.open(sealed, purpose=_PURPOSE, row=draft_id), type=Draft)
    except (SealBroken, msgspec.ValidationError):
        return None
