"""
How a changed provider comes into force so that a mistake locks nobody out.

A change of a provider that people sign in with is saved as a candidate beside it.  The administrator signs in through
the candidate, and that puts it in force; afterwards its sign-ins are watched for an hour, and when they fail for
reasons of the settings, one after another and none succeeding, the former ones come back.  For a day an administrator
can go back to them (``going_back``).  A first provider, and one
that is turned off, have nothing to break and are in force at once.

Only what the house itself has seen at the provider counts as such a failure: an error in the address of the return
can be written by anybody.
"""

import msgspec

from poolhouse.house.audit import ITSELF, Event, write_unattended
from poolhouse.house.candidate import (
    Candidate,
    Fallen,
    Former,
    Rollout,
    find_candidate,
    find_former,
    put_candidate,
    put_former,
    remove_candidate,
    remove_former,
)
from poolhouse.house.context import Context
from poolhouse.house.drafts import FRESH_SECONDS
from poolhouse.house.former_secret import ageing, forget_former_secret, has_aged, without_former_secret, would_work
from poolhouse.house.guards import Refused, check_document
from poolhouse.house.live import Change
from poolhouse.house.model import Account, Document
from poolhouse.house.provider import Provider, find_enabled, find_provider, put_provider, title
from poolhouse.house.rp.failures import Failure
from poolhouse.house.store import watched
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx, Tx

CANDIDATE_SECONDS = 24 * 3600
WATCH_SECONDS = 3600
FORMER_SECONDS = 24 * 3600
FAILURES_TO_FALL_BACK = 3

SEEN_AT_PROVIDER = frozenset(
    {
        Failure.AUTHORIZATION_UNREACHABLE, Failure.AUTHORIZATION_NOT_FOUND, Failure.CLIENT_UNKNOWN,
        Failure.REDIRECT_NOT_REGISTERED, Failure.TOKEN_UNREACHABLE, Failure.TOKEN_NOT_FOUND, Failure.TOKEN_UNREADABLE,
        Failure.SECRET_REFUSED, Failure.NO_ID_TOKEN, Failure.KEYS_UNREACHABLE, Failure.KEYS_UNREADABLE,
        Failure.KEY_UNKNOWN, Failure.SIGNATURE_WRONG, Failure.ALGORITHM_REFUSED, Failure.ID_TOKEN_MALFORMED,
        Failure.ISSUER_WRONG, Failure.DERIVED_ISSUER_WRONG, Failure.AUDIENCE_WRONG, Failure.USERINFO_UNREACHABLE,
        Failure.USERINFO_NOT_FOUND, Failure.USERINFO_REFUSED, Failure.USERINFO_UNREADABLE,
        Failure.USERINFO_OTHER_SUBJECT, Failure.USERNAME_MISSING,
    }
)  # fmt: skip
"""Failures that speak against the settings and that no stranger can bring about by an address."""

GONE = "These settings are no longer waiting: they are in force, were discarded, or their time is over."
NEEDS_TEST = "Nobody has signed in with these settings in the last half hour. Test them, or type activate to confirm."


def needs_trial(before: Provider | None, after: Provider) -> bool:
    """Whether people sign in with *before* and *after* would change how."""
    if before is None or not before.is_enabled:
        return False
    return _what_matters(before) != _what_matters(after)


def _what_matters(provider: Provider) -> Provider:
    """Without what no sign-in depends on."""
    settings = msgspec.structs.replace(
        provider.settings,
        secret_expires="",
        former_secret=None,
        former_secret_until=None,
        revocation_url="",
        is_end_session_posted=True,
    )
    return msgspec.structs.replace(provider, settings=settings, label="", domains=())


