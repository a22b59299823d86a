"""What the pages of providers share: which one a page is about, and how a change of one comes into force."""

from collections.abc import Callable

import msgspec

from poolhouse.house.audit import Event, Trail
from poolhouse.house.context import Context
from poolhouse.house.guards import Refused, check_document
from poolhouse.house.model import Document
from poolhouse.house.pages.frame import account_of
from poolhouse.house.provider import FIRST, Provider, find_provider, put_provider, rival, title
from poolhouse.house.store import documents
from poolhouse.house.visit import Visit
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
) -> None:
    """
    Put what *make* makes of the provider (None: there is none yet) and its id into the next version.

    ``Refused`` when it would lock the administrators out or has the issuer of another provider; ``Outdated`` when
    somebody else has saved it since the page was opened.
    """
    trail = Trail(ctx, visit)
    opened = visit.form.get("version", "")

    async def change(tx: Tx, document: Document) -> Document:
        its_id = provider_id(visit)
        before = find_provider(document.providers, its_id)
        await _check_version(ctx, tx, document, its_id, opened)
        after = make(before, its_id)
        other = rival(document.providers, after)
        if other is not None:
            raise Refused(
                f"{title(other)} has this issuer already; people are known by issuer, so each has one provider."
            )
        following = msgspec.structs.replace(document, providers=put_provider(document.providers, after))
        await check_document(tx, following)
        await trail.write(tx, Event.SETTINGS_CHANGED, subject=subject_of(after), detail=describe(before))
        return following

    await ctx.live.change(change, by=account_of(visit).username)


async def _check_version(ctx: Context, tx: Tx, document: Document, its_id: str, opened: str) -> None:
    """Saving over what was saved meanwhile is refused; a new version of other settings does not matter."""
    if opened == str(document.version):
        return
    before = await documents.find_document(tx, ctx.ring, int(opened)) if opened.isdecimal() else None
    if before is None or find_provider(before.providers, its_id) != find_provider(document.providers, its_id):
        raise Outdated(
            "Somebody else has saved these settings since you opened the page. Reload it, then make your change again."
        )
