"""
Asking for access, granting it and refusing it.

Granting adds the person to one of the groups that the app's policy names, by hand; it gives nothing that whoever
grants could not give in Admin Settings > Groups.
"""

from collections.abc import Iterable

import msgspec

from poolhouse.house.audit import Event, Trail
from poolhouse.house.context import Context
from poolhouse.house.gateway.judge import Outcome
from poolhouse.house.groups import add_member
from poolhouse.house.guards import Refused, check_may_touch
from poolhouse.house.mail.letter import Letter
from poolhouse.house.mail.outbox import post
from poolhouse.house.model import Account, App
from poolhouse.house.people import SCIM, Group
from poolhouse.house.portal.request import (
    ANSWER_LIMIT,
    GRANTED,
    OPEN,
    REASON_LIMIT,
    REFUSED,
    WITHDRAWN,
    AccessRequest,
)
from poolhouse.house.portal.tiles import judged
from poolhouse.house.roles import Power, powers_of
from poolhouse.house.store import accounts, apps, grants, groups, requests
from poolhouse.house.visit import Visit
from poolhouse.kit.ambient import Epoch, uuid4
from poolhouse.kit.db.protocol import ReadTx, Tx

ADMIN_PATH = "/settings/access-requests"
OPEN_LIMIT = 10
AGAIN_SECONDS = 86_400
GONE = "This request was decided or withdrawn already."
NO_GROUP = "Choose one of the groups that the app asks for."


def can_ask(app: App, missed: Iterable[str]) -> bool:
    """Whether a group is what is missing: nothing else can be given here."""
    return app.gate is not None and "groups" in missed


async def ask(ctx: Context, visit: Visit, app_id: str, reason: str) -> App:
    """Ask for access to an app; ``Refused`` with a sentence for the page."""
    session = visit.session
    if session is None:
        raise AssertionError("asked by nobody")
    reason = reason.strip()
    if not reason or len(reason) > REASON_LIMIT:
        raise Refused(f"Say in 1 to {REASON_LIMIT} characters what you need it for.")
    now, trail = ctx.clock.now(), Trail(ctx, visit)
    account = session.account
    request = AccessRequest(id=uuid4(ctx.entropy), app_id=app_id, account_id=account.id, reason=reason, asked_at=now)

    async def unit(tx: Tx) -> App:
        app = await apps.find_app(tx, app_id)
        if app is None:
            raise Refused("There is no such app any more.")
        verdict = judged(app, session, address=visit.address, now=now, origin=ctx.origin)
        if verdict is None or verdict.outcome is Outcome.OPEN:
            raise Refused("You may open it already.")
        if not can_ask(app, (miss.rule for miss in verdict.misses)):
            raise Refused("No group is what is missing, so nobody can grant it here.")
        await _check_brakes(tx, account, app_id, now)
        if not await requests.put_request(tx, request):
            raise Refused("You have asked already.")
        await trail.write(tx, Event.ACCESS_ASKED, subject=app.name, detail=reason)
        await _tell_administrators(tx, ctx, account, app, reason)
        return app

    app = await ctx.db.write(unit)
    await ctx.waiting.look(ctx.db)
    return app


async def withdraw(ctx: Context, visit: Visit, app_id: str, account: Account) -> None:
    """Take one's own request back."""
    trail = Trail(ctx, visit)

    async def unit(tx: Tx) -> None:
        found = await requests.find_request_of(tx, account.id, app_id)
        if found is None or not await requests.decide_request(
            tx, found.id, WITHDRAWN, by=account.label, answer="", now=ctx.clock.now()
        ):
            raise Refused(GONE)
        app = await apps.find_app(tx, app_id)
        await trail.write(tx, Event.ACCESS_WITHDRAWN, subject=app.name if app else "")

    await ctx.db.write(unit)
    await ctx.waiting.look(ctx.db)


async def grant(ctx: Context, visit: Visit, actor: Account, request_id: str, group_id: str) -> None:
    """Add the person to *group_id*, which the app's policy must name; their browsers may open it within a second."""
    trail, now = Trail(ctx, visit), ctx.clock.now()

    async def unit(tx: Tx) -> None:
        request, app, account = await _find(tx, request_id)
        chosen = next((each for each in await grantable(tx, app) if each.id == group_id), None)
        if chosen is None:
            raise Refused(NO_GROUP)
        if account.id != actor.id:
            await check_may_touch(tx, actor.id, account.id)
        await add_member(tx, trail, actor, chosen, account, now)
        if not await requests.decide_request(tx, request.id, GRANTED, by=actor.label, answer=chosen.name, now=now):
            raise Refused(GONE)
        await trail.write(tx, Event.ACCESS_GRANTED, subject=account, detail=f"{app.name}, by the group {chosen.name}")
        await _tell_person(tx, ctx, account, app, is_granted=True, word="")

    await ctx.db.write(unit)
    await ctx.waiting.look(ctx.db)