def following(
    document: Document, after: Provider, *, account: Account, now: Epoch, tested_at: Epoch | None
) -> Document:
    """The document with *after* in force, or with it as a candidate."""
    before = find_provider(document.providers, after.id)
    if before is None or not needs_trial(before, after):
        rollout = remove_candidate(document.rollout, after.id)
        if before is None:
            rollout = remove_former(rollout, after.id)
        if before is not None and before.settings.client_secret == after.settings.client_secret:
            kept = msgspec.structs.replace(
                after.settings,
                former_secret=before.settings.former_secret,
                former_secret_until=before.settings.former_secret_until,
            )
            after = msgspec.structs.replace(after, settings=kept)
        providers = put_provider(document.providers, after)
        return msgspec.structs.replace(document, providers=providers, rollout=rollout)
    candidate = Candidate(
        provider=_with_former_secret(before, after),
        account_id=account.id,
        by=account.username,
        saved_at=now,
        expires_at=Epoch(now + CANDIDATE_SECONDS),
        tested_at=tested_at,
    )
    # What no sign-in depends on need not wait with the rest.
    shown = msgspec.structs.replace(before, label=after.label, domains=after.domains)
    return msgspec.structs.replace(
        document,
        providers=put_provider(document.providers, shown),
        rollout=put_candidate(document.rollout, candidate),
    )


def _with_former_secret(before: Provider, after: Provider) -> Provider:
    """Both secrets of one client are tried for a while, so that it does not matter which end changes first."""
    old, new = before.settings, after.settings
    if (old.client_id, old.token_url) != (new.client_id, new.token_url) or old.client_secret == new.client_secret:
        return after
    return msgspec.structs.replace(after, settings=msgspec.structs.replace(new, former_secret=old.client_secret))


def alone(candidate: Candidate) -> Provider:
    """The candidate as it is tried: the former secret must not hide that the new one is wrong."""
    return without_former_secret(candidate.provider)


def waiting(document: Document, provider_id: str, now: Epoch) -> Candidate | None:
    """The candidate that can be signed in through now."""
    candidate = find_candidate(document.rollout, provider_id)
    if candidate is None or candidate.expires_at <= now or find_enabled(document.providers, provider_id) is None:
        return None
    return candidate


def is_tested(candidate: Candidate, now: Epoch) -> bool:
    """Whether a Test login with these settings came back a moment ago."""
    return candidate.tested_at is not None and now - candidate.tested_at < FRESH_SECONDS


def latest(document: Document, provider_id: str, now: Epoch) -> Provider | None:
    """What was saved last: the next change is one of that."""
    candidate = waiting(document, provider_id, now)
    return find_provider(document.providers, provider_id) if candidate is None else alone(candidate)


async def activate(tx: Tx, ctx: Context, document: Document, candidate: Candidate) -> Document:
    """
    The document with *candidate* in force and the former settings kept for a while.

    ``Refused`` when it is not the one that waits, or when it would lock the administrators out.
    """
    now = ctx.clock.now()
    provider = ageing(candidate.provider, now)
    before = find_enabled(document.providers, provider.id)
    if before is None or waiting(document, provider.id, now) != candidate:
        raise Refused(GONE)
    former = Former(provider=before, until=Epoch(now + FORMER_SECONDS), watched_until=Epoch(now + WATCH_SECONDS))
    activated = msgspec.structs.replace(
        document,
        providers=put_provider(document.providers, provider),
        rollout=put_former(remove_candidate(document.rollout, provider.id), former),
    )
    await check_document(tx, activated)
    await watched.begin(tx, provider.id, now)
    return activated


def restored(document: Document, former: Former) -> Provider:
    """The provider as it was, but for what no sign-in depends on and whether it is on."""
    present = find_provider(document.providers, former.provider.id)
    if present is None:
        raise Refused(GONE)
    return msgspec.structs.replace(
        former.provider, label=present.label, domains=present.domains, is_enabled=present.is_enabled
    )


async def note_failure(tx: Tx, document: Document, provider: Provider, failure: Failure, now: Epoch) -> None:
    """Count a failure of the settings that are in force and watched."""
    if failure in SEEN_AT_PROVIDER and _is_watched(document, provider, now):
        await watched.count_failure(tx, provider.id, failure.value)


