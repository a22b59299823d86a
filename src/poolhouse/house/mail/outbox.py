"""
What waits to be sent.

A mail is written in the unit that causes it, so it is there exactly when the deed is; a round sends it afterwards and
tries again with growing pauses for a day.  A crash between sending and marking sends twice, never not at all; the
mail's Message-ID is the same both times.
"""

import msgspec

from poolhouse.house.context import Context
from poolhouse.house.mail.letter import Letter, as_html, as_text
from poolhouse.house.mail.settings import MailSettings, server_of
from poolhouse.house.model import OutgoingMail
from poolhouse.house.store import outbox
from poolhouse.kit.ambient import Epoch, uuid4
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.log import get_logger
from poolhouse.kit.mail import DeliveryFailed, Mail, send
from poolhouse.kit.seal import SealBroken

BATCH = 20
ERROR_LIMIT = 500
KEPT_SECONDS = 7 * 86_400
_PURPOSE = "house mail"
_PAUSES = (30, 120, 600, 3600, 3600 * 6, 3600 * 12)


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """What is sealed of a mail that waits."""

    subject: str
    text: str
    html: str


class NoMailServer(Exception):
    """Mail is not set up; the page that needs it should have said so."""

    def __init__(self) -> None:
        super().__init__("E-mail is not set up yet. An administrator can do that in Admin Settings > Email.")


async def post(tx: Tx, ctx: Context, *, to: str, letter: Letter, kind: str) -> None:
    """
    Put a letter into the outbox, in the unit of the deed that causes it.

    *kind* names the occasion ("invitation") in the list of what was sent.  ``NoMailServer`` when nothing can be sent:
    ask ``ctx.live.document.mail.is_set_up`` before the page offers it.
    """
    if not ctx.live.document.mail.is_set_up:
        raise NoMailServer
    mail_id = uuid4(ctx.entropy)
    now = ctx.clock.now()
    contents = Contents(subject=letter.subject, text=as_text(letter), html=as_html(ctx, letter))
    sealed = ctx.ring.seal(msgspec.json.encode(contents), purpose=_PURPOSE, row=mail_id)
    waiting = OutgoingMail(
        id=mail_id, kind=kind, recipient=to, sealed=sealed, created_at=now, tries=0, next_try_at=now,
        state=outbox.WAITING, error="",
    )  # fmt: skip
    await outbox.put_mail(tx, waiting)


async def deliver_due(ctx: Context) -> None:
    """One batch; while there is no mail server everything waits.  The settings are those that are live now."""
    mail = ctx.live.document.mail
    if not mail.is_set_up:
        return
    now = ctx.clock.now()

    async def read(tx: ReadTx) -> list[OutgoingMail]:
        return await outbox.list_due(tx, now=now, most=BATCH)

    for each in await ctx.db.read(read):
        await _deliver(ctx, mail, each, now)


async def sweep(ctx: Context) -> None:
    """Forget what was done with long ago."""
    before = Epoch(ctx.clock.now() - KEPT_SECONDS)

    async def unit(tx: Tx) -> None:
        await outbox.sweep(tx, before=before)

    await ctx.db.write(unit)


async def send_now(ctx: Context, mail: MailSettings, *, to: str, letter: Letter) -> None:
    """Hand one letter to the server of *mail*, saved or not; ``DeliveryFailed`` with the server's words."""
    contents = Contents(subject=letter.subject, text=as_text(letter), html=as_html(ctx, letter))
    await send(server_of(mail), _mail(mail, uuid4(ctx.entropy), ctx.clock.now(), to, contents))


async def _deliver(ctx: Context, mail: MailSettings, waiting: OutgoingMail, now: Epoch) -> None:
    pause = _PAUSES[min(waiting.tries, len(_PAUSES) - 1)]
    if not await ctx.db.write(lambda tx: outbox.claim(tx, waiting, next_at=Epoch(now + pause))):
        return
    error, is_final = await _try(ctx, mail, waiting)
    if error:
        get_logger().warning("mail not delivered", program="house", kind=waiting.kind, final=is_final)
    if not error:
        await ctx.db.write(lambda tx: outbox.end(tx, waiting.id, outbox.SENT, ""))
    elif is_final or waiting.tries >= len(_PAUSES):
        await ctx.db.write(lambda tx: outbox.end(tx, waiting.id, outbox.FAILED, error))
    else:
        await ctx.db.write(lambda tx: outbox.note_miss(tx, waiting.id, error))


async def _try(ctx: Context, mail: MailSettings, waiting: OutgoingMail) -> tuple[str, bool]:
    """What went wrong, "" for nothing, and whether another try would be in vain."""
    try:
        opened = ctx.ring.open(waiting.sealed, purpose=_PURPOSE, row=waiting.id)
        contents = msgspec.json.decode(opened, type=Contents)
        await send(server_of(mail), _mail(mail, waiting.id, waiting.created_at, waiting.recipient, contents))
    except SealBroken:
        return "the master key that sealed it is gone", True
    except DeliveryFailed as failed:
        return failed.words[:ERROR_LIMIT], failed.permanent
    return "", False


def _mail(settings: MailSettings, mail_id: str, at: Epoch, to: str, contents: Contents) -> Mail:
    return Mail(
        id=mail_id,
        created_ms=at * 1000,
        to=to,
        subject=contents.subject,
        text=contents.text,
        html=contents.html,
        language="en",
        reply_to=settings.reply_to or None,
    )
