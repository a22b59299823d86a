"""``/user/tokens``: a person's own tokens for programs that call apps in their name."""

from collections.abc import Mapping, Sequence

from poolhouse.house.audit import Trail
from poolhouse.house.context import Context
from poolhouse.house.freshness import is_fresh
from poolhouse.house.gateway.policy import BadRule, decide
from poolhouse.house.gateway.seen import read_seen
from poolhouse.house.model import App, Session
from poolhouse.house.pages.frame import NavItem, account_of, page, session_of
from poolhouse.house.pages.problem import problem
from poolhouse.house.pages.query import read_query
from poolhouse.house.session import no_session_cookie
from poolhouse.house.store import apps, sessions, tokens
from poolhouse.house.token_making import Made, NotMade, Wanted, behind_the_gateway, check, make_personal, revoke
from poolhouse.house.tokens import Kind, Token
from poolhouse.house.visit import Visit
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.edge import Reply, redirect

PATH = "/user/tokens"
USUAL_DAYS = 30
_DONE = {"revoked": "Token revoked"}
_OF_THE_PERSON = frozenset({"groups", "email_domains", "claims"})


async def show(ctx: Context, visit: Visit) -> Reply:
    """What there is, and the form for another one to whoever has just signed in."""
    return await _page(ctx, visit, done=_DONE.get(read_query(visit.raw).get("done", ""), ""))


async def make(ctx: Context, visit: Visit) -> Reply:
    """The one page that ever shows the token."""
    rules = ctx.live.document.tokens
    if not rules.is_personal_allowed or not is_fresh(session_of(visit), ctx.clock.now()):
        return await _page(ctx, visit, status=403, refusal="Nothing was made. Sign in again, then fill in the form.")
    wanted = Wanted(
        name=visit.form.get("name", "").strip(),
        days=visit.form.get("days", "").strip(),
        apps=chosen_apps(visit.form),
        is_for_all_apps=visit.form.get("for") == "all",
    )
    offered = await _openable(ctx, session_of(visit))
    errors = check(wanted, Kind.PERSONAL, rules=rules, apps=offered)
    if errors:
        return await _page(ctx, visit, status=422, errors=errors)
    try:
        made = await make_personal(ctx, Trail(ctx, visit), account_of(visit), wanted)
    except NotMade as refused:
        return await _page(ctx, visit, status=409, refusal=str(refused))
    return shown_once(ctx, visit, made, offered, current=None, back=(PATH, "Your tokens"))


async def end(ctx: Context, visit: Visit) -> Reply:
    """One's own, and nobody else's."""
    token_id = visit.raw.params["id"]
    if await revoke(ctx, Trail(ctx, visit), token_id, kind=Kind.PERSONAL, account_id=account_of(visit).id):
        return redirect(f"{PATH}?done=revoked")
    return no_such_token(ctx, visit, PATH)


async def sign_in_again(ctx: Context, visit: Visit) -> Reply:
    """Out, and back in: the session that was open for long is not made fresh by anything else."""
    key = session_of(visit).key

    async def unit(tx: Tx) -> None:
        await sessions.delete_session(tx, key)

    await ctx.db.write(unit)
    return redirect(f"/user/login?to={PATH}", headers=(no_session_cookie(ctx.origin),))


def shown_once(
    ctx: Context, visit: Visit, made: Made, offered: Sequence[App], *, current: NavItem | None, back: tuple[str, str]
) -> Reply:
    """The token itself, with a request that uses it."""
    example = next(app.url for app in offered if made.token.opens(app.id))
    return page(
        ctx, visit, "token_made.html", current=current, made=made, back=back[0], back_label=back[1], example=example
    )


def chosen_apps(form: Mapping[str, str]) -> tuple[str, ...]:
    """The boxes that are ticked: a field of its own for each app."""
    return tuple(name.removeprefix("app-") for name, value in form.items() if name.startswith("app-") and value == "on")


def no_such_token(ctx: Context, visit: Visit, path: str) -> Reply:
    return problem(
        ctx,
        visit,
        status=404,
        heading="There is no such token",
        what="It may have been revoked already.",
        todo="",
        links=(("Go to the tokens", path),),
    )


async def _openable(ctx: Context, session: Session) -> list[App]:
    """The apps that the person may open, at another hour or in another network if need be."""
    found = behind_the_gateway(await ctx.db.read(apps.list_apps))
    seen = read_seen(session, until=0.0)

    def may_open(app: App) -> bool:
        try:
            misses = decide(app.gate.policy, seen.facts("", ctx.clock.now())) if app.gate is not None else ()
        except BadRule:
            return False
        return not any(miss.rule in _OF_THE_PERSON for miss in misses)

    return [app for app in found if may_open(app)]


async def _page(
    ctx: Context, visit: Visit, *, status: int = 200, done: str = "", refusal: str = "", errors: Mapping[str, str] = {}
) -> Reply:
    account, session, now = account_of(visit), session_of(visit), ctx.clock.now()

    async def unit(tx: ReadTx) -> tuple[list[Token], list[App]]:
        return await tokens.list_tokens_of(tx, account.id), await apps.list_apps(tx)

    found, known = await ctx.db.read(unit)
    rules = ctx.live.document.tokens
    return page(
        ctx,
        visit,
        "tokens.html",
        current=None,
        status=status,
        done=done,
        refusal=refusal,
        errors=errors,
        tokens=found,
        apps={app.id: app for app in known},
        now=now,
        is_allowed=rules.is_personal_allowed,
        is_fresh=is_fresh(session, now),
        longest_days=rules.longest_days,
        choices=await _openable(ctx, session),
        form={"days": str(min(USUAL_DAYS, rules.longest_days)), "for": "some", **visit.form},
    )
