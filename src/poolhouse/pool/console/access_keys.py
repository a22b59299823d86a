"""Access keys: how programs and command lines prove to the API that an administrator sent them."""

from typing import Final

from poolhouse.kit.edge import Reply
from poolhouse.pool.console.context import NotFound, Visit
from poolhouse.pool.console.form import Form, Problems
from poolhouse.pool.console.frame import go, page
from poolhouse.pool.console.settings.checks import check_choice, check_name
from poolhouse.pool.core.key_policy import read_policy
from poolhouse.pool.flows import access_keys
from poolhouse.pool.flows.access_keys import MintedKey
from poolhouse.pool.model.access_key import EVERYTHING, KeyPolicy
from poolhouse.pool.spec.contract import contract

ADDRESS: Final = "/console/access-keys"
LIFETIMES: Final = (
    ("permanent", "Until it is deleted"),
    ("900", "15 minutes"),
    ("3600", "1 hour"),
    ("43200", "12 hours"),
    ("129600", "36 hours"),
)


async def show(visit: Visit) -> Reply:
    """GET: those that there are, without their secrets, and the form for a new one."""
    return await _page(visit, Form(), {})


async def create(visit: Visit) -> Reply:
    """POST: the key and its secrets, on this one page and never again."""
    problems: Problems = {}
    form = visit.form
    check_name(form, "name", problems, what="the access key")
    check_choice(form, "lifetime", problems, tuple(value for value, _ in LIFETIMES))
    policy = _policy(form, problems)
    if problems:
        return await _page(visit, form, problems)
    made = await access_keys.mint(visit.flow, form.text("name"), policy, lifetime_seconds=form.number("lifetime"))
    return await _page(visit, Form(), {}, made)


async def delete(visit: Visit) -> Reply:
    """POST: what signs with it is refused from now on."""
    key_id = visit.form.text("key_id")
    if not await access_keys.drop(visit.flow, key_id):
        raise NotFound("There is no such access key.")
    return go(visit, ADDRESS, f"Access key {key_id} was deleted.")


def _policy(form: Form, problems: Problems) -> KeyPolicy:
    """What was typed, one a line; each part is read by itself, so that its problem stands beside it."""
    policy = EVERYTHING
    names = contract().operations
    for field, operations, pools in (
        ("operations", form.verbatim("operations").split(), ()),
        ("pools", (), form.verbatim("pools").split()),
    ):
        try:
            read_policy(operations, pools, names)
        except ValueError as wrong:
            problems[field] = str(wrong)
    if not problems:
        policy = read_policy(form.verbatim("operations").split(), form.verbatim("pools").split(), names)
    return policy


async def _page(visit: Visit, form: Form, problems: Problems, made: MintedKey | None = None) -> Reply:
    config = visit.flow.config
    token = made.session_token if made else None
    return page(
        visit,
        "access_keys.html",
        section="keys",
        form=form,
        problems=problems,
        key_id=made.key.id if made else "",
        secret=made.secret.reveal() if made else "",
        session_token=token.reveal() if token else "",
        keys=await access_keys.list_all(visit.flow),
        now=visit.flow.clock.now(),
        lifetimes=LIFETIMES,
        base_url=config.base_url,
    )
