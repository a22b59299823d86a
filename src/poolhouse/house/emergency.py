"""
The way in when single sign-on is broken and form login is off: a link that whoever has the machine makes.

It is good once and for minutes, opens a short session of an administrator who exists already, and leaves two lines in
the audit log.  Opening it shows a page with a button; only the button spends it, so that a program which looks at
links in messages cannot.
"""

import msgspec

from poolhouse.house.audit import COMMAND_LINE, Event, Trail, write_unattended
from poolhouse.house.context import Context
from poolhouse.house.model import Account
from poolhouse.house.provider import EMERGENCY, enabled, title
from poolhouse.house.rp.person import email_key
from poolhouse.house.session import mint_session, write_session
from poolhouse.house.store import accounts, emergency_links
from poolhouse.house.visit import Visit
from poolhouse.kit.ambient import Epoch, urlsafe
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.seal import digest

PATH = "/user/break-glass"
MINUTES = range(1, 61)
SESSION_SECONDS = 3600
_TOKEN_BYTES = 32


class NoSuchAdministrator(Exception):
    """Nobody to make a link for; the message says who there is."""


class EmergencyLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link, shown this once."""

    url: str
    account: Account
    expires_at: Epoch

    def __repr__(self) -> str:
        return "EmergencyLink(***)"


async def make_link(ctx: Context, *, email: str, minutes: int) -> EmergencyLink:
    """A link for the administrator *email*; without one, for the only administrator there is."""
    if minutes not in MINUTES:
        raise ValueError(f"from {MINUTES[0]} to {MINUTES[-1]} minutes")
    token, now = urlsafe(ctx.entropy, _TOKEN_BYTES), ctx.clock.now()
    expires_at = Epoch(now + minutes * 60)

    async def unit(tx: Tx) -> Account:
        account = _pick(await accounts.list_admins(tx), email)
        await emergency_links.put_link(
            tx, token_digest=digest(token), account_id=account.id, now=now, expires_at=expires_at
        )
        await write_unattended(
            tx,
            ctx,
            Event.EMERGENCY_LINK_MADE,
            actor=COMMAND_LINE,
            subject=account,
            detail=f"good once, for {minutes} minutes",
        )
        return account

    account = await ctx.db.write(unit)
    return EmergencyLink(url=ctx.origin.at(f"{PATH}/{token}"), account=account, expires_at=expires_at)


def _pick(admins: list[Account], email: str) -> Account:
    if not email and len(admins) == 1:
        return admins[0]
    key = email_key(email)
    found = [each for each in admins if key and key in {email_key(each.email), email_key(each.username)}]
    if len(found) != 1:
        # Two may show one address; the one who holds it is meant.
        found = [each for each in found if each.is_email_holder]
    if len(found) == 1:
        return found[0]
    known = ", ".join(each.email or each.username for each in admins) or "nobody"
    raise NoSuchAdministrator(f"name one administrator with --email; enabled administrators are: {known}")


async def is_good(ctx: Context, token: str) -> bool:
    """Whether the link would let somebody in now."""

    async def unit(tx: ReadTx) -> bool:
        return await emergency_links.is_good(tx, digest(token), now=ctx.clock.now())

    return await ctx.db.read(unit)


async def redeem(ctx: Context, visit: Visit, token: str) -> str | None:
    """Spend the link and open a session: its id, or ``None`` for a link that is used, over, or never was."""
    new = mint_session(ctx, method=EMERGENCY, seconds=SESSION_SECONDS)
    trail = Trail(ctx, visit)

    async def unit(tx: Tx) -> bool:
        account_id = await emergency_links.take_link(tx, digest(token), now=ctx.clock.now())
        account = await accounts.find_account(tx, account_id) if account_id else None
        if account is None or not account.is_enabled or not account.is_admin:
            await trail.write(tx, Event.SIGN_IN_FAILED, detail="emergency link: not good", is_refusal=True)
            return False
        await accounts.mark_sign_in(tx, account.id, ctx.clock.now())
        await write_session(tx, ctx, visit, new, account.id)
        await trail.write(tx, Event.EMERGENCY_LINK_USED, actor=account, subject=account)
        await trail.write(tx, Event.SIGNED_IN, actor=account, detail="emergency link")
        return True

    return new.id if await ctx.db.write(unit) else None


async def diagnose(ctx: Context) -> list[str]:
    """What seems to be broken about signing in, a sentence each: for the eyes of whoever has to mend it."""
    # aiohttp and joserfc, which only this needs.
    from poolhouse.house.rp.check import check_provider  # noqa: PLC0415
    from poolhouse.house.rp.explained import EXPLAINED  # noqa: PLC0415

    document = ctx.live.document
    lines = [f"Form login is {'on' if document.form_login.is_enabled else 'off'}."]
    if not enabled(document.providers):
        lines.append("No provider is set up.")
    for provider in enabled(document.providers):
        wrong = await check_provider(
            ctx.relying.wire,
            ctx.relying.probe,
            provider,
            redirect_url=ctx.redirect_url(provider.id),
            entropy=ctx.entropy,
        )
        if not wrong:
            lines.append(f"{title(provider)}: the provider answers, and knows this client and its secret.")
        for explained in (EXPLAINED[failure] for failure in wrong):
            field = explained.field or "the provider"
            lines.append(f"{title(provider)}, {field}: {explained.sentence} {explained.advice}")
    return lines
