"""The one way to change live settings by name: checks, guards against lock-out, a line in the audit log."""

from collections.abc import Awaitable, Callable

from poolhouse.house import guards
from poolhouse.house.live import Live
from poolhouse.house.model import Document
from poolhouse.house.settings.checks import check
from poolhouse.house.settings.values import WrongSettings, changed_paths, describe_change
from poolhouse.kit.db.protocol import Tx

Make = Callable[[Document], Document]
Note = Callable[[Tx, str], Awaitable[None]]
"""Writes what changed into the audit log, in the unit of the change."""
WAYS_IN = ("form_login.", "providers.")
"""Settings by which administrators come in."""


class _Nothing(Exception):
    """What was asked for is so already."""


async def change(
    live: Live, make: Make, *, by: str, note: Note, is_labelled: bool = False, over_held: bool = False
) -> Document | None:
    """
    Write what *make* makes of the newest document, or None where that is the same.

    *make* may run several times.  ``WrongSettings`` for what does not fit, ``guards.Refused`` for what would lock every
    administrator out or is held by a file.
    """

    async def unit(tx: Tx, document: Document) -> Document:
        following = make(document)
        changed = changed_paths(document, following)
        if not changed:
            raise _Nothing
        errors = check(document, following)
        if errors:
            raise WrongSettings(errors)
        await check_ways_in(tx, document, following)
        await note(tx, describe_change(document, following, is_labelled=is_labelled))
        return following

    try:
        return await live.change(unit, by=by, over_held=over_held)
    except _Nothing:
        return None


async def check_ways_in(tx: Tx, before: Document, after: Document) -> None:
    """``guards.Refused`` when the change is one of sign-in and would leave no administrator who can come in."""
    if any(path.startswith(WAYS_IN) for path in changed_paths(before, after)):
        await guards.check_any(tx, after)
