"""
What the files of exchanges show of each operation; the support table is written from this.

What is modelled and cannot be shown stands in `unshown.json` with a reason.
"""

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import msgspec

from poolhouse.pool.spec.contract import contract
from poolhouse.pool.spec.limits import check
from tests.exchanges.files import exchanges

_PAGES = ("NextToken", "PaginationToken")
CONSTRAINTS = "constraints"
PAGES = "pages"
SUCCESS = "a success"


class Shown(msgspec.Struct):
    """What exchanges show of one operation."""

    answers: int = 0
    refusals: int = 0
    errors: set[str] = msgspec.field(default_factory=set)
    constraints: bool = False
    pages: bool = False


class Unshown(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Why something is not shown: an error by its type, `constraints`, `pages`, or `a success`.

    *operations* names those that it is true for; left out, it is true wherever no exchange shows it. *auth* narrows
    that to operations that are signed, or to those that are not.
    """

    what: str
    because: str
    operations: tuple[str, ...] = ()
    auth: str = ""


@cache
def shown() -> dict[str, Shown]:
    found: dict[str, Shown] = defaultdict(Shown)
    for operation, step in exchanges():
        one = found[operation]
        if isinstance(step.refused, tuple):
            code, message = step.refused
            one.errors.add(code)
            one.refusals += 1
            one.constraints |= " failed to satisfy constraint: " in message
        else:
            one.answers += 1
            one.pages |= isinstance(step.send, dict) and any(name in step.send for name in _PAGES)
    return dict(found)


@cache
def unshown() -> tuple[Unshown, ...]:
    return msgspec.json.decode(Path(__file__).with_name("unshown.json").read_bytes(), type=tuple[Unshown, ...])


def expected(operation: str) -> set[str]:
    """What exchanges of *operation* have to show: a success, each error of its model, and the other two."""
    model = contract().operations[operation]
    wanted = {SUCCESS, *model.errors}
    if check(operation, {}):
        wanted.add(CONSTRAINTS)
    output = contract().shapes[model.output].members if model.output else {}
    if any(name in contract().shapes[model.input].members and name in output for name in _PAGES):
        wanted.add(PAGES)
    return wanted


def covered(operation: str) -> set[str]:
    """What exchanges of *operation* do show."""
    one = shown().get(operation, Shown())
    others = ((SUCCESS, one.answers > 0), (CONSTRAINTS, one.constraints), (PAGES, one.pages))
    return one.errors | {what for what, is_shown in others if is_shown}


def reason(operation: str, what: str) -> str | None:
    """Why *what* is not shown, if it says so."""
    auth = contract().operations[operation].auth
    for row in unshown():
        if row.what == what and (operation in row.operations or (not row.operations and row.auth in {"", auth})):
            return row.because
    return None


def missing(operation: str) -> list[str]:
    """What is neither shown nor excused."""
    return [what for what in sorted(expected(operation) - covered(operation)) if reason(operation, what) is None]


def stale(operations: Iterable[str]) -> list[str]:
    """Excuses for what is shown, is not modelled, or belongs to an operation that is not offered."""
    offered = set(operations)
    return [
        f"{row.what} of {operation}"
        for row in unshown()
        for operation in row.operations
        if operation not in offered or row.what not in expected(operation) or row.what in covered(operation)
    ]
