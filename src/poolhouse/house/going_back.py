"""
Back to what was in force before, within a day of the change.

What is left then is the former one in turn, so that going back can be undone as well; it is not watched, since it is
an administrator who decided.
"""

import msgspec

from poolhouse.house.audit import Event, Trail
from poolhouse.house.candidate import Former, find_former, put_former
from poolhouse.house.context import Context
from poolhouse.house.guards import Refused, check_document
from poolhouse.house.model import Account, Document
from poolhouse.house.provider import find_provider, put_provider, title
from poolhouse.house.rollout import FORMER_SECONDS, GONE, restored
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import Tx


def former_of(document: Document, provider_id: str, now: Epoch) -> Former | None:
    """What one can go back to now."""
    former = find_former(document.rollout, provider_id)
    return former if former is not None and former.until > now else None


async def go_back(ctx: Context, trail: Trail, provider_id: str, account: Account) -> None:
    """``Refused`` when there is nothing to go back to, or when it would lock the administrators out."""

    async def change(tx: Tx, document: Document) -> Document:
        now = ctx.clock.now()
        former, present = former_of(document, provider_id, now), find_provider(document.providers, provider_id)
        if former is None or present is None:
            raise Refused(GONE)
        back = restored(document, former)
        left = Former(provider=present, until=Epoch(now + FORMER_SECONDS))
        changed = msgspec.structs.replace(
            document,
            providers=put_provider(document.providers, back),
            rollout=put_former(document.rollout, left),
        )
        await check_document(tx, changed)
        subject = f"Authentication > {title(back)}"
        await trail.write(tx, Event.SETTINGS_CHANGED, subject=subject, detail="went back to the former settings")
        return changed

    await ctx.live.change(change, by=account.username)
