"""What stands above every page of an administrator until it is seen to."""

import msgspec

from poolhouse.house import rollout
from poolhouse.house.audit import Event, Trail
from poolhouse.house.context import Context, settings_path
from poolhouse.house.model import Document
from poolhouse.house.provider import find_provider, title
from poolhouse.house.reminding import ending, in_words
from poolhouse.house.rp.explained import EXPLAINED
from poolhouse.house.rp.failures import Failure
from poolhouse.house.visit import Visit
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.edge import Reply, redirect


class Banner(msgspec.Struct, frozen=True, kw_only=True):
    """One notice: where it leads, and what takes it away."""

    kind: str
    title: str
    body: str
    href: str
    label: str
    dismiss: str = ""


def banners(ctx: Context, visit: Visit) -> tuple[Banner, ...]:
    """For administrators, the most urgent first; none on the page that it would lead to."""
    document, now = ctx.live.document, ctx.clock.now()
    found = (*_fallen(document), *_ending(document, now), *_certificates(ctx), *_waiting(ctx, document))
    return tuple(each for each in found if each.dismiss or each.href != visit.raw.path)


def _fallen(document: Document) -> list[Banner]:
    found: list[Banner] = []
    for fallen in document.rollout.fallen:
        provider = find_provider(document.providers, fallen.provider_id)
        if provider is None:
            continue
        explained = EXPLAINED[Failure(fallen.failure)]
        found.append(
            Banner(
                kind="danger",
                title=f"The former settings of {title(provider)} are back",
                body=f"Sign-ins through the changed ones failed and none succeeded. {explained.sentence} "
                f"{explained.advice}",
                href=settings_path(provider.id),
                label="Open the settings",
                dismiss=f"/settings/authentication/fallen/{provider.id}",
            )
        )
    return found


def _ending(document: Document, now: Epoch) -> list[Banner]:
    return [
        Banner(
            kind="danger" if left < 0 else "warning",
            title=f"The Client Secret of {title(provider)} {in_words(left)}",
            body="Make a new one at the provider and enter it here, or people can no longer sign in with it.",
            href=settings_path(provider.id),
            label="Open the settings",
        )
        for provider, left in ending(document, now)
    ]


def _certificates(ctx: Context) -> list[Banner]:
    if ctx.keeper is None:
        return []
    from poolhouse.house.tls.survey import ending as certificates_ending  # noqa: PLC0415 - only those who end TLS pay

    now = ctx.clock.now()
    found = []
    for each in certificates_ending(ctx):
        left = each.pair.not_after - now
        how = f"ends in {max(1, left // 86_400)} days" if left > 0 else "has expired"
        found.append(
            Banner(
                kind="warning" if left > 0 else "danger",
                title=f"The certificate for {each.pair.names[0]} {how}",
                body="Bring a new one before that: browsers refuse to open a house whose certificate has expired.",
                href="/settings/domain",
                label="Domain and TLS",
            )
        )
    return found


def _waiting(ctx: Context, document: Document) -> list[Banner]:
    return [
        Banner(
            kind="info",
            title=f"Changed settings of {title(candidate.provider)} wait for a sign-in",
            body=f"{candidate.by} saved them. Everybody signs in by the former ones until then.",
            href=f"/settings/authentication/candidates/{candidate.provider.id}",
            label="Look at them",
        )
        for candidate in document.rollout.candidates
        if rollout.waiting(document, candidate.provider.id, ctx.clock.now()) is not None
    ]


async def dismiss(ctx: Context, visit: Visit) -> Reply:
    """An administrator has seen that the former settings came back."""
    provider_id = visit.raw.params["id"]
    trail = Trail(ctx, visit)

    async def change(tx: Tx, document: Document) -> Document:
        kept = tuple(each for each in document.rollout.fallen if each.provider_id != provider_id)
        await trail.write(tx, Event.SETTINGS_CHANGED, subject="Authentication", detail="notice taken away")
        return msgspec.structs.replace(document, rollout=msgspec.structs.replace(document.rollout, fallen=kept))

    session = visit.session
    await ctx.live.change(change, by=session.account.username if session else "")
    return redirect(settings_path(provider_id))
