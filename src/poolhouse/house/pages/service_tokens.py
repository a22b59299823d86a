"""Admin Settings > Tokens: those of machines, and what people may make for themselves."""

from collections.abc import Mapping

from poolhouse.house.audit import Trail
from poolhouse.house.context import Context
from poolhouse.house.model import App
from poolhouse.house.pages import section
from poolhouse.house.pages.frame import TOKENS, account_of, page
from poolhouse.house.pages.query import read_query, with_query
from poolhouse.house.pages.tokens import chosen_apps, no_such_token, shown_once
from poolhouse.house.store import apps, tokens
from poolhouse.house.token_making import Wanted, behind_the_gateway, check, make_service, revoke
from poolhouse.house.token_rules import LONGEST_DAYS
from poolhouse.house.tokens import Held, Kind
from poolhouse.house.visit import Visit
from poolhouse.kit.db.protocol import ReadTx
from poolhouse.kit.edge import Reply, redirect

PATH = TOKENS.href
PERSONAL_PATH = "/settings/personal-tokens"
SECTION = "tokens"
USUAL_DAYS = "365"
_DONE = {"revoked": "Token revoked", "saved": "Saved"}


async def show(ctx: Context, visit: Visit) -> Reply:
    """``/settings/service-tokens``."""
    return await _list(ctx, visit, "service_tokens.html", Kind.SERVICE)


async def show_personal(ctx: Context, visit: Visit) -> Reply:
    """``/settings/personal-tokens``."""
    return await _list(ctx, visit, "personal_tokens.html", Kind.PERSONAL)


async def save_rules(ctx: Context, visit: Visit) -> Reply:
    """Tokens that there are follow at once when they are turned off; a shorter life is for new ones."""
    outcome = await section.save(ctx, visit, SECTION, "Tokens")
    if outcome.is_saved:
        return redirect(f"{PERSONAL_PATH}?done=saved")
    return await _list(ctx, visit, "personal_tokens.html", Kind.PERSONAL, outcome=outcome)


async def show_new(ctx: Context, visit: Visit) -> Reply:
    """``/settings/service-tokens/new``."""
    return await _new(ctx, visit, {})


async def make(ctx: Context, visit: Visit) -> Reply:
    """The one page that ever shows the token."""
    form = visit.form
    wanted = Wanted(
        name=form.get("name", "").strip(),
        days=form.get("days", "").strip(),
        apps=chosen_apps(form),
        groups=_lines(form.get("groups", "")),
        networks=_lines(form.get("networks", "")),
    )
    offered = behind_the_gateway(await ctx.db.read(apps.list_apps))
    errors = check(wanted, Kind.SERVICE, rules=ctx.live.document.tokens, apps=offered)
    if errors:
        return await _new(ctx, visit, errors)
    made = await make_service(ctx, Trail(ctx, visit), wanted, by=account_of(visit).username)
    return shown_once(ctx, visit, made, offered, current=TOKENS, back=(PATH, "Service tokens"))


async def end(ctx: Context, visit: Visit) -> Reply:
    """A machine's, at once."""
    return await _end(ctx, visit, Kind.SERVICE, PATH)


async def end_personal(ctx: Context, visit: Visit) -> Reply:
    """Somebody's, at once."""
    return await _end(ctx, visit, Kind.PERSONAL, PERSONAL_PATH)


async def _end(ctx: Context, visit: Visit, kind: Kind, path: str) -> Reply:
    if await revoke(ctx, Trail(ctx, visit), visit.raw.params["id"], kind=kind):
        return redirect(f"{path}?done=revoked")
    return no_such_token(ctx, visit, path)


async def _list(
    ctx: Context, visit: Visit, template: str, kind: Kind, *, outcome: section.Outcome | None = None
) -> Reply:
    query = read_query(visit.raw)
    user, after = query.get("user", ""), _place(query.get("after", ""))

    async def unit(tx: ReadTx) -> tuple[tuple[list[Held], bool], list[App]]:
        found = await tokens.page_of_tokens(tx, kind, account_id=user, after=after)
        return found, await apps.list_apps(tx)

    (found, has_more), known = await ctx.db.read(unit)
    path = PATH if kind is Kind.SERVICE else PERSONAL_PATH
    last = found[-1].token if found else None
    errors = outcome.errors if outcome is not None else {}
    trouble = outcome.problem if outcome is not None else ""
    return page(
        ctx,
        visit,
        template,
        current=TOKENS,
        status=409 if trouble else 422 if errors else 200,
        done=_DONE.get(query.get("done", ""), "") if outcome is None else "",
        problem=trouble,
        errors=errors,
        tokens=found,
        user=user,
        first=with_query(path, user=user) if after else "",
        following=with_query(path, user=user, after=f"{last.created_at}.{last.id}") if last and has_more else "",
        apps={app.id: app for app in known},
        now=ctx.clock.now(),
        tabs=[("Service tokens", PATH), ("Personal tokens", PERSONAL_PATH)],
        fields=section.fields(ctx, SECTION, entered=visit.form if outcome is not None else None, errors=errors),
        version=ctx.live.document.version,
    )


async def _new(ctx: Context, visit: Visit, errors: Mapping[str, str]) -> Reply:
    return page(
        ctx,
        visit,
        "service_token.html",
        current=TOKENS,
        status=422 if errors else 200,
        errors=errors,
        choices=behind_the_gateway(await ctx.db.read(apps.list_apps)),
        form={"days": USUAL_DAYS, **visit.form},
        longest_days=LONGEST_DAYS,
    )


def _place(text: str) -> tuple[int, str] | None:
    """Where a page begins, as the link to it says; anything else is the beginning."""
    moment, _, token_id = text.partition(".")
    return (int(moment), token_id) if moment.isascii() and moment.isdigit() and len(moment) < 13 else None


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())
