"""What the pages of providers share: which one a page is about, and how a change of one comes into force."""

from collections.abc import Callable

from poolhouse.house import drafts, rollout
from poolhouse.house.audit import Event, Trail
from poolhouse.house.candidate import Candidate, find_candidate
from poolhouse.house.context import Context, settings_path
from poolhouse.house.guards import ONE_EACH, Refused, check_document
from poolhouse.house.model import Document
from poolhouse.house.pages.frame import AUTHENTICATION, account_of
from poolhouse.house.pages.held import keep_held_of
from poolhouse.house.provider import FIRST, Provider, find_provider, rival, title
from poolhouse.house.store import documents
from poolhouse.house.visit import Visit
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import Tx


class Outdated(Exception):
    """The page was opened before somebody else saved."""


def provider_id(visit: Visit) -> str:
    """The provider that the address names; the first one has an address without a name."""
    return visit.raw.params.get("id", FIRST)


def subject_of(provider: Provider) -> str:
    """How the audit log calls a provider's settings."""
    return f"Authentication > {title(provider)}"


async def write_provider(
    ctx: Context,
    visit: Visit,
    make: Callable[[Provider | None, str], Provider],
    *,
    describe: Callable[[Provider | None], str],
    tested_at: Epoch | None = None,
) -> str:
    """
    Put what *make* makes of the provider (None: there is none yet) and its id into the next version.

    A change of how people sign in waits as a candidate; the address to go to next is its page then, and that of the
    provider otherwise.  *tested_at*: when a Test login with these very settings came back.

    ``Refused`` when it would lock the administrators out or has the issuer of another provider; ``Outdated`` when
    somebody else has saved it since the page was opened.
    """
    trail = Trail(ctx, visit)
    opened = visit.form.get("version", "")

    its_id, account, now = provider_id(visit), account_of(visit), ctx.clock.now()

    async def change(tx: Tx, document: Document) -> Document:
        before = rollout.latest(document, its_id, now)
        await _check_version(ctx, tx, document, its_id, opened)
        after = keep_held_of(ctx.live, document, make(before, its_id))
        other = rival(document.providers, after)
        if other is not None:
            # Said at once, not when a candidate comes into force.
            raise Refused(f"{title(other)} has this issuer already; {ONE_EACH}")
        following = rollout.following(document, after, account=account, now=now, tested_at=tested_at)
        await check_document(tx, following)
        is_waiting = find_candidate(following.rollout, its_id) is not None
        event = Event.CANDIDATE_SAVED if is_waiting else Event.SETTINGS_CHANGED
        await trail.write(tx, event, subject=subject_of(after), detail=describe(before))
        return following

    saved = await ctx.live.change(change, by=account.username)
    return candidate_path(its_id) if find_candidate(saved.rollout, its_id) is not None else settings_path(its_id)


async def find_draft(ctx: Context, visit: Visit, draft_id: str) -> drafts.Draft | None:
    """The trial that a form was opened from, if it is this administrator's and of this provider."""
    found = await drafts.find(ctx, draft_id, account_id=account_of(visit).id) if draft_id else None
    return found if found is not None and found.provider.id == provider_id(visit) else None


def candidate_path(its_id: str) -> str:
    """The page of changed settings that wait."""
    return f"{AUTHENTICATION.href}/candidates/{its_id}"


async def _check_version(ctx: Context, tx: Tx, document: Document, its_id: str, opened: str) -> None:
    """Saving over what was saved meanwhile is refused; a new version of other settings does not matter."""
    if opened == str(document.version):
        return
    before = await documents.find_document(tx, ctx.ring, int(opened)) if opened.isdecimal() else None
    if before is None or _of(before, its_id) != _of(document, its_id):
        raise Outdated(
            "Somebody else has saved these settings since you opened the page. Reload it, then make your change again."
        )


def _of(document: Document, its_id: str) -> tuple[Provider | None, Candidate | None]:
    return find_provider(document.providers, its_id), find_candidate(document.rollout, its_id)
