"""Admin Settings > Branding, with a preview of the login page in both themes."""

from collections.abc import Mapping

import msgspec

from poolhouse.house.branding import Branding, contrasts, sheet_name
from poolhouse.house.context import Context, start_path
from poolhouse.house.pages import section
from poolhouse.house.pages.frame import BRANDING, page
from poolhouse.house.pages.look import PATH as LOOK_PATH
from poolhouse.house.pages.look import Look, door, look_of
from poolhouse.house.pages.query import read_query
from poolhouse.house.provider import enabled
from poolhouse.house.settings.checks import check
from poolhouse.house.settings.values import WrongSettings, with_changes
from poolhouse.house.visit import Visit
from poolhouse.kit.edge import Reply, html, redirect
from poolhouse.kit.html import page_headers
from poolhouse.kit.left_out import LEFT_OUT

SECTION = "branding"


async def show(ctx: Context, visit: Visit) -> Reply:
    """``/settings/branding``."""
    saved = read_query(visit.raw).get("done") == "saved"
    return _page(ctx, visit, done="Saved" if saved else "")


async def save(ctx: Context, visit: Visit) -> Reply:
    """Live at once on login, portal and the gateway's pages."""
    outcome = await section.save(ctx, visit, SECTION, "Branding")
    if outcome.is_saved:
        return redirect(f"{BRANDING.href}?done=saved")
    return _page(ctx, visit, errors=outcome.errors, problem=outcome.problem, status=409 if outcome.problem else 422)


async def preview(ctx: Context, visit: Visit) -> Reply:
    """``/settings/branding/preview/{theme}``: the login page as it is live, to be looked at."""
    return _preview(ctx, visit, ctx.live.document.branding, "")


async def preview_draft(ctx: Context, visit: Visit) -> Reply:
    """The login page with what is entered; what is wrong with it is said, and left out."""
    before = ctx.live.document
    try:
        after = with_changes(before, section.read(ctx, SECTION, visit.form))
    except WrongSettings as wrong:
        return _preview(ctx, visit, before.branding, str(wrong))
    errors = check(before, after)
    sound = msgspec.structs.replace(after.branding, **{path.rpartition(".")[2]: "" for path in errors})
    return _preview(ctx, visit, sound, " ".join(errors.values()))


def _preview(ctx: Context, visit: Visit, branding: Branding, wrong: str) -> Reply:
    document, sheet = ctx.live.document, sheet_name(branding)
    # A logo that is not saved yet has no address of its own.
    look = Look(sheet=LOOK_PATH + sheet if sheet else "", logo=branding.logo)
    providers = enabled(document.providers)
    asks_email = any(each.domains for each in providers)
    body = ctx.html.render(
        "branding_preview.html",
        **door(ctx) | {"look": look},
        still=True,
        theme="dark" if visit.raw.params["theme"] == "dark" else "light",
        wrong=wrong,
        login_text=branding.login_text,
        has_form=document.form_login.is_enabled or asks_email,
        asks_email=asks_email,
        buttons=[(each.label, start_path(each.id)) for each in providers],
        login_path="",
        csrf="",
        to="",
        email="",
        error="",
    )
    headers = [
        (name, value.replace("img-src 'self'", "img-src 'self' data:")) for name, value in page_headers(still=True)
    ]
    return html(body, 200, tuple(headers))


def _page(
    ctx: Context, visit: Visit, *, errors: Mapping[str, str] = {}, problem: str = "", done: str = "", status: int = 200
) -> Reply:
    entered = visit.form if errors or problem else None
    if entered is not None and entered.get("logo") == LEFT_OUT:
        entered = {**entered, "logo": ""}
    branding = ctx.live.document.branding
    return page(
        ctx,
        visit,
        "branding.html",
        current=BRANDING,
        status=status,
        done=done,
        problem=problem,
        errors=errors,
        fields=section.fields(ctx, SECTION, entered=entered, errors=errors),
        contrasts=contrasts(branding),
        saved_logo=look_of(branding).logo,
        frames=("'self'",),
        version=ctx.live.document.version,
    )
