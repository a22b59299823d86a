"""The pages of the wizard."""

from typing import Final

import msgspec

from poolhouse.kit.edge import Reply
from poolhouse.pool.console import paths
from poolhouse.pool.console.context import NotFound, Visit
from poolhouse.pool.console.fields import choices_for
from poolhouse.pool.console.form import Form, Problems, said_trimmed
from poolhouse.pool.console.frame import go, page
from poolhouse.pool.console.settings import permissions
from poolhouse.pool.console.wizard import draft as drafts
from poolhouse.pool.console.wizard import plan, summary
from poolhouse.pool.console.wizard.create import Failed, create
from poolhouse.pool.console.wizard.draft import Draft
from poolhouse.pool.console.wizard.steps import FILLED, REVIEW, STEPS, Step, find

_GONE: Final = "That draft is not there any more: its user pool is created already, or it has expired."
_EXPIRED: Final = "That draft is not there any more: drafts are kept for twelve hours. Here is a new one."


async def begin(visit: Visit) -> Reply:
    """GET: a new draft; nothing is written before its first step is sent."""
    return go(visit, _address(drafts.mint_id(visit), FILLED[0]))


async def show(visit: Visit) -> Reply:
    """GET: a step, or the review; not before the steps that come first."""
    step = _step(visit)
    found = await drafts.find(visit)
    draft = found or Draft(region=visit.region)
    pending = draft.next_step()
    if found is None and step is not FILLED[0]:
        return go(visit, _address(drafts.mint_id(visit), FILLED[0]), _EXPIRED)
    if pending is not None and STEPS.index(pending) < STEPS.index(step):
        return go(visit, _address(drafts.id_of(visit), pending))
    if step is REVIEW:
        return _review(visit, draft, _problems_by_step(draft))
    return _page(visit, draft, step, drafts.filled(draft, step), {})


async def send(visit: Visit) -> Reply:
    """POST: Next, Previous or Cancel; what was typed is kept in either direction."""
    step = _step(visit)
    if visit.form.text("go") == "cancel":
        await drafts.take(visit)
        return go(visit, paths.POOLS)
    found = await drafts.find(visit)
    if step is REVIEW:
        return go(visit, paths.POOLS, _GONE) if found is None else await _send_review(visit, found)
    if found is None and step is not FILLED[0]:
        return go(visit, _address(drafts.mint_id(visit), FILLED[0]), _EXPIRED)
    draft = found or Draft(region=visit.region)
    back = visit.form.text("go") == "previous"
    wanted = drafts.with_answers(draft, step, visit.form, passed=False)
    problems = {} if back else step.check(wanted.form)
    if problems:
        return _page(visit, draft, step, wanted.form, problems)
    await drafts.save(visit, drafts.with_answers(draft, step, visit.form, passed=not back))
    to_review = visit.query.has("review", "1") and not back
    nearby = REVIEW if to_review else STEPS[STEPS.index(step) + (-1 if back else 1)]
    return go(visit, _address(drafts.id_of(visit), nearby), said_trimmed(visit.form.only(*step.fields)))


async def _send_review(visit: Visit, draft: Draft) -> Reply:
    """The draft is taken for the run and put back where nothing came of it: pressed twice creates once."""
    if visit.form.text("go") == "previous":
        return go(visit, _address(drafts.id_of(visit), FILLED[-1]))
    problems = _problems_by_step(draft)
    pending = draft.next_step()
    if problems or pending is not None:
        return _review(visit, draft, problems)
    taken = await drafts.take(visit)
    if taken != draft:
        return go(visit, paths.POOLS, _GONE)
    here = msgspec.structs.replace(visit, region=draft.region)
    try:
        await create(here, plan.bodies(draft.form, visit.flow.config.account))
    except Failed as failed:
        await drafts.save(visit, draft)
        return _review(visit, draft, {}, failed.sentence)
    name = draft.form.text("pool_name")
    return go(visit, paths.href(paths.POOLS, region=draft.region), f"User pool {name} was created.")


def _page(visit: Visit, draft: Draft, step: Step, form: Form, problems: Problems) -> Reply:
    number = STEPS.index(step) + 1
    described = plan.described(form)
    return page(
        visit,
        "wizard/step.html",
        step=step,
        number=number,
        stepper=_stepper(visit, draft, step),
        is_first=number == 1,
        in_review=visit.query.has("review", "1"),
        form=form,
        problems=problems,
        shows_sms=plan.shows_sms(form),
        is_new=True,
        with_default_redirect=False,
        providers=[("COGNITO", "Cognito user pool")],
        custom_scopes=(),
        readable=permissions.readable(described),
        writable=permissions.writable(described),
        **choices_for(visit, form),
    )


def _review(visit: Visit, draft: Draft, problems: dict[str, Problems], failure: str = "") -> Reply:
    account = visit.flow.config.account
    draft_id = drafts.id_of(visit)
    form = draft.form
    parts: list[tuple[int, str, str, summary.Facts, Problems | None]] = [
        (number, step.title, _address(draft_id, step), summary.facts(step.slug, form, account), problems.get(step.slug))
        for number, step in enumerate(FILLED, 1)
    ]
    parts[0][3].insert(0, ("Region" + summary.FIXED, draft.region))
    return page(
        visit,
        "wizard/review.html",
        status=422 if failure or problems else 200,
        step=REVIEW,
        number=len(STEPS),
        stepper=_stepper(visit, draft, REVIEW),
        parts_of_review=parts,
        failure=failure,
    )


def _problems_by_step(draft: Draft) -> dict[str, Problems]:
    """What a later choice has made wrong in an earlier step."""
    found = {step.slug: step.check(draft.form) for step in FILLED}
    return {slug: problems for slug, problems in found.items() if problems}


def _stepper(visit: Visit, draft: Draft, current: Step) -> list[tuple[str, str]]:
    """Steps with the address of those that may be gone to."""
    pending = draft.next_step()
    reach = len(STEPS) if pending is None else STEPS.index(pending) + 1
    return [
        (step.title, _address(drafts.id_of(visit), step) if number < reach and step is not current else "")
        for number, step in enumerate(STEPS)
    ]


def _step(visit: Visit) -> Step:
    step = find(visit.raw.params["step"])
    if step is None:
        raise NotFound("The wizard has no such step.")
    return step


def _address(draft_id: str, step: Step) -> str:
    return f"{paths.POOLS}/create/{draft_id}/{step.slug}"
