"""
Client secrets that end: administrators hear of it in time.

A banner stands in Admin Settings from 30 days before; at 30, 7 and 1 days there is a line in the audit log and, where
e-mail is set up, a letter to every administrator.
"""

from datetime import UTC, date, datetime

from poolhouse.house.audit import ITSELF, Event, write_unattended
from poolhouse.house.context import Context, settings_path
from poolhouse.house.mail.letter import Letter
from poolhouse.house.mail.outbox import post
from poolhouse.house.model import Document
from poolhouse.house.provider import Provider, enabled, title
from poolhouse.house.store import accounts, reminders
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import Tx

BANNER_DAYS = 30
OCCASIONS = (1, 7, 30)


def days_left(provider: Provider, now: Epoch) -> int | None:
    """Whole days until the client secret ends, negative when it has; ``None`` where no day is known."""
    try:
        last = date.fromisoformat(provider.settings.secret_expires)
    except ValueError:
        return None
    return (last - datetime.fromtimestamp(now, UTC).date()).days


def ending(document: Document, now: Epoch) -> tuple[tuple[Provider, int], ...]:
    """Providers whose secret ends within the days of the banner, with how many are left."""
    found = ((provider, days_left(provider, now)) for provider in enabled(document.providers))
    return tuple((provider, left) for provider, left in found if left is not None and left <= BANNER_DAYS)


def in_words(left: int) -> str:
    """The end of a sentence about the Client Secret."""
    if left < 0:
        return "has ended"
    return {0: "ends today", 1: "ends tomorrow"}.get(left, f"ends in {left} days")


async def remind(ctx: Context) -> None:
    """The round: each occasion once, on one replica; one that was missed is made good by the next that is due."""
    now = ctx.clock.now()
    for provider, left in ending(ctx.live.document, now):
        due = next((days for days in OCCASIONS if left <= days), None)
        if due is None:
            continue
        occasion = f"{provider.id} {provider.settings.secret_expires} {due}"

        async def unit(tx: Tx, provider: Provider = provider, left: int = left, occasion: str = occasion) -> None:
            if await reminders.give(tx, occasion, now):
                await _tell(tx, ctx, provider, left)

        await ctx.db.write(unit)


_TODO = (
    "Make a new one at the provider, enter it, and sign in through the changed settings. The former secret is tried as "
    "long as the provider does not know the new one."
)


def _why(ctx: Context, provider: Provider) -> str:
    name = ctx.live.document.instance_name
    return f"People sign in to {name} with {title(provider)}, and the client secret of the house there has a last day."


async def _tell(tx: Tx, ctx: Context, provider: Provider, left: int) -> None:
    sentence = f"Client Secret {in_words(left)}"
    await write_unattended(
        tx, ctx, Event.SECRET_ENDS, actor=ITSELF, subject=f"Authentication > {title(provider)}", detail=sentence
    )
    if not ctx.live.document.mail.is_set_up:
        return
    letter = Letter(
        subject=f"{title(provider)}: {sentence}",
        heading=f"The {sentence}",
        paragraphs=(_why(ctx, provider), _TODO),
        facts=(("Last day", provider.settings.secret_expires),),
        actions=(("Open the settings", ctx.origin.at(settings_path(provider.id))),),
    )
    for admin in await accounts.list_admins(tx):
        if admin.email:
            await post(tx, ctx, to=admin.email, letter=letter, kind="secret ends")
