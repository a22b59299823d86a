"""
The client secret that was in force before: it is tried where the provider does not accept the new one yet.

A secret that was replaced may have been replaced because somebody else knows it.  So after a week it is forgotten, as
soon as the new one alone is seen to be accepted.
"""

import msgspec

from poolhouse.house.audit import ITSELF, Event, write_unattended
from poolhouse.house.context import Context
from poolhouse.house.guards import Refused
from poolhouse.house.model import Document
from poolhouse.house.provider import Provider, find_provider, put_provider, title
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import Tx

KEPT_SECONDS = 7 * 24 * 3600
AGAIN_SECONDS = 24 * 3600


def without_former_secret(provider: Provider) -> Provider:
    return _with(provider, former_secret=None, former_secret_until=None)


def ageing(provider: Provider, now: Epoch) -> Provider:
    """The provider that comes into force now, with a week for its former secret if it has one."""
    if provider.settings.former_secret is None:
        return provider
    return _with(provider, former_secret_until=Epoch(now + KEPT_SECONDS))


def has_aged(provider: Provider, now: Epoch) -> bool:
    """Whether it is time to forget; also where no time was noted, as it was not in the first releases."""
    settings = provider.settings
    return settings.former_secret is not None and (settings.former_secret_until or 0) <= now


async def forget_former_secret(ctx: Context, provider: Provider) -> None:
    """If the provider takes the new secret alone; otherwise look again tomorrow."""
    is_over = await would_work(ctx, without_former_secret(provider))

    async def change(tx: Tx, document: Document) -> Document:
        if find_provider(document.providers, provider.id) != provider:
            raise Refused("The settings have changed meanwhile.")
        if not is_over:
            later = _with(provider, former_secret_until=Epoch(ctx.clock.now() + AGAIN_SECONDS))
            return msgspec.structs.replace(document, providers=put_provider(document.providers, later))
        name = f"Authentication > {title(provider)}"
        detail = "the former client secret was forgotten: the new one works"
        await write_unattended(tx, ctx, Event.SETTINGS_CHANGED, actor=ITSELF, subject=name, detail=detail)
        following = put_provider(document.providers, without_former_secret(provider))
        return msgspec.structs.replace(document, providers=following)

    try:
        await ctx.live.change(change, by=ITSELF)
    except Refused:
        return


async def would_work(ctx: Context, provider: Provider) -> bool:
    """Whether the provider has nothing against these settings."""
    # aiohttp and joserfc, which a program that only starts should not pay for.
    from poolhouse.house.rp.diagnosis import diagnose, is_passed  # noqa: PLC0415

    back = ctx.redirect_url(provider.id)
    return is_passed(await diagnose(ctx.relying.wire, provider, redirect_url=back, entropy=ctx.entropy))


def _with(provider: Provider, **changed: object) -> Provider:
    return msgspec.structs.replace(provider, settings=msgspec.structs.replace(provider.settings, **changed))
