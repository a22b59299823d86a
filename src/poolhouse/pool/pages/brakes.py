"""
What one address may try: a brake for guesses at many names, which a counter of each name does not see.

A form is counted before it is read and taken back once it went well, so that of many at once only as many are judged
as are allowed (CVE-2024-1722); one that has something sent, or makes an account, stays counted.  The count leaks, so
that an office with one address does not fill it by mistyping.  A form about a user of this very browser
(``flows.familiar``) is counted for the browser instead of the address.
"""

from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from poolhouse.kit import forms
from poolhouse.kit.address import customer_of, is_shared
from poolhouse.kit.cpu import Busy
from poolhouse.kit.db.protocol import DatabaseBusy, Tx
from poolhouse.kit.edge import Raw, Reply
from poolhouse.pool.core.throttle import (
    Counter,
    after_failure_in_crowd,
    check_lockout,
    count_in_crowd,
    taken_back,
)
from poolhouse.pool.flows import browser, familiar
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.site import Site, query_text
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.store import attempts as store

FREE_OF_ADDRESS: Final = 100
FREE_OF_BROWSER: Final = 20


class Brake(msgspec.Struct, frozen=True):
    """One counter, and how much of it costs nothing."""

    key: str
    free: int


def brake_for(flow: Flow, site: Site, raw: Raw, form: dict[str, str]) -> Brake | None:
    """
    Whose counter a form goes to; None where the address may be everybody's.

    Without a proxy that the operator has named, a peer of the same machine or network may be a proxy with all the
    world behind it: a count would let a stranger shut everybody out.
    """
    pool = site.entry.pool
    thread = browser.open_thread(flow, site.entry, raw.cookie(site.cookie(browser.THREAD_COOKIE)))
    # Which of them a page goes by is not known here: whose browser it is, must be so by all.
    held = thread.username if thread is not None else ""
    typed = {form.get("username", "").strip(), held, _named_by_link(raw)} - {""}
    named = {familiar.name_key(flow, site.entry, each) for each in typed}
    for each in familiar.open_cookie(flow, site.entry, raw.cookie(site.cookie(familiar.COOKIE))):
        if named == {each.name}:
            return Brake(f"pages/{pool.id}/browser/{each.mark}", FREE_OF_BROWSER)
    if not flow.config.has_proxies and is_shared(raw.peer):
        return None
    return Brake(f"pages/{pool.id}/address/{customer_of(raw.peer)}", FREE_OF_ADDRESS)


def _named_by_link(raw: Raw) -> str:
    """Whom the link of a verification mail would confirm: its form has nothing but a button."""
    try:
        return forms.single(query_text(raw)).get("user_name", "")
    except forms.FormError:
        return ""


async def reserve(flow: Flow, brake: Brake) -> None:
    """Count a form in advance; ``Refused`` while the counter's owner has to wait, which counts nothing."""
    now = flow.clock.now()

    async def unit(tx: Tx) -> None:
        held = Counter(*await store.lock_failures(tx, brake.key))
        if check_lockout(held, now) is not None:
            raise Refused(Reason.RATE_EXCEEDED)
        after = after_failure_in_crowd(held, now, brake.free)
        await store.put_failures(tx, brake.key, after.count, after.last_at, after.until)

    await flow.database.write(unit)


async def failures(flow: Flow, site: Site, raw: Raw, form: dict[str, str]) -> int:
    """How many forms have failed lately of those that *form* is counted with, itself included."""
    brake = brake_for(flow, site, raw, form)
    if brake is None:
        return 0
    held = await flow.database.read(lambda tx: store.find_failures(tx, brake.key))
    return 0 if held is None else count_in_crowd(Counter(*held), flow.clock.now())


async def spend(flow: Flow, site: Site, raw: Raw, form: dict[str, str]) -> None:
    """Count a form that has a code sent, even where it goes well: one code each fills the inboxes of many."""
    brake = brake_for(flow, site, raw, form)
    if brake is not None:
        await reserve(flow, brake)


async def take_back(flow: Flow, brake: Brake) -> None:
    """The form went well."""
    now = flow.clock.now()

    async def unit(tx: Tx) -> None:
        held = taken_back(Counter(*await store.lock_failures(tx, brake.key)), now)
        if held.count:
            await store.put_failures(tx, brake.key, held.count, held.last_at, held.until)
        else:
            await store.drop_failures(tx, brake.key)

    await flow.database.write(unit)


async def braked(
    flow: Flow, site: Site, raw: Raw, form: dict[str, str] | None, answer: Callable[[], Awaitable[Reply]], *,
    spends: bool,
) -> Reply:  # fmt: skip
    """
    The reply of *answer*; a form counts unless it went well, and with *spends* in any case.

    No form, or nobody in particular to count it for, and nothing is counted.
    """
    brake = None if form is None else brake_for(flow, site, raw, form)
    if brake is None:
        return await answer()
    await reserve(flow, brake)
    try:
        reply = await answer()
    except (Busy, DatabaseBusy):
        await take_back(flow, brake)
        raise
    if reply.status < 400 and not spends:
        await take_back(flow, brake)
    return reply