async def note_success(ctx: Context, provider: Provider) -> None:
    """One that succeeds is enough: the settings stay."""
    if not _is_watched(ctx.live.document, provider, ctx.clock.now()):
        return

    async def unit(tx: Tx) -> None:
        await watched.mark_proved(tx, provider.id)

    await ctx.db.write(unit)


def _is_watched(document: Document, provider: Provider, now: Epoch) -> bool:
    former = find_former(document.rollout, provider.id)
    is_in_time = former is not None and former.watched_until > now
    return is_in_time and find_provider(document.providers, provider.id) == provider


async def look_after(ctx: Context) -> None:
    """The round: what is over goes, and settings that fail give way to the former ones."""
    document, now = ctx.live.document, ctx.clock.now()
    if _tidied(document, now) != document.rollout:
        await ctx.live.change(_tidy(ctx), by=ITSELF)
    for former in document.rollout.formers:
        if former.watched_until > now:
            await _judge(ctx, former)
    for provider in document.providers:
        if has_aged(provider, now):
            await forget_former_secret(ctx, provider)


def _tidied(document: Document, now: Epoch) -> Rollout:
    """Without what has run out or whose provider is gone."""
    rollout = document.rollout
    for candidate in rollout.candidates:
        if waiting(document, candidate.provider.id, now) is None:
            rollout = remove_candidate(rollout, candidate.provider.id)
    for former in rollout.formers:
        if former.until <= now or find_provider(document.providers, former.provider.id) is None:
            rollout = remove_former(rollout, former.provider.id)
    return rollout


def _tidy(ctx: Context) -> Change:
    async def change(tx: Tx, document: Document) -> Document:
        now = ctx.clock.now()
        tidied = _tidied(document, now)
        for candidate in document.rollout.candidates:
            if find_candidate(tidied, candidate.provider.id) is None:
                name = f"Authentication > {title(candidate.provider)}"
                await write_unattended(tx, ctx, Event.CANDIDATE_EXPIRED, actor=ITSELF, subject=name)
        return msgspec.structs.replace(document, rollout=tidied)

    return change


async def _judge(ctx: Context, former: Former) -> None:
    provider_id = former.provider.id

    async def read(tx: ReadTx) -> watched.Watched | None:
        return await watched.find(tx, provider_id)

    seen = await ctx.db.read(read)
    if seen is None or seen.is_proved or seen.failures < FAILURES_TO_FALL_BACK:
        return
    if not await would_work(ctx, former.provider):
        # The provider is down for both, and the former secret may be gone: going back would mend nothing.
        return

    async def change(tx: Tx, document: Document) -> Document:
        return await _fall_back(tx, ctx, document, former)

    try:
        await ctx.live.change(change, by=ITSELF)
    except Refused:
        return


async def _fall_back(tx: Tx, ctx: Context, document: Document, former: Former) -> Document:
    provider_id = former.provider.id
    seen = await watched.take_failing(tx, provider_id, at_least=FAILURES_TO_FALL_BACK)
    if seen is None or find_former(document.rollout, provider_id) != former:
        raise Refused(GONE)
    fallen = Fallen(provider_id=provider_id, at=ctx.clock.now(), failure=seen.failure)
    rollout = remove_former(document.rollout, provider_id)
    others = tuple(each for each in rollout.fallen if each.provider_id != provider_id)
    changed = msgspec.structs.replace(
        document,
        providers=put_provider(document.providers, restored(document, former)),
        rollout=msgspec.structs.replace(rollout, fallen=(*others, fallen)),
    )
    await check_document(tx, changed)
    await write_unattended(
        tx,
        ctx,
        Event.PROVIDER_FELL_BACK,
        actor=ITSELF,
        subject=f"Authentication > {title(former.provider)}",
        detail=f"{seen.failures} sign-ins failed, none succeeded; last: {seen.failure}",
    )
    return changed
