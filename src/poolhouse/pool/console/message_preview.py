"""The page Message preview: each e-mail in each language, as HTML and as text, and a test to an address."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from poolhouse.kit.edge import Reply
from poolhouse.kit.edge import html as html_reply
from poolhouse.pool.console import paths
from poolhouse.pool.console.calls import get_pool
from poolhouse.pool.console.context import NotFound, Visit
from poolhouse.pool.console.form import Form
from poolhouse.pool.console.frame import go, page
from poolhouse.pool.console.tabs import crumbs
from poolhouse.pool.core.attributes.formats import is_email
from poolhouse.pool.flows import samples
from poolhouse.pool.flows.context import Refused
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.flows.speaking import offer_of
from poolhouse.pool.languages.tags import LANGUAGES

_LABELS: Final[Mapping[str, str]] = {
    "sign-up": "Sign-up, by code",
    "sign-up-link": "Sign-up, by link",
    "attribute": "Address to verify",
    "forgot-password": "Forgotten password",
    "invitation": "Invitation",
    "authentication": "Code at sign-in",
    "notice-password": "Notice: password changed",
    "notice-email": "Notice: email address changed",
    "notice-phone-number": "Notice: phone number changed",
    "notice-factor-added": "Notice: second step added",
    "notice-factor-removed": "Notice: second step removed",
    "notice-passkey-added": "Notice: passkey added",
    "notice-passkey-removed": "Notice: passkey removed",
    "notice-browser-remembered": "Notice: browser remembered",
    "notice-device-remembered": "Notice: device remembered",
    "notice-signed-out": "Notice: sessions ended",
    "notice-deleted": "Notice: account deleted",
    "risk-blocked": "Risky sign-in, blocked",
    "risk-second-factor": "Risky sign-in, second factor",
    "risk-watched": "Risky sign-in, let through",
}
# A mail has its styles on its elements; its links lead out of the frame nowhere, since it may not.
HEADERS: Final = (
    (
        "content-security-policy",
        (
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
            "frame-ancestors 'self'; sandbox"
        ),
    ),
    ("x-frame-options", "SAMEORIGIN"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "no-store"),
)


async def show(visit: Visit) -> Reply:
    """GET."""
    return await _page(visit, visit.query, {})


async def frame(visit: Visit) -> Reply:
    """GET: the HTML by itself, under a policy of its own."""
    entry, occasion, tag = await _chosen(visit, visit.query)
    body = await samples.page_of(visit.flow, entry, samples.sample(visit.flow, entry, occasion, tag))
    return html_reply(body.encode(), 200, HEADERS)


async def send(visit: Visit) -> Reply:
    """POST: the same to an address."""
    entry, occasion, tag = await _chosen(visit, visit.form)
    address = visit.form.text("address")
    if not is_email(address):
        return await _page(visit, visit.form, {"address": "Enter an email address."})
    try:
        await samples.send(
            visit.flow, entry, samples.sample(visit.flow, entry, occasion, tag), occasion, address
        )  # fmt: skip
    except Refused:
        return await _page(visit, visit.form, {"address": "This server has no mail server: set smtp_url first."})
    return go(visit, _here(visit, occasion, tag), f"A test is on its way to {address}.")


async def _page(visit: Visit, chosen: Form, problems: dict[str, str]) -> Reply:
    pool = await get_pool(visit)
    entry, occasion, tag = await _chosen(visit, chosen)
    content = samples.sample(visit.flow, entry, occasion, tag)
    return page(
        visit,
        "message_preview.html",
        crumbs=crumbs(visit, pool, "Messaging"),
        here=_path(visit),
        frame=f"{_path(visit)}/page?{urlencode({'message': occasion, 'language': tag})}",
        frames=("'self'",),
        messages=list(_LABELS.items()),
        message=occasion,
        languages=[(each, LANGUAGES[each].name) for each in offer_of(entry).tags],
        language=tag,
        subject=content.subject,
        text=content.text,
        address=chosen.text("address"),
        is_own=content.letter is None,
        problems=problems,
    )


async def _chosen(visit: Visit, form: Form) -> tuple[PoolEntry, str, str]:
    entry = await visit.flow.directory.find_pool(visit.pool_id)
    if entry is None:
        raise NotFound
    offer = offer_of(entry)
    occasion, tag = form.text("message") or "sign-up", form.text("language") or offer.default
    if occasion not in samples.OCCASIONS or tag not in offer.tags:
        raise NotFound
    return entry, occasion, tag


def _path(visit: Visit) -> str:
    return paths.of_pool(visit.pool_id, "messaging", "preview")


def _here(visit: Visit, occasion: str, tag: str) -> str:
    return f"{_path(visit)}?{urlencode({'message': occasion, 'language': tag})}"