async def refuse(ctx: Context, visit: Visit, actor: Account, request_id: str, word: str) -> None:
    """No, with a word that the person reads."""
    word = word.strip()
    if not word or len(word) > ANSWER_LIMIT:
        raise Refused(f"Say in 1 to {ANSWER_LIMIT} characters why not; the person reads it.")
    trail, now = Trail(ctx, visit), ctx.clock.now()

    async def unit(tx: Tx) -> None:
        request, app, account = await _find(tx, request_id)
        if not await requests.decide_request(tx, request.id, REFUSED, by=actor.label, answer=word, now=now):
            raise Refused(GONE)
        await trail.write(tx, Event.ACCESS_REFUSED, subject=account, detail=f"{app.name}: {word}")
        await _tell_person(tx, ctx, account, app, is_granted=False, word=word)

    await ctx.db.write(unit)
    await ctx.waiting.look(ctx.db)


async def grantable(tx: ReadTx, app: App) -> list[Group]:
    """The groups of this house that the app's policy names, as it spells them, and that people are added to by hand."""
    names = app.gate.policy.groups if app.gate is not None else ()
    found = [await groups.find_group_named(tx, name) for name in names]
    return [group for group in found if group is not None and group.name in names and group.managed_by != SCIM]


async def _find(tx: ReadTx, request_id: str) -> tuple[AccessRequest, App, Account]:
    request = await requests.find_request(tx, request_id)
    if request is None or request.state != OPEN:
        raise Refused(GONE)
    app, account = await apps.find_app(tx, request.app_id), await accounts.find_account(tx, request.account_id)
    if app is None or account is None:
        raise Refused(GONE)
    return request, app, account


async def _check_brakes(tx: ReadTx, account: Account, app_id: str, now: Epoch) -> None:
    former = await requests.find_request_of(tx, account.id, app_id)
    if former is not None and former.state == OPEN:
        raise Refused("You have asked already.")
    if former is not None and former.state in {REFUSED, WITHDRAWN} and now - former.decided_at < AGAIN_SECONDS:
        raise Refused("You can ask again a day after the last answer.")
    if await requests.count_open(tx, account.id) >= OPEN_LIMIT:
        raise Refused(f"{OPEN_LIMIT} of your requests wait for an answer. Wait for one of them first.")


async def _tell_administrators(tx: Tx, ctx: Context, account: Account, app: App, reason: str) -> None:
    if not ctx.live.document.mail.is_set_up:
        return
    letter = Letter(
        subject=f"{account.label} asks for access to {app.name}",
        heading=f"{account.label} asks for access to {app.name}",
        paragraphs=(f"The reason: {reason}",),
        facts=(("Person", account.username), ("App", app.name)),
        actions=(("Open the requests", ctx.origin.at(ADMIN_PATH)),),
    )
    for each in await _who_decides(tx):
        await post(tx, ctx, to=each.email, letter=letter, kind="access request")


async def _who_decides(tx: ReadTx) -> list[Account]:
    """Enabled accounts with an address that may add people to groups."""
    found = {each.id: each for each in await accounts.list_admins(tx)}
    for given in await grants.all_grants(tx):
        if Power.PEOPLE not in powers_of({given.role}):
            continue
        if given.group_id:
            found |= {each.id: each for each in await groups.accounts_of_group(tx, given.group_id)}
        elif given.account_id not in found:
            account = await accounts.find_account(tx, given.account_id)
            if account is not None:
                found[account.id] = account
    return [each for each in found.values() if each.is_enabled and each.email]


async def _tell_person(tx: Tx, ctx: Context, account: Account, app: App, *, is_granted: bool, word: str) -> None:
    if not ctx.live.document.mail.is_set_up or not account.is_email_holder or not account.email:
        return
    heading = f"You may open {app.name}" if is_granted else f"Your request for {app.name} was refused"
    letter = Letter(
        subject=heading,
        heading=heading,
        paragraphs=("It opens from your home page." if is_granted else f"The answer: {word}",),
        actions=(("Open the home page", ctx.origin.at("/")),),
    )
    await post(tx, ctx, to=account.email, letter=letter, kind="access answer")


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A request as administrators see it."""

    request: AccessRequest
    account: Account
    app_name: str
    groups: tuple[tuple[str, str], ...] = ()
    """Ids and names to choose from."""


async def list_for_administrators(tx: ReadTx) -> tuple[list[Waiting], list[Waiting]]:
    """Those that wait, and those that were decided last."""
    waiting = []
    for account, request, app_name in await requests.list_waiting(tx):
        app = await apps.find_app(tx, request.app_id)
        choice = tuple((each.id, each.name) for each in (await grantable(tx, app) if app else ()))
        waiting.append(Waiting(request=request, account=account, app_name=app_name, groups=choice))
    decided = [Waiting(request=r, account=a, app_name=name) for a, r, name in await requests.list_decided(tx)]
    return waiting, decided
