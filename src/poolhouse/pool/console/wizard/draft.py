"""What has been filled in so far: one document, kept on the server, sealed, for twelve hours."""

import re
from typing import Final

import msgspec

from poolhouse.kit.ambient import urlsafe
from poolhouse.pool.console.context import NotFound, Visit
from poolhouse.pool.console.form import Form, merged
from poolhouse.pool.console.wizard.steps import FILLED, Step
from poolhouse.pool.flows import admins

_ID_BYTES: Final = 16
_ID: Final = re.compile(r"[A-Za-z0-9_-]{22}")


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """
    ``region`` is where the pool will be.

    ``touched`` are the steps that were sent, ``passed`` those of them that had no problems then.
    """

    region: str
    values: dict[str, tuple[str, ...]] = {}
    touched: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()

    @property
    def form(self) -> Form:
        return Form(self.values)

    def next_step(self) -> Step | None:
        """The first step that has not been passed."""
        return next((step for step in FILLED if step.slug not in self.passed), None)


def mint_id(visit: Visit) -> str:
    return urlsafe(visit.flow.entropy, _ID_BYTES)


def id_of(visit: Visit) -> str:
    """The id in the path; nothing is asked of the store for what cannot be one."""
    draft_id = visit.raw.params["draft"]
    if not _ID.fullmatch(draft_id):
        raise NotFound("There is no such draft.")
    return draft_id


async def find(visit: Visit) -> Draft | None:
    found = await admins.find_draft(visit.flow, visit.signed_in, id_of(visit))
    return None if found is None else msgspec.json.decode(found, type=Draft)


async def save(visit: Visit, draft: Draft) -> None:
    await admins.save_draft(visit.flow, visit.signed_in, id_of(visit), msgspec.json.encode(draft))


async def take(visit: Visit) -> Draft | None:
    """The draft, to one request of several at the same moment; it is gone then."""
    taken = await admins.take_draft(visit.flow, visit.signed_in, id_of(visit))
    return None if taken is None else msgspec.json.decode(taken, type=Draft)


def filled(draft: Draft, step: Step) -> Form:
    """The form of a step: what was filled in, or what is proposed to somebody who has not been there."""
    if step.slug in draft.touched:
        return draft.form
    return merged(step.proposed(draft.form, draft.region), draft.form)


def with_answers(draft: Draft, step: Step, answers: Form, *, passed: bool) -> Draft:
    """The draft with the answers of one step in place of those before."""
    others = {name: values for name, values in draft.values.items() if name not in step.fields}
    own = {name: answers.values[name] for name in step.fields if name in answers.values}
    return msgspec.structs.replace(
        draft,
        values={**others, **own},
        touched=_with(draft.touched, step.slug),
        passed=_with(draft.passed, step.slug) if passed else draft.passed,
    )


def _with(steps: tuple[str, ...], slug: str) -> tuple[str, ...]:
    return steps if slug in steps else (*steps, slug)
