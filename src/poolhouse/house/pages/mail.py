"""Admin Settings > Email: the mail server, a test of it, and what was sent lately."""

from collections.abc import Mapping

import msgspec

from poolhouse.house.audit import Event, Trail
from poolhouse.house.context import Context
from poolhouse.house.mail import outbox
from poolhouse.house.mail.letter import Letter
from poolhouse.house.mail.settings import MailSettings
from poolhouse.house.model import OutgoingMail
from poolhouse.house.pages import section
from poolhouse.house.pages.frame import EMAIL, account_of, page
from poolhouse.house.pages.query import read_query
from poolhouse.house.settings.checks import check
from poolhouse.house.settings.values import WrongSettings, with_changes
from poolhouse.house.store.outbox import list_recent
from poolhouse.house.visit import Visit
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.edge import Reply, redirect
from poolhouse.kit.mail import DeliveryFailed

SECTION = "mail"


class View(msgspec.Struct, frozen=True, kw_only=True):
    """What may stand on the page besides the entries."""

    errors: Mapping[str, str] = {}
    problem: str = ""
    sent_to: str = ""
    failed_words: str = ""
    test_error: str = ""
    is_entered: bool = False


async def show(ctx: Context, visit: Visit) -> Reply:
    """``/settings/email``."""
    saved = read_query(visit.raw).get("done") == "saved"
    return await _page(ctx, visit, View(), done="Saved" if saved else "")


async def save(ctx: Context, visit: Visit) -> Reply:
    """Live at once; what waits in the outbox goes by the new server."""
    try:
        _draft(ctx, visit)
    except WrongSettings as wrong:
        return await _page(ctx, visit, View(errors=wrong.errors, is_entered=True), status=422)
    outcome = await section.save(ctx, visit, SECTION, "Email")
    if outcome.is_saved:
        return redirect(f"{EMAIL.href}?done=saved")
    view = View(errors=outcome.errors, problem=outcome.problem, is_entered=True)
    return await _page(ctx, visit, view, status=409 if outcome.problem else 422)


async def send_test(ctx: Context, visit: Visit) -> Reply:
    """``Send test e-mail``: by the server as it is entered, saved or not; what the server says is shown."""
    to = visit.form.get("test_to", "").strip()
    try:
        draft = _draft(ctx, visit)
    except WrongSettings as wrong:
        return await _page(ctx, visit, View(errors=wrong.errors, is_entered=True), status=422)
    if not draft.is_set_up:
        errors = {"mail.host": "Give a host and a sender before a test."}
        return await _page(ctx, visit, View(errors=errors, is_entered=True), status=422)
    if "@" not in to:
        return await _page(ctx, visit, View(test_error="Give an e-mail address.", is_entered=True), status=422)
    failure = ""
    try:
        await outbox.send_now(ctx, draft, to=to, letter=_test_letter(ctx))
    except DeliveryFailed as failed:
        failure = failed.words or "no answer"
    trail = Trail(ctx, visit)

    async def unit(tx: Tx) -> None:
        await trail.write(tx, Event.MAIL_TESTED, subject=to, detail=failure, is_refusal=bool(failure))

    await ctx.db.write(unit)
    view = View(sent_to="" if failure else to, failed_words=failure, is_entered=True)
    return await _page(ctx, visit, view, status=502 if failure else 200)


def _draft(ctx: Context, visit: Visit) -> MailSettings:
    """The settings as entered, with the saved password where none is typed; ``WrongSettings`` for wrong ones."""
    before = ctx.live.document
    after = with_changes(before, section.read(ctx, SECTION, visit.form))
    errors = check(before, after) or _check_password(before.mail, after.mail, visit.form)
    if errors:
        raise WrongSettings(errors)
    return after.mail


def _check_password(kept: MailSettings, after: MailSettings, form: Mapping[str, str]) -> dict[str, str]:
    """No page shows the saved password, and none sends it to a server that it was not entered for, or unencrypted."""
    if form.get("password") or not kept.password.reveal() or not after.password.reveal():
        return {}
    if after.host == kept.host and (after.security == kept.security or after.security != "none"):
        return {}
    return {"mail.password": f"Type it again: the saved one is for {kept.host}, encrypted as it was."}


def _test_letter(ctx: Context) -> Letter:
    name = ctx.live.document.instance_name
    return Letter(
        subject=f"Test e-mail from {name}",
        heading="E-mail works",
        paragraphs=(f"This is the test that an administrator of {name} asked for. There is nothing to do.",),
        facts=(("Instance", ctx.origin.url),),
    )


async def _page(ctx: Context, visit: Visit, view: View, *, status: int = 200, done: str = "") -> Reply:
    async def unit(tx: ReadTx) -> list[OutgoingMail]:
        return await list_recent(tx)

    entered = visit.form if view.is_entered else None
    document = ctx.live.document
    return page(
        ctx,
        visit,
        "email.html",
        current=EMAIL,
        status=status,
        done=done,
        view=view,
        fields=section.fields(ctx, SECTION, entered=entered, errors=view.errors),
        recent=await ctx.db.read(unit),
        is_set_up=document.mail.is_set_up,
        test_to=(entered or {}).get("test_to", account_of(visit).email),
        version=document.version,
    )
